import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { asAction } from "@sdm_segmentation/actions/as_action";

/** The people of a group by KPI, where the month ends, and what makes the difference to the plan. */
export class Scorecard extends Component {
    static template = "sdm_kpi.Scorecard";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.ways = [
            { key: "run_rate", name: _t("As until now") },
            { key: "seasonal", name: _t("By the season") },
            { key: "pipeline", name: _t("With open deals") },
            { key: "commit", name: _t("Head: sure") },
            { key: "best", name: _t("Head: best case") },
        ];
        this.factors = {
            customers: _t("Customers who bought"),
            orders: _t("Sales to each of them"),
            amount: _t("Revenue of a sale"),
            returns: _t("Returns in a month without sales"),
            corrections: _t("Corrections of closed months"),
        };
        this.periods = [
            { key: "month", name: _t("Month") },
            { key: "quarter", name: _t("Quarter") },
            { key: "year", name: _t("Year") },
        ];
        this.month = false;
        this.headId = false;
        this.state = useState({ card: null, outlook: null, period: "month", sort: null });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.card = await this.orm.call("sdm.scorecard", "get_scorecard", [this.month, this.headId]);
        if (this.state.outlook) {
            await this.showOutlook();
        }
    }

    async showOutlook() {
        const asked = [this.month, this.headId, this.state.period];
        this.state.outlook = await this.orm.call("sdm.scorecard", "get_outlook", asked);
    }

    /** @param {string} period month, quarter or year */
    choosePeriod(period) {
        this.state.period = period;
        return this.showOutlook();
    }

    toggleOutlook() {
        if (this.state.outlook) {
            this.state.outlook = null;
            return;
        }
        return this.showOutlook();
    }

    /** People by the index, or by the KPI of a column, the worst first at the second click. */
    get rows() {
        const { sort, card } = this.state;
        if (!sort) {
            return card.rows;
        }
        const value = (row) => (sort.kpi ? row.cells[sort.kpi]?.judged : row.index) ?? -Infinity;
        return [...card.rows].sort((one, other) => (value(other) - value(one)) * (sort.down ? 1 : -1));
    }

    /** @param {number|false} kpi id; false: the index */
    sortBy(kpi) {
        const { sort } = this.state;
        this.state.sort = { kpi, down: !(sort && sort.kpi === kpi && sort.down) };
    }

    chooseHead(ev) {
        this.headId = Number(ev.target.value) || false;
        return this.load();
    }

    /** @param {string} month its first day */
    chooseMonth(month) {
        this.month = month;
        return this.load();
    }

    openPlan(row) {
        return this.action.doAction("sdm_kpi.sdm_my_plan_action", {
            additionalContext: { sdm_employee_id: row.id, sdm_month: this.state.card.month.value },
        });
    }

    async openDocuments(row, kpi) {
        const month = this.state.card.month.value;
        const action = await this.orm.call("sdm.my.plan", "open_documents", [kpi.id, row.id, month]);
        return this.action.doAction(asAction(action));
    }

    async openFacts(kpi) {
        const month = this.state.card.month.value;
        const action = await this.orm.call("sdm.scorecard", "open_facts", [kpi.id, month, this.headId]);
        return this.action.doAction(asAction(action));
    }

    async openSnapshots(kpi) {
        const asked = [kpi.id, this.state.card.month.value, this.headId];
        return this.action.doAction(await this.orm.call("sdm.scorecard", "open_snapshots", asked));
    }

    openAccuracy() {
        return this.action.doAction("sdm_kpi.sdm_kpi_forecast_accuracy_action");
    }

    openForecasts() {
        const { month, head } = this.state.card;
        return this.action.doAction("sdm_kpi.sdm_kpi_forecast_action", {
            additionalContext: {
                default_date: month.value,
                default_head_id: head || false,
                search_default_this_month: 1,
            },
        });
    }
}

registry.category("actions").add("sdm_scorecard", Scorecard);
