"""Facebook Login, which opens pages and the Instagram accounts linked to them.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow,
/guides/access-tokens/get-long-lived and /auth-vs-data, read 2026-11-22.

A page token made with a long-lived user token does not end by itself: there is nothing that Odoo
could renew. 90 days after the login the app loses access to the data (``data_access_expires_at``)
and a person has to log in again. A new password or another role in the page ends it at once.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from .access import Login, Tokens
from .base import words as _
from .exceptions import AuthenticationError, RejectedError
from .jsontext import dicts, part
from .meta import VERSION, Graph

DIALOG = "https://www.facebook.com"
MAX_PAGES = 1000  # of one login
CONSOLE = "https://developers.facebook.com/apps/"
DEMANDS = (
    _("A public https address of this Odoo, for Meta's calls."),
    _("Verification of your business by Meta: some days."),
    _(
        "Review of the app by Meta: one to four weeks. Ask for Human Agent as well, to answer "
        "private messages for seven days and not only for 24 hours. All of it is free."
    ),
)
MEANWHILE = _(
    "Before the review, everything works for people who have a role in the app: connect "
    "what you manage yourself and write to it as a tester. Without a public address, "
    "Odoo looks for news every few minutes."
)
FIRST_STEPS = (
    _("Create an app for a business in Meta's console."),
    _("Add Facebook Login for Business and enter the callback address there."),
    _("Copy the app's ID and secret from its basic settings into the keys here."),
)


class PageLogin(Graph):
    """Code flow: code, user token, long-lived user token, a token for each page."""

    login = "oauth"
    needs_app = True

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Facebook's dialog; it takes no PKCE beside the app's secret."""
        query = {
            "client_id": self.credentials.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "response_type": "code",
            "scope": ",".join(self.guide.permissions),
        }
        base = self.credentials.base_url.rstrip("/") or DIALOG
        return f"{base}/{VERSION}/dialog/oauth?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The pages (or their Instagram accounts) that the person chose; none may be left."""
        app = {
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
        }
        path, asked = "oauth/access_token", {**app, "redirect_uri": redirect_uri, "code": code}
        try:
            short = self._call("GET", path, None, params=asked)
        except (RejectedError, AuthenticationError) as error:
            raise AuthenticationError("login_refused", status=error.status) from None
        asked = {
            "grant_type": "fb_exchange_token",
            "fb_exchange_token": str(short.get("access_token")),
        }
        long = self._call("GET", path, None, params={**app, **asked})
        user_token = str(long.get("access_token") or "")
        asked = {"input_token": user_token}
        known = self._call("GET", "debug_token", "|".join(app.values()), params=asked)
        ends_at = part(known, "data").get("data_access_expires_at") or None
        return [
            Login(profile, Tokens(str(page["access_token"]), login_expires_at=ends_at))
            for page in self._pages_of(user_token)
            if (profile := self._profile(page)).external_id and page.get("access_token")
        ]

    def _pages_of(self, user_token: str) -> list[dict[str, Any]]:
        pages, after = list[dict[str, Any]](), ""
        while len(pages) < MAX_PAGES:
            params = {"fields": f"access_token,{self.account_fields}", "limit": 100, "after": after}
            data = self._call("GET", "me/accounts", user_token, params=params)
            pages += dicts(data, "data")
            after = str(part(part(data, "paging"), "cursors").get("after") or "")
            if not after or not part(data, "paging").get("next"):
                break
        return pages
