from . import sdm_plan, sdm_plan_target, sdm_plan_target_pace, sdm_plan_version
