from . import (
    crm_lead,
    res_partner,
    sdm_contact_channel,
    sdm_contact_norm,
    sdm_playbook,
    sdm_playbook_script,
    sdm_playbook_template,
    working_time,
)
