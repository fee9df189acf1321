"""Rebuild the public records from the files of the data set, in an empty database.

Django reads days and moments of ISO 8601.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connection
from django.utils.translation import gettext as _

from partners.country_data import countries_are_complete, load_countries
from partners.facts import MEMBERSHIP, NAME, PARTNER
from partners.models import Membership, Merger, Partner, PartnerName
from projects.facts import CALL, DECISION, DOCUMENT, OUTPUT, PARTNERSHIP, PROJECT, SOURCE
from projects.models import (
    Amendment,
    AmendmentKind,
    Call,
    Decision,
    Document,
    DocumentKind,
    Partnership,
    Priority,
    Project,
    Source,
    Topic,
)
from projects.open_data.package import DOCUMENTS_FOLDER
from psf.exports.tables import Record
from psf.files import store
from psf.files.types import PICTURE
from psf.history import recording
from psf.history.models import Channel
from psf.search.index import update_indexes
from psf.text.dates import Precision


def rebuild(folder: Path) -> str:
    """Load all files of a folder in one transaction, and return the numbers in a sentence."""
    if Call.objects.exists() or Partner.objects.exists():
        raise ValidationError(
            _("This database has records. Use a new database after manage.py migrate.")
        )
    tables = {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["rows"]
        for name in ["calls", "projects", "partners", "memberships", "withdrawn"]
    }
    with recording.change_set(None, channel=Channel.COMMAND, reason="import_data"):
        if not countries_are_complete():
            load_countries()
        _load_memberships(tables["memberships"])
        partners = _load_partners(tables["partners"])
        calls = _load_calls(tables["calls"], tables["withdrawn"])
        terms, files = terms_of(tables["projects"]), folder / DOCUMENTS_FOLDER
        rebuild_projects(tables["projects"], calls, partners, terms, files)
        _load_withdrawn(tables["withdrawn"], calls)
        update_indexes()
    sentence = _("Loaded %(calls)d calls, %(projects)d projects and %(partners)d organisations.")
    return sentence % {name: len(tables[name]) for name in ["calls", "projects", "partners"]}


def _load_memberships(records: list[Record]) -> None:
    Membership.objects.all().delete()
    Membership.objects.bulk_create(
        MEMBERSHIP.restored(
            record,
            country_id=record["country_code"],
            organisation="" if record["country_code"] else record["holder"],
        )
        for record in records
    )


def _load_partners(records: list[Record]) -> dict[str, Partner]:
    partners = {
        # The day needs its successor, which is set below.
        record["address"]: PARTNER.restored(
            record, country_id=record["country_code"], succeeded_on=None
        )
        for record in records
    }
    Partner.objects.bulk_create(partners.values())
    for record in records:
        partner = partners[record["address"]]
        for name in ["parent", "successor"]:
            for relative in record[name]:
                setattr(partner, name, partners[relative["address"]])
        partner.succeeded_on = record["succeeded_on"]
    Partner.objects.bulk_update(partners.values(), ["parent", "successor", "succeeded_on"])
    PartnerName.objects.bulk_create(
        NAME.restored(name, partner=partners[record["address"]])
        for record in records
        for name in record["names"]
    )
    Merger.objects.bulk_create(
        Merger(winner=partners[record["address"]], name=slug, slug=slug)
        for record in records
        for slug in record["former_slugs"]
    )
    return partners


def terms_of(records: list[Record]) -> dict[str, dict[str, Any]]:
    """The priorities and topics of the records by slug, created if missing."""
    terms: dict[str, dict[str, Any]] = {}
    models: dict[str, type[Priority] | type[Topic]] = {"priorities": Priority, "topics": Topic}
    for relation, model in models.items():
        names = {term["slug"]: term["name"] for record in records for term in record[relation]}
        for slug, name in names.items():
            model.objects.get_or_create(slug=slug, defaults={"name": name})
        terms[relation] = model.objects.in_bulk(names, field_name="slug")
    return terms


def _load_calls(records: list[Record], withdrawn: list[Record]) -> dict[str, Call]:
    """The calls by slug: the public calls, and calls that only withdrawn pages name."""
    terms, calls = terms_of(records), {}
    for record in records:
        call = calls[record["slug"]] = CALL.restored(record)
        call.save()
        for relation, by_slug in terms.items():
            getattr(call, relation).set(by_slug[term["slug"]] for term in record[relation])
        Source.objects.bulk_create(SOURCE.restored(row, call=call) for row in record["sources"])
        if record["decision_published_at"]:
            DECISION.restored(record, call=call).save()
    for record in withdrawn:
        slug = record["call_slug"]
        if slug not in calls:
            calls[slug] = Call.objects.create(title=slug, slug=slug)
    return calls


def _load_withdrawn(records: list[Record], calls: Mapping[str, Call]) -> None:
    """Records that only answer with the day and the reason of their withdrawal."""
    for record in records:
        call = calls[record["call_slug"]]
        unpublished = {
            "unpublished_at": record["unpublished_at"],
            "unpublished_reason": record["reason"],
        }
        if record["kind"] == "call":
            Call.objects.filter(pk=call.pk).update(**unpublished)
        elif record["kind"] == "results":
            Decision.objects.create(call=call, **unpublished)
        else:
            names = {name: record[name] for name in ["reference", "slug"]}
            Project.objects.create(call=call, title=record["reference"], **names, **unpublished)


def rebuild_projects(
    records: list[Record],
    calls: Mapping[str, Call],
    partners: Mapping[str, Partner],
    terms: Mapping[str, Mapping[str, Any]],
    files: Path,
) -> None:
    """Load the projects of calls by slug, with partners by permanent address.

    `files` is the folder of the documents.
    """
    # The newest call is first. Pages about similar projects prefer newer records.
    for record in reversed(records):
        project = PROJECT.restored(record, call=calls[record["call_slug"]])
        project.save()
        for relation, by_slug in terms.items():
            getattr(project, relation).set(by_slug[term["slug"]] for term in record[relation])
        project.activity_countries.set(row["code"] for row in record["places"])
        project.announced_countries.set(row["code"] for row in record["announced_countries"])
        _load_parts(project, record["partners"], partners)
        Source.objects.bulk_create(
            SOURCE.restored(row, project=project) for row in record["sources"]
        )
        _load_files(project, record, files)
        _load_prolongation(project, record)
    # Documents have their old keys, which are in the addresses of their files.
    statements = connection.ops.sequence_reset_sql(no_style(), [Document])
    with connection.cursor() as cursor:
        cursor.execute("".join(statements) or "SELECT 1")


def _load_parts(project: Project, records: list[Record], partners: Mapping[str, Partner]) -> None:
    Partnership.objects.bulk_create(
        PARTNERSHIP.restored(
            record,
            project=project,
            partner=partners[record["address"]] if record["address"] else None,
            country_id=record["country_code"],
        )
        for record in records
    )


def _load_files(project: Project, record: Record, files: Path) -> None:
    """Load documents and outputs. Without its file, a document has a name that leads nowhere.

    An application, which earlier versions may contain, is hidden, with the outputs that offer it.
    """
    documents = {}
    for row in record["documents"]:
        key, extension = int(row["file"].split("/")[-2]), row["file"].rpartition(".")[2]
        file = files / f"{key}.{extension}"
        is_here = file.is_file()
        name = store.save_file([file.read_bytes()], extension).name if is_here else file.name
        documents[row["file"]] = DOCUMENT.restored(
            row,
            pk=key,
            project=project,
            stored_name=name,
            published_at=None if row["kind"] == DocumentKind.APPLICATION else project.published_at,
            has_consent=extension == PICTURE,
        )
        documents[row["file"]].save()
    for row in record["outputs"]:
        OUTPUT.restored(
            row,
            project=project,
            document=documents.get(row["file"]),
            published_at=documents.get(row["file"], project).published_at,
            url=row["url"] or ("" if row["file"] in documents else row["file"]),
        ).save()


def _load_prolongation(project: Project, record: Record) -> None:
    """The announced end, as an amendment. The day of the agreement is not public."""
    announced, end = record["announced_end_on"], record["ends_on"]
    if record.get("is_prolonged", announced):  # versions before 29 November 2026 have no such field
        Amendment.objects.create(
            project=project,
            kind=AmendmentKind.PROLONGATION,
            agreed_on=announced or date.fromisoformat(record["changed_at"][:10]),
            words="import_data",
            ends_before=announced,
            ends_before_precision=record["announced_end_precision"] or Precision.DAY,
            # A project can end before its announced end: the agreed end is not public.
            ends_after=end if end and end > (announced or "") else date.max,
        )
