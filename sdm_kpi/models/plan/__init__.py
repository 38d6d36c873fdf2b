from . import (
    sdm_plan,
    sdm_plan_change,
    sdm_plan_commitment,
    sdm_plan_target,
    sdm_plan_target_pace,
    sdm_plan_version,
    sdm_plan_version_change,
    sdm_plan_version_commitment,
    sdm_plan_version_replan,
)
