"""Two to four projects, countries or calls side by side."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country
from projects import amounts as money
from projects.figures import cooperation
from projects.figures.totals import Sums, grouped, in_words
from projects.models import Call, ListedPart, Project
from psf.caching.memo import cached_until_change
from psf.charts.tables import Cell
from psf.text.languages import foreign_language
from psf.text.phrases import join_names

KINDS = ["project", "country", "call"]
MOST = 4


class Choice(NamedTuple):
    """A record that can be compared with others, and whether the address names it."""

    slug: str
    label: str
    chosen: bool


class Comparison(NamedTuple):
    """What is compared: a head for each, and a line of as many cells for each fact."""

    kind: str
    heads: list[Cell]
    lines: list[tuple[str, list[Cell]]]


def kind_of(query: QueryDict) -> str:
    """Of what kind the first is that the address names; "" if it names nothing."""
    return next((kind for kind in KINDS if query.getlist(kind)), "")


def compared(kind: str, slugs: list[str]) -> Comparison:
    """Those of the records that are public, in the order of the address."""
    find = {"project": _projects, "country": _countries, "call": _calls}[kind]
    return find(slugs[:MOST])


def choices(kind: str, slugs: list[str]) -> dict[str, list[Choice]]:
    """What can be chosen on the page itself, by kind: every country or call, not every project."""
    return {
        name: [
            Choice(slug, label, name == kind and slug in slugs)
            for slug, label in (_all_public(name) if kind in ("", name) else [])
        ]
        for name in ["country", "call"]
    }


@cached_until_change.each
def _all_public(kind: str) -> list[tuple[str, str]]:
    """The last parts of the addresses, and the names."""
    if kind == "country":
        return list(Country.objects.public().values_list("slug", "name"))
    return list(Call.objects.public().values_list("slug", "title"))


def _in_order(rows: Any, slugs: list[str]) -> list[Any]:
    found = {row.slug: row for row in rows.filter(slug__in=slugs)}
    return [found[slug] for slug in slugs if slug in found]


def _lines(
    rows: list[Any], facts: list[tuple[str, Callable[[Any], Any]]]
) -> list[tuple[str, list[Cell]]]:
    return [(label, [_cell(fact(row)) for row in rows]) for label, fact in facts]


def _cell(value: Any) -> Cell:
    return value if isinstance(value, Cell) else Cell(None if value in ("", None) else str(value))


def _projects(slugs: list[str]) -> Comparison:
    rows = Project.objects.public().for_page().prefetch_related("priorities", "topics")
    projects = _in_order(rows, slugs)
    facts: list[tuple[str, Callable[[Project], Any]]] = [
        (_("Call"), lambda row: Cell(row.call.title, url=row.call.get_absolute_url())),
        (_("Status"), lambda row: capfirst(row.get_status_display())),
        (_("Period"), lambda row: row.period()),
        (_("Grant"), lambda row: _amount(money.of_project(row))),
        (
            _("Total budget"),
            lambda row: _eur(row.total_budget_eur),
        ),
        (_("Lead partner"), _lead),
        (_("Countries"), lambda row: join_names(row.countries())),
        (_("Partners"), lambda row: len(row.partnerships.all())),
        (_("Priorities"), lambda row: join_names(row.priorities.all())),
        (_("Topics"), lambda row: join_names(row.topics.all())),
        (_("Summary"), lambda row: row.summary),
    ]
    heads = [
        Cell(row.title, url=row.get_absolute_url(), language=foreign_language(row.title_language))
        for row in projects
    ]
    return Comparison("project", heads, _lines(projects, facts) + _in_common(projects))


def _amount(amount: money.Amount) -> str:
    return "" if amount.value is None else str(amount)


def _lead(project: Project) -> Cell:
    lead = project.lead()
    if lead and lead.partner:
        name, language = lead.partner.name, foreign_language(lead.partner.name_language)
        return Cell(name, url=lead.partner.get_absolute_url(), language=language)
    return _cell(lead and lead.country)


def _in_common(projects: list[Project]) -> list[tuple[str, list[Cell]]]:
    """The organisations and the countries that take part in all of them, said under each."""
    if len(projects) < 2:
        return []
    countries = [{row.country for row in project.partnerships.all()} for project in projects]
    partners = [
        {row.partner for row in project.partnerships.all() if row.partner} for project in projects
    ]
    return [
        (_("Countries in common"), [_all_in(countries)] * len(projects)),
        (_("Organisations in common"), [_all_in(partners)] * len(projects)),
    ]


def _all_in(sets: list[Any]) -> Cell:
    return Cell(join_names(sorted(str(each) for each in set.intersection(*sets))) or _("none"))


def _countries(slugs: list[str]) -> Comparison:
    countries = _in_order(Country.objects.public().for_list().with_memberships(), slugs)
    today = timezone.localdate()
    amounts = _money_led([country.pk for country in countries])
    shared = {pair.codes: pair.projects for pair in cooperation.shared().pairs}
    facts: list[tuple[str, Callable[[Country], Any]]] = [
        (_("In the CBSS today"), lambda row: _standing(row, today)),
        (_("Projects"), lambda row: row.number_of_projects),
        (_("Led"), lambda row: row.number_led),
        (_("Organisations"), lambda row: row.number_of_partners),
        (_("Amounts of the projects led"), lambda row: Cell(in_words(amounts.get(row.pk)) or "–")),
        *(
            (
                _("Projects shared with %(country)s") % {"country": other},
                lambda row, other=other: _shared_with(shared, row, other),
            )
            for other in countries
        ),
    ]
    heads = [Cell(country.name, url=country.get_absolute_url()) for country in countries]
    return Comparison("country", heads, _lines(countries, facts))


def _standing(country: Country, day: Any) -> str:
    standing = country.standing_on(day)
    return capfirst(standing.get_status_display()) if standing else _("No standing")


def _shared_with(shared: dict[tuple[str, str], int], one: Country, other: Country) -> Cell:
    return (
        Cell(None, "–")
        if one == other
        else Cell(shared.get((min(one.pk, other.pk), max(one.pk, other.pk)), 0))
    )


def _money_led(codes: list[str]) -> dict[str, Sums]:
    parts = ListedPart.objects.public().leading().filter(country__in=codes)
    return grouped(parts, "country", through="project__")


def _calls(slugs: list[str]) -> Comparison:
    calls = _in_order(Call.objects.public().for_list(), slugs)
    amounts = grouped(Project.objects.public().filter(call__in=calls), "call")
    facts: list[tuple[str, Callable[[Call], Any]]] = [
        (_("Opens"), lambda row: row.opens()),
        (_("Closes"), lambda row: row.closes()),
        (_("Priorities"), lambda row: join_names(row.priorities.all())),
        (_("Most for one project"), lambda row: _eur(row.ceiling_eur)),
        (_("Budget of the call"), lambda row: _eur(row.budget_eur)),
        (_("Member states needed"), lambda row: row.min_member_states),
        (_("Applications received"), lambda row: row.announced_counts().received),
        (_("Applications eligible"), lambda row: row.announced_counts().eligible),
        (_("Projects funded"), lambda row: row.announced_counts().funded),
        (_("Projects shown here"), lambda row: amounts.get(row.pk, Sums(None)).led),
        (_("Amounts of these"), lambda row: Cell(in_words(amounts.get(row.pk)) or "–")),
    ]
    heads = [Cell(call.title, url=call.get_absolute_url()) for call in calls]
    return Comparison("call", heads, _lines(calls, facts))


def _eur(amount: Any) -> str:
    return "" if amount is None else money.eur(amount)
