"""A company installs the addon the usual ways, and can take it off again."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.odoo import OdooDatabase
from toolbox import databases, odoo_process, paths

CHECKOUT = Path(__file__).resolve().parents[1]
ADDON = CHECKOUT / "social_care"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]

LEAVE_TRACES = """
account = env['social.care.account'].create({'name': 'A', 'network': 'mastodon', 'state': 'connected'})
team = env['helpdesk.ticket.team'].create({'name': 'T', 'use_sla': True})
account.team_line_ids = [(0, 0, {'team_id': team.id})]
env['helpdesk.sla'].create({'name': 'Response', 'social_target': 'first_response', 'hours': 2})
stage = env.ref('helpdesk_mgmt.helpdesk_ticket_stage_done')
env['helpdesk.sla'].create({'name': 'Stage', 'hours': 8, 'stage_id': stage.id})
from odoo.addons.social_care import networks
from datetime import datetime
account._ingest([networks.Mention(external_id='1', body='x', posted_at=datetime(2026, 8, 17, 8),
                                  author=networks.Author(external_id='a@x', handle='a'))])
env['social.care.mention'].search([])._triage()
ticket = env['helpdesk.ticket'].search([('social_account_id', '=', account.id)])
assert len(ticket.ticket_sla_ids) == 2, ticket.ticket_sla_ids.mapped('name')
env['res.config.settings'].create({'social_care_workers': 3}).execute()
"""


def _install(database, *arguments, env=None):
    done = subprocess.run(
        odoo_process.command(
            "server",
            "-d",
            database,
            "--stop-after-init",
            "--no-http",
            "--log-level=warn",
            *arguments,
        ),
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


def test_uninstalling_leaves_the_helpdesk_whole(database):
    database.script(LEAVE_TRACES)
    database.script(
        "env['ir.module.module'].search([('name', '=', 'social_care')]).button_immediate_uninstall()",
        seconds=300,
    )
    assert not database.query(
        "SELECT 1 FROM information_schema.tables WHERE table_name LIKE 'social_care%%'"
    )
    assert not database.query(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name LIKE 'helpdesk%%' AND column_name LIKE 'social%%'"
    )
    assert not database.query(
        "SELECT indexname FROM pg_indexes"
        " WHERE tablename = 'res_partner' AND indexname LIKE 'res_partner_social%%'"
    )
    actions = "SELECT id FROM ir_act_server WHERE code LIKE 'model._cron_publish%%'"
    assert not database.query(
        f"{actions} UNION SELECT id FROM ir_cron WHERE cron_name LIKE 'Social care%%'"
    )
    policies = database.query(
        "SELECT name, active FROM helpdesk_sla WHERE name IN ('Response', 'Stage') ORDER BY name"
    )
    assert [(row["name"], row["active"]) for row in policies] == [
        ("Response", False),
        ("Stage", True),
    ]
    assert len(database.query("SELECT 1 FROM helpdesk_ticket_sla")) == 1
    # The helpdesk goes on: the ticket moves, its own target is reached.
    database.script(
        "ticket = env['helpdesk.ticket'].search([], order='id desc', limit=1)\n"
        "ticket.stage_id = env.ref('helpdesk_mgmt.helpdesk_ticket_stage_done')\n"
        "assert ticket.closed\n"
    )


def test_installing_computes_nothing_on_the_tickets_that_are_there(
    odoo_env, make_helpdesk_database
):
    database = make_helpdesk_database()
    database.script(
        "env['helpdesk.ticket'].create([{'name': str(n), 'description': 'x'} for n in range(20)])\n"
    )
    before = database.query("SELECT id, xmin::text AS version FROM helpdesk_ticket ORDER BY id")
    _install(database.name, "-i", "social_care", env=odoo_env)
    after = database.query("SELECT id, xmin::text AS version FROM helpdesk_ticket ORDER BY id")
    assert len(before) >= 20
    assert after == before, "no row was rewritten"


@pytest.fixture
def make_helpdesk_database(odoo_env, nursery):
    """A function that makes a database with the helpdesk and without social_care."""
    made = []

    def make():
        database = OdooDatabase(
            odoo_env["SOCIAL_CARE_HELPDESK_TEMPLATE"],
            databases.run_name("helpdesk"),
            odoo_env,
            nursery,
            paths.cache_folder("logs"),
        )
        database.create()
        made.append(database)
        return database

    yield make
    for database in made:
        database.drop()


def _build_wheel(addon, folder):
    """Build an addon's wheel; gives its path, the names in it and its metadata."""
    command = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, addon]
    subprocess.run(command, check=True, timeout=120)
    [wheel] = folder.iterdir()
    content = zipfile.ZipFile(wheel)
    metadata = next(name for name in content.namelist() if name.endswith("METADATA"))
    return wheel, content.namelist(), content.read(metadata).decode().replace("_", "-")


def test_the_wheel_for_merged_tickets_brings_what_it_joins(tmp_path):
    wheel, names, metadata = _build_wheel(CHECKOUT / "social_care_merge", tmp_path / "wheels")
    assert wheel.name.startswith("odoo_addon_social_care_merge-19.0.1")
    assert "odoo/addons/social_care_merge/wizard/helpdesk_ticket_merge.py" in names
    for needed in ("odoo-addon-social-care", "odoo-addon-helpdesk-mgmt-merge"):
        assert f"Requires-Dist: {needed}" in metadata


def test_the_wheel_for_the_dashboard_brings_its_files(tmp_path):
    addon = "spreadsheet_dashboard_social_care"
    wheel, names, metadata = _build_wheel(CHECKOUT / addon, tmp_path / "wheels")
    assert wheel.name.startswith(f"odoo_addon_{addon}-19.0.1")
    for name in ("social_care_dashboard", "social_care_sample_dashboard"):
        assert f"odoo/addons/{addon}/data/files/{name}.json" in names
    assert f"odoo/addons/{addon}/i18n/es.po" in names
    assert "Requires-Dist: odoo-addon-social-care" in metadata


def test_the_wheel_installs_by_pip(odoo_env, make_helpdesk_database, tmp_path):
    wheel, names, metadata = _build_wheel(ADDON, tmp_path / "wheels")
    target = tmp_path / "site"
    assert wheel.name.startswith("odoo_addon_social_care-19.0.1")
    for needed in (
        "static/sample/mentions.jsonl",
        "i18n/es.po",
        "static/description/icon.png",
        "networks/base.py",
    ):
        assert f"odoo/addons/social_care/{needed}" in names
    assert "odoo-addon-helpdesk-mgmt-sla" in metadata

    subprocess.run(
        [*PIP, "install", "--no-deps", "--target", target, wheel], check=True, timeout=120
    )
    database = make_helpdesk_database()
    env = {**odoo_env, "PYTHONPATH": os.pathsep.join([str(target), odoo_env.get("PYTHONPATH", "")])}
    _install(database.name, "--addons-path=", "-i", "social_care", env=env)
    [module] = database.query("SELECT state FROM ir_module_module WHERE name = 'social_care'")
    assert module["state"] == "installed"
