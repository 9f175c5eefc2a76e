"""The main job on a database's own accounts, run inside Odoo's shell: mentions in, tickets out, answers sent.

Gets ``env`` from the shell. Writes lines of JSON, each with the key ``demo``, that demo_run.py reads.
"""

import json
import time

from odoo import fields
from odoo.exceptions import UserError

# In the order of the way of a mention.
CRONS = ("social_care.ir_cron_poll", "social_care.ir_cron_triage", "social_care.ir_cron_publish")
MOST_ROUNDS = 30


def tell(kind, **values):
    """Write one line for demo_run.py."""
    print(json.dumps({"demo": kind, **values}, default=str), flush=True)


def connect_accounts(env):
    """Connect the sample's accounts as a manager would, with the button; give how many are connected."""
    accounts = env["social.care.account"].search([])
    for account in accounts.filtered(lambda account: account.state == "draft"):
        account.action_test_connection()
        env.cr.commit()
    return len(accounts.filtered(lambda account: account.state == "connected"))


def work_done(env):
    """Numbers that stand still when no work remains."""
    env.invalidate_all()
    mentions = env["social.care.mention"].with_context(active_test=False)
    due = [
        ("state", "in", ("connected", "degraded")),
        ("next_poll_at", "<=", fields.Datetime.now()),
    ]
    return (
        mentions.search_count([]),
        mentions.search_count([("triaged_at", "!=", False)]),
        env["helpdesk.ticket"].search_count([]),
        env["social.care.reply"].search_count([("state", "in", ("queued", "sending"))]),
        env["social.care.account"].search_count(due),
    )


def run_crons(env):
    """Run the scheduled actions in turn until none of them changes anything."""
    before = None
    for _round in range(MOST_ROUNDS):
        for xml_id in CRONS:
            # The scheduler of a server on the same database may just be running it.
            cron = env.ref(xml_id)
            try:
                cron.method_direct_trigger()
            except UserError as error:
                tell("note", text=str(error))
            env.cr.commit()
        after = work_done(env)
        if after == before:
            return
        before = after


def tell_results(env):
    """Read from the database what came out."""
    mentions = env["social.care.mention"]
    labels = dict(mentions._fields["state"]._description_selection(env))
    counted = dict(mentions._read_group([], ["state"], ["__count"]))
    tell("decisions", rows=[[labels[state], counted.get(state, 0)] for state in labels])
    tickets = env["helpdesk.ticket"].search([("social_account_id", "!=", False)])
    rows = []
    for team, of_team in tickets.grouped("team_id").items():
        still_open = of_team.filtered(lambda ticket: not ticket.closed)
        deadlines = sorted(filter(None, still_open.mapped("social_deadline")))
        now = fields.Datetime.now()
        coming = [deadline for deadline in deadlines if deadline > now]
        late = len(deadlines) - len(coming)
        # Shown in the hours of the team's calendar.
        zone = team.resource_calendar_id.tz or env.company.resource_calendar_id.tz or "UTC"
        local = (
            fields.Datetime.context_timestamp(team.with_context(tz=zone), coming[0])
            if coming
            else None
        )
        shown = f"{local:%a %d %b %H:%M} ({zone})" if local else "none"
        rows.append([team.name or "no team", len(of_team), len(still_open), late, shown])
    tell("tickets", rows=sorted(rows))


def main(env):
    """Run everything and tell."""
    started = time.monotonic()
    connected = connect_accounts(env)
    tell("accounts", connected=connected)
    run_crons(env)
    tell("seconds", seconds=round(time.monotonic() - started, 1))
    tell_results(env)


main(env)  # noqa: F821
