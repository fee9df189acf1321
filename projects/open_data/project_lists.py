"""Lists of a project in the public data: memberships of its countries, results, documents."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import F, Model, QuerySet

from partners.models import Country
from partners.pages.countries import membership_status
from projects.models import Amendment, Call, Document, Output, Project
from projects.models.choices import ACTIVE_STATUSES
from projects.models.post_award import IN_EFFECT
from projects.pages.project_detail import (
    DOCUMENT_COLUMNS,
    OUTPUT_COLUMNS,
    PublishedDocument,
)
from projects.pages.status_labels import status_in_words
from psf.database.sql import in_keys
from psf.exports.fields import Key, Record


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


def load_outputs(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    columns = ["project", "project__slug", *OUTPUT_COLUMNS]
    lists = defaultdict(list)
    for key, slug, *values in _published(Output, records).values_list(*columns):
        output = PublishedDocument("Output", slug, *values)
        lists[key].append(
            {
                **_described(output),
                "url": output.url,
                "file": _file_address(output) if output.file else "",
            }
        )
    return lists


def load_documents(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    """The published documents, also the documents of outputs."""
    columns = ["project", "project__slug", *DOCUMENT_COLUMNS, "sha256"]
    lists = defaultdict(list)
    for key, slug, *values, sha256 in _published(Document, records).values_list(*columns):
        document = PublishedDocument("Document", slug, *values)
        lists[key].append(
            {
                **_described(document),
                "size": document.size,
                "sha256": sha256,
                "file": _file_address(document),
            }
        )
    return lists


def _published(model: type[Model], records: Mapping[Key, Record]) -> QuerySet:
    manager: Any = model._default_manager
    rows = manager.public().filter(project__in=in_keys(Project, records))
    published: QuerySet = rows.order_by(F("day").desc(nulls_last=True), "pk")
    return published


def _described(document: PublishedDocument) -> Record:
    return {
        "title": document.title,
        "kind": document.kind,
        "language": document.language,
        "day": document.day,
        "licence": document.licence,
    }


def _file_address(document: PublishedDocument) -> str:
    return f"{settings.SITE_URL}{document.address}"
