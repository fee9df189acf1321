"""Two to four projects, countries or calls side by side."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from crispy_forms.layout import Field
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from partners.models import Country
from partners.pages.countries import public_countries
from projects.amounts import project_amount, summed_amounts
from projects.figures.overview import NO_VALUE, announced_cells
from projects.list_index.facet_sets import ProjectSets, money_of, public_sets
from projects.models import Call, Project
from projects.models.post_award import is_extended
from projects.pages.project_detail import status_label
from psf.charts.tables import Cell
from psf.database.keysets import KeySet
from psf.lists.public_form import PublicForm, checkboxes, submit_button
from psf.text.numbers_and_amounts import eur
from psf.text.phrases import foreign_language, join_names

LABELS = {"country": gettext_lazy("Countries"), "call": gettext_lazy("Calls")}
BUTTONS = {
    "country": gettext_lazy("Compare selected countries"),
    "call": gettext_lazy("Compare selected calls"),
}


class ComparisonForm(PublicForm):
    """The records of one kind. Those in the address are selected already."""

    attributes = {"class": "section__body"}

    def __init__(self, kind: str, choices: list[tuple[str, str]], slugs: list[str]) -> None:
        super().__init__(initial={kind: slugs})
        self.kind, self.action = kind, reverse("figures:compare")
        self.fields[kind] = checkboxes(LABELS[kind], choices)
        self.helper.form_show_labels = False

    def layout(self) -> list[object]:
        return [Field(self.kind, wrapper_class="choices"), submit_button(BUTTONS[self.kind])]


def comparison_forms(kind: str, slugs: list[str]) -> dict[str, str]:
    """The HTML of the form of each kind; "" with fewer than two records, or for another kind."""
    choices = {
        "country": Country.objects.public().values_list("slug", "name"),
        "call": Call.objects.public().values_list("slug", "title"),
    }
    return {
        name: ComparisonForm(name, [*rows], slugs).html()
        if kind in ("", name) and len(rows) > 1
        else ""
        for name, rows in choices.items()
    }


MAX_COMPARED = 4
Facts = dict[str, object]  # by label; an empty text is not known, None is not published


class Comparison(NamedTuple):
    """One head per record, and for each fact its label with one cell per record."""

    heads: list[Cell]
    lines: list[tuple[str, list[Cell]]]


def compare_records(kind: str, slugs: list[str]) -> Comparison:
    """The public records among `slugs`, at most four, in the order of the address."""
    slugs = slugs[:MAX_COMPARED]
    read, facts_of = COMPARED[kind]
    by_slug = {row.slug: row for row in read(slugs)}
    records = [by_slug[slug] for slug in slugs if slug in by_slug]
    heads = [_head(row, getattr(row, "title_language", "")) for row in records]
    sets: Any = SimpleLazyObject(public_sets)
    facts = [facts_of(row, records, sets) for row in records]
    labels = facts[0] if facts else {}
    return Comparison(heads, [(label, [_cell(row[label]) for row in facts]) for label in labels])


def _head(record: Any, language: str) -> Cell:
    """The name of a record, in a language, with a link to its page."""
    return Cell(str(record), "", record.get_absolute_url(), foreign_language(language))


def _projects(slugs: list[str]) -> Iterable[Project]:
    rows = Project.objects.public().for_page().prefetch_related("priorities", "topics")
    return rows.annotate(is_extended=is_extended()).filter(slug__in=slugs)


def _cell(value: object) -> Cell:
    """The cell of a fact. An empty text is not known; None is not published."""
    if isinstance(value, Cell):
        return value
    if value == "":
        return Cell(None, _("not known"))
    return Cell(value) if value is None or isinstance(value, int) else Cell(str(value))


def _project_facts(project: Project, projects: list[Project], sets: ProjectSets) -> Facts:
    lead, parts, amount = project.lead(), project.partnerships.all(), project_amount(project)
    unnamed = _("not named (%(country)s)") % {"country": lead.country} if lead else ""
    return {
        _("Call"): Cell(project.call.title, url=project.call.get_absolute_url()),
        _("Status"): status_label(project),
        _("Period"): project.period(),
        _("Grant"): None if amount.value is None else str(amount),
        _("Total budget"): _eur(project.total_budget_eur),
        _("Lead partner"): _head(lead.partner, lead.partner.name_language)
        if lead and lead.partner
        else Cell(None, unnamed or _("not recorded")),
        _("Countries"): join_names(project.countries()),
        _("Partners"): len({part.partner or part.country for part in parts}),
        _("Priorities"): join_names(project.priorities.all()),
        _("Topics"): join_names(project.topics.all()),
        _("Summary"): project.summary,
    } | (_in_common(projects) if len(projects) > 1 else {})


def _in_common(projects: list[Project]) -> Facts:
    """The countries and the organisations in all projects, the same for each of them."""
    parts = [project.partnerships.all() for project in projects]
    return {
        _("Countries in common"): _common({row.country for row in rows} for rows in parts),
        _("Organisations in common"): _common(
            {row.partner for row in rows if row.partner} for rows in parts
        ),
    }


def _common(sets: Iterable[set[Any]]) -> str:
    names = sorted(str(record) for record in set.intersection(*sets))
    return join_names(names) or _("none")


def _country_facts(country: Country, countries: list[Country], sets: ProjectSets) -> Facts:
    membership = country.membership_on(timezone.localdate())
    status = membership.get_status_display() if membership else _("No status")
    named, own = country.named_partners(), sets.of("country", country.code)
    facts: Facts = {
        _("In the CBSS today"): capfirst(status),
        _("Projects"): country.number_of_projects,
        _("Led"): country.number_led,
        _("Named organisations"): Cell(named, _("not named") if named is None else ""),
        _("Amounts of the projects led"): _amounts(sets.of("lead", country.code)),
    }
    for other in countries:
        shared = Cell((own & sets.of("country", other.code)).bit_count())
        label = _("Projects shared with %(country)s") % {"country": other}
        facts[label] = Cell(None, "–") if other == country else shared
    return facts


def _call_facts(call: Call, calls: list[Call], sets: ProjectSets) -> Facts:
    projects, least = sets.of("call", call.pk), call.min_member_states
    received, eligible, funded = announced_cells(call)
    return {
        _("Opens"): call.opens(),
        _("Closes"): call.closes(),
        _("Priorities"): join_names(call.priorities.all()),
        _("Highest grant for one project"): _eur(call.ceiling_eur) or "",
        _("Budget of the call"): _eur(call.budget_eur) or "",
        _("Member states needed"): "" if least is None else least,
        _("Applications received"): received,
        _("Applications eligible"): eligible,
        _("Projects funded"): funded,
        _("Projects on this site"): projects.bit_count(),
        _("Amounts of the projects on this site"): _amounts(projects),
    }


def _amounts(projects: KeySet) -> Cell:
    return Cell("; ".join(map(str, summed_amounts(money_of(projects)))) or NO_VALUE)


def _eur(amount: Decimal | None) -> str | None:
    return None if amount is None else eur(amount)


# How the records of each kind are read, and their facts.
COMPARED: dict[str, tuple[Callable[[list[str]], Iterable[Any]], Callable[..., Facts]]] = {
    "project": (_projects, _project_facts),
    "country": (lambda slugs: public_countries(), _country_facts),
    "call": (
        lambda slugs: Call.objects.public().with_priorities().filter(slug__in=slugs),
        _call_facts,
    ),
}
