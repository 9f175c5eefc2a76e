import base64
import dataclasses
import hashlib
import json

from odoo import api, fields, models


class SocialCareDelivery(models.Model):
    """What a network sent, as it came: every call of a webhook, and what could not be understood."""

    _name = "social.care.delivery"
    _description = "Social care delivery"
    _inherit = ["social.care.queue"]
    _order = "received_at desc, id desc"

    app_id = fields.Many2one("social.care.app", ondelete="cascade", index="btree_not_null")
    account_id = fields.Many2one("social.care.account", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True)
    digest = fields.Char(required=True, readonly=True)
    body = fields.Binary(attachment=False, readonly=True)
    body_text = fields.Text(compute="_compute_body_text", string="As it came")
    line = fields.Integer(readonly=True, help="Line of the file it stands on.")
    state = fields.Selection(
        [("received", "Received"), ("processed", "Done"), ("failed", "Not understood")],
        default="received",
        required=True,
        readonly=True,
    )
    error_code = fields.Char(readonly=True)
    error_detail = fields.Char(readonly=True)
    error = fields.Char(compute="_compute_error")
    received_at = fields.Datetime(
        string="Received on", default=fields.Datetime.now, required=True, readonly=True
    )

    _digest_unique = models.UniqueIndex("(app_id, digest) WHERE app_id IS NOT NULL")
    _account_digest_unique = models.UniqueIndex(
        "(account_id, digest) WHERE account_id IS NOT NULL AND app_id IS NULL"
    )
    _queue = models.Index("(id) WHERE state = 'received'")
    _failed_kept = models.Index("(received_at) WHERE state = 'failed' AND body IS NOT NULL")

    @api.depends("app_id.company_id", "account_id.company_id")
    def _compute_company_id(self):
        for delivery in self:
            delivery.company_id = delivery.account_id.company_id or delivery.app_id.company_id

    @api.depends("error_code", "error_detail", "line")
    @api.depends_context("lang")
    def _compute_error(self):
        texts = self._get_error_texts() | self._get_problem_texts()
        for delivery in self:
            if not delivery.error_code:
                delivery.error = False
                continue
            text = texts.get(delivery.error_code) or texts["unreadable"]
            if delivery.error_detail:
                text = f"{text} ({delivery.error_detail})"
            if delivery.line:
                text = self.env._("Line %(line)s: %(text)s", line=delivery.line, text=text)
            delivery.error = text

    @api.depends("error", "state")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for delivery in self:
            delivery.display_name = delivery.error or states[delivery.state]

    @api.depends("body")
    def _compute_body_text(self):
        for delivery in self:
            delivery.body_text = (
                delivery._read_body().decode("utf-8", "replace").replace("\x00", "")
            )

    def _read_body(self):
        """The bytes as they came; none where they were let go."""
        return base64.b64decode(self.with_context(bin_size=False).body or b"")

    def _purge_body(self):
        """The digest stays, so that a replay counts for nothing."""
        self.write({"body": False})

    @api.model
    def _get_problem_texts(self):
        """Problem code → sentence for people."""
        _ = self.env._
        return {
            "bad_json": _("This line is no JSON."),
            "not_an_object": _("This line is JSON, but not an object with columns."),
            "missing_column": _("A column that is needed is empty."),
            "bad_date": _("A date cannot be read."),
            "row_too_long": _("This row is too long."),
            "bad_csv": _("This row is no CSV."),
            "unclosed_quote": _("A quotation mark is not closed."),
            "too_many_columns": _("This row has more columns than the first line names."),
            "unknown_event": _("The network tells of something that we do not know yet."),
            "no_owner": _("The network names an account that is not in Odoo."),
            "bad_item": _("The network sent something that cannot be understood."),
            "unreadable": _("This row cannot be understood."),
            "refused": _("The database refused a value."),
            "bad_call": _("This is no call that the network makes."),
        }

    @api.model
    def _keep_problems(self, account, problems):
        """Keep rows that a network's page could not explain; the same row once."""
        values = [
            {
                "account_id": account.id,
                "digest": hashlib.sha256(b"%d %s" % (problem.line, problem.body)).hexdigest(),
                "body": base64.b64encode(problem.body),
                "line": problem.line,
                "state": "failed",
                "error_code": problem.code,
                "error_detail": problem.detail,
            }
            for problem in problems
        ]
        digests = [item["digest"] for item in values]
        known = set(
            self.search([("account_id", "=", account.id), ("digest", "in", digests)]).mapped(
                "digest"
            )
        )
        fresh = {item["digest"]: item for item in values if item["digest"] not in known}
        return self.create(list(fresh.values()))

    @api.model
    def _keep_refused(self, account, item, error):
        """Keep a mention whose values PostgreSQL refused."""
        body = json.dumps(dataclasses.asdict(item), default=str).encode()
        return self.create(
            {
                "account_id": account.id,
                "digest": hashlib.sha256(body).hexdigest(),
                "body": base64.b64encode(body),
                "state": "failed",
                "error_code": "refused",
                "error_detail": type(error).__name__,
            }
        )
