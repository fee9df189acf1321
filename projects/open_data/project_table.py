"""What all tables are made with; the table of projects, and the sources of its fields."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.facts import DECLARED as DECLARED_OF_PARTNERS
from partners.models import Country
from partners.pages.countries import membership_status
from projects.amounts import amount_in_words
from projects.facts import DECLARED, LISTED, PARTNERSHIP, PROJECT, SOURCE
from projects.models import (
    Amendment,
    Call,
    Document,
    Output,
    Partnership,
    Project,
    Source as Citation,
)
from projects.models.choices import ACTIVE_STATUSES
from projects.models.partnerships import Disagreement, disagreement_between
from projects.models.post_award import IN_EFFECT
from projects.models.publication import public_since
from projects.pages.project_detail import NEWEST_FIRST
from projects.pages.status_labels import status_in_words
from psf.database.sql import aggregate_keys, fetch_all, in_keys
from psf.exports.fields import FieldSource, Key, Load, Make, Record, precision, related
from psf.exports.tables import PublicTable
from psf.facts.facts import Facts
from psf.text.dates import Precision, describe, describe_period
from psf.text.slugs import slug_url

TABLES = DECLARED.tables | DECLARED_OF_PARTNERS.tables


def build_table(
    name: str,
    facts: Facts,
    rows: Callable[[], QuerySet],
    sources: Mapping[str, FieldSource],
    base: Callable[[QuerySet], Mapping[Key, Record]] | None = None,
) -> PublicTable:
    """The table of the facts with a meaning. Facts without a source are columns of the rows."""
    return PublicTable(
        name, **TABLES[name], rows=rows, fields=facts.data_fields(sources, LISTED), base=base
    )


def read_records(rows: QuerySet) -> Mapping[Key, Record]:
    """The columns of each row, and the row itself as `_record`, by its key."""
    return {row.pk: {**vars(row), "_record": row} for row in rows}


def of_record(make: Make) -> FieldSource:
    """A value made from the row that `read_records()` keeps."""
    return FieldSource(of=lambda record: make(record["_record"]))


def address_maker(name: str) -> Make:
    """Return a function from the slug of a record to the permanent address of its page."""
    site = settings.SITE_URL
    return lambda slug: f"{site}{slug_url(name, slug)}"


call_address = address_maker("projects:call-detail")
project_address = address_maker("projects:project-detail")
partner_address = address_maker("partners:partner-detail")
country_address = address_maker("partners:country-detail")


def load_memberships(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    """The countries of each project with their status when the call closed, if that is known."""
    codes = {code for record in records.values() for code in record["_codes"]}
    by_code = Country.objects.with_memberships().in_bulk(codes)
    rows = Project.objects.filter(pk__in=in_keys(Project, records)).values_list("pk", "call")
    calls: dict[Key, int] = dict(rows)
    days = {call.pk: call.closing_day() for call in Call.objects.filter(pk__in=calls.values())}

    @cache
    def described(code: str, day: date) -> Record:
        country = by_code[code]
        return {"code": code, "name": country.name, "status": membership_status(country, day)}

    return {
        key: [described(code, day) for code in record["_codes"]]
        for key, record in records.items()
        if (day := days[calls[key]])
    }


def load_status_labels(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    with_end = [
        key for key, row in records.items() if row["status"] in ACTIVE_STATUSES and row["ends_on"]
    ]
    extended = _announced_ends(with_end)
    return {
        key: status_in_words(row["status"], row["ends_on"], row["ends_precision"], key in extended)
        for key, row in records.items()
    }


def load_announced_ends(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    """The end before the first prolongation.

    Sets `_is_prolonged`, and `_announced_end`: the end and its precision.
    """
    ends = _announced_ends(records)
    for key, record in records.items():
        record["_is_prolonged"] = key in ends
        record["_announced_end"] = ends.get(key, (None, None))
    return {key: day for key, (day, _precision) in ends.items()}


def _announced_ends(projects: Collection[Key]) -> dict[Key, tuple[date | None, str | None]]:
    """The end before the first prolongation, and its precision, of each prolonged project.

    Both are None if that end was not known.
    """
    if not projects:
        return {}
    prolongations = Amendment.objects.filter(IN_EFFECT, project__in=in_keys(Project, projects))
    rows = prolongations.order_by("-pk").values_list(
        "project", "ends_before", "ends_before_precision"
    )
    return {key: (day, precision if day else None) for key, day, precision in rows}


def published(model: Any, file: str, shown: list[str]) -> Load:
    """The published documents, or outputs, of projects: the newest first, with these values.

    `file` is the path from such a row to the document with its file.
    """

    def load(records: Mapping[Key, Record]) -> Mapping[Key, object]:
        rows = model.objects.public().filter(project__in=in_keys(Project, records))
        rows = rows.order_by(*NEWEST_FIRST).select_related(f"{file}project")
        lists = defaultdict(list)
        for row in rows:
            document = row.document if file else row
            address = f"{settings.SITE_URL}{document.get_absolute_url()}" if document else ""
            values = {name: getattr(row, name) for name in shown}
            lists[row.project_id].append(values | {"file": address})
        return lists

    return load


DESCRIBED = ["title", "kind", "language", "day", "licence"]
load_outputs = published(Output, "document__", [*DESCRIBED, "url"])
# Also the documents of outputs.
load_documents = published(Document, "", [*DESCRIBED, "alternative", "size", "sha256"])


# The countries are in the published order, because the subquery is. With COUNT(DISTINCT …),
# PostgreSQL would sort the rows of a project by the counted value.
PARTS = """
SELECT grouped.*, lead.name FROM (
    SELECT project_id, {partners}, {codes},
        MAX(CASE WHEN role = 'lead' THEN country_id END),
        MAX(CASE WHEN role = 'lead' THEN partner_id END) AS lead_id
    FROM ({parts}) AS part GROUP BY project_id
) AS grouped LEFT JOIN partners_partner lead ON lead.id = grouped.lead_id
"""
NO_PARTS = ("", None, None, None, None)


def load_lead_partners(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    """The names of lead partners.

    Sets `_number` of partners, `_codes` of their countries in the published order, and `_lead`:
    the code of the country of the lead partner, or None.
    """
    parts = Partnership.objects.filter(project__in=in_keys(Project, records))
    sql, params = (
        parts.order_by("project_id", "role", "position", "pk")
        .values("project_id", "country_id", "role", "partner_id")
        .query.sql_with_params()
    )
    partners = aggregate_keys("COALESCE(CAST(partner_id AS text), country_id)")
    statement = PARTS.format(partners=partners, codes=aggregate_keys("country_id"), parts=sql)
    rows = {row[0]: row[1:] for row in fetch_all(statement, params)}
    names = {}
    for key, record in records.items():
        partners, codes, record["_lead"], _key, names[key] = rows.get(key, NO_PARTS)
        record["_number"] = len({*partners.split(",")} - {""})
        record["_codes"] = [*dict.fromkeys(codes.split(","))] if codes else []
    return names


def load_country_names(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    names = dict(Country.objects.values_list("code", "name"))
    return {key: [names[code] for code in record["_codes"]] for key, record in records.items()}


def of_parts(name: str) -> FieldSource:
    return FieldSource(of=itemgetter(name), needs=("lead_partner",))


def disagreement_of(record: Record) -> Disagreement:
    announced = [row["name"] for row in record["announced_countries"]]
    return disagreement_between(announced, record["countries"]) or Disagreement([], [])


PERIOD = ("starts_on", "starts_precision", "ends_on", "ends_precision")


def citation_of(record: Record) -> str:
    day = describe(timezone.localtime(record["changed_at"]), Precision.DAY)
    return _(
        "Council of the Baltic Sea States, Project Support Facility: “%(title)s” (%(reference)s), "
        "as of %(day)s, %(address)s"
    ) % {**record, "day": day}


def terms(through: Callable[[], QuerySet], term: str, by: str) -> FieldSource:
    return FieldSource(
        load=related(
            lambda: through().order_by(f"{term}__name"),
            by,
            {"name": f"{term}__name", "slug": f"{term}__slug"},
        )
    )


def countries_through(through: Callable[[], QuerySet]) -> FieldSource:
    paths = {"code": "country", "name": "country__name"}
    return FieldSource(load=related(lambda: through().order_by("country__name"), "project", paths))


def citations(by: str) -> FieldSource:
    """The sources of a record in the order of the page."""
    return FieldSource(
        load=related(lambda: Citation.objects.order_by("about", "pk"), by, SOURCE.paths())
    )


load_partners: Load = related(
    lambda: Partnership.objects.order_by("role", "position", "pk"),
    "project",
    PARTNERSHIP.paths(address=partner_address),
)

SOURCES = {
    "status_label": FieldSource(
        load=load_status_labels, needs=("status", "ends_on", "ends_precision")
    ),
    "lead_partner": FieldSource(load=load_lead_partners),
    "countries": FieldSource(load=load_country_names, needs=("lead_partner",)),
    "lead_country": FieldSource(
        of=lambda row: row["countries"][0] if row["_lead"] and not row["led_by_cbss"] else None,
        needs=("lead_partner", "countries", "led_by_cbss"),
    ),
    "country_codes": of_parts("_codes"),
    "number_of_partners": of_parts("_number"),
    "starts_precision": precision("starts_precision", "starts_on"),
    "ends_precision": precision("ends_precision", "ends_on"),
    "period": FieldSource(
        of=lambda row: describe_period(*(row[name] for name in PERIOD)), needs=PERIOD
    ),
    "announced_end_on": FieldSource(load=load_announced_ends),
    "is_prolonged": FieldSource(of=itemgetter("_is_prolonged"), needs=("announced_end_on",)),
    "announced_end_precision": FieldSource(
        of=lambda row: row["_announced_end"][1], needs=("announced_end_on",)
    ),
    "announced_end": FieldSource(
        of=lambda row: describe(*row["_announced_end"]) if row["announced_end_on"] else None,
        needs=("announced_end_on",),
    ),
    "grant": FieldSource(
        of=lambda row: str(amount_in_words(row["amount_eur"], row["amount_kind"])),
        needs=("amount_eur", "amount_kind"),
    ),
    "priorities": terms(lambda: Project.priorities.through.objects.all(), "priority", "project"),
    "topics": terms(lambda: Project.topics.through.objects.all(), "topic", "project"),
    "places": countries_through(lambda: Project.activity_countries.through.objects.all()),
    "partners": FieldSource(load=load_partners),
    "memberships": FieldSource(load=load_memberships, needs=("lead_partner",)),
    "announced_countries": countries_through(
        lambda: Project.announced_countries.through.objects.all()
    ),
    "only_announced": FieldSource(
        of=lambda row: disagreement_of(row).only_announced,
        needs=("announced_countries", "countries"),
    ),
    "only_listed": FieldSource(
        of=lambda row: disagreement_of(row).only_listed, needs=("announced_countries", "countries")
    ),
    "outputs": FieldSource(load=load_outputs),
    "documents": FieldSource(load=load_documents),
    "sources": citations("project"),
    "published_at": FieldSource("since"),
    "citation": FieldSource(of=citation_of, needs=("title", "reference", "address", "changed_at")),
    "address": FieldSource("slug", project_address),
}

PROJECTS = build_table(
    "projects", PROJECT, lambda: Project.objects.public().annotate(since=public_since()), SOURCES
)
