"""One ``ir.cron`` record runs in one place at a time; several records work a queue side by side."""

from odoo import api, models

PARAMETER = "social_care.workers"
MOST = 8
# The others wait for no network, and what they write (a leader's alarms, a team's rings) is
# shared: side by side they would only meet.
SIDE_BY_SIDE = (
    "social_care.ir_cron_poll",
    "social_care.ir_cron_process",
    "social_care.ir_cron_triage",
    "social_care.ir_cron_publish",
)


class SocialCareQueue(models.AbstractModel):
    """How many scheduled actions work a queue."""

    _inherit = "social.care.queue"

    @api.model
    def _get_workers(self):
        """In how many places at once a queue is worked; an administrator's setting."""
        number = self.env["ir.config_parameter"].sudo().get_param(PARAMETER, "1")
        return min(max(int(number), 1), MOST) if number.isdecimal() else 1

    @api.model
    def _get_copies(self, cron_xmlid, last=None):
        """The queue's further scheduled actions, by number."""
        last = last or self._get_workers()
        found = {
            number: self.env.ref(f"{cron_xmlid}_{number}", raise_if_not_found=False)
            for number in range(2, last + 1)
            if cron_xmlid in SIDE_BY_SIDE
        }
        return {number: cron.sudo() for number, cron in found.items() if cron}

    @api.model
    def _set_workers(self, number):
        """Make the copies that are missing, remove those too many.

        Their XML ids are this addon's and ``noupdate``: an upgrade leaves them, uninstalling takes
        them along.
        """
        missing = []
        for cron_xmlid in SIDE_BY_SIDE:
            cron = self.env.ref(cron_xmlid, raise_if_not_found=False)
            copies = self._get_copies(cron_xmlid, last=MOST)
            too_many = [copy for place, copy in copies.items() if place > number or not cron]
            self._remove_copies(self.env["ir.cron"].union(*too_many))
            missing += [
                {
                    "xml_id": f"{cron_xmlid}_{place}",
                    "noupdate": True,
                    "values": self._prepare_copy(cron, place),
                }
                for place in range(2, number + 1)
                if cron and place not in copies
            ]
        self.env["ir.cron"]._load_records(missing)

    @api.model
    def _remove_copies(self, crons):
        actions = crons.ir_actions_server_id
        crons.unlink()
        actions.unlink()

    @api.model
    def _prepare_copy(self, cron, place):
        same = ("active", "code", "interval_number", "interval_type", "priority", "state")
        return {
            **{name: cron[name] for name in same},
            "name": f"{cron.name} ({place})",
            "model_id": cron.model_id.id,
            "user_id": cron.user_id.id,
        }

    def _wake(self, cron_xmlid):
        """The copies as well: the first may be busy with a network that hangs."""
        woken = self.env.cr.precommit.data.setdefault("social_care.woken", set())
        if cron_xmlid not in woken:
            for copy in self._get_copies(cron_xmlid).values():
                copy._trigger()
        return super()._wake(cron_xmlid)


class IrCron(models.Model):
    _inherit = "ir.cron"

    def write(self, vals):
        """A queue that is switched off stops everywhere it is worked."""
        result = super().write(vals)
        queue = self.env["social.care.queue"]
        if "active" in vals and queue._get_workers() > 1:
            for cron_xmlid in SIDE_BY_SIDE:
                if self.env.ref(cron_xmlid, raise_if_not_found=False) in self:
                    for copy in queue._get_copies(cron_xmlid).values():
                        copy.active = vals["active"]
        return result
