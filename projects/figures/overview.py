"""The page of figures: each call's funnel, and projects and money by what they share."""

from decimal import Decimal

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.models import PartnerKind
from projects import amounts as money
from projects.figures.totals import Sums, Whole, kinds_in
from projects.models import AmountKind, Call
from psf.charts.charts import BarChart, bar_chart
from psf.charts.tables import Cell, Column, Table
from psf.text.numbers import number
from psf.text.urls import slug_url

# A picture shows this many, the table beside it all.
ON_A_PICTURE = 15
NOTHING = "–"
# Databases differ in how many noughts they give a sum.
CENT = Decimal("0.01")


def projects_in_words(count: int) -> str:
    words = ngettext("%(count)s project", "%(count)s projects", count)
    return words % {"count": number(count)}


def funnel_table(whole: Whole) -> Table:
    """Each public call with its announced numbers, and what is shown of it here."""
    columns = [
        Column("call", _("Call"), numeric=False),
        Column("received", _("Received")),
        Column("eligible", _("Eligible")),
        Column("funded", _("Funded")),
        Column("of_received", _("Funded of received, %")),
        Column("of_eligible", _("Funded of eligible, %")),
        Column("shown", _("Projects shown here")),
    ]
    rows = [_funnel(call, whole) for call in whole.calls]
    return _table("calls", _("Applications and grants of each call, as announced"), columns, rows)


def _funnel(call: Call, whole: Whole) -> list[Cell]:
    received, eligible, funded = call.announced_counts()
    shown = whole.of_call.get(call.pk)
    return [
        Cell(call.title, url=call.get_absolute_url()),
        Cell(received),
        Cell(eligible),
        Cell(funded),
        _rate(funded, received),
        _rate(funded, eligible),
        Cell(shown.projects if shown else 0),
    ]


def _rate(part: int | None, whole: int | None) -> Cell:
    """Per cent, where both numbers are known."""
    if part is None or whole is None:
        return Cell(None, NOTHING)
    return Cell(round(100 * part / whole)) if whole else Cell(None, NOTHING)


def funnel_picture(whole: Whole) -> BarChart:
    """The funnels of the newest calls of which any number is known."""
    words = [
        (_("%(number)d received"), _("received: not published")),
        (_("%(number)d eligible"), _("eligible: not published")),
        (_("%(number)d funded"), _("funded: not published")),
    ]
    groups: list[tuple[str, list[tuple[float | None, str]]]] = []
    for call in whole.calls:
        numbers = call.announced_counts()
        if any(number is not None for number in numbers):
            bars: list[tuple[float | None, str]] = [
                (number, unknown if number is None else known % {"number": number})
                for number, (known, unknown) in zip(numbers, words, strict=True)
            ]
            groups.append((call.title, bars))
    return bar_chart(
        "funnel",
        _("From application to grant"),
        _("For each call three bars: applications received, eligible and funded."),
        groups[:ON_A_PICTURE],
    )


def year_table(whole: Whole) -> Table:
    lines = whole.years()
    calls = reverse("projects:call-list")
    first = [
        Cell(line.key, str(line.key), f"{calls}?year={line.key}")
        if line.key
        else Cell(None, _("not known"))
        for line in lines
    ]
    head = Column("year", _("Year"), numeric=False)
    return _sums_table(
        "years", _("Projects by the year in which their call closed"), head, first, lines
    )


def priority_table(whole: Whole) -> Table:
    lines = whole.priorities
    projects = reverse("projects:project-list")
    first = [
        Cell(line.label, url=f"{projects}?priority={line.key}")
        if line.key
        else Cell(None, _("not published"))
        for line in lines
    ]
    head = Column("priority", _("Priority"), numeric=False)
    return _sums_table("priorities", _("Projects by priority"), head, first, lines)


def country_table(whole: Whole) -> Table:
    lines = whole.countries
    first = [
        Cell(line.label, url=slug_url("partners:country-detail", line.key.lower()))
        for line in lines
    ]
    head = Column("country", _("Country"), numeric=False)
    return _sums_table("countries", _("Projects by country"), head, first, lines, led=True)


def kind_table(whole: Whole) -> Table:
    lines = whole.kinds
    projects = reverse("projects:project-list")
    first = [
        Cell(str(capfirst(PartnerKind(line.key).label)), url=f"{projects}?kind={line.key}")
        if line.key
        else Cell(None, _("only the country is known"))
        for line in lines
    ]
    head = Column("kind", _("Kind of partner"), numeric=False)
    return _sums_table("kinds", _("Projects by kind of partner"), head, first, lines, led=True)


def _sums_table(
    name: str, caption: str, head: Column, first: list[Cell], lines: list[Sums], led: bool = False
) -> Table:
    """The sums, with a column for each kind of amount that occurs."""
    kinds = kinds_in(lines)
    columns = [head, Column("projects", _("Projects"))]
    columns += [Column("led", _("Led"))] if led else []
    columns += [Column(kind, amount_heads()[kind]) for kind in kinds]
    columns.append(Column("unknown", _("Projects without a published amount")))
    rows = [
        [cell, Cell(line.projects), *([Cell(line.led)] if led else []), *_amounts(line, kinds)]
        for cell, line in zip(first, lines, strict=True)
    ]
    return _table(name, caption, columns, rows)


def _amounts(line: Sums, kinds: list[str]) -> list[Cell]:
    """Its amounts, kind by kind, and how many of its projects have none that is published."""
    cells = []
    for kind in kinds:
        amounts = line.amounts.get(kind)
        if amounts is None or amounts.total is None:
            cells.append(Cell(None, NOTHING))
        else:
            cells.append(Cell(amounts.total.quantize(CENT), number(amounts.total)))
    unknown = line.amounts.get(AmountKind.NOT_PUBLISHED)
    return [*cells, Cell(unknown.count if unknown else 0)]


def amount_heads() -> dict[str, str]:
    return {
        AmountKind.CEILING: _("Ceilings: at most, EUR"),
        AmountKind.AWARDED: _("Awarded, EUR"),
        AmountKind.FINAL: _("Paid in the end, EUR"),
        AmountKind.RETURNED: _("Returned, EUR"),
    }


def _table(name: str, caption: str, columns: list[Column], rows: list[list[Cell]]) -> Table:
    address = reverse("figures:overview-csv", args=[name])
    return Table(name, caption, columns, rows, csv_url=address)


def sums_picture(table: Table, title: str) -> BarChart:
    """The numbers of projects of a table of sums; and of those led, where it has them."""
    led = table.column_index(f"{table.name}.led")
    groups: list[tuple[str, list[tuple[float | None, str]]]] = []
    for row in table.rows[:ON_A_PICTURE]:
        count = row[1].value
        assert isinstance(count, int)
        bars: list[tuple[float | None, str]] = [(count, projects_in_words(count))]
        if led is not None:
            value = row[led].value
            assert isinstance(value, int)
            bars.append((value, _("%(count)s led") % {"count": number(value)}))
        groups.append((row[0].text or str(row[0].value), bars))
    description = _("Bars with their numbers: the table beside it has the same, and the amounts.")
    return bar_chart(f"{table.name}-picture", title, description, groups)


def money_picture(lines: list[Sums]) -> BarChart:
    """The amounts of each year, a bar for each kind."""
    words = {
        AmountKind.CEILING: _("at most %(sum)s"),
        AmountKind.AWARDED: _("%(sum)s awarded"),
        AmountKind.FINAL: _("%(sum)s paid in the end"),
        AmountKind.RETURNED: _("%(sum)s returned"),
    }
    kinds = kinds_in(lines)
    groups: list[tuple[str, list[tuple[float | None, str]]]] = []
    for line in lines[:ON_A_PICTURE]:
        bars: list[tuple[float | None, str]] = []
        for kind in kinds:
            if (amounts := line.amounts.get(kind)) and amounts.total is not None:
                sum_in_words = words[AmountKind(kind)] % {"sum": money.eur(amounts.total)}
                bars.append((float(amounts.total), sum_in_words))
        label = str(line.key or _("not known"))
        groups.append((label, bars or [(None, _("amount not published"))]))
    title = _("Amounts by year, each kind for itself")
    description = _("Ceilings, awards and what was paid in the end are never added to each other.")
    return bar_chart("money", title, description, groups)
