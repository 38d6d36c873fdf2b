from . import (
    sdm_control_import,
    sdm_credit_assign,
    sdm_period_close,
    sdm_period_reopen,
    sdm_period_restate,
    sdm_plan_compare,
    sdm_plan_import,
    sdm_plan_put_in_force,
    sdm_plan_replan,
)
