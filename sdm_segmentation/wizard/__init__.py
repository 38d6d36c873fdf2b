from . import (
    base_partner_merge,
    sdm_calendar_day_copy,
    sdm_calendar_day_import,
    sdm_norm_proposal,
    sdm_playbook_new,
    sdm_playbook_put_in_force,
    sdm_position_transfer,
    sdm_roadmap_template_apply,
    sdm_scheme_new,
    sdm_scheme_put_in_force,
    sdm_segment_migration,
    sdm_strategy_put_in_force,
)
