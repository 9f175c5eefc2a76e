from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.social_care.models.social_care_queue_parallel import SIDE_BY_SIDE

from .common import SocialCareCommon


@tagged("post_install", "-at_install")
class TestWorkers(SocialCareCommon):
    """A queue is worked in several places at once: how many is an administrator's setting."""

    def _set_workers(self, number):
        self.env["res.config.settings"].create({"social_care_workers": number}).execute()

    def _crons(self, name="ir_cron_publish"):
        code = self.env.ref(f"social_care.{name}").code
        return self.env["ir.cron"].with_context(active_test=False).search([("code", "=", code)])

    def _triggers(self, crons):
        return self.env["ir.cron.trigger"].search_count([("cron_id", "in", crons.ids)])

    def test_a_queue_is_worked_in_one_place_unless_somebody_says_otherwise(self):
        self.assertEqual(self.env["res.config.settings"].create({}).social_care_workers, 1)
        self.assertEqual(len(self._crons()), 1)

    def test_three_places_are_three_scheduled_actions_of_the_same_work(self):
        self._set_workers(3)
        self.assertEqual(
            sorted(self._crons().mapped("name")),
            [f"Social care: send answers{number}" for number in ("", " (2)", " (3)")],
        )
        for xmlid in SIDE_BY_SIDE:
            first, copy = self.env.ref(xmlid), self.env.ref(f"{xmlid}_3")
            for field in ("code", "model_id", "user_id", "interval_number", "priority", "active"):
                self.assertEqual(copy[field], first[field], field)

    def test_saving_the_settings_again_changes_nothing(self):
        self._set_workers(3)
        before = self._crons()
        self._set_workers(3)
        self.assertEqual(self._crons(), before)

    def test_fewer_places_leave_nothing_behind(self):
        actions = self.env["ir.actions.server"].with_context(active_test=False)
        before = actions.search_count([])
        self._set_workers(3)
        self._set_workers(1)
        self.assertEqual(len(self._crons()), 1)
        self.assertEqual(actions.search_count([]), before)

    def test_an_upgrade_leaves_the_copies_and_uninstalling_takes_them(self):
        self._set_workers(2)
        names = [f"{xmlid.split('.')[1]}_2" for xmlid in SIDE_BY_SIDE]
        names += [f"{name}_ir_actions_server" for name in names]
        kept = self.env["ir.model.data"].search(
            [("module", "=", "social_care"), ("name", "in", names), ("noupdate", "=", True)]
        )
        self.assertEqual(sorted(kept.mapped("name")), sorted(names))

    def test_one_to_eight_places(self):
        for number in (0, 9):
            with self.assertRaisesRegex(ValidationError, "one to 8 places"):
                self._set_workers(number)

    def test_a_manager_of_social_care_is_no_administrator(self):
        groups = "social_care.social_care_group_manager,helpdesk_mgmt.group_helpdesk_manager"
        manager = new_test_user(self.env, login="care_manager", groups=groups)
        settings = self.env["res.config.settings"].with_user(manager)
        with self.assertRaises(AccessError):
            settings.create({"social_care_workers": 2}).execute()

    def test_new_work_wakes_all(self):
        self._set_workers(3)
        self.env.cr.precommit.data.clear()
        self.env["social.care.reply"]._wake("social_care.ir_cron_publish")
        self.env["social.care.reply"]._wake("social_care.ir_cron_publish")  # once a transaction
        for cron in self._crons():
            self.assertEqual(self._triggers(cron), 1, cron.name)

    def test_switching_a_queue_off_stops_it_everywhere(self):
        self._set_workers(3)
        self.env.ref("social_care.ir_cron_publish").active = False
        self.assertEqual(self._crons().mapped("active"), [False] * 3)
        self.assertTrue(all(self._crons("ir_cron_poll").mapped("active")))
        self.env.ref("social_care.ir_cron_publish").active = True
        self.assertEqual(self._crons().mapped("active"), [True] * 3)


@tagged("post_install", "-at_install")
class TestTriageClaims(SocialCareCommon):
    """What one worker has, the others pass by."""

    def _say(self, **who_by_id):
        self.account._ingest([self._mention(key, who=who) for key, who in who_by_id.items()])
        mentions = self.env["social.care.mention"].search(
            [("account_id", "=", self.account.id)], order="id"
        )
        return mentions.grouped("external_id")

    def _claim(self):
        ids = self.env["social.care.mention"]._claim_waiting([])
        return self.env["social.care.mention"].browse(ids).mapped("external_id")

    def _lease(self, mentions, minutes):
        # PostgreSQL's clock decides, whatever time the test has.
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        [now] = self.env.cr.fetchone()
        mentions.triage_until = now.replace(microsecond=0) + timedelta(minutes=minutes)
        self.env.flush_all()

    def test_a_person_with_whom_a_worker_is_busy_waits_for_it(self):
        said = self._say(a1="ana", a2="ana", b1="bo")
        self._lease(said["a1"], minutes=5)
        self.assertEqual(self._claim(), ["b1"])

    def test_what_a_dead_worker_had_is_free_after_its_lease(self):
        said = self._say(a1="ana", a2="ana")
        self._lease(said["a1"], minutes=-1)
        self.assertEqual(self._claim(), ["a1", "a2"])

    def test_what_was_tried_before_comes_last_and_alone(self):
        said = self._say(a1="ana", b1="bo", c1="cy")
        (said["a1"] | said["b1"]).triage_attempts = 1
        self.env.flush_all()
        self.assertEqual([self._claim(), self._claim(), self._claim()], [["c1"], ["a1"], ["b1"]])

    def test_what_failed_is_given_back(self):
        said = self._say(a1="ana")
        self.patch(self.env.registry["social.care.mention"], "_triage", lambda mentions: 1 / 0)
        with mute_logger("odoo.addons.social_care.models.social_care_queue"):
            self._run_cron("ir_cron_triage")
        self.env.invalidate_all()
        self.assertFalse(said["a1"].triage_until)
        self.assertEqual(said["a1"].triage_attempts, 1, "one try a run")

    def test_what_was_tried_five_times_is_set_aside(self):
        said = self._say(a1="ana", b1="bo")
        said["a1"].triage_attempts = 4
        self._lease(said["b1"], minutes=5)
        self.assertEqual(self._claim(), ["a1"], "a fifth time")
        self._lease(said["a1"] | said["b1"], minutes=-1)
        self.assertEqual([self._claim(), self._claim()], [["b1"], []])


@tagged("post_install", "-at_install")
class TestIdleQueues(SocialCareCommon):
    """An idle queue reads an index that holds only what waits, however long the history is."""

    def _explain(self, method, *arguments):
        """What PostgreSQL does for the statements of a call, as text."""
        statements = []
        execute = type(self.env.cr).execute

        def note(cursor, query, params=None, **options):
            statements.append(
                (query.code, query.params) if isinstance(query, SQL) else (query, params)
            )
            return execute(cursor, query, params, **options)

        self.env.flush_all()
        with patch.object(type(self.env.cr), "execute", note):
            method(*arguments)
        # Small tables are read whole otherwise.
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plans = []
        for query, params in statements:
            if query.lstrip().startswith(("SELECT", "UPDATE")):
                self.env.cr.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {query}", params)
                plans += [row[0] for row in self.env.cr.fetchall()]
        return "\n".join(plans)

    def test_clocks(self):
        clocks = self.env["helpdesk.ticket.sla"]
        ticket = self._receive(self._mention()).ticket_id
        self.env.cr.execute(
            """INSERT INTO helpdesk_ticket_sla (ticket_id, sla_id, state, social_alarm_at)
               SELECT %s, %s, 'in_progress', '2100-01-01' FROM generate_series(1, 1000)""",
            [ticket.id, self.policy.id],
        )
        self.env.cr.execute("UPDATE helpdesk_ticket_sla SET social_alarm_at = '2100-01-01'")
        plan = self._explain(clocks._social_care_find_due)
        self.assertIn("helpdesk_ticket_sla_social_alarm", plan)
        self.assertNotRegex(plan, "rows=[1-9]|Removed", "nothing is read but the next moment")

    def test_triage(self):
        plan = self._explain(self.env["social.care.mention"]._claim_waiting, [])
        self.assertIn("social_care_mention_triage_queue", plan)

    def test_deliveries(self):
        plan = self._explain(self.env["social.care.delivery"]._search_waiting, 0)
        self.assertIn("social_care_delivery_queue", plan)

    def test_outbox(self):
        plan = self._explain(self.env["social.care.reply"]._search_due, [])
        self.assertIn("social_care_reply_queue", plan)

    def test_poll(self):
        self.env.cr.execute("UPDATE social_care_account SET next_poll_at = '2100-01-01'")
        with patch.object(self.env.registry["ir.cron"], "_commit_progress"):
            plan = self._explain(self.env["social.care.account"]._cron_poll)
        self.assertIn("social_care_account_due", plan)
