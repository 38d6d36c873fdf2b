from . import sdm_credit_assign, sdm_plan_compare, sdm_plan_put_in_force, sdm_plan_replan
