"""Two to four projects, countries or calls side by side."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from crispy_forms.layout import Field
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from partners.models import Country, Partner
from partners.pages.countries import public_countries
from projects.amounts import Amount, project_amount
from projects.figures.cooperation import organisation_cell
from projects.figures.overview import amounts_text, announced_cells
from projects.list_index.facet_sets import ProjectSets, money_of, public_sets
from projects.models import Call, Project
from projects.models.post_award import is_extended
from projects.pages.status_labels import status_label
from psf.charts.tables import Cell
from psf.database.keysets import KeySet
from psf.lists.public_form import PublicForm, checkboxes, submit_button
from psf.text.numbers import eur
from psf.text.phrases import foreign_language, join_names

LABELS = {"country": _("Countries"), "call": _("Calls")}
BUTTONS = {"country": _("Compare selected countries"), "call": _("Compare selected calls")}


class ComparisonForm(PublicForm):
    """The records of one kind. Those in the address are selected already."""

    attributes = {"class": "section__body"}

    def __init__(self, kind: str, slugs: list[str]) -> None:
        super().__init__(initial={kind: slugs})
        self.kind, self.action = kind, reverse("figures:compare")
        self.fields[kind] = checkboxes(LABELS[kind], public_choices(kind))
        self.helper.form_show_labels = False

    def layout(self) -> list[object]:
        return [Field(self.kind, wrapper_class="choices"), submit_button(BUTTONS[self.kind])]


def comparison_forms(kind: str, slugs: list[str]) -> dict[str, str]:
    """The HTML of the form of each kind; "" with fewer than two records, or for another kind."""
    return {
        name: ComparisonForm(name, slugs if name == kind else []).html()
        if kind in ("", name) and len(public_choices(name)) > 1
        else ""
        for name in LABELS
    }


COMPARED_KINDS = ["project", "country", "call"]
MAX_COMPARED = 4

Row = TypeVar("Row", Project, Country, Call)
Member = TypeVar("Member", Country, Partner)
Fact = tuple[str, Callable[[Row], object]]


class Comparison(NamedTuple):
    """One head per record, and for each fact its label with one cell per record."""

    heads: list[Cell]
    lines: list[tuple[str, list[Cell]]]


def compare_records(kind: str, slugs: list[str]) -> Comparison:
    """The public records among `slugs`, at most four, in the order of the address."""
    compare = {"project": _projects, "country": _countries, "call": _calls}[kind]
    return compare(slugs[:MAX_COMPARED])


def public_choices(kind: str) -> list[tuple[str, str]]:
    """The slugs and the names of all public countries, or of all public calls."""
    if kind == "country":
        return list(Country.objects.public().values_list("slug", "name"))
    return list(Call.objects.public().values_list("slug", "title"))


def _in_order(rows: Iterable[Row], slugs: list[str]) -> list[Row]:
    by_slug = {row.slug: row for row in rows}
    return [by_slug[slug] for slug in slugs if slug in by_slug]


def _lines(rows: list[Row], facts: list[Fact[Row]]) -> list[tuple[str, list[Cell]]]:
    return [(label, [_cell(fact(row)) for row in rows]) for label, fact in facts]


def _cell(value: object) -> Cell:
    """The cell of a fact. An empty text is not known; None is not published."""
    if isinstance(value, Cell):
        return value
    if value == "":
        return Cell(None, gettext("not known"))
    return Cell(value) if value is None or isinstance(value, int) else Cell(str(value))


def _projects(slugs: list[str]) -> Comparison:
    rows = Project.objects.public().for_page().prefetch_related("priorities", "topics")
    rows = rows.annotate(is_extended=is_extended())
    projects = _in_order(rows.filter(slug__in=slugs), slugs)
    facts: list[Fact[Project]] = [
        (gettext("Call"), lambda row: Cell(row.call.title, url=row.call.get_absolute_url())),
        (gettext("Status"), status_label),
        (gettext("Period"), lambda row: row.period()),
        (gettext("Grant"), lambda row: _amount(project_amount(row))),
        (gettext("Total budget"), lambda row: _eur(row.total_budget_eur)),
        (gettext("Lead partner"), _lead),
        (gettext("Countries"), lambda row: join_names(row.countries())),
        (
            gettext("Partners"),
            lambda row: len({part.partner or part.country for part in row.partnerships.all()}),
        ),
        (gettext("Priorities"), lambda row: join_names(row.priorities.all())),
        (gettext("Topics"), lambda row: join_names(row.topics.all())),
        (gettext("Summary"), lambda row: row.summary),
    ]
    heads = [
        Cell(row.title, url=row.get_absolute_url(), language=foreign_language(row.title_language))
        for row in projects
    ]
    return Comparison(heads, _lines(projects, facts) + _in_common(projects))


def _amount(amount: Amount) -> str | None:
    return None if amount.value is None else str(amount)


def _lead(project: Project) -> Cell:
    lead = project.lead()
    if lead and lead.partner:
        return organisation_cell(lead.partner)
    unnamed = gettext("not named (%(country)s)") % {"country": lead.country} if lead else ""
    return Cell(None, unnamed or gettext("not recorded"))


def _in_common(projects: list[Project]) -> list[tuple[str, list[Cell]]]:
    """The countries and the organisations in all projects, repeated under each project."""
    if len(projects) < 2:
        return []
    countries = [{row.country for row in project.partnerships.all()} for project in projects]
    partners = [
        {row.partner for row in project.partnerships.all() if row.partner} for project in projects
    ]
    return [
        (gettext("Countries in common"), [_common(countries)] * len(projects)),
        (gettext("Organisations in common"), [_common(partners)] * len(projects)),
    ]


def _common(sets: list[set[Member]]) -> Cell:
    names = sorted(str(record) for record in set.intersection(*sets))
    return Cell(join_names(names) or gettext("none"))


def _countries(slugs: list[str]) -> Comparison:
    countries = _in_order(public_countries(), slugs)
    sets, today = public_sets(), timezone.localdate()
    facts: list[Fact[Country]] = [
        (gettext("In the CBSS today"), lambda row: _membership(row, today)),
        (gettext("Projects"), lambda row: row.number_of_projects),
        (gettext("Led"), lambda row: row.number_led),
        (gettext("Named organisations"), _named_partners),
        (
            gettext("Amounts of the projects led"),
            lambda row: _amounts(sets.of("lead", row.pk)),
        ),
        *(
            (
                gettext("Projects shared with %(country)s") % {"country": partner},
                lambda row, partner=partner: _shared_with(sets, row, partner),
            )
            for partner in countries
        ),
    ]
    heads = [Cell(country.name, url=country.get_absolute_url()) for country in countries]
    return Comparison(heads, _lines(countries, facts))


def _membership(country: Country, day: date) -> str:
    membership = country.membership_on(day)
    return capfirst(membership.get_status_display()) if membership else gettext("No status")


def _named_partners(country: Country) -> Cell:
    number = country.named_partners()
    return Cell(number, gettext("not named") if number is None else "")


def _shared_with(sets: ProjectSets, country: Country, partner: Country) -> Cell:
    if country == partner:
        return Cell(None, "–")
    shared = sets.of("country", country.pk) & sets.of("country", partner.pk)
    return Cell(shared.bit_count())


def _calls(slugs: list[str]) -> Comparison:
    rows = Call.objects.public().with_priorities()
    calls = _in_order(rows.filter(slug__in=slugs), slugs)
    sets = public_sets()
    facts: list[Fact[Call]] = [
        (gettext("Opens"), lambda row: row.opens()),
        (gettext("Closes"), lambda row: row.closes()),
        (gettext("Priorities"), lambda row: join_names(row.priorities.all())),
        (gettext("Highest grant for one project"), lambda row: _eur(row.ceiling_eur) or ""),
        (gettext("Budget of the call"), lambda row: _eur(row.budget_eur) or ""),
        (
            gettext("Member states needed"),
            lambda row: "" if row.min_member_states is None else row.min_member_states,
        ),
        (gettext("Applications received"), lambda row: announced_cells(row)[0]),
        (gettext("Applications eligible"), lambda row: announced_cells(row)[1]),
        (gettext("Projects funded"), lambda row: announced_cells(row)[2]),
        (gettext("Projects on this site"), lambda row: sets.of("call", row.pk).bit_count()),
        (
            gettext("Amounts of the projects on this site"),
            lambda row: _amounts(sets.of("call", row.pk)),
        ),
    ]
    heads = [Cell(call.title, url=call.get_absolute_url()) for call in calls]
    return Comparison(heads, _lines(calls, facts))


def _amounts(projects: KeySet) -> Cell:
    return Cell(amounts_text(money_of(projects)) or "–")


def _eur(amount: Decimal | None) -> str | None:
    return None if amount is None else eur(amount)
