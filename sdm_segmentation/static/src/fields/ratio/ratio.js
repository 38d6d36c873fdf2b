import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { percentageField } from "@web/views/fields/percentage/percentage_field";

/** A share in percent; without data it is not zero. */
export function formatRatio(value, options) {
    if (value === false || value === null || value === undefined) {
        return _t("n/a");
    }
    return formatPercentage(value, options);
}
formatRatio.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("sdm_ratio", formatRatio);
registry.category("fields").add("sdm_ratio", percentageField);
