from odoo import api, models
from odoo.fields import Domain


class SocialCareCalendarLine(models.AbstractModel):
    """What a calendar's hours are made of: a change moves the deadlines planned in them."""

    _name = "social.care.calendar.line"
    _description = "Part of the working hours"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._social_care_mark()
        return lines

    def write(self, vals):
        self._social_care_mark()
        result = super().write(vals)
        self._social_care_mark()
        return result

    def unlink(self):
        self._social_care_mark()
        return super().unlink()

    def _social_care_mark(self):
        """Have the clocks planned anew that run in these."""


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "social.care.calendar.line"]

    def _social_care_mark(self):
        self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self.calendar_id)


class ResourceCalendarLeaves(models.Model):
    """A holiday moves the deadlines of the clocks that run over it; an employee's leave none."""

    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "social.care.calendar.line"]

    def _social_care_mark(self):
        """Mark the open clocks that run over these holidays, in one query."""
        holidays = self.filtered(lambda leave: not leave.resource_id and leave.time_type == "leave")
        if holidays:
            clocks = self.env["helpdesk.ticket.sla"]
            clocks._social_care_mark(Domain.OR(leave._social_care_clocks() for leave in holidays))

    def _social_care_clocks(self):
        """Which clocks this holiday may move."""
        clocks = Domain("state", "=", "in_progress") & Domain("deadline", ">=", self.date_from)
        clocks &= Domain("last_state_date", "<=", self.date_to)
        # Without a deadline, a holiday without end may be the reason.
        clocks |= Domain("deadline", "=", False)
        if self.company_id:
            clocks &= Domain("ticket_id.company_id", "=", self.company_id.id)
        if self.calendar_id:
            clocks &= self.env["helpdesk.ticket.sla"]._social_care_in_calendars(self.calendar_id)
        return clocks
