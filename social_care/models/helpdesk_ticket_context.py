import logging
from datetime import timedelta

from odoo import fields, models

from .. import networks

_logger = logging.getLogger(__name__)

ASK_EVERY = timedelta(minutes=1)  # and message: dialogs open often, networks count calls


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_care_refresh_context(self):
        """Ask the network anew what stands around the newest message.

        The screen shows what is stored meanwhile. Nothing is written before the network
        has answered, so that no row is locked; its errors leave all as it is.

        :return: whether the conversation has to be drawn anew
        """
        self.ensure_one()
        self.check_access("read")
        mention_sudo = self.sudo().social_mention_ids[:1]
        account_sudo = mention_sudo.account_id
        now = fields.Datetime.now()
        asked_at = mention_sudo.context_at
        asked_lately = asked_at and now - asked_at < ASK_EVERY
        alive = account_sudo.state in ("connected", "degraded")
        if not alive or asked_lately or account_sudo._are_reads_used_up():
            return False
        context = {}
        try:
            adapter = account_sudo._get_adapter()
            context = account_sudo._call(adapter.fetch_context, mention_sudo._to_wire())
            if adapter.reads:
                account_sudo._add_usage(adapter.reads, None)
        except networks.NetworkError as error:
            _logger.info("Ticket %s: what stands around it cannot be read: %s", self.id, error)
        is_new = bool(context) and context != mention_sudo.context
        mention_sudo.write({"context_at": now, **({"context": context} if is_new else {})})
        return is_new
