import logging

from odoo import http
from odoo.http import request

from .. import networks

_logger = logging.getLogger(__name__)

MAX_BODY = 2 * 1024 * 1024  # bytes; networks send far less


class SocialCareWebhook(http.Controller):
    """Where networks call us: proven, stored, answered within milliseconds; read later."""

    @http.route(
        "/social_care/webhook/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=MAX_BODY,
    )
    def webhook(self, token, **_query):
        """Answer a network: 404 for an address that is nobody's, 403 for what is not proven."""
        app_sudo = request.env["social.care.app"].sudo()._find_by_webhook_token(token)
        if not app_sudo._get_network_class():
            return self._refuse(404)
        if request.httprequest.method == "POST":
            return self._receive(app_sudo)
        return self._prove(app_sudo)

    def _prove(self, app_sudo):
        """The network's handshake: prove that the address is ours."""
        query = request.httprequest.args.to_dict()
        try:
            answer = app_sudo._get_network_class().answer_challenge(query, app_sudo._get_keys())
        except networks.RejectedError:
            return self._refuse(404)
        if answer is None:
            _logger.warning("App %s: a webhook's handshake was refused", app_sudo.id)
            return self._refuse(403)
        content_type, text = answer
        return request.make_response(text, [("Content-Type", content_type)])

    def _receive(self, app_sudo):
        """A call: nothing but its signature is looked at before it is stored."""
        headers = request.httprequest.headers
        if headers.get("Content-Encoding"):
            return self._refuse(415)
        body = request.httprequest.get_data()
        if not app_sudo._is_signed(body, headers):
            _logger.warning("App %s: a webhook's signature was refused", app_sudo.id)
            return self._refuse(403)
        request.env["social.care.delivery"].sudo()._receive(app_sudo, body)
        return request.make_response("")

    def _refuse(self, status):
        """Say no more than the number: whoever asks has proven nothing."""
        return request.make_response("", status=status)
