"""Rebuild the public records from the files of the data set, in an empty database."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.country_data import countries_are_complete, load_countries
from partners.models import Membership, Merger, Partner, PartnerName
from projects.models import Call, Decision, Priority, Project, Source, Topic
from projects.open_data.package import DOCUMENTS_FOLDER
from projects.open_data.rebuild_projects import picked, rebuild_projects
from psf.exports.fields import Record
from psf.history import recording
from psf.history.channels import Channel
from psf.search.maintenance import update_indexes

CALL_FIELDS = [
    *["title", "slug", "summary", "description", "how_to_apply", "contact", "guidelines_url"],
    *["application_form_url", "opens_precision", "closes_precision", "time_zone", "floor_eur"],
    *["ceiling_eur", "budget_eur", "min_cofunding_percent", "min_member_states"],
    *["lead_from_member_state", "max_months", "received_count", "eligible_count", "funded_count"],
    *["opens_at", "closes_at", "published_at"],
]
PARTNER_FIELDS = ["name", "name_language", "slug", "kind", "city", "website", "registry_number"]
MEMBERSHIP_FIELDS = ["status", "valid_from", "from_precision", "valid_to", "source"]
NAME_FIELDS = ["text", "language", "kind", "valid_from", "valid_to", "source"]


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
        Membership(
            country_id=record["country_code"],
            organisation="" if record["country_code"] else record["holder"],
            **picked(record, MEMBERSHIP_FIELDS),
        )
        for record in records
    )


def _load_partners(records: list[Record]) -> dict[str, Partner]:
    """The organisations by permanent address."""
    partners = {
        record["address"]: Partner(
            country_id=record["country_code"], **picked(record, PARTNER_FIELDS)
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
        PartnerName(partner=partners[record["address"]], **picked(name, NAME_FIELDS))
        for record in records
        for name in record["names"]
    )
    Merger.objects.bulk_create(
        Merger(winner=partners[record["address"]], name=slug, slug=slug, before="[]", moved="{}")
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
        call = calls[record["slug"]] = Call.objects.create(**picked(record, CALL_FIELDS))
        for relation, by_slug in terms.items():
            getattr(call, relation).set(by_slug[term["slug"]] for term in record[relation])
        Source.objects.bulk_create(Source(call=call, **source) for source in record["sources"])
        if record["decision_published_at"]:
            _load_decision(call, record)
    for record in withdrawn:
        slug = record["call_slug"]
        if slug not in calls:
            calls[slug] = Call.objects.create(title=slug, slug=slug)
    return calls


def _load_decision(call: Call, record: Record) -> None:
    Decision.objects.create(
        call=call,
        body=record["decided_by"],
        meeting=record["decision_meeting"],
        mode=record["decision_mode"],
        reference=record["decision_reference"],
        decided_on=record["decided_on"],
        announced_on=record["announced_on"],
        published_at=record["decision_published_at"],
    )


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
