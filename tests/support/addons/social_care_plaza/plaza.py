"""Plaza. Documentation: https://plaza.example/api, read 2026-11-22."""

from odoo.addons.social_care.networks import (
    Author,
    Mention,
    Network,
    Page,
    Profile,
    Published,
)
from odoo.addons.social_care.networks.exceptions import answering
from odoo.addons.social_care.networks.jsontext import part
from odoo.addons.social_care.networks.types import clean_datetime
from odoo.addons.social_care.networks.walk import listed, read_each, walk_back


class Plaza(Network):
    """A page on Plaza, by its access token."""

    code = "plaza"
    name = "Plaza"
    max_length = 280
    needs_base_url = True

    def verify(self):
        me = self._ask("GET", "/me")
        self.own_id = me.get("id")
        self._messages("")
        return Profile(external_id=self.own_id, handle=me.get("handle"), name=me.get("name"))

    def fetch(self, cursor, since):
        step = walk_back(cursor, since, self._messages, self._moment, self.clock())
        mentions, problems = read_each(step.items, self._mention)
        return Page(mentions, step.cursor, step.more, problems)

    def publish(self, reply):
        data = {"text": reply.body, "answers": reply.parent.external_id}
        with answering():
            post = self._mention(self._ask("POST", "/messages", json=data))
        return Published(post.external_id, post.url, post.posted_at)

    def find_published(self, reply, since):
        data = self._ask("GET", f"/messages/{reply.parent.external_id}/answers")
        posts = map(self._mention, listed(data, "messages"))
        return self.pick_published(reply, since, posts)

    def _messages(self, token):
        data = self._ask("GET", "/messages", params={"before": token} if token else {})
        return listed(data, "messages"), data.get("next") or ""

    @staticmethod
    def _moment(item):
        return clean_datetime(item.get("at"))

    def _mention(self, item):
        author = part(item, "author")
        own = author.get("id") == self.own_id
        return Mention(
            external_id=item["id"],
            kind="reply" if item.get("answers") else "mention",
            author=Author(
                external_id=author.get("id") or f"unknown:{item['id']}", name=author.get("name")
            ),
            body=item.get("text"),
            posted_at=item.get("at"),
            url=f"https://plaza.example/{item['id']}",
            thread_external_id=item.get("answers") or item["id"],
            parent_external_id=item.get("answers"),
            likes=item.get("likes"),
            raw=item,
            own=own,
            addressed=not own,
        )

    def _ask(self, method, path, **arguments):
        return self.ask(method, f"/api{path}", **arguments).data()
