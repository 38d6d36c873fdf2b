def post_init_hook(env):
    """Begin structure and ownership by date with what HR and CRM know: heads, jobs, teams, and salespeople."""
    env["sdm.position"]._take_over_employees(env["hr.employee"].search([]))
    env["sdm.ownership"]._take_over_salespeople()
