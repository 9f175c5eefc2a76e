from odoo import models

from .helpdesk_ticket_live import CHANNEL, SUBCHANNEL
from .helpdesk_ticket_team_now import NOW


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """What happens on a ticket is heard by agents who may read it."""
        ours = {
            channel
            for channel in channels
            if isinstance(channel, str) and channel.startswith(CHANNEL)
        }
        numbers = {channel.removeprefix(CHANNEL) for channel in ours}
        ids = [int(number) for number in numbers if number.isdecimal() and len(number) < 10]
        wants_now = NOW in channels
        channels = [channel for channel in channels if channel not in ours and channel != NOW]
        is_agent = self.env.user.has_group("social_care.social_care_group_agent")
        if ids and is_agent:
            tickets = self.env["helpdesk.ticket"].search([("id", "in", ids)])
            channels += [(ticket, SUBCHANNEL) for ticket in tickets]
        if wants_now and is_agent:
            teams = self.env["helpdesk.ticket.team"]._social_care_find_mine()
            channels += [NOW, *((team, NOW) for team in teams)]
        return super()._build_bus_channel_list(channels)
