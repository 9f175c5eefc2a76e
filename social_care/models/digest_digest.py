from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

AGGREGATES = (
    "mention_count:sum",
    "response_rate:avg",
    "kept_share:avg",
    "first_response_hours:avg",
)


class DigestDigest(models.Model):
    """What the analysis says of the days before, in Odoo's digest."""

    _inherit = "digest.digest"

    kpi_social_mentions = fields.Boolean("Messages on social networks")
    kpi_social_mentions_value = fields.Integer(compute="_compute_kpi_social_mentions_value")
    kpi_social_response_rate = fields.Boolean("% of social tickets answered")
    kpi_social_response_rate_value = fields.Float(
        digits=(16, 2), compute="_compute_kpi_social_response_rate_value"
    )
    kpi_social_promises_kept = fields.Boolean("% of promises to answer kept")
    kpi_social_promises_kept_value = fields.Float(
        digits=(16, 2), compute="_compute_kpi_social_promises_kept_value"
    )
    kpi_social_first_response = fields.Boolean("Working hours until the first response")
    kpi_social_first_response_value = fields.Float(
        digits=(16, 2), compute="_compute_kpi_social_first_response_value"
    )

    def _compute_kpi_social_mentions_value(self):
        self._social_care_fill("kpi_social_mentions_value", "mention_count:sum")

    def _compute_kpi_social_response_rate_value(self):
        self._social_care_fill("kpi_social_response_rate_value", "response_rate:avg", 100)

    def _compute_kpi_social_promises_kept_value(self):
        self._social_care_fill("kpi_social_promises_kept_value", "kept_share:avg", 100)

    def _compute_kpi_social_first_response_value(self):
        self._social_care_fill("kpi_social_first_response_value", "first_response_hours:avg")

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("helpdesk_mgmt.helpdesk_ticket_main_menu").id
        action = f"social_care.social_care_report_action?menu_id={menu}"
        names = [name for name in self._fields if name.startswith("kpi_social_")]
        ours = {name: action for name in names if not name.endswith("_value")}
        return {**super()._compute_kpis_actions(company, user), **ours}

    def _social_care_fill(self, name, aggregate, factor=1):
        """A figure of the analysis, for each digest's company, of what was posted in its time.

        Imported history is left out, as where the analysis and the dashboard begin.
        """
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            # Odoo leaves it out of this reader's mail.
            raise AccessError(self.env._("This figure takes the social care agent role."))
        figures = self._social_care_read_figures(*self._get_kpi_compute_parameters())
        for digest in self:
            company = digest.company_id or self.env.company
            digest[name] = (figures.get((company.id, aggregate)) or 0) * factor

    def _social_care_read_figures(self, start, end, companies):
        """All figures of a time, read at once: a mail asks for one after the other.

        :return: (company id, aggregate) → value
        """
        places = (tuple(companies.ids), tuple(self.env.companies.ids))
        key = ("social_care.digest", self.env.uid, start, end, *places)
        if key not in self.env.cr.cache:
            rows = self.env["social.care.report"]._read_group(
                Domain("posted_at", ">=", start)
                & Domain("posted_at", "<", end)
                & Domain("company_id", "in", companies.ids)
                & Domain("history", "=", False),
                ["company_id"],
                AGGREGATES,
            )
            self.env.cr.cache[key] = {
                (company.id, aggregate): value
                for company, *values in rows
                for aggregate, value in zip(AGGREGATES, values, strict=True)
            }
        return self.env.cr.cache[key]
