"""Each field of a record, changed for a moment, shows where its declaration says."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from partners import facts as of_partners
from partners.models import Country, Partner
from projects import facts
from projects.facts import AMENDMENT, CALL, DECISION, PRIORITY, PROJECT, TOPIC
from projects.models import AmendmentKind, Call, Project
from projects.open_data.selection import DATASETS
from projects.post_award.admin.forms import DocumentForm, OutputForm
from psf.history import recording
from psf.history.models import Channel
from psf.history.tracking import is_generated, parent_columns
from tests.projects.open_data.full_records import LONG_AGO, make_full_project
from tests.support.accounts import make_account
from tests.support.factories import (
    make_amendment,
    make_call,
    make_partner,
    make_partnership,
    make_priority,
    make_report,
    make_topic,
)

DECLARED_INTERNAL = facts.DECLARED.internal | of_partners.DECLARED.internal
ROOTS = {
    "projects": PROJECT,
    "calls": CALL,
    "partners": of_partners.PARTNER,
    "countries": of_partners.COUNTRY,
}
# Terms and countries have pages of their own or none: a project shows them.
LISTED = {"projects": {"priorities": PRIORITY, "topics": TOPIC}}
MODELS = [
    part
    for root in ROOTS.values()
    for part in [root, *root.parts, *(LISTED["projects"].values() if root is PROJECT else [])]
]
NEVER_CHANGES = "it never changes"
# Facts that only the data state.
NOT_ON_PAGE = {"published_at", "position", "sha256", "organisation"}
NOT_ON_PAGE |= {"partners.Membership.source"}  # only the data name it
NOT_ON_PAGE |= {"eligibility_expected", "decision_expected"}  # shown until the decision
# A change that needs more columns, by model and field.
WITHDRAWN = {"unpublished_at": LONG_AGO, "unpublished_reason": "A mistake"}
TOGETHER = {
    "unpublished_at": WITHDRAWN,
    "unpublished_reason": WITHDRAWN,
    "unpublished_with_results": {**WITHDRAWN, "unpublished_with_results": True},
    "project.status": {"status": "completed"},
    "project.received_time": {"received_on": date(2019, 3, 1), "received_time": time(12)},
    "amendment.kind": {"kind": AmendmentKind.OTHER, "ends_before": None, "ends_after": None},
    "output.published_at": {"published_at": None},
    "document.published_at": {"published_at": None},
    "document.kind": {"kind": "report"},  # an application is never public
    "document.stored_name": {"stored_name": "0" * 32 + ".docx"},
    "membership.organisation": {"organisation": "European Union", "country": None},
    "decision.published_at": {"published_at": None},
    "decision.announced_on": {"announced_on": date(2019, 8, 1)},
    "call.time_zone": {"time_zone": "Asia/Tokyo"},
}


@pytest.fixture
def records(db):
    project = make_full_project()
    make_call(title="Another call", slug="another-call")
    joined = project.partnerships.get(partner__slug="network")
    make_amendment(project, kind="joined", partnership=joined, day=date(2020, 2, 2))
    amounts = {"amount_before_eur": Decimal(1), "amount_after_eur": Decimal(2)}
    make_amendment(project, kind="budget", **amounts)
    lead, former = project.lead().partner, make_partner("Successor", slug="successor")
    make_partnership(project, former, joined_on=date(2020, 5, 5))
    Partner.objects.filter(pk=lead.pk).update(successor=former, succeeded_on=date(2024, 1, 1))
    lead.names.update(valid_from=date(2001, 1, 1), valid_to=date(2009, 1, 1))
    for name in ["Another name", "Third"]:
        make_priority(name), make_topic(name), make_account("Viewer")
    Call.objects.filter(pk=project.call_id).update(eligible_count=20, funded_count=5)
    make_report(project)
    return {
        "projects": Project.objects.get(pk=project.pk),
        "calls": Call.objects.get(pk=project.call_id),
        "partners": Partner.objects.get(pk=lead.pk),
        "countries": Country.objects.get(pk="LV"),
    }


def state(client, name, record):
    """What readers see of a record: its page, its row in the data, and the facts that are told."""
    record = type(record).objects.get(pk=record.pk)
    page = client.get(record.get_absolute_url()).content.decode()
    table = DATASETS[name].table
    row = str([*table.records([record.pk], table.fields)])
    told = {key: (str(label), words) for key, (label, words) in ROOTS[name].tell(record).items()}
    return page, row, told


def changed_value(field, row):
    value, options = getattr(row, field.attname), [key for key, _label in field.flatchoices or []]
    if options:
        return next(option for option in options if option not in [value, ""])
    if field.is_relation:
        manager = field.related_model._default_manager
        others = getattr(manager, "public", manager.all)().order_by("-pk")
        itself = row.pk if field.related_model is type(row) else None
        return next(other.pk for other in others if other.pk not in [value, itself])
    match value:
        case bool():
            return not value
        case datetime():
            return value - timedelta(days=1)
        case date():
            return value - timedelta(days=40)
        case int() | Decimal():
            return value + 1
        case None:
            return {
                models.DateField: date(2020, 2, 20),
                models.DateTimeField: timezone.now(),
                models.BooleanField: True,
            }.get(type(field), 7)
    if field.name == "applicant_kinds":
        return "company"
    return "fi" if "language" in field.name else f"{value[:-1]}{'y' if value[-1:] == 'x' else 'x'}"


def change(row, field):
    model = type(row)
    if field.many_to_many:
        others = field.related_model.objects.exclude(pk__in=getattr(row, field.name).all())
        getattr(row, field.name).add(others.first())
        return
    values = TOGETHER.get(f"{model._meta.model_name}.{field.name}") or TOGETHER.get(field.name)
    values = values or {field.attname: changed_value(field, row)}
    with recording.change_set(None, channel=Channel.FORM):  # another set than that of the records
        model._base_manager.filter(pk=row.pk).update(**values)


def declared_fields(part) -> Iterator:
    """The fields of a model with their facts; None for a field without a declaration."""
    parents = {parent.column for parent in parent_columns(part.model)}
    facts_by_field = {part.field_of(fact): fact for fact in part.lines.values()}
    for field in part.fields.values():
        fact = facts_by_field.get(field)
        is_structure = field.primary_key or field.column in parents or is_generated(field)
        if fact or not is_structure:
            yield field, fact


def parts_of(name, record) -> Iterator:
    root = ROOTS[name]
    yield root, [record]
    for part in root.parts:
        rows = getattr(record, part.relation)
        yield part, [*rows.all()] if hasattr(rows, "all") else [rows]
    for relation, part in LISTED.get(name, {}).items():
        yield part, [*getattr(record, relation).all()]


def seen_change(client, name, record, row, field, before):
    """Whether page, data and told facts change with a field; None if it cannot change alone."""
    savepoint = transaction.savepoint()
    try:
        with transaction.atomic():
            change(row, field)
        return [old != new for old, new in zip(before, state(client, name, record), strict=True)]
    except IntegrityError:
        return None
    finally:
        transaction.savepoint_rollback(savepoint)


@pytest.mark.parametrize("name", ROOTS)
def test_each_field_shows_where_it_is_declared_to(client, records, name):
    record, problems = records[name], []
    before = state(client, name, record)
    for part, rows in parts_of(name, record):
        for field, fact in declared_fields(part):
            label = f"{part.model._meta.model_name}.{field.name}"
            if fact is None:
                problems.append(f"{label}: no declaration")
            elif not field.primary_key:
                changes = [seen_change(client, name, record, row, field, before) for row in rows]
                seen = [*filter(None, changes)]
                if not (seen and is_as_declared(field, fact, seen)):
                    problems.append(f"{label}: change of page, data and log: {seen}")
    assert problems == []


def is_as_declared(field, fact, seen):
    """An internal field shows for no row, a public one for a row at least."""
    if fact.internal:
        return not any(map(any, seen))
    wanted = [NOT_ON_PAGE.isdisjoint([field.name, str(field)]), True, not fact.untold]
    return any(
        all(shows or not wants for shows, wants in zip(row, wanted, strict=True)) for row in seen
    )


def test_each_model_is_public_or_internal():
    public = {part.model._meta.label_lower for part in [*MODELS, DECISION]}
    public |= {model._meta.label_lower for root in ROOTS.values() for model in root.models_of_log()}
    ours = [
        model
        for app in ["projects", "partners"]
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    models_of_tables = {model._meta.label_lower for model in ours if not model._meta.proxy}
    assert public | DECLARED_INTERNAL.keys() == models_of_tables
    assert public & DECLARED_INTERNAL.keys() == set()


def test_the_dictionary_names_each_record_with_its_lines():
    text = (settings.BASE_DIR / "docs/data-dictionary.md").read_text("utf-8")
    rows = re.findall(r"^\| (`\w+\.\w+`.*) \| `\[(\w+)\]`.* \|$", text, re.MULTILINE)
    named = {
        (model, section) for models, section in rows for model in models.strip("`").split("`, `")
    }
    sections = facts.DECLARED.facts | of_partners.DECLARED.facts
    names = {id(lines): name for name, lines in sections.items()}
    assert named == {(part.model._meta.label, names[id(part.lines)]) for part in MODELS}


def test_lines_are_complete():
    for part in MODELS:
        for fact in part.lines.values():
            reasons = [fact.told_by, fact.untold, fact.internal]
            assert sum(map(bool, reasons)) <= 1, fact
            assert not (fact.internal and fact.meaning), fact
            sections = [root.lines for root in ROOTS.values() if part in [root, *root.parts]]
            assert not fact.told_by or any(
                fact.told_by in {**part.lines, **lines} for lines in sections
            ), fact


def form_fields(rf, account) -> Iterator[tuple[type, str]]:
    request = rf.get("/")
    request.user = account
    for page in admin.site._registry.values():
        formsets = [inline.get_formset(request) for inline in page.get_inline_instances(request)]
        yield from ((rows.model, rows.fk.name) for rows in formsets)  # the record of the form
        forms = [page.get_form(request), *(rows.form for rows in formsets)]
        for form in forms:
            yield from ((form._meta.model, name) for name in form.base_fields)
            # The precision of a day follows what is typed.
            typed = (getattr(row, "precision_name", "") for row in form.base_fields.values())
            yield from ((form._meta.model, name) for name in typed)
    for form in [DocumentForm, OutputForm]:
        yield from ((form.model, name) for name in form.names)


def test_each_public_field_is_in_a_form(rf, admin_user):
    found = {*form_fields(rf, admin_user)}
    missing = [
        f"{part.model._meta.model_name}.{field.name}"
        for part in MODELS
        if part not in [AMENDMENT, of_partners.COUNTRY]  # written by the program
        for field, fact in declared_fields(part)
        if field.editable and not (fact is None or fact.internal or fact.untold == NEVER_CHANGES)
        if (part.model, field.name) not in found
    ]
    assert missing == []
