import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from .. import networks

# At DEBUG Odoo writes what an administrator enters; always, the addresses that are called, and
# networks put a login's code or the webhook's word of proof into them.
for logger in ("odoo.service.model", "werkzeug"):
    logging.getLogger(logger).addFilter(networks.Redacting())


def secret(**attributes):
    """A credential as a field: for system administrators alone, neither copied nor exported."""
    return fields.Char(copy=False, exportable=False, groups="base.group_system", **attributes)


class SocialCareSecret(models.AbstractModel):
    """Credentials are written apart from the rest: a failed statement logs its values."""

    _name = "social.care.secret"
    _description = "Social care secret"

    _secret_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        apart = [self._take_secrets(vals) for vals in vals_list]
        records = super().create([rest for _secrets, rest in apart])
        for record, (secrets, _rest) in zip(records, apart, strict=True):
            record._write_secrets(secrets)
        return records

    def write(self, vals):
        self._check_required(vals)
        secrets, rest = self._take_secrets(vals)
        result = super().write(rest)
        self._write_secrets(secrets)
        return result

    @api.model
    def _check_required(self, vals):
        """Refuse what PostgreSQL would refuse with a message that shows the whole row."""
        for name, value in vals.items():
            field = self._fields.get(name)
            if field and field.required and value in (False, None, ""):
                label = field.get_description(self.env, ["string"])["string"]
                raise ValidationError(self.env._("Enter something in “%(field)s”.", field=label))

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if any(path and path[0] in self._secret_fields for path in fields):
            raise AccessError(self.env._("Keys and tokens are never exported."))
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @api.model
    def _take_secrets(self, vals):
        """Split values into secrets and the rest.

        :raises AccessError: where the user may not set such a field
        """
        secrets = {name: vals[name] for name in self._secret_fields if name in vals}
        for name in secrets:
            self._check_field_access(self._fields[name], "write")
        return secrets, {name: value for name, value in vals.items() if name not in secrets}

    def _write_secrets(self, secrets):
        """The one helper that stores secrets; its statements are never logged."""
        if not secrets or not self:
            return
        self.flush_recordset()
        for name, value in secrets.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                    SQL.identifier(self._table),
                    SQL.identifier(name),
                    value or None,
                    list(self.ids),
                ),
                log_exceptions=False,
            )
        self.invalidate_recordset(list(secrets), flush=False)
        self.modified(list(secrets))
