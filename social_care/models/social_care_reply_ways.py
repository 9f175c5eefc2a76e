"""The ways a message can be answered now, and why the others are closed."""

from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import networks

# Mentions that open a network's time for private messages.
PRIVATE = ["|", ("kind", "=", "direct"), ("visibility", "=", "direct")]
GIVEN = ("queued", "sending", "unconfirmed", "sent")  # states of an answer that counts as given


class Way(NamedTuple):
    """Why a way is closed ("" where it is open), and when it ends or ended (naive UTC)."""

    code: str
    closes_at: datetime | None = None


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    def _get_situations(self, besides=None):
        """What decides how each can be answered: two queries for all of them.

        :param besides: answers that do not stand in their own way
        :return: mention → ``networks.Situation``
        """
        mention_model = self.env["social.care.mention"].sudo()
        domain = [
            ("author_id", "in", self.author_id.ids),
            ("account_id", "in", self.account_id.ids),
        ]
        last_direct = {
            (author, account): last
            for author, account, last in mention_model._read_group(
                domain + PRIVATE, ["author_id", "account_id"], ["posted_at:max"]
            )
        }
        replies_sudo = self.env["social.care.reply"].sudo()
        given = replies_sudo._read_group(
            [
                ("mention_id", "in", self.ids),
                ("visibility", "=", "private_reply"),
                ("state", "in", GIVEN),
                ("id", "not in", besides.ids if besides else []),
            ],
            ["mention_id"],
        )
        replied = {mention for [mention] in given}
        now = fields.Datetime.now()
        return {
            mention: networks.Situation(
                now=now,
                last_direct_at=last_direct.get((mention.author_id, mention.account_id)),
                private_replied=mention in replied,
            )
            for mention in self
        }

    def _get_ways(self, besides=None):
        """The ways each can be answered, the usual first.

        :param besides: as for :meth:`_get_situations`
        :return: mention → {visibility: :class:`Way`}
        """
        result = {}
        for mention, situation in self._get_situations(besides).items():
            network = mention.account_id._get_network_class()
            if network is None:
                result[mention] = {"public": Way("no_network")}
                continue
            wire = mention._to_wire()
            result[mention] = {
                visibility: Way(code, network.closes_at(visibility, wire, situation))
                for visibility, code in network.ways(wire, situation).items()
            }
        return result


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    ways = fields.Json(
        string="Ways to answer",
        compute="_compute_ways",
        help="For the dialog: visibility, label, why it is closed, when it closes.",
    )
    no_way_text = fields.Char(string="Why no answer is possible", compute="_compute_ways")

    @api.depends("mention_id", "account_id")
    @api.depends_context("lang")
    def _compute_ways(self):
        labels = dict(self._fields["visibility"]._description_selection(self.env))
        of_mentions = self.sudo().mention_id._get_ways(besides=self)
        for reply in self:
            ways = of_mentions.get(reply.sudo().mention_id, {})
            reply.ways = [
                {
                    "value": visibility,
                    "label": labels[visibility],
                    "reason": self._describe_error(way.code) if way.code else "",
                    "closes_at": fields.Datetime.to_string(way.closes_at) or "",
                }
                for visibility, way in ways.items()
            ]
            reasons = [item["reason"] for item in reply.ways]
            reply.no_way_text = all(reasons) and " ".join(dict.fromkeys(reasons))

    @api.constrains("visibility", "account_id")
    def _check_visibility(self):
        replies = self.filtered(lambda item: item.origin == "odoo" and item.mention_id)
        of_mentions = replies.sudo().mention_id._get_ways(besides=replies)
        for reply in replies:
            ways = of_mentions[reply.sudo().mention_id]
            code = ways.get(reply.visibility, Way("no_such_way")).code
            if code:
                raise ValidationError(
                    self.env._(
                        "%(network)s cannot carry this answer that way. %(why)s",
                        network=reply.sudo().account_id._get_network_name(),
                        why=self._describe_error(code),
                    )
                )

    def _get_closed_way(self):
        """Code of why this answer cannot go its way now, or ""."""
        self.ensure_one()
        mention_sudo = self.sudo().mention_id
        ways = mention_sudo._get_ways(besides=self)[mention_sudo]
        return ways.get(self.visibility, Way("no_such_way")).code
