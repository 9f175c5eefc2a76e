from odoo import models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _plan_hours_batch(self, pairs, company=None):
        """Plan many working times at once.

        Leaves of the calendar count, those of employees do not; leaves without a
        calendar count for the given company only.

        :param pairs: list of (naive UTC start, working hours)
        :param company: res.company whose holidays count
        :return: list of naive UTC datetimes, False where there is no working time
        """
        self.ensure_one()
        company_ids = [False, (company or self.company_id).id]
        domain = [("time_type", "=", "leave"), ("company_id", "in", company_ids)]
        return [
            self.plan_hours(hours, start, compute_leaves=True, domain=domain)
            for start, hours in pairs
        ]
