from odoo import api, models


class SocialCareQueue(models.AbstractModel):
    """What went wrong with a queue's row, in words: networks know no language."""

    _inherit = "social.care.queue"

    def _describe_error(self, code):
        """Sentence for people from a network's error code: what happened, what to do."""
        text = self._get_error_texts().get(code)
        return text or self.env._("Something went wrong (%(code)s).", code=code)

    @api.model
    def _get_error_texts(self):
        """Error code of ``networks`` → sentence; an addon with its own codes extends it."""
        _ = self.env._
        return {
            "token_missing": _("There is no access token. Ask an administrator to enter it."),
            "token_expired": _(
                "The network no longer accepts the login. Connect the account again."
            ),
            "bad_token": _("The access token has blanks or strange signs in it: copy it again."),
            "missing_permission": _(
                "The access token lacks a permission. Allow reading and writing posts."
            ),
            "rate_limited": _("Too many calls. We go on when the network allows it."),
            "unavailable": _("The network is out of order. We try again by ourselves."),
            "server_error": _("The network reports an error. We try again by ourselves."),
            "unreachable": _(
                "The server cannot be reached. Check its address, or try again later."
            ),
            "timeout": _("The network did not answer in time. We try again by ourselves."),
            "not_json": _("The server's answer is not what this network sends. Check the address."),
            "not_this_network": _("No server of this network answers there. Check the address."),
            "too_large": _("The server's answer is too large. Check the address."),
            "redirected": _("The server sends us elsewhere. Enter its final address."),
            "bad_address": _("The address must begin with https:// and name a server."),
            "insecure_address": _("The address must begin with https://."),
            "private_address": _("The address points into a private network. Enter a public one."),
            "foreign_origin": _("The server named another server. Nothing was sent there."),
            "bad_request": _("The network refused the request. Check the account's settings."),
            "network_error": _("Something went wrong between us and the network."),
            "rejected": _("The network refused this message. Change it and try again."),
            "not_found": _("The network does not know this post or address."),
            "no_id": _("The network took the answer but did not say where it is."),
            "parent_gone": _("The message you answer was deleted. Write to the customer anew."),
            "no_parent": _("The message to answer is not known any more."),
            "window_closed": _("The network's time for answering this customer has passed."),
            "no_public_reply": _("This can only be answered in private."),
            "no_private_reply": _("The network has no private answer to a public message."),
            "no_such_way": _("Choose another way to answer."),
            "no_direct": _(
                "The network lets you write only to people who wrote to you in private."
            ),
            "private_reply_used": _(
                "The network allows one private answer to a comment, and it has been sent."
            ),
            "not_allowed": _("The network does not allow an answer to this message."),
            "duplicate": _("The network refuses the same text twice. Change it a little."),
            "too_long": _("The network finds the text too long. Shorten it."),
            "bad_picture": _(
                "The network does not take this picture. Use a JPEG or PNG, and smaller."
            ),
            "no_gesture": _(
                "Not possible here: the network lacks it, the message is private or deleted, "
                "or the account is not connected."
            ),
            "cannot_like": _("This network has no likes for messages."),
            "cannot_hide": _("This network cannot hide messages."),
            "not_ours_to_hide": _("Only answers below your own posts can be hidden here."),
            "one_picture": _("A private message takes one picture here. Send the others after it."),
            "needs_app_token": _(
                "The app's own token is needed for this. Ask an administrator to enter it."
            ),
            "quota_exceeded": _("Today's calls to the network are used up. We go on tomorrow."),
            "reads_used_up": _(
                "This month's paid reads are used up. Raise the limit, or wait for the next month."
            ),
            "credit_used_up": _(
                "The credit at the network is used up. Pay in more in its developers' console."
            ),
            "login_refused": _("The network refused the login. Try again."),
            "cannot_log_in": _("This network has no login of its own: enter a token."),
            "cannot_renew": _("This login cannot be renewed by Odoo. Log in again."),
            "needs_app": _("Developer keys are needed first. Ask an administrator to enter them."),
            "access_revoked": _("The brand's account no longer lets Odoo in. Connect it again."),
            "cannot_publish": _("Answers cannot be sent through this kind of account."),
            "cannot_read_back": _(
                "Nobody can tell whether this was sent. Look on the network, then decide."
            ),
            "no_document": _("There is no file. Add one to the account."),
            "unreadable_document": _("The file is neither JSON Lines nor CSV. Check it."),
            "no_readable_row": _("No row of the file can be read. See “Not understood”."),
            "no_network": _("The add-on for this network is not installed."),
            "looks_alike": _(
                "Several posts look like this answer. Look, then say which one it is."
            ),
            "too_old": _(
                "It waited so long that it may make no sense any more. Send it or cancel it."
            ),
            "customer_deleted": _(
                "The customer deleted the message meanwhile. Send it anyway or cancel it."
            ),
            "closed_meanwhile": _(
                "The ticket was closed while it waited. Send it anyway or cancel it."
            ),
            "answered_meanwhile": _(
                "Another answer went out while it waited. Send it anyway or cancel it."
            ),
            "answer_gone": _("The answer is no longer there."),
            "cannot_edit": _("The network lets nobody change this answer. Write a further one."),
            "cannot_delete": _("The network lets nobody delete this answer. Write a further one."),
            "changed": _("It was changed after it was sent off. Read it and send it again."),
            "overtaken": _("It was no longer true by the time it could have been sent."),
            "set_aside": _("This did not work five times. Check it and try again."),
            "internal_error": _("Something went wrong in Odoo. The log tells more."),
            "comments_disabled": _("Comments are switched off there. Nobody can answer."),
            "hide_refused": _(
                "This cannot be hidden: it was deleted, or it is not on your own pages."
            ),
            "no_channel": _("This login has no channel. Log in as the brand's channel."),
        }
