"""A ticket shows what the customer has ordered and owes, where those apps are installed."""

import pytest
from test_install import _install

# Ana's company has two open orders (an offer and one not invoiced), an invoice that is late
# and one that is due next year; a colleague has one late invoice; a stranger has one of each.
WORLD = """
from datetime import date, datetime
from odoo import Command
from odoo.addons.social_care import networks
from odoo.tests import new_test_user

env['account.chart.template'].try_loading('generic_coa', company=env.company, install_demo=False)
ana, colleague = env['res.partner'].create([
    {'name': 'Ana', 'parent_id': parent.id}
    for parent in [env['res.partner'].create({'name': 'Acme', 'is_company': True})] * 2
])
stranger = env['res.partner'].create({'name': 'Stranger'})
product = env['product.product'].create({'name': 'Seat', 'type': 'service', 'list_price': 10})

def order(partner, state):
    made = env['sale.order'].create({
        'partner_id': partner.id,
        'order_line': [Command.create({'product_id': product.id, 'product_uom_qty': 1})],
    })
    made.action_confirm() if state == 'sale' else made.write({'state': state})
    return made

def invoice(partner, due):
    made = env['account.move'].create({
        'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': date(2020, 1, 1),
        'invoice_date_due': due, 'invoice_payment_term_id': False,
        'invoice_line_ids': [Command.create({'product_id': product.id, 'price_unit': 10})],
    })
    made.action_post()

order(ana, 'sent'), order(ana, 'sale'), order(ana, 'draft'), order(ana, 'cancel'), order(stranger, 'sale')
invoice(ana, date(2020, 2, 1)), invoice(ana, date(2999, 1, 1)), invoice(stranger, date(2020, 2, 1))
invoice(colleague, date(2020, 2, 1))

account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'state': 'connected', 'since': datetime(2026, 1, 1)})
team = env['helpdesk.ticket.team'].create({'name': 'T'})
account.team_line_ids = [Command.create({'team_id': team.id})]
account._ingest([networks.Mention(external_id='1', body='x', posted_at=datetime(2026, 8, 17, 8),
                                  author=networks.Author(external_id='a@x', handle='a'))])
env['social.care.mention'].search([])._triage()
ticket = env['helpdesk.ticket'].search([('social_account_id', '=', account.id)])
ticket.social_author_id._link_contact(ana)
agent = new_test_user(env, 'orders_agent', groups='social_care.social_care_group_agent')
team.user_ids = agent
"""

SEEN = """
seen = ticket.with_user(agent)
assert not seen.social_orders_text and not seen.social_invoices_text, 'no right, no word'

agent.group_ids += env.ref('sales_team.group_sale_salesman_all_leads')
agent.group_ids += env.ref('account.group_account_invoice')
env.invalidate_all()
assert seen.social_orders_text == '2 orders open', seen.social_orders_text
assert seen.social_invoices_text == '2 invoices overdue, 1 invoice due', seen.social_invoices_text
for action, count in ((seen.action_social_orders(), 2), (seen.action_social_invoices(), 3)):
    found = seen.env[action['res_model']].search(action['domain'])
    assert len(found) == count, (action['res_model'], found)
"""


@pytest.fixture
def shop(database, odoo_env):
    """A database where the shop's apps are installed beside the addon."""
    _install(database.name, "-i", "sale", env=odoo_env)
    return database


def test_orders_and_invoices_of_the_contacts_company_follow_the_users_own_rights(shop):
    shop.script(WORLD + SEEN)
