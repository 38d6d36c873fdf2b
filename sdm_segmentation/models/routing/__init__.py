from . import crm_team, sdm_lead_routing, sdm_lead_routing_line, sdm_lead_routing_preview
