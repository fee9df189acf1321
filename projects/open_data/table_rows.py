"""The rows of the public tables, whose columns are in `fields_and_columns.toml`.

A value without a path has a function here. Rows are objects of the database, so each value is made
as on the pages.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.facts import COUNTRY, DECLARED as DECLARED_OF_PARTNERS, MEMBERSHIP, PARTNER
from partners.models import Country, Membership, Merger, Partner
from partners.models.countries import BY_START
from partners.pages.countries import membership_status
from projects.amounts import project_amount, summed_amounts
from projects.eligibility.rules import rules_of
from projects.facts import CALL, DECLARED, LISTED, PROJECT
from projects.models import Amendment, Call, Decision, Document, Output, Partnership, Project
from projects.models.post_award import IN_EFFECT
from projects.pages.project_detail import NEWEST_FIRST, status_label
from projects.publication.events import last_changes
from psf.database.fields import kept, rows_of
from psf.exports.tables import PublicTable, Read, Record
from psf.facts.facts import Facts
from psf.text.dates import Precision, describe
from psf.text.phrases import permanent_address

TITLES: dict[str, Any] = DECLARED.tables | DECLARED_OF_PARTNERS.tables


def precision(name: str, day: str) -> Read:
    """A precision; None if the day or moment is not known."""
    return lambda row: getattr(row, name) if getattr(row, day) else None


def address_of_related(name: str) -> Read:
    """The permanent address of the page of a related record; None without such a record."""
    return lambda row: permanent_address(related) if (related := getattr(row, name)) else None


def rows_if(name: str) -> Read:
    """The related record in a list, which is empty without one."""
    return lambda row: [related] if (related := getattr(row, name)) else []


# What is read of records in lists, by section.
LISTED_READS: dict[str, dict[str, Read]] = {
    "partner": {"address": address_of_related("partner")},
    "participation": {"address": address_of_related("project")},
    "organisation": {"address": permanent_address},
    "output": {"file": lambda row: permanent_address(row.document) if row.document else ""},
    "document": {"file": permanent_address},
    "period": {"from_precision": precision("from_precision", "valid_from")},
}
LISTED_FIELDS = {
    name: facts.data_fields(LISTED_READS.get(name, {}), {}) for name, facts in LISTED.items()
}


def build_table(
    name: str,
    facts: Facts,
    rows: Callable[[], QuerySet],
    reads: Mapping[str, Read],
    **options: Any,
) -> PublicTable:
    """The table of the facts with a meaning. The options are those of `PublicTable`."""
    fields = facts.data_fields(reads, LISTED_FIELDS)
    return PublicTable(name, **TITLES[name], rows=rows, fields=fields, **options)


# Projects


def projects_with(partnerships: QuerySet[Partnership]) -> QuerySet[Project]:
    """With what short fields read. Records that rows share are loaded once, not joined."""
    partnerships = partnerships.annotate(partner_name=F("partner__name"))
    amendments = kept("amendments", Amendment.objects.filter(IN_EFFECT))
    rows = Project.objects.public().prefetch_related("call", amendments)
    return rows.prefetch_related(kept("partnerships", partnerships))


def full_projects() -> QuerySet[Project]:
    countries = Prefetch("country", Country.objects.with_memberships())
    partnerships = Partnership.objects.select_related("partner").prefetch_related(countries)
    outputs = Output.objects.public().order_by(*NEWEST_FIRST).select_related("document__project")
    documents = Document.objects.public().order_by(*NEWEST_FIRST)
    return projects_with(partnerships.prefetch_related("partner__country")).prefetch_related(
        *map(kept, ["priorities", "topics", "activity_countries", "announced_countries"]),
        *[kept("sources"), kept("outputs", outputs), kept("documents", documents)],
    )


def announced_end(project: Project) -> str | None:
    first = project.first_prolongation()
    return (first.end_before() or None) if first else None


def memberships_then(project: Project) -> list[Record]:
    """The countries with their status when the call closed; [] if that day is not known."""
    day = project.call.closing_day()
    return [
        {"code": row.code, "name": row.name, "status": membership_status(row, day)}
        for row in (project.countries() if day else [])
        if day
    ]


def countries_only(name: str) -> Read:
    """The names of the countries in one part of the disagreement of headline and list."""
    return lambda project: [str(row) for row in getattr(project.disagreement(), name, [])]


def add_last_changes(projects: list[Any]) -> None:
    moments = last_changes(projects)
    for project in projects:
        project.last_change = moments[project.pk]


def citation_text(project: Any) -> str:
    day = describe(timezone.localtime(project.last_change), Precision.DAY)
    return _(
        "Council of the Baltic Sea States, Project Support Facility: “%(title)s” (%(reference)s), "
        "as of %(day)s, %(address)s"
    ) % {
        "title": project.title,
        "reference": project.reference,
        "day": day,
        "address": permanent_address(project),
    }


PROJECTS = build_table(
    "projects",
    PROJECT,
    full_projects,
    {
        "status_label": lambda project: status_label(
            project, is_extended=project.first_prolongation() is not None
        ),
        "countries": lambda project: [country.name for country in project.countries()],
        "country_codes": lambda project: [country.code for country in project.countries()],
        "number_of_partners": lambda project: len(
            {row.partner_id or row.country_id for row in rows_of(project, "partnerships")}
        ),
        "starts_precision": precision("starts_precision", "starts_on"),
        "ends_precision": precision("ends_precision", "ends_on"),
        "announced_end_precision": lambda project: (
            (first := project.first_prolongation())
            and (first.ends_before_precision if first.ends_before else None)
        ),
        "announced_end": announced_end,
        "is_prolonged": lambda project: project.first_prolongation() is not None,
        "grant": lambda project: str(project_amount(project)),
        "memberships": memberships_then,
        "only_announced": countries_only("only_announced"),
        "only_listed": countries_only("only_listed"),
        "changed_at": lambda project: project.last_change,
        "citation": citation_text,
        "address": permanent_address,
    },
    short_rows=lambda: projects_with(Partnership.objects.prefetch_related("country")),
    complete=add_last_changes,
)


# In the order of the list of projects, and within a project in the published order.
IN_ORDER: list[Any] = [F("project__call__closes_at").desc(nulls_first=True), "project__reference"]
IN_ORDER += ["role", "position", "pk"]


def public_partnerships() -> QuerySet[Partnership]:
    pages = f"{settings.SITE_URL}{reverse('projects:project-list')}"
    address = Concat(Value(pages), "project__slug", Value("/"), output_field=TextField())
    return Partnership.objects.public().annotate(address=address).order_by(*IN_ORDER)


PARTNERSHIPS = build_table(
    "partnerships",
    Facts(DECLARED.facts["partnerships"], Partnership),
    public_partnerships,
    {},
    are_columns=True,
)

# Calls

CALLS = build_table(
    "calls",
    CALL,
    lambda: Call.objects.public().for_page(),
    {
        "phase_label": lambda call: capfirst(str(call.phase().label)),
        "opens_precision": precision("opens_precision", "opens_at"),
        "closes_precision": precision("closes_precision", "closes_at"),
        "rules": lambda call: [f"{rule.label}: {rule.in_words()}" for rule in rules_of(call)],
        "amounts": lambda call: [
            str(row) for row in summed_amounts(call.projects.public().money())
        ],
        "address": permanent_address,
    },
)

# Organisations and countries


def public_partners() -> QuerySet[Partner]:
    public = Partner.objects.public().order_by("folded", "slug")
    columns = [field.name for field in Partnership._meta.concrete_fields]
    columns += [f"project__{name}" for name in ["title", "reference", "slug", "call"]]
    partnerships = Partnership.objects.public().select_related("project").only(*columns)
    partnerships = partnerships.order_by(*IN_ORDER).prefetch_related("project__call", "country")
    return (
        Partner.objects.public()
        .for_list()
        .prefetch_related(
            *[Prefetch("parent", public), Prefetch("successor", public)],
            *[kept("names"), kept("units", public), kept("predecessors", public)],
            kept("mergers", Merger.objects.in_force().order_by("slug")),
            kept("partnerships", partnerships),
        )
    )


PARTNERS = build_table(
    "partners",
    PARTNER,
    public_partners,
    {
        "kind_label": lambda partner: capfirst(partner.get_kind_display()),
        # Only public organisations are loaded.
        "parent": rows_if("parent"),
        "successor": rows_if("successor"),
        "succeeded_on": lambda partner: partner.succeeded_on if partner.successor else None,
        "projects": lambda partner: rows_of(partner, "partnerships"),
        "former_slugs": lambda partner: [row.slug for row in rows_of(partner, "mergers")],
        "address": permanent_address,
    },
    short_rows=lambda: Partner.objects.public().for_list(),
)
COUNTRIES = build_table(
    "countries",
    COUNTRY,
    lambda: Country.objects.public().for_page(),
    {
        "membership": lambda country: membership_status(country, timezone.localdate()),
        "address": permanent_address,
    },
)


def memberships() -> QuerySet[Membership]:
    """All memberships. The public page of the country shows all of them too."""
    holder = Coalesce("country__name", "organisation")
    return Membership.objects.annotate(holder=holder).order_by("holder", *BY_START)


MEMBERSHIPS = build_table(
    "memberships",
    MEMBERSHIP,
    memberships,
    {"from_precision": precision("from_precision", "valid_from")},
)

# Withdrawn pages


class WithdrawnTable(PublicTable):
    """The withdrawn pages of calls, results and projects. Their rows are of three models."""

    def all_records(self) -> Iterator[Record]:
        withdrawn: list[tuple[str, QuerySet]] = [
            ("call", Call.objects.unpublished().order_by("slug")),
            ("results", Decision.objects.unpublished().order_by("call__slug")),
            ("project", Project.objects.unpublished().order_by("reference")),
        ]
        for kind, rows in withdrawn:
            for row in rows if kind == "call" else rows.select_related("call"):
                call = getattr(row, "call", row)
                yield {
                    "kind": kind,
                    "reference": getattr(row, "reference", ""),
                    "call_slug": call.slug,
                    "slug": getattr(row, "slug", call.slug),
                    "unpublished_at": row.unpublished_at,
                    "reason": row.unpublished_reason,
                }


WITHDRAWN = WithdrawnTable(
    "withdrawn",
    **TITLES["withdrawn"],
    rows=Project.objects.unpublished,
    fields=Facts(DECLARED.facts["withdrawn"]).data_fields({}, {}),
)
PACKAGE_TABLES = [PROJECTS, PARTNERSHIPS, PARTNERS, CALLS, COUNTRIES, MEMBERSHIPS, WITHDRAWN]
