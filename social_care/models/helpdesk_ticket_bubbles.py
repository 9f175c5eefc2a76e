from odoo import api, fields, models


class HelpdeskTicket(models.Model):
    """The conversation as the screen shows it: bubbles, oldest first."""

    _inherit = "helpdesk.ticket"

    def social_care_conversation(self):
        """The conversation for the screen, oldest first.

        :return: list of dicts: ``key, who`` (customer, other, us, post), ``name, handle,
            avatar, text, time`` (naive UTC, ISO 8601), ``url, picture, media, pictures, state,
            state_label, private, outside, deleted, edited, under_way, likes, reposts,
            shows_pictures, can_like, can_hide, milestone`` (what it is, if no answer), ``gone``
            (what became of the words); a customer's also ``mention_id, can_quiet, liked_by,
            hidden_by, hidden_reason``, an answer's ``reply_id, liked, can_edit, can_delete``
        """
        self.ensure_one()
        self.check_access("read")
        mentions = self.social_mention_ids.sorted("posted_at, id")
        bubbles = [self._social_care_bubble(mention) for mention in mentions]
        replies = self.social_reply_ids.filtered(
            lambda reply: reply.state not in ("draft", "cancelled")
        )
        bubbles += [self._social_care_reply_bubble(reply) for reply in replies]
        bubbles += self._social_care_other_bubbles(mentions)
        bubbles.sort(key=lambda bubble: (bubble["time"] or "", bubble["key"]))
        return self._social_care_post_bubbles(mentions, bubbles) + bubbles

    def _social_care_other_bubbles(self, mentions):
        """What other people said in the same threads, greyed."""
        threads = [item for item in mentions.mapped("thread_external_id") if item]
        if not threads:
            return []
        others = self.env["social.care.mention"].search(
            [
                ("account_id", "in", mentions.account_id.ids),
                ("thread_external_id", "in", threads),
                ("id", "not in", mentions.ids),
                ("visibility", "in", ("public", "unlisted")),
            ],
            order="posted_at",
            limit=50,
        )
        return [self._social_care_bubble(mention, who="other") for mention in others]

    def _social_care_post_bubbles(self, mentions, bubbles):
        """The posts around the mentions that are no rows of ours: the one commented on first."""
        shown = {bubble["external_id"] for bubble in bubbles}
        posts = []
        for mention in mentions.filtered("context"):
            context = mention.context
            around = [context.get("root"), context.get("parent"), *(context.get("others") or [])]
            for index, post in enumerate(around):
                if not post or post.get("external_id") in shown:
                    continue
                shown.add(post.get("external_id"))
                bubble = self._social_care_context_bubble(post, is_root=index < 2)
                posts.append(bubble | self._social_care_picture_rule(mention.account_id))
        posts.sort(key=lambda bubble: (bubble["who"] != "post", bubble["time"] or ""))
        return posts

    @api.model
    def _social_care_picture_rule(self, account):
        """Pictures of a network's own hosts show at once; servers of anybody's wait for a click."""
        network = account._get_network_class()
        own_hosts = network and not network.needs_base_url and not network.reads_document
        return {"shows_pictures": bool(own_hosts)}

    @api.model
    def _social_care_context_bubble(self, post, is_root):
        return self._social_care_empty_bubble() | {
            "key": f"context-{post.get('external_id')}",
            "external_id": post.get("external_id") or "",
            "who": "post" if is_root else "other",
            "name": post.get("author") or "",
            "handle": post.get("handle") or "",
            "text": post.get("text") or "",
            "time": post.get("posted_at") or "",
            "url": post.get("url") or "",
            "picture": post.get("picture") or "",
            "own": bool(post.get("own")),
        }

    @api.model
    def _social_care_empty_bubble(self):
        keys = (
            "name",
            "handle",
            "avatar",
            "text",
            "time",
            "url",
            "picture",
            "state",
            "state_label",
            "gone",
            "milestone",
        )
        flags = ("private", "outside", "deleted", "edited", "own", "under_way", "shows_pictures")
        flags += ("can_like", "can_hide")
        return (
            dict.fromkeys(keys, "")
            | dict.fromkeys(flags, False)
            | {
                "media": [],
                "pictures": [],
                "likes": 0,
                "reposts": 0,
                "ticket_id": False,
                "error": "",
            }
        )

    def _social_care_bubble(self, mention, who="customer"):
        author = mention.author_id
        gestures = self._social_care_gestures(mention) if who == "customer" else {}
        rule = self._social_care_picture_rule(mention.account_id)
        return (
            self._social_care_empty_bubble()
            | gestures
            | rule
            | {
                "key": f"mention-{mention.id}",
                "external_id": mention.external_id,
                "who": who,
                "name": author.name or author.handle or self.env._("Somebody"),
                "handle": author.handle or "",
                "avatar": f"/web/image/social.care.author/{author.id}/avatar_128" if author else "",
                "text": mention.body or "",
                "time": fields.Datetime.to_string(mention.posted_at),
                "url": mention.url or "",
                "media": mention.media or [],
                "private": mention.visibility in ("direct", "private"),
                "deleted": bool(mention.deleted_at),
                "gone": mention.gone_text or "",
                "edited": bool(mention.edited_at),
                "likes": mention.likes,
                "reposts": mention.reposts,
                "ticket_id": mention.ticket_id.id if mention.ticket_id != self else False,
            }
        )

    @api.model
    def _social_care_gestures(self, mention):
        return {
            "mention_id": mention.id,
            "can_like": mention.can_like,
            "can_hide": mention.can_hide,
            "can_quiet": mention.can_quiet,
            "liked_by": mention.liked_at and (mention.liked_by_id.name or "?"),
            "hidden_by": mention.hidden_at and (mention.hidden_by_id.name or "?"),
            "hidden_reason": mention.hidden_reason or "",
        }

    def _social_care_reply_bubble(self, reply):
        labels = dict(reply._fields["state"]._description_selection(self.env))
        return self._social_care_empty_bubble() | {
            "key": f"reply-{reply.id}",
            "external_id": reply.external_id or "",
            "who": "us",
            "name": reply.user_id.name or reply.account_id.sudo().name,
            "avatar": f"/web/image/res.users/{reply.user_id.id}/avatar_128"
            if reply.user_id
            else f"/web/image/social.care.account/{reply.account_id.id}/avatar_128",
            "text": reply.body or "",
            "time": fields.Datetime.to_string(reply.said_at),
            "url": (not reply.deleted_at and reply.url) or "",
            "state": "" if reply.deleted_at else reply.state,
            "state_label": labels.get(reply.state, ""),
            "private": reply.visibility != "public",
            "pictures": [
                {"id": picture.id, "name": picture.description or picture.name}
                for picture in reply.attachment_ids
            ],
            "outside": reply.origin == "network",
            "error": (reply.approval_text if reply.state == "to_approve" else reply.error_text)
            or "",
            "reply_id": reply.id,
            "liked": bool(reply.liked_at),
            "can_edit": reply.can_edit,
            "can_delete": reply.can_delete,
            "edited": bool(reply.edited_at),
            "deleted": bool(reply.deleted_at),
            "gone": reply.gone_text or "",
            # Clocks, stage and chatter follow a moment after the sending.
            "under_way": reply.state in ("queued", "sending")
            or (reply.state == "sent" and not reply.settled_at),
        }
