# before the models that inherit it
from . import sdm_guarded_mixin  # isort: split

from . import sdm_announced_mixin, sdm_dated_mixin, sdm_roadmap_mixin  # isort: split

from . import (
    crm_lead,
    crm_team_member,
    hr_employee,
    hr_version,
    ir_model_constraint,
    res_company,
    res_partner,
    res_partner_groups,
    res_partner_owners,
    res_users,
    resource_calendar,
    resource_calendar_leaves,
    sdm_acknowledgement,
    sdm_calendar_day,
    sdm_customer_group,
    sdm_customer_group_proposal,
    sdm_decision_version,
    sdm_diagnosis,
    sdm_diagnosis_answer,
    sdm_diagnosis_answers,
    sdm_diagnosis_comparison,
    sdm_diagnosis_customers,
    sdm_diagnosis_deals,
    sdm_diagnosis_figure,
    sdm_diagnosis_measure,
    sdm_diagnosis_question,
    sdm_diagnosis_revenue,
    sdm_diagnosis_seller,
    sdm_diagnosis_sellers,
    sdm_diagnosis_step,
    sdm_hand_over,
    sdm_ownership,
    sdm_perimeter,
    sdm_perimeter_revenue,
    sdm_position,
    sdm_position_link,
    sdm_roadmap_step,
    sdm_roadmap_step_map,
    sdm_roadmap_step_next,
    sdm_roadmap_template,
    sdm_roadmap_template_line,
    sdm_roll_out,
    sdm_roll_out_line,
    segmentation,
    strategy,
)

# isort: split
# after the segments, whose runs it extends
from . import playbook  # isort: skip

# after the playbooks, which say who leads
from . import routing
