"""The tables of calls and countries, with sums of amounts."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from projects.figures.records import Records
from projects.list_index.facet_sets import amounts_by
from projects.models import AmountKind, Call
from projects.models.projects import SUMS, Money
from psf.charts.tables import Cell, Column, Table
from psf.text.numbers_and_amounts import number

NO_VALUE = "–"


def call_table(records: Records) -> Table:
    """Each public call, newest first, with the announced numbers."""
    columns = [
        Column("call", _("Call"), numeric=False),
        Column("received", _("Received")),
        Column("eligible", _("Eligible")),
        Column("funded", _("Funded")),
        Column("of_received", _("Funded of received, %")),
        Column("of_eligible", _("Funded of eligible, %")),
    ]
    rows = [
        [
            Cell(call.title, url=call.get_absolute_url()),
            *announced_cells(call),
            _rate(funded, received),
            _rate(funded, eligible),
        ]
        for call in reversed(records.calls)
        for received, eligible, funded in [call.announced_counts()]
    ]
    return Table("calls", _("Applications of each call, as announced"), columns, rows)


def coverage_table(records: Records) -> Table:
    """Each public call, newest first, with its projects here and their amounts."""
    amounts = amounts_by("call")
    kinds = _kinds_in(amounts)
    rows = [
        [
            Cell(call.title, url=call.get_absolute_url()),
            announced_cells(call)[2],
            Cell(here),
            *_amounts(amounts.get(call.pk, {}), kinds, here),
        ]
        for call in reversed(records.calls)
        for here in [records.sets.of("call", call.pk).bit_count()]
    ]
    columns = [
        Column("call", _("Call"), numeric=False),
        Column("funded", _("Funded, as announced")),
        Column("here", _("Projects on this site")),
        *_amount_columns(kinds, _("Projects without a published amount")),
    ]
    return Table("coverage", _("Projects and amounts of each call"), columns, rows)


def announced_cells(call: Call) -> list[Cell]:
    """The announced numbers of received, eligible and funded applications."""
    unknown = _("not yet published") if call.awaits_result() else ""
    return [Cell(count, unknown) for count in call.announced_counts()]


def _rate(part: int | None, total: int | None) -> Cell:
    """Per cent, if both numbers are known. A half is rounded up, as in spreadsheets."""
    if part is None or not total:
        return Cell(None, NO_VALUE)
    return Cell((200 * part + total) // (2 * total))


def country_table(records: Records) -> Table:
    """The countries with their projects, and with the amounts of those that they led."""
    amounts = amounts_by("country")
    kinds = _kinds_in(amounts)
    rows = [
        [
            Cell(line.country.name, url=line.country.get_absolute_url()),
            Cell(line.projects),
            Cell(line.led),
            *_amounts(amounts.get(line.country.code, {}), kinds, line.led),
        ]
        for line in records.lines
    ]
    columns = [
        Column("country", _("Country"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
        *_amount_columns(kinds, _("Led, without a published amount")),
    ]
    return Table("countries", _("Projects by country"), columns, rows)


def _kinds_in(amounts: Mapping[object, Mapping[str, Money]]) -> list[str]:
    """The kinds of amount in these sums, in their usual order."""
    kinds = {kind for by_kind in amounts.values() for kind in by_kind}
    return [kind for kind in SUMS if kind in kinds]


def _amount_columns(kinds: list[str], unknown: str) -> list[Column]:
    """A column for each kind, because kinds are never added, and one for unknown amounts."""
    heads = {
        AmountKind.CEILING: _("Highest possible, EUR"),
        AmountKind.AWARDED: _("Awarded, EUR"),
        AmountKind.FINAL: _("Paid in the end, EUR"),
        AmountKind.RETURNED: _("Returned, EUR"),
    }
    columns = [Column(kind, heads[AmountKind(kind)]) for kind in kinds]
    return [*columns, Column("unknown", unknown)]


def _amounts(by_kind: Mapping[str, Money], kinds: list[str], projects: int) -> list[Cell]:
    """The sums, kind by kind, and how many of the projects have no published amount."""
    sums = [by_kind[kind].total if kind in by_kind else None for kind in kinds]
    cells = [Cell(total, NO_VALUE if total is None else number(total)) for total in sums]
    unknown = by_kind.get(AmountKind.NOT_PUBLISHED)
    count = unknown.count if unknown else 0
    words = _("%(count)s of %(total)s") % {"count": number(count), "total": number(projects)}
    return [*cells, Cell(count, words if projects else NO_VALUE)]
