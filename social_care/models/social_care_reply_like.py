from odoo import api, fields, models


class SocialCareReply(models.Model):
    """A customer who likes our answer."""

    _inherit = "social.care.reply"

    liked_at = fields.Datetime(string="Liked by the customer on", readonly=True, copy=False)

    @api.model
    def _note_likes(self, account, likes):
        """Keep the likes of those who were answered; anybody else's say nothing of the outcome."""
        if not likes:
            return
        told = {(like.external_id, like.author_id): like for like in likes}  # the last one stands
        replies = self.search(
            [
                ("account_id", "=", account.id),
                ("external_id", "in", list({like.external_id for like in likes})),
            ]
        )
        changed = self.browse()
        for reply in replies:
            like = told.get((reply.external_id, reply.mention_id.author_id.external_id))
            if like and like.on != bool(reply.liked_at):
                reply.liked_at = like.on and (like.at or fields.Datetime.now())
                changed |= reply
        changed.ticket_id._social_care_expect_outcome()
