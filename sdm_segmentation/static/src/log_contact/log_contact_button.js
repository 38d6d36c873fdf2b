import { Activity } from "@mail/core/web/activity";
import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { LogContactDialog } from "./log_contact_dialog";

const MODELS = ["res.partner", "crm.lead", "sale.order"];

/** Opens the dialog in which a contact is logged; says where one is not sent yet. */
export class LogContactButton extends Component {
    static template = "sdm_segmentation.LogContactButton";
    static props = {
        about: Object,
        class: { type: String, optional: true },
        name: { type: String, optional: true },
        choices: { type: Object, optional: true },
        next: { type: Object, optional: true },
        onLogged: { type: Function, optional: true },
    };
    static defaultProps = { class: "btn btn-primary" };

    setup() {
        this.dialog = useService("dialog");
        this.outbox = useState(useService("sdm_outbox"));
        this.state = useState({ shown: false });
        onWillStart(async () => {
            this.state.shown = await user.hasGroup("sdm_segmentation.group_sdm_user");
        });
    }

    get unsent() {
        return this.outbox.find(this.props.about);
    }

    open() {
        const { about, name, choices, next, onLogged } = this.props;
        this.dialog.add(LogContactDialog, { about, name, choices, next, onLogged });
    }
}

/** The button on the form of a customer or a deal. */
class LogContactWidget extends Component {
    static template = "sdm_segmentation.LogContactWidget";
    static components = { LogContactButton };
    static props = { ...standardWidgetProps };

    get about() {
        const { resModel, resId } = this.props.record;
        return { model: resModel, id: resId };
    }

    reload() {
        return this.props.record.load();
    }
}
registry.category("view_widgets").add("sdm_log_contact", { component: LogContactWidget });

/** What is not sent yet, to send or to throw away. */
export class Unsent extends Component {
    static template = "sdm_segmentation.Unsent";
    static props = {};

    setup() {
        this.outbox = useState(useService("sdm_outbox"));
    }

    async send() {
        const sent = await this.outbox.flush(true);
        if (sent.size) {
            this.env.bus.trigger("SDM-CONTACTS-SENT");
        }
    }
}

class OutboxDialog extends Component {
    static template = "sdm_segmentation.OutboxDialog";
    static components = { Dialog, Unsent };
    static props = { close: Function };
}

/** Tells on every screen that something is not sent yet. */
class OutboxMenu extends Component {
    static template = "sdm_segmentation.OutboxMenu";
    static props = {};

    setup() {
        this.dialog = useService("dialog");
        this.outbox = useState(useService("sdm_outbox"));
    }

    get title() {
        return _t("Contacts that are not sent yet");
    }

    open() {
        this.dialog.add(OutboxDialog, {});
    }
}
registry.category("systray").add("sdm_segmentation.outbox", { Component: OutboxMenu }, { sequence: 90 });

Activity.components = { ...Activity.components, LogContactButton };
patch(Activity.prototype, {
    get sdmAbout() {
        const { id, res_model, res_id } = this.props.activity;
        return MODELS.includes(res_model) ? { model: res_model, id: res_id, activity: id } : null;
    },
});
