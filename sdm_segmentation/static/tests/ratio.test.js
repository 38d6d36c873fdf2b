import { formatRatio } from "@sdm_segmentation/fields/ratio/ratio";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { allowTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";

describe.current.tags("headless");

beforeEach(() => {
    allowTranslations();
    patchWithCleanup(localization, { decimalPoint: ".", thousandsSep: ",", grouping: [3, 0] });
});

test("no data is not zero", () => {
    expect(String(formatRatio(false))).toBe("n/a");
    expect(String(formatRatio(null))).toBe("n/a");
    expect(formatRatio(0)).toBe("0%");
    expect(formatRatio(0.5)).toBe("50%");
});
