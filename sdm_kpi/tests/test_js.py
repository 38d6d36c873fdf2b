from odoo.tests import HttpCase, no_retry, tagged

# by which the browser's test runner knows the suite “@sdm_kpi”
SUITE = "6c8944e1"


@tagged("post_install", "-at_install")
class TestJs(HttpCase):
    """The unit tests of our scripts in the browser."""

    @no_retry
    def test_unit(self):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={SUITE}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
