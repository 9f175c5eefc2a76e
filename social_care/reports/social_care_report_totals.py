from odoo import api, models
from odoo.tools import SQL, Query

from .social_care_report_outcomes import SHARES

# In the context: no reader can send it.
ROLL_UP = object()
# Of the finest groups' values → of a coarser group.
COARSER = {
    "count": "COALESCE(SUM(%s), 0)::bigint",
    "sum": "SUM(%s)",
    "max": "MAX(%s)",
    "min": "MIN(%s)",
}
# Not the average of the rows: made of sums and counts.
COMPOSED = {f"{name}:avg" for name in (*SHARES, "kept_share")}


class RolledUp(Query):
    """A query over the finest groups of other rows, with the columns that were asked for.

    :param rows: the query whose rows are grouped
    :param tables: in turn what these rows are read from
    """

    def __init__(self, rows, tables):
        super().__init__(rows._env, rows.table)
        self.rows, self.tables = rows, tables
        self.groups, self.keys, self.parts = {}, [], {}

    def select(self, *args):
        self._tables[self.table] = SQL("(%s)", SQL(" UNION ALL ").join(self._select_finest()))
        return super().select(*args)

    def _select_finest(self):
        rows, columns = self.rows, {**self.groups, **self.parts}.items()
        rows.groupby = SQL(", ").join(self.keys)
        for table in self.tables:
            rows._tables[rows.table] = SQL("(%s)", table)
            yield rows.select(*(SQL("%s AS %s", sql, _column(spec)) for spec, sql in columns))


def _column(spec, *table):
    return SQL.identifier(*table, spec.replace(":", "__"))


class SocialCareReport(models.Model):
    """Totals of a pivot table, added up from its cells.

    All rows are read and grouped once, by everything at a time. PostgreSQL would group or sort
    each of them once more for each total.
    """

    _inherit = "social.care.report"

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        if len(grouping_sets) < 2 or not self._can_roll_up(grouping_sets, aggregates, order):
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        rolling_up = self.with_context(social_care_roll_up=ROLL_UP)
        return super(SocialCareReport, rolling_up)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )

    @api.model
    def _can_roll_up(self, grouping_sets, aggregates, order):
        """Whether coarser groups' figures follow from those of finer ones."""
        specs = {spec for groupby in grouping_sets for spec in groupby}
        ordered = {part.split()[0] for part in (order or "").split(",") if part.strip()}
        return (
            specs
            and not any("." in spec for spec in specs)
            and ordered <= {*specs, *aggregates}
            and all(self._is_additive(aggregate) for aggregate in aggregates)
        )

    @api.model
    def _is_additive(self, aggregate):
        name, _colon, function = aggregate.partition(":")
        if aggregate == "__count":
            return True
        if function == "avg":  # of integers it is a decimal
            return name in self._fields and self._fields[name].type == "float"
        return function in COARSER

    def _search(self, domain, *args, **kwargs):
        query = super()._search(domain, *args, **kwargs)
        if self.env.context.get("social_care_roll_up") is ROLL_UP and not query.is_empty():
            return RolledUp(query, self._sql_rows())
        return query

    def _read_group_groupby(self, alias, groupby_spec, query):
        if not isinstance(query, RolledUp):
            return super()._read_group_groupby(alias, groupby_spec, query)
        shown = super()._read_group_groupby(alias, groupby_spec, query.rows)
        key = SQL(str(len(query.groups) + 1))
        if groupby_spec == "network":
            # An account has one, and a million numbers are told apart sooner than names.
            key = self._field_to_sql(alias, "account_id", query.rows)
            shown = SQL("(SELECT network FROM social_care_account WHERE id = %s)", key)
        query.groups[groupby_spec] = shown
        query.keys.append(key)
        return _column(groupby_spec, alias)

    def _read_group_select(self, aggregate_spec, query):
        if not isinstance(query, RolledUp) or aggregate_spec in COMPOSED:
            return super()._read_group_select(aggregate_spec, query)
        name, _colon, function = aggregate_spec.partition(":")
        if function == "avg":
            return SQL(
                "%s / NULLIF(%s, 0)",
                self._read_group_select(f"{name}:sum", query),
                self._read_group_select(f"{name}:count", query),
            )
        query.parts[aggregate_spec] = super()._read_group_select(aggregate_spec, query.rows)
        coarser = SQL(COARSER[function or "count"], _column(aggregate_spec, query.table))
        if function == "sum" and self._fields[name].type == "integer":
            return SQL("%s::bigint", coarser)
        return coarser
