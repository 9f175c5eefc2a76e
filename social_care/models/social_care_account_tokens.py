import logging
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .. import networks

_logger = logging.getLogger(__name__)

TOKEN_LOCK_CLASS = 0x5C_70CE  # advisory locks of renewals; the second key is the account's id
MARGIN = timedelta(minutes=5)  # a token that ends so soon is renewed before it is used
RENEW_EVERY = timedelta(hours=24)  # some networks refuse to renew what is younger
RETRY_AFTER = timedelta(hours=1)  # where the network was out of order


class SocialCareAccount(models.Model):
    """How a login stays alive.

    A renewal may use up the refresh token, so it happens once however many workers need it,
    and is committed before anybody uses it.
    """

    _inherit = "social.care.account"

    access_expires_at = fields.Datetime(
        string="Access token expires on", readonly=True, copy=False, groups="base.group_system"
    )
    tokens_stored_at = fields.Datetime(
        string="Tokens stored on", readonly=True, copy=False, groups="base.group_system"
    )

    def write(self, vals):
        if "access_token" in vals:
            # The ends of the old token say nothing of one that was entered by hand.
            vals = {"access_expires_at": False, "token_expires_at": False, **vals}
        return super().write(vals)

    def _store_tokens(self, tokens):
        """Keep what a login or a renewal gave; a refresh token that was not given again stays.

        :param tokens: ``networks.Tokens``
        """
        self.ensure_one()
        values = {
            "access_token": tokens.access_token,
            "access_expires_at": tokens.access_expires_at or False,
            "token_expires_at": tokens.login_expires_at or False,
            "tokens_stored_at": fields.Datetime.now(),
        }
        if tokens.refresh_token:
            values["refresh_token"] = tokens.refresh_token
        self.sudo().write(values)

    def _call(self, method, *arguments):
        """Call a method of an adapter; a token that is no longer taken is renewed, once.

        Such a refusal proves that nothing was done, so the call can be repeated.

        :param method: bound to an adapter that :meth:`_get_adapter` gave
        :return: what it gives, without the account's secrets: servers may echo a request
        :raises networks.NetworkError: as the method does
        """
        adapter = method.__self__
        try:
            result = method(*arguments)
        except networks.AuthenticationError as error:
            if error.code != "token_expired" or not adapter.renews:
                raise
            adapter.credentials = self._renew_tokens(adapter.credentials.access_token)
            result = method(*arguments)
        return networks.scrub(result, adapter.credentials.secrets)

    def _get_fresh_credentials(self):
        """Credentials whose access token lasts for the next minutes.

        :raises networks.NetworkError: where it has ended and cannot be renewed now
        """
        account_sudo = self.sudo()
        network, now = self._get_network_class(), fields.Datetime.now()
        ends_at = account_sudo.access_expires_at
        if not network or not network.renews or not ends_at or ends_at - now > MARGIN:
            return self._get_credentials()
        try:
            return self._renew_tokens(account_sudo.access_token)
        except (networks.TransientError, networks.RateLimited) as error:
            if ends_at <= now:
                raise
            _logger.info("Account %s: the token is renewed later: %s", self.id, error)
            return self._get_credentials()

    def _renew_tokens(self, spent):
        """Renew the login where nobody else has done so.

        The lock is an advisory one in a cursor of its own: no row is locked while the network
        thinks. Waiting for a lock does not refresh a snapshot, so what is read and written
        under it has another cursor. The caller must not have written to the account.

        :param str spent: the access token the caller knows; another one is stored: it was renewed
        :return: ``networks.Credentials`` to go on with
        :raises networks.NetworkError: AuthenticationError where a person must log in again
        """
        self.ensure_one()
        with self.env.registry.cursor() as lock_cr:
            lock_cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", (TOKEN_LOCK_CLASS, self.id))
            with self.env.registry.cursor() as cr:
                account = self.with_env(api.Environment(cr, SUPERUSER_ID, {}))
                credentials, _left = account._run_unit(account._get_unlocked_credentials)
                if credentials.access_token == (spent or ""):
                    tokens = account._ask_for_tokens(credentials)
                    account._run_unit(partial(account._store_tokens, tokens))
                    credentials, _left = account._run_unit(account._get_credentials)
        secrets = ["access_token", "refresh_token", "access_expires_at", "token_expires_at"]
        self.invalidate_recordset(secrets, flush=False)
        return credentials

    def _get_unlocked_credentials(self):
        """Credentials as stored now, once it is sure that new ones can be stored as well."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM social_care_account WHERE id = %s FOR NO KEY UPDATE NOWAIT", self.id
            ),
            log_exceptions=False,
        )
        return self._get_credentials()

    def _ask_for_tokens(self, credentials):
        try:
            return self._make_adapter(credentials).renew()
        except networks.RejectedError as error:
            raise networks.AuthenticationError("cannot_renew", status=error.status) from None
        except networks.NetworkError as error:
            error.published = False  # whatever was to be sent has not been
            raise

    @api.model
    def _cron_refresh_tokens(self):
        """Renew every login that can be, so that none dies of not being used."""
        classes = self._get_network_classes()
        due = self.search(
            [
                ("network", "in", [code for code, network in classes.items() if network.renews]),
                ("state", "in", ("connected", "degraded", "paused")),
                ("practice", "=", False),
                ("access_token", "!=", False),
                "|",
                ("tokens_stored_at", "=", False),
                ("tokens_stored_at", "<=", fields.Datetime.now() - RENEW_EVERY),
            ]
        )
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for account_id in due.ids:
            self.browse(account_id)._refresh_tokens()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _refresh_tokens(self):
        """Renew one account's login; what goes wrong is this account's alone."""
        try:
            self._renew_tokens(self.access_token)
        except networks.AuthenticationError as error:
            self._forget_transaction()
            self._run_unit(partial(self._record_failure, error), processed=0)
        except networks.NetworkError as error:
            _logger.warning("Account %s: the login is renewed later: %s", self.id, error)
            self._forget_transaction()
            self._run_unit(self._refresh_again, processed=0)
        except Exception:
            _logger.exception("Account %s: renewing the login failed", self.id)
            self._forget_transaction()

    def _refresh_again(self):
        cron = self.env.ref("social_care.ir_cron_refresh_tokens")
        cron._trigger(fields.Datetime.now() + RETRY_AFTER)
