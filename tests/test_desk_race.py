"""People at their desks and the scheduled actions work on the same rows at once: no error, nothing twice, nothing lost.

Two processes play all scenes, one after the other. In each both have their snapshot before the first may begin, and
the second begins when the first has committed.
"""

import json

import pytest

from support.waiting import wait_for

SETUP = """
from datetime import timedelta
from odoo import Command, fields
from odoo.addons.social_care import networks
calendar = env['resource.calendar'].create({'name': 'Always', 'tz': 'UTC', 'attendance_ids': [
    Command.clear()] + [Command.create(
        {'name': 'x', 'dayofweek': str(day), 'hour_from': 0, 'hour_to': 24}) for day in range(7)]})
def person(name, role='agent'):
    return env['res.users'].create({
        'name': name, 'login': name, 'notification_type': 'inbox',
        'group_ids': [Command.link(env.ref(f'social_care.social_care_group_{role}').id)]})
env['helpdesk.sla'].create({'name': 'An hour', 'social_target': 'first_response', 'hours': 1})
def account(name, people, routing='manual', **values):
    team = env['helpdesk.ticket.team'].create({
        'name': name, 'user_ids': people.ids, 'resource_calendar_id': calendar.id, 'use_sla': True,
        'social_routing': routing, 'social_ringing': 'never', **values})
    return env['social.care.account'].create({
        'name': name, 'network': 'mastodon', 'state': 'connected', 'since': '2026-01-01',
        'team_line_ids': [Command.create({'team_id': team.id})]})
def ask(account, handle, hours_ago=0):
    author = networks.Author(external_id=f'{handle}@x.example', handle=handle)
    mention = account._ingest([networks.Mention(
        external_id=handle, author=author, body='help',
        posted_at=fields.Datetime.now() - timedelta(hours=hours_ago))])
    mention._triage()
    return mention
marta, berta, carla, boss = (person(name) for name in ('marta', 'berta', 'carla', 'boss'))
boss.group_ids = [Command.link(env.ref('social_care.social_care_group_reviewer').id)]
desk = account('Desk', marta | berta | boss, user_id=boss.id)
for handle in ('answered', 'target', 'read'):
    ask(desk, handle).ticket_id.user_id = marta
env['helpdesk.ticket'].search([]).message_subscribe(boss.partner_id.ids)
late = account('Late', marta | berta)
for handle in ('late 0', 'late 1'):
    ask(late, handle, hours_ago=2).ticket_id.user_id = marta
env['helpdesk.ticket.sla']._social_care_watch()
account('Storm', marta)
# Nobody but one person can get what is routed in these teams.
for name, user in (('Given', berta), ('Left', marta), ('Left late', carla)):
    ask(account(name, user, routing='least_loaded'), name)
    if user != berta:
        env['social.care.shift.end'].with_user(user).create({'back': 'say', 'back_at': False})
berta.social_needs_approval = True
"""
# What is played: scene → what the first does, what the second does.
SCENES = {
    "merge": ("send('marta', 'answered')", "merge('boss', 'answered', 'target')"),
    "follow": ("route('Given')", "follow('berta', 'Given')"),
    "approve": 2 * ("send('berta', 'read')",),
    "late": 2 * ("hand('marta', f'late {player}', 'berta')",),
    "crisis": (
        "env['social.care.crisis']._open(storm(), 'volume', 'many', mention('none'))",
        "storm().with_env(as_user('boss')).action_open_crisis()",
    ),
    "left": ("leave('marta')", "route('Left')"),
    "left late": ("route('Left late')", "leave('carla')"),
}
PLAYER = """
import json, pathlib, time
from odoo.service.model import retrying
here, player = pathlib.Path({folder!r}), {player}
def user(login):
    return env['res.users'].search([('login', '=', login)])
def as_user(login):
    return env(user=user(login))
def mention(handle):
    return env['social.care.mention'].search([('external_id', '=', handle)])
def ticket(login, handle):
    return mention(handle).ticket_id.with_env(as_user(login))
def storm():
    return env['social.care.account'].search([('name', '=', 'Storm')])
def send(login, handle):
    as_user(login)['social.care.reply'].create(
        {{'mention_id': mention(handle).id, 'body': 'We look.'}}).action_send_wait()
def merge(login, handle, target):
    into = mention(target).ticket_id.id
    ticket(login, handle).with_context(social_care_into=into).action_social_same_matter()
def follow(login, handle):
    ticket(login, handle).message_subscribe(user(login).partner_id.ids)
def hand(login, handle, receiver):
    ticket(login, handle).user_id = user(receiver)
def route(handle):
    mention(handle).ticket_id._social_care_find_agents()
def leave(login):
    as_user(login)['social.care.shift.end'].search([]).action_apply()
def play(scene, work):
    env.cr.execute('SELECT FROM helpdesk_ticket LIMIT 1')  # the snapshot
    (here / f'{{scene}} ready {{player}}').touch()
    deadline = time.monotonic() + 60
    while not (here / f'{{scene}} go {{player}}').exists():
        assert time.monotonic() < deadline, 'it was never this player’s turn'
        time.sleep(0.01)
    try:
        # As a request does it: a conflict is tried again, and nothing else is.
        retrying(lambda: eval(work), env)
        told = ''
    except Exception as error:
        env.cr.rollback()
        told = str(error)
    (here / f'{{scene}} said {{player}}').write_text(told)
for scene, works in json.loads({scenes!r}).items():
    play(scene, works[player])
"""
CARELESS = """
env.registry['helpdesk.ticket']._social_care_claim = lambda tickets: None
env.registry['helpdesk.ticket.team']._social_care_claim_people = lambda teams: None
cursor, execute = type(env.cr), type(env.cr).execute
def without_crisis(cr, query, *arguments, **options):
    if 'SET crisis_id = crisis_id' not in str(query):
        return execute(cr, query, *arguments, **options)
cursor.execute = without_crisis
"""


class Played:
    """What came of all scenes."""

    def __init__(self, database, folder, mutation):
        self.database, self.folder = database, folder
        scripts = [
            PLAYER.format(folder=str(folder), player=player, scenes=json.dumps(SCENES))
            for player in range(2)
        ]
        self.players = [database.start_script(mutation + script) for script in scripts]
        for scene in SCENES:
            self._wait(scene, "ready", 0)
            self._wait(scene, "ready", 1)
            for player in range(2):
                (folder / f"{scene} go {player}").touch()
                self._wait(scene, "said", player)
        for player in self.players:
            _output, log = player.communicate(timeout=60)
            assert player.returncode == 0, log[-4000:]

    def told(self, scene):
        """What the two were told, empty where it was done."""
        return [(self.folder / f"{scene} said {player}").read_text() for player in range(2)]

    def query(self, sql):
        """The only column of some rows."""
        return [value for row in self.database.query(sql) for value in row.values()]

    def _wait(self, scene, what, player):
        path = self.folder / f"{scene} {what} {player}"
        wait_for(path.exists, f"{path.name}", 120)


@pytest.fixture(scope="module", params=["", CARELESS], ids=["as it is", "mutant: no row first"])
def played(request, make_database, tmp_path_factory):
    database = make_database()
    database.script(SETUP)
    played = Played(database, tmp_path_factory.mktemp("scenes"), request.param)
    played.mutant = bool(request.param)
    return played


def test_an_answer_goes_along_with_the_ticket_that_is_merged(played):
    assert played.told("merge") == ["", ""]
    lost = played.query(
        """SELECT reply.id FROM social_care_reply reply
             JOIN social_care_mention mention ON mention.id = reply.mention_id
            WHERE reply.ticket_id != mention.ticket_id"""
    )
    assert len(lost) == played.mutant


def test_who_follows_a_ticket_that_is_just_given_to_her_sees_no_error(played):
    first, second = played.told("follow")
    assert (first, "cannot follow twice" in second) == ("", played.mutant)


def test_a_reviewer_is_told_once_of_two_answers_that_wait(played):
    assert played.told("approve") == ["", ""]
    told = played.query(
        """SELECT activity.id FROM mail_activity activity
             JOIN res_users ON res_users.id = activity.user_id
            WHERE res_users.login = 'boss' AND activity.res_model = 'helpdesk.ticket'"""
    )
    assert len(told) == 1 + played.mutant


def test_two_late_conversations_handed_to_one_person_are_one_thing_to_do(played):
    first, second = played.told("late")
    assert (first, "cannot follow twice" in second) == ("", played.mutant)
    told = played.query(
        """SELECT activity.summary FROM mail_activity activity
             JOIN res_users ON res_users.id = activity.user_id
            WHERE res_users.login = 'berta' AND activity.res_model = 'helpdesk.ticket.team'"""
    )
    assert told == [f"Late answers: {2 - played.mutant}"]


def test_who_opens_a_crisis_as_the_storm_does_sees_that_one(played):
    first, second = played.told("crisis")
    assert (first, "open crisis on this account" in second) == ("", played.mutant)


@pytest.mark.parametrize(("scene", "handle"), [("left", "Left"), ("left late", "Left late")])
def test_who_ends_the_shift_leaves_nothing_behind_that_came_at_that_moment(played, scene, handle):
    assert played.told(scene) == ["", ""]
    holders = played.query(
        f"""SELECT ticket.user_id FROM helpdesk_ticket ticket
              JOIN social_care_mention mention ON mention.ticket_id = ticket.id
             WHERE mention.external_id = '{handle}'"""
    )
    assert bool(holders[0]) == played.mutant
