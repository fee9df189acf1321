"""The page of figures: the funnel of each call; projects and amounts by group."""

from dataclasses import replace

from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country, PartnerKind
from projects.figures.totals import (
    Sums,
    Totals,
    amount_kinds_in,
    announced_cells,
    words_before_result,
    year_words,
)
from projects.list_index.facet_sets import public_sets
from projects.models import AmountKind, Call
from projects.pages.filters import ProjectFilterSet
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.charts.bars import BarChart, Bars, bar_chart
from psf.charts.tables import Cell, Column, Table
from psf.database.keysets import sizes
from psf.text.numbers import eur, number
from psf.text.slugs import slug_url

PARAMETERS = [name for name in ProjectFilterSet.base_filters if name != "sort"]


def filter_of(query: QueryDict) -> ProjectFilterSet:
    """The filter of the list of projects, with the same parameters."""
    parameters = query.copy()
    parameters.pop("sort", None)
    return ProjectFilterSet(parameters)


def country_numbers(filters: ProjectFilterSet) -> dict[str, tuple[str, int, int]]:
    """By country code: the name, projects with a partner there, and projects led from there."""
    facets = public_sets().values
    joined, led = (sizes(facets[name], filters.remaining) for name in ["country", "lead"])
    names = Country.objects.filter(pk__in=joined).values_list("code", "name")
    return {code: (name, joined[code], led.get(code, 0)) for code, name in names}


def project_map(numbers: dict[str, tuple[str, int, int]]) -> BalticMap:
    return baltic_map({code: projects for code, (_name, projects, _led) in numbers.items()})


def project_map_table(numbers: dict[str, tuple[str, int, int]], query: QueryDict) -> Table:
    """The numbers of the map, most projects first; `query` has the parameters of the filter."""
    lines = sorted(numbers.items(), key=lambda line: (-line[1][1], line[1][0]))
    rows = [
        [
            Cell(name, url=slug_url("partners:country-detail", code.lower())),
            Cell(projects),
            Cell(led),
        ]
        for code, (name, projects, led) in lines
    ]
    columns = [
        Column("country", _("Country"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
    ]
    address = f"{reverse('figures:map-data', args=['csv'])}?{query.urlencode()}".rstrip("?")
    return Table("places", _("Projects by country"), columns, rows, csv_url=address)


# A chart shows this many groups; the table shows all.
MAX_GROUPS = 15
NO_VALUE = "–"


def funnel_table(totals: Totals) -> Table:
    """Each public call with the announced numbers and the number of public projects."""
    columns = [
        Column("call", _("Call"), numeric=False),
        Column("received", _("Received")),
        Column("eligible", _("Eligible")),
        Column("funded", _("Funded")),
        Column("of_received", _("Funded of received, %")),
        Column("of_eligible", _("Funded of eligible, %")),
        Column("shown", _("Projects on this site")),
    ]
    rows = [_funnel(call, totals) for call in totals.calls]
    return _table("calls", _("Applications and grants of each call, as announced"), columns, rows)


def _funnel(call: Call, totals: Totals) -> list[Cell]:
    received, eligible, funded = call.announced_counts()
    return [
        Cell(call.title, url=call.get_absolute_url()),
        *announced_cells(call),
        _rate(funded, received),
        _rate(funded, eligible),
        Cell(totals.by_call.get(call.pk, 0)),
    ]


def _rate(part: int | None, total: int | None) -> Cell:
    """Per cent, if both numbers are known. A half is rounded up, as in spreadsheets."""
    if part is None or not total:
        return Cell(None, NO_VALUE)
    return Cell((200 * part + total) // (2 * total))


def funnel_picture(totals: Totals) -> BarChart:
    """The funnels of the newest calls with at least one known number."""
    labels = [
        (_("%(number)d received"), _("received: not published")),
        (_("%(number)d eligible"), _("eligible: not published")),
        (_("%(number)d funded"), _("funded: not published")),
        (_("%(number)d in these records"), ""),
    ]
    groups: list[tuple[str, Bars]] = []
    for call in totals.calls:
        announced = call.announced_counts()
        if any(count is not None for count in announced):
            numbers = [*announced, totals.by_call.get(call.pk, 0)]
            bars: Bars = [
                (count, unpublished if count is None else published % {"number": count})
                for count, (published, unpublished) in zip(numbers, labels, strict=True)
            ]
            groups.append((call.title, bars))
    return bar_chart(
        "funnel",
        _("From application to grant"),
        _("Bars per call: applications received, eligible and funded; projects in these records."),
        groups[:MAX_GROUPS],
        looks=[2, 1, 0, 3],  # the solid bar is "funded"
    )


def year_table(totals: Totals) -> Table:
    """The years with a public call: announced and recorded projects, and the amounts."""
    by_year = {line.key: line for line in totals.years}
    calls = totals.calls_by_year()
    years = sorted(calls, key=lambda year: year or 0, reverse=True)
    address = reverse("projects:call-list")
    first = [
        Cell(year, year_words(year), f"{address}?year={year}" if year else "") for year in years
    ]
    head = Column("year", _("Year"), numeric=False)
    caption = _("Projects by the closing year of the call")
    lines = [by_year.get(year, Sums(year)) for year in years]
    table = _sums_table("years", caption, head, first, lines)
    announced = Column("announced", _("Funded, as announced"))
    unannounced = Column("unannounced", _("Calls without an announced number"))
    return replace(
        table,
        columns=[table.columns[0], announced, *table.columns[1:], unannounced],
        rows=[
            [row[0], _announced(totals, calls[year]), *row[1:], _unannounced(calls[year])]
            for year, row in zip(years, table.rows, strict=True)
        ],
    )


def _announced(totals: Totals, calls: list[Call]) -> Cell:
    """The announced projects of the calls of a year, and how many calls announced a number."""
    coverage = totals.coverage(calls)
    if not coverage.calls:
        return Cell(None, words_before_result(calls))
    if coverage.calls == len(calls):
        return Cell(coverage.announced)
    values = {"number": number(coverage.announced), "calls": coverage.calls, "all": len(calls)}
    return Cell(coverage.announced, _("%(number)s (%(calls)d of %(all)d calls)") % values)


def _unannounced(calls: list[Call]) -> Cell:
    return Cell(sum(call.announced_counts().funded is None for call in calls))


def _time_axis(totals: Totals) -> list[int | None]:
    """Every year from the newest to the oldest, with years without a call; last the unknown."""
    years = totals.calls_by_year()
    known_years = [year for year in years if year]
    axis = [*range(max(known_years), min(known_years) - 1, -1)][:MAX_GROUPS] if known_years else []
    return [*axis, *([None] if None in years else [])]


def year_picture(totals: Totals, table: Table) -> BarChart:
    """The announced and the recorded projects of each year, from the table of years."""
    rows = {row[0].value: row for row in table.rows}
    groups: list[tuple[str, Bars]] = []
    for year in _time_axis(totals):
        bars: Bars = [(None, _("no call in these records"))]
        if row := rows.get(year):
            _year, announced, recorded = row[:3]
            if announced.value is None:
                text = _("announced: %(words)s") % {"words": announced.text or _("not published")}
            else:
                text = _("%(count)s announced") % {"count": announced.words}
            here = _("%(count)s in these records") % {"count": recorded.words}
            bars = [(_size(announced), text), (_size(recorded), here)]
        groups.append((year_words(year), bars))
    description = _("Bars per year: funded projects as announced; projects in these records.")
    return bar_chart("years-picture", _("Projects by year"), description, groups)


def _size(cell: Cell) -> int | None:
    return cell.value if isinstance(cell.value, int) else None


def priority_table(totals: Totals) -> Table:
    lines = totals.priorities
    projects = reverse("projects:project-list")
    first = [
        Cell(line.label, url=f"{projects}?priority={line.key}")
        if line.key
        else Cell(None, _("not known"))
        for line in lines
    ]
    head = Column("priority", _("Priority"), numeric=False)
    return _sums_table("priorities", _("Projects by priority"), head, first, lines)


def country_table(totals: Totals) -> Table:
    lines = totals.countries
    first = [
        Cell(line.label, url=slug_url("partners:country-detail", line.key.lower()))
        for line in lines
    ]
    head = Column("country", _("Country"), numeric=False)
    return _sums_table("countries", _("Projects by country"), head, first, lines, led=True)


def kind_table(totals: Totals) -> Table:
    lines = totals.kinds
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
    """The sums, with one column per kind of amount in the data."""
    kinds = amount_kinds_in(lines)
    columns = [head, Column("projects", _("Projects"))]
    columns += [Column("led", _("Led"))] if led else []
    columns += [Column(kind, amount_heads()[kind]) for kind in kinds]
    unknown = _("Projects without a published amount")
    columns.append(Column("unknown", _("Led, without a published amount") if led else unknown))
    rows = [
        [cell, Cell(line.projects), *([Cell(line.led)] if led else []), *_amounts(line, kinds)]
        for cell, line in zip(first, lines, strict=True)
    ]
    return _table(name, caption, columns, rows)


def _amounts(line: Sums, kinds: list[str]) -> list[Cell]:
    """The amounts, kind by kind, and the number of projects led without a published amount."""
    totals = [line.total(kind) for kind in kinds]
    cells = [Cell(total, NO_VALUE if total is None else number(total)) for total in totals]
    count = line.unpublished()
    words = _("%(count)s of %(total)s") % {"count": number(count), "total": number(line.led)}
    return [*cells, Cell(count, words if line.led else NO_VALUE)]


def amount_heads() -> dict[str, str]:
    return {
        AmountKind.CEILING: _("Highest possible, EUR"),
        AmountKind.AWARDED: _("Awarded, EUR"),
        AmountKind.FINAL: _("Paid in the end, EUR"),
        AmountKind.RETURNED: _("Returned, EUR"),
    }


def _table(name: str, caption: str, columns: list[Column], rows: list[list[Cell]]) -> Table:
    address = reverse("figures:overview-data", args=[name, "csv"])
    return Table(name, caption, columns, rows, csv_url=address)


def sums_picture(table: Table) -> BarChart:
    """A bar for the projects of each row, and one for the projects led if the table has them."""
    led = table.column_index(f"{table.name}.led")
    groups: list[tuple[str, Bars]] = []
    for row in table.rows[:MAX_GROUPS]:
        bars: Bars = [(_size(row[1]), _("%(count)s in these records") % {"count": row[1].words})]
        if led is not None:
            bars.append((_size(row[led]), _("%(count)s led") % {"count": row[led].words}))
        groups.append((row[0].text or str(row[0].value), bars))
    description = _("Bars with numbers. The table shows the same numbers and the amounts.")
    return bar_chart(f"{table.name}-picture", table.caption, description, groups)


def money_picture(totals: Totals) -> BarChart:
    """The amounts of each year, one bar per kind."""
    by_year = {line.key: line for line in totals.years}
    labels = {
        AmountKind.CEILING: _("at most %(sum)s"),
        AmountKind.AWARDED: _("%(sum)s awarded"),
        AmountKind.FINAL: _("%(sum)s paid in the end"),
        AmountKind.RETURNED: _("%(sum)s returned"),
    }
    kinds = amount_kinds_in(by_year.values())
    groups: list[tuple[str, Bars]] = []
    for year in _time_axis(totals):
        line = by_year.get(year)
        if line is None:
            groups.append((year_words(year), [(None, _("no project in these records"))]))
            continue
        bars: Bars = []
        for kind in kinds:
            if (total := line.total(kind)) is not None:
                bars.append((float(total), labels[AmountKind(kind)] % {"sum": eur(total)}))
        published = line.led - line.unpublished()
        counts = {
            "year": year_words(year),
            "count": number(published),
            "total": number(line.led),
        }
        label = _("%(year)s (%(count)s of %(total)s amounts published)") % counts
        groups.append((label, bars or [(None, _("amount not published"))]))
    title = _("Amounts by year and kind")
    description = _("Ceilings, awards and final payments are never added together.")
    return bar_chart("money", title, description, groups)
