from datetime import timedelta
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import api, fields, http, models
from odoo.tools import config

from .. import networks

LATE_MINUTES = 30  # after its time, a scheduled action does not run at all


class SocialCareCheck(models.TransientModel):
    """Whether networks can call this Odoo, and whether its queues move."""

    _name = "social.care.check"
    _description = "Check of the social care set-up"

    findings = fields.Html(readonly=True, sanitize=False)

    @api.model
    def _open(self):
        """Look, and show what was found."""
        return self.create({"findings": self._describe()})._get_records_action(
            name=self.env._("Check of the set-up"), target="new", context={}
        )

    @api.model
    def _describe(self):
        """What was found, as a list for people."""
        good = Markup('<i class="fa fa-check text-success" title="%s"></i>') % self.env._("Fine")
        bad = Markup('<i class="fa fa-warning text-warning" title="%s"></i>') % self.env._(
            "Needs care"
        )
        lines = [
            Markup("<li>%s %s</li>") % (good if fine else bad, text) for fine, text in self._find()
        ]
        return Markup('<ul class="list-unstyled">%s</ul>') % Markup("").join(lines)

    @api.model
    def _find(self):
        """One (whether it is fine, a sentence) for each thing that must be right."""
        address = self.get_base_url()
        public = self._find_address(address)
        found = [public]
        if public[0]:
            found += [self._find_answer(address), self._find_proxy()]
        return [*found, self._find_database(address), self._find_threads(), *self._find_crons()]

    def _find_address(self, address):
        _, parts = self.env._, urlsplit(address)
        try:
            origin = networks.addresses.origin_of(address)
            networks.addresses.resolve(origin[1], origin[2], origin[0], allow_loopback=False)
        except networks.NetworkError:
            return False, _(
                "%(address)s is no public https address: networks cannot call it, and some refuse "
                "to log in from it. Polling works all the same. An administrator sets the "
                "system parameter web.base.url to the address that people outside use.",
                address=address,
            )
        return True, _("Odoo's address is public and uses https: %(host)s.", host=parts.netloc)

    def _find_answer(self, address):
        _ = self.env._
        transport = self.env["social.care.account"]._get_transport()
        try:
            answer = transport.request("GET", f"{address}/web/health", origin=address).json()
        except networks.NetworkError:
            answer = {}
        if isinstance(answer, dict) and answer.get("status") == "pass":
            return True, _("Odoo reaches itself at that address.")
        return False, _(
            "Odoo does not reach itself at %(address)s. Have the proxy pass “/” on to Odoo "
            "(proxy_pass in nginx, ProxyPass in Apache), and look at certificate and firewall. "
            "Where only the way from inside is closed, this can be ignored.",
            address=address,
        )

    def _find_proxy(self):
        if config["proxy_mode"]:
            return True, self.env._("Odoo knows that it stands behind a proxy.")
        return False, self.env._(
            "Odoo does not know that it stands behind a proxy. Set proxy_mode = True in its "
            "configuration file, and X-Forwarded-Host and X-Forwarded-Proto in the proxy."
        )

    def _find_database(self, address):
        _, name = self.env._, self.env.cr.dbname
        found = http.db_list(force=True, host=urlsplit(address).netloc)
        if found == [name]:
            return True, _("A call from outside finds this database.")
        return False, _(
            "%(count)s databases answer at this address, and a network's call says nothing of "
            "which one it means. Set dbfilter in Odoo's configuration file so that only "
            "“%(name)s” is left.",
            count=len(found),
            name=name,
        )

    def _find_threads(self):
        if config["max_cron_threads"]:
            return True, self.env._("This server runs scheduled actions.")
        return False, self.env._(
            "This server runs no scheduled actions. Set max_cron_threads = 2 in its configuration "
            "file, unless another server runs them."
        )

    def _find_crons(self):
        _ = self.env._
        data = self.env["ir.model.data"].sudo()
        ids = data.search([("module", "=", "social_care"), ("model", "=", "ir.cron")])
        crons = self.env["ir.cron"].sudo().browse(ids.mapped("res_id")).exists()
        limit = fields.Datetime.now() - timedelta(minutes=LATE_MINUTES)
        stopped = crons.filtered(lambda cron: not cron.active)
        late = (crons - stopped).filtered(lambda cron: cron.nextcall < limit)
        found = []
        if stopped:
            found.append(
                _(
                    "Switched off: %(names)s. Switch it on under Settings ▸ Technical ▸ "
                    "Scheduled Actions.",
                    names=stopped.mapped("name"),
                )
            )
        if late:
            found.append(
                _(
                    "Should have run half an hour ago: %(names)s. Look at Odoo's log and "
                    "at max_cron_threads.",
                    names=late.mapped("name"),
                )
            )
        if not found:
            return [(True, _("The scheduled actions run."))]
        return [(False, text) for text in found]
