"""Real awards in the 360Giving standard, and the projects that are left out."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, Max, OuterRef, Prefetch, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Partner
from projects.models import AmountKind, Call, Decision, Partnership, Priority, Project, Role, Topic
from projects.models.projects import ProjectQuerySet
from projects.open_data.schema_org import (
    UNREGISTERED,
    funder_data,
    organisation_id,
    own_id,
    without_blanks,
)
from projects.publication.events import last_changes
from psf.database.fields import kept, rows_of
from psf.database.sql import chunked, in_keys
from psf.exports.files import json_text, plain_number
from psf.exports.tables import RECORDS, in_parts
from psf.text.dates import Precision, iso_date, months_of
from psf.text.phrases import permanent_address

Grant = dict[str, Any]

GRANTS = 50  # sent at once
SUPRANATIONAL = "GLS020"


def public_projects() -> Any:
    """The public projects. `left_out` says why one is no grant of the standard; "" for a grant."""
    leads = Partnership.objects.filter(project=OuterRef("pk"), role=Role.LEAD)
    decided = Decision.objects.public().filter(decided_on__isnull=False)
    reasons: list[tuple[Any, str]] = [
        (
            Q(amount_kind=AmountKind.CEILING),
            _("Only the ceiling was published, not the award."),
        ),
        (
            Q(amount_kind=AmountKind.RETURNED),
            _("The amount is what the project returned, not the award."),
        ),
        (Q(amount_kind=AmountKind.NOT_PUBLISHED), _("The amount was not published.")),
        (~Q(call__decision__in=decided), _("The day of the award is not known.")),
        (~Exists(leads.filter(partner__isnull=False)), _("The lead partner is not named.")),
        (Q(summary="", description=""), _("No description was published.")),
    ]
    whens = [When(condition, then=Value(sentence)) for condition, sentence in reasons]
    return Project.objects.public().annotate(left_out=Case(*whens, default=Value("")))


def awarded_projects() -> ProjectQuerySet:
    projects: ProjectQuerySet = public_projects().filter(left_out="")
    return projects


def left_out() -> Iterator[tuple[str, str, str, object]]:
    """The public projects that are no grants: reference, title, address and reason."""
    rows = public_projects().exclude(left_out="").order_by("reference")
    for row in rows.only("reference", "title", "slug"):
        yield row.reference, row.title, permanent_address(row), row.left_out


def grants() -> Iterator[Grant]:
    return grants_of(awarded_projects().order_by("reference").values_list("pk", flat=True))


def grants_of(keys: Iterable[int]) -> Iterator[Grant]:
    """The projects with these keys that are grants, in the order of references in each part."""
    related = ["country", "partner__country"]
    parts = Partnership.objects.select_related("partner").prefetch_related(*related)
    lists = [
        *map(kept, ["priorities", "topics", "activity_countries"]),
        kept("partnerships", parts),
    ]
    calls = Prefetch("call", Call.objects.select_related("decision"))
    rows = awarded_projects().prefetch_related(calls, *lists)
    rows = rows.defer("story", "as_published", "internal_note")
    for part in in_parts(keys):
        projects = list(rows.filter(pk__in=in_keys(Project, part)).order_by("reference"))
        changed = last_changes(projects)
        yield from (grant_of(project, changed[project.pk]) for project in projects)


def grant_of(project: Project, changed: datetime) -> Grant:
    """A loaded project as a grant, with its last change. The lead partner is the recipient."""
    address, lead = permanent_address(project), project.lead()
    amount, decided_on = project.amount_eur, project.call.decision.decided_on
    assert amount is not None and decided_on and lead and lead.partner  # see awarded_projects()
    return without_blanks(
        {
            "id": own_id(project.slug),
            "title": project.title,
            "description": project.description or project.summary,
            "currency": "EUR",
            "amountAwarded": plain_number(amount),
            "awardDate": decided_on.isoformat(),
            "url": address,
            "plannedDates": _planned_dates(project),
            "recipientOrganization": [_organisation(lead.partner)],
            "beneficiaryLocation": [
                {"name": country.name, "countryCode": country.code}
                for country in rows_of(project, "activity_countries")
            ],
            "fundingOrganization": [funder()],
            "grantProgramme": [
                {
                    "code": project.call.slug,
                    "title": project.call.title,
                    "url": permanent_address(project.call),
                }
            ],
            "fromOpenCall": "Yes",
            "classifications": _classifications(project),
            "dateModified": changed.isoformat(),
            "dataSource": address,
            "locationScope": SUPRANATIONAL if len(project.countries()) > 1 else "",
            "partnerOrganizations": [_partner(row) for row in project.others()],
        }
    )


def funder() -> dict[str, str]:
    return {"id": own_id("org-cbss"), "name": funder_data()["name"]}


def _planned_dates(project: Project) -> list[Grant]:
    """Start, end and months of the project, as precisely as known."""
    start, end = project.starts_on, project.ends_on
    are_years = Precision.YEAR in [project.starts_precision, project.ends_precision]
    period = without_blanks(
        {
            "startDate": iso_date(start, project.starts_precision),
            "endDate": iso_date(end, project.ends_precision),
            "duration": months_of(start, end) if start and end and not are_years else None,
        }
    )
    return [period] if period else []


def _organisation(partner: Partner) -> Grant:
    return without_blanks(
        {
            "id": organisation_id(partner),
            "name": partner.name,
            "addressLocality": partner.city,
            "addressCountry": partner.country.name,
            "url": partner.website,
            "location": [{"name": partner.country.name, "countryCode": partner.country_id}],
        }
    )


def _partner(partnership: Partnership) -> Grant:
    """Another partner. A partner that is not named has no identifier."""
    partner, country = partnership.partner, partnership.country
    return without_blanks(
        {
            "id": organisation_id(partner) if partner else "",
            "name": partner.name if partner else partnership.name_as_published,
            "role": partnership.role,
            "location": [{"name": country.name, "countryCode": country.code}],
        }
    )


def _classifications(project: Project) -> list[Grant]:
    vocabularies: list[tuple[str, Iterable[Priority | Topic]]] = [
        (_("CBSS long-term priority"), rows_of(project, "priorities")),
        (_("Topic"), rows_of(project, "topics")),
    ]
    return [
        {"vocabulary": vocabulary, "code": term.slug, "title": term.name}
        for vocabulary, terms in vocabularies
        for term in terms
    ]


def package() -> Grant:
    """The description of the file, without grants."""
    rows = awarded_projects().order_by().select_related("call")
    rows = rows.only("published_at", "changed_at", "call__published_at")
    moments = [at for part in chunked(rows, RECORDS) for at in last_changes(part).values()]
    texts = [
        _("The lead partner is the recipient. Other partners are in partnerOrganizations."),
        _("Projects without a published award are left out and listed with the reason: %(address)s")
        % {
            "address": f"{settings.SITE_URL}{reverse('open_data:giving360-left-out', args=['csv'])}"
        },
    ]
    if not settings.GRANTS360_PREFIX:
        sentence = _("The prefix “%(prefix)s” in identifiers is not registered with 360Giving.")
        texts.append(sentence % {"prefix": UNREGISTERED})
    funding = funder()
    return without_blanks(
        {
            "version": "1.4",
            "title": _("Grants of the Project Support Facility"),
            "description": " ".join(texts),
            "modified": max(moments).isoformat() if moments else None,
            "license": settings.DATA_LICENCE and settings.DATA_LICENCE.url,
            "identifier": own_id("grants"),
            "publisher": {
                "identifier": funding["id"],
                "name": funding["name"],
                "website": f"{settings.SITE_URL}/",
            },
            "downloadURL": f"{settings.SITE_URL}{reverse('open_data:giving360', args=['json'])}",
            "accessURL": f"{settings.SITE_URL}{reverse('data')}",
        }
    )


def json_parts(description: Grant, rows: Iterable[Grant]) -> Iterator[str]:
    """The file in JSON, in parts of many grants."""
    yield f'{json_text(description)[:-1]}, "grants": ['
    separator = ""
    for part in chunked(rows, GRANTS):
        yield separator + ",\n".join(map(json_text, part))
        separator = ",\n"
    yield "]}\n"


HEADINGS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "giving360.toml").read_text(encoding="utf-8")
)


RELATIONS = {
    "beneficiaryLocation": ["activity_countries"],
    "classifications": ["priorities", "topics"],
    "partnerOrganizations": ["partnerships"],
}


def columns() -> dict[str, str]:
    """The headings by the path of the value. Lists have columns for the longest list."""
    return {
        **HEADINGS["single"],
        **{
            f"{name}/{place}/{key}": f"{entries['heading']}:{place}:{heading}"
            for name, entries in HEADINGS["lists"].items()
            for place in range(_longest_list(name))
            for key, heading in entries["values"].items()
        },
    }


def _longest_list(name: str) -> int:
    """An upper limit of the number of entries in a list of the table."""
    length = 0
    for relation in RELATIONS[name]:
        numbers = awarded_projects().order_by().annotate(number=Count(relation))
        length += numbers.aggregate(most=Max("number"))["most"] or 0
    return length - (name == "partnerOrganizations")  # without the lead partner


def grant_rows(paths: Iterable[str], grants: Iterable[Grant]) -> Iterator[list[object]]:
    """The values at the paths of each grant; None where a grant has no value."""
    paths = list(paths)
    for grant in grants:
        values = dict(_values(grant, ""))
        yield [values.get(path) for path in paths]


def _values(value: object, path: str) -> Iterator[tuple[str, object]]:
    """All values below a path. Only entries of repeated lists have their place in the path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(item, f"{path}/{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _values(item, f"{path}/{place}" if path in HEADINGS["lists"] else path)
    else:
        yield path, value
