import { markup } from "@odoo/owl";

/**
 * An action that a method of the server returned, ready to be done.
 *
 * Odoo marks the help of those that it loads itself as HTML; of others it would show the tags.
 *
 * @param {Object} action
 * @returns {Object}
 */
export function asAction(action) {
    return action.help ? { ...action, help: markup(action.help) } : action;
}
