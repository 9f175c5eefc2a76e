import logging
import re

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ..models.social_care_account_login import CALLBACK

# Also where the address is part of another one: the login page's, to come back from.
_QUERY = re.compile(rf"({CALLBACK.replace('/', '(?:/|%2F)')})(?:\?|%3F)\S*", re.IGNORECASE)


class _WithoutQuery(logging.Filter):
    """The server logs whole addresses, and a login comes back in one."""

    def filter(self, record):
        message = record.getMessage()
        shown = _QUERY.sub(r"\1", message)
        if shown != message:
            record.msg, record.args = shown, ()
        return True


logging.getLogger("werkzeug").addFilter(_WithoutQuery())


class SocialCareConnect(http.Controller):
    @http.route(CALLBACK, type="http", auth="user", methods=["GET"])
    def callback(self, state="", code="", error="", **_rest):
        """Where a network sends the browser after a login: to the account, or words and a way back."""
        account, verifier = request.env["social.care.login"]._consume(state)
        # Used up, whatever comes next: a repeated request must not exchange again.
        request.env.cr.commit()  # pylint: disable=invalid-commit
        try:
            connected, text = account._finish_login(code, verifier, error)
        except (AccessError, UserError) as refusal:
            request.env.cr.rollback()
            connected, text = False, str(refusal)
        way_back = f"/odoo/social-accounts/{account.id}" if account else "/odoo/social-accounts"
        if connected:
            return request.redirect(way_back)
        values = {"text": text, "way_back": way_back}
        return request.render("social_care.connect_problem", values)
