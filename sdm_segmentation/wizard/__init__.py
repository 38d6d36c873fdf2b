from . import (
    base_partner_merge,
    sdm_position_transfer,
    sdm_roadmap_template_apply,
    sdm_scheme_new,
    sdm_scheme_put_in_force,
)
