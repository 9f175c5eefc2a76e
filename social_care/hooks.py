from odoo.tools.sql import column_exists, create_column

# Stored computed columns of shared tables: made empty, so that installing on a helpdesk
# with a million tickets computes nothing.
COLUMNS = {
    "helpdesk_ticket": {
        "social_network": "varchar",
        "social_deadline": "timestamp",
        "social_kept_count": "int4",
        "social_missed_count": "int4",
    },
}


def pre_init_hook(env):
    for table, columns in COLUMNS.items():
        for name, column_type in columns.items():
            if not column_exists(env.cr, table, name):
                create_column(env.cr, table, name, column_type)


def post_init_hook(env):
    """A company that runs the helpdesk sees a channel for each network from the start."""
    channels = env["helpdesk.ticket.channel"]
    for code, network in env["social.care.account"]._get_network_classes().items():
        channels._social_care_find(code, network.name)


def uninstall_hook(env):
    """Leave the helpdesk whole: its clocks know nothing of answers to customers.

    Response promises are archived, their rows removed: without the addon they
    would be taken for stage targets that are missed for ever.
    """
    policies = env["helpdesk.sla"].with_context(active_test=False)
    responses = policies.search([("social_target", "!=", "stage")])
    env["helpdesk.ticket.sla"].search([("sla_id", "in", responses.ids)]).unlink()
    responses.active = False
