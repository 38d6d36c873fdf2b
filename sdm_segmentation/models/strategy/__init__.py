from . import crm_lead, res_partner, sdm_scheme_boxes, sdm_segment, sdm_segment_facts, sdm_strategy
