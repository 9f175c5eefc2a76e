from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    """Other working hours move the deadlines planned in them."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances._social_care_mark()
        return attendances

    def write(self, vals):
        self._social_care_mark()
        result = super().write(vals)
        if "calendar_id" in vals:
            self._social_care_mark()
        return result

    def unlink(self):
        self._social_care_mark()
        return super().unlink()

    def _social_care_mark(self):
        self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self.calendar_id)
