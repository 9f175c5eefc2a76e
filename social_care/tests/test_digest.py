from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .clock_common import ClockCommon, at

KPIS = ("mentions", "response_rate", "promises_kept", "first_response")


class TestDigest(ClockCommon):
    """The digest of one Monday; the team is there from 9 to 18, a first response takes 2 hours.

    Ana 10:00, again 10:05: answered 10:30, kept after half an hour of work.
    Bo 11:00: answered 14:30, missed after three and a half.
    Carl 12:00: nobody answers, and at midnight the promise is long broken.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, login="digest_manager", groups="social_care.social_care_group_manager"
        )
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "Care",
                "company_id": cls.env.company.id,
                "user_ids": [Command.set(cls.manager.ids)],
                **{f"kpi_social_{name}": True for name in KPIS},
            }
        )

    def _monday(self):
        ana = self._say("2026-08-17 10:00", "1", who="ana")
        self._say("2026-08-17 10:05", "2", who="ana")
        self._reply_at("2026-08-17 10:30", ana)
        bo = self._say("2026-08-17 11:00", "3", who="bo")
        self._reply_at("2026-08-17 14:30", bo)
        self._say("2026-08-17 12:00", "4", who="carl")
        # Not of this digest: it came on Tuesday.
        self._say("2026-08-18 10:00", "5", who="dora")
        self.env.flush_all()

    def _figures(self, user=None, day="2026-08-17", company=None):
        digest = self.digest.with_user(user or self.manager).with_context(
            start_datetime=at(f"{day} 00:00"), end_datetime=at(f"{day} 23:59")
        )
        if company:
            digest = digest.with_company(company)
        digest.invalidate_recordset()
        return [digest[f"kpi_social_{name}_value"] for name in KPIS]

    def test_figures_of_one_day(self):
        self._monday()
        mentions, rate, kept, first = self._figures()
        self.assertEqual(mentions, 4)
        self.assertAlmostEqual(rate, 200 / 3, 2)  # two of three tickets
        self.assertAlmostEqual(first, 2.0, 2)  # (0.5 + 3.5) / 2
        self.assertAlmostEqual(kept, 50.0, 2)  # Ana's kept, Bo's missed; Carl's clock runs on

    def test_a_day_without_messages_has_zeros(self):
        self._monday()
        self.assertEqual(self._figures(day="2026-08-15"), [0, 0, 0, 0])

    def test_practice_is_left_out(self):
        practice = self._create_account(
            practice=True, base_url="https://other.example", external_id="practice"
        )
        posted_at = at("2026-08-17 10:00")
        self._receive(self._mention("1", posted_at=posted_at), account=practice)
        self.env.flush_all()
        self.assertEqual(self._figures(), [0, 0, 0, 0])

    def test_another_company_has_its_own(self):
        self._monday()
        self.digest.company_id = self.env["res.company"].create({"name": "Borealis"})
        self.assertEqual(self._figures(user=self.env.user)[0], 0)

    def test_who_has_no_role_gets_none_of_them(self):
        self._monday()
        user = new_test_user(self.env, login="digest_reader", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._figures(user=user)

    def test_a_mail_reads_each_of_its_times_once(self):
        report_class = self.env.registry["social.care.report"]
        read_group = report_class._read_group
        with patch.object(
            report_class, "_read_group", autospec=True, side_effect=read_group
        ) as read:
            self.digest._compute_kpis(self.env.company, self.manager)
        self.assertEqual(read.call_count, 6, "three times, and each of them before")

    def test_the_mail_shows_them_and_leads_to_the_analysis(self):
        self._monday()
        digest = self.digest.with_context(
            start_datetime=at("2026-08-17 00:00"), end_datetime=at("2026-08-17 23:59")
        )
        kpis = digest._compute_kpis(self.env.company, self.manager)
        names = {kpi["kpi_name"] for kpi in kpis}
        self.assertLessEqual({f"kpi_social_{name}" for name in KPIS}, names)
        actions = digest._compute_kpis_actions(self.env.company, self.manager)
        xml_id = actions["kpi_social_mentions"].split("?")[0]
        self.assertEqual(self.env.ref(xml_id).res_model, "social.care.report")
