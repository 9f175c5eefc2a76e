from datetime import timedelta

from odoo import models

from .resource_calendar_working_time import WINDOW, WorkingTime, get_reach

# What moves the deadlines planned in a calendar, beside its lines.
DECIDING = {
    "tz",
    "schedule_type",
    "flexible_hours",
    "two_weeks_calendar",
    "full_time_required_hours",
    "hours_per_day",
}


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & DECIDING:
            self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self)
        return result

    def unlink(self):
        self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self)
        return super().unlink()

    def _plan_hours_batch(self, pairs, company=None, change=None):
        """Plan many working times at once.

        Leaves of the calendar count, those of employees do not; leaves without a
        calendar count for the given company only.

        :param pairs: list of (naive UTC start, working hours); negative hours plan back
        :param company: res.company whose holidays count
        :param change: how the hours would be others, see ``other_hours.py``; flexible ones stay
        :return: list of naive UTC datetimes, False where there is no working time
        """
        self.ensure_one()
        if not pairs:
            return []
        # sudo: a deadline does not depend on whose holidays the user may see
        calendar = self.sudo()
        company_ids = [False, (company or calendar.company_id).id]
        domain = [("time_type", "=", "leave"), ("company_id", "in", company_ids)]
        if calendar.flexible_hours:
            # Its hours move with the window that is looked at: nothing to read ahead.
            return [
                calendar.plan_hours(hours, start, compute_leaves=True, domain=domain)
                for start, hours in pairs
            ]
        starts, lengths = zip(*pairs, strict=True)
        low = min(starts) - (WINDOW if min(lengths) < 0 else timedelta())
        high = max(starts) + get_reach(max(*lengths, 0))
        time = WorkingTime(calendar, domain, low, high, change)
        return time.plan(pairs)
