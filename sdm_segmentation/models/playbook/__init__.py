from . import (
    crm_lead,
    res_partner,
    sdm_contact_channel,
    sdm_contact_norm,
    sdm_enrolment,
    sdm_playbook,
    sdm_playbook_facts,
    sdm_playbook_script,
    sdm_playbook_template,
    sdm_stage_criterion,
    sdm_stage_exemption,
    working_time,
)
