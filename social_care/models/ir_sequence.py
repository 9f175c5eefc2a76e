from odoo import api, models
from odoo.tools import SQL

from odoo.addons.base.models.ir_sequence import _update_nogap

from .social_care_overrides import is_standard

# What next_by_code is made of.
DRAWING = ("next_by_code", "_next", "_next_do", "_get_current_sequence", "get_next_char")


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _social_care_draw(self, code, count):
        """As many numbers as ``next_by_code`` gives one after the other, drawn at once.

        :return: list of str; of False, where there is no such sequence
        """
        if not is_standard(self, *DRAWING):
            return [self.next_by_code(code) for _number in range(count)]
        self.browse().check_access("read")
        sequence = self.search(
            [("code", "=", code), ("company_id", "in", [self.env.company.id, False])],
            order="company_id",
            limit=1,
        )
        if not sequence:
            return [False] * count
        source = sequence._get_current_sequence(self.env.context.get("ir_sequence_date"))
        if source != sequence:
            sequence = sequence.with_context(ir_sequence_date_range=source.date_from)
        prefix, suffix = sequence._get_prefix_suffix()
        return [
            f"{prefix}{number:0{sequence.padding}d}{suffix}"
            for number in sequence._social_care_draw_from(source, count)
        ]

    def _social_care_draw_from(self, source, count):
        """The bare numbers.

        :param source: this sequence, or its date range that counts now
        """
        if self.implementation != "standard":
            step = self.number_increment
            first = _update_nogap(source, step * count)
            return [first + step * place for place in range(count)]
        name = "ir_sequence_" + "_".join(f"{item.id:03d}" for item in {self: 1, source: 1})
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
        )
        return [number for [number] in rows]
