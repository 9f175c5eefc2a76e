from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import human_size


class SocialCareReply(models.Model):
    """Pictures of an answer: what the network takes, and who may see them here."""

    _inherit = "social.care.reply"

    supports_media = fields.Boolean(compute="_compute_pictures")
    pictures_text = fields.Char(string="Problem with the pictures", compute="_compute_pictures")

    @api.depends("attachment_ids", "account_id")
    @api.depends_context("lang")
    def _compute_pictures(self):
        for reply in self:
            network = reply.sudo().account_id._get_network_class()
            reply.supports_media = bool(network) and network.supports_media
            reply.pictures_text = network and reply._describe_pictures(network)

    @api.model_create_multi
    def create(self, vals_list):
        replies = super().create(vals_list)
        if any(vals.get("attachment_ids") for vals in vals_list):
            replies._own_pictures()
        return replies

    def write(self, vals):
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._own_pictures()
        return result

    def _own_pictures(self):
        """Colleagues may see what was uploaded for an answer: it belongs to the answer."""
        for reply in self:
            reply.sudo().attachment_ids.filtered(
                lambda item: (
                    item.res_model == self._name
                    and not item.res_id
                    and item.create_uid == self.env.user
                )
            ).res_id = reply.id

    def _check_pictures(self):
        for reply in self.filtered("attachment_ids"):
            if reply.pictures_text:
                raise UserError(reply.pictures_text)

    def _describe_pictures(self, network):
        """What is wrong with the pictures, the first thing only; False where nothing is."""
        pictures = self.attachment_ids
        if pictures and not network.supports_media:
            return self.env._(
                "%(network)s takes no pictures with an answer. Remove them.", network=network.name
            )
        if len(pictures) > network.max_media == 1:
            return self.env._(
                "%(network)s takes one picture with an answer. Remove the others.",
                network=network.name,
            )
        if len(pictures) > network.max_media:
            return self.env._(
                "%(network)s takes %(limit)s pictures at most. Remove %(over)s.",
                network=network.name,
                limit=network.max_media,
                over=len(pictures) - network.max_media,
            )
        for picture in pictures:
            if picture.mimetype not in network.media_types:
                return self.env._(
                    "%(network)s does not take “%(file)s”. Save it as %(types)s.",
                    network=network.name,
                    file=picture.name,
                    types=", ".join(kind.partition("/")[2].upper() for kind in network.media_types),
                )
            if picture.file_size > network.max_media_bytes:
                return self.env._(
                    "“%(file)s” is too large: %(size)s. %(network)s takes %(limit)s: "
                    "make the picture smaller.",
                    file=picture.name,
                    size=human_size(picture.file_size),
                    network=network.name,
                    limit=human_size(network.max_media_bytes),
                )
        return False
