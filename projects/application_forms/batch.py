"""Several filled forms at once: compared with the records, then saved all or none."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from partners.models import Country, NameKind, Partner, PartnerKind, PartnerName
from projects.application_forms.layout import (
    ANSWER,
    BUDGET,
    CONTACT,
    MOST_TERMS,
    PARTNERS,
    PROJECT,
    QUESTIONS,
    Form,
)
from projects.application_forms.reader import Fault, ReadForm, read_form
from projects.application_forms.workbook import Values
from projects.eligibility.rules import RuleFinding, check_rules
from projects.imports.apply import import_table, write_plan
from projects.imports.columns import PROJECT_COLUMNS
from projects.imports.jobs import finish_import
from projects.imports.organisations import Key, key_of
from projects.imports.parser import Progress, ProjectTable, no_progress
from projects.imports.plan import Author, Plan, free_references, make_plan
from projects.imports.problems import Refused, refuse
from projects.models import (
    Answer,
    Call,
    Contact,
    Document,
    DocumentKind,
    Import,
    Project,
    ProjectStatus,
)
from projects.models.application_forms import COSTS, SHARES
from projects.post_award.documents import add_document
from psf.exports.responses import CONTENT_TYPES
from psf.files.virus_scanner import virus_error
from psf.text.folding import fold

CONTACT_KEPT = timedelta(days=365)


class Receipt(NamedTuple):
    """When an application arrived, in the time zone of the call; None if not known."""

    received_on: date | None = None
    received_time: time | None = None


@dataclass
class Batch:
    """Filled forms of a call: to save by reference, saved before, and with faults.

    `plan` compares the forms to save with the records. Nothing is written.
    """

    call: Call
    forms: dict[str, ReadForm] = field(default_factory=dict)
    saved_before: list[ReadForm] = field(default_factory=list)
    faulty: list[ReadForm] = field(default_factory=list)
    plan: Plan | None = None
    findings: dict[str, list[RuleFinding]] = field(default_factory=dict)

    def only(self, references: Iterable[str]) -> "Batch":
        """The same batch with the chosen applications."""
        chosen = {reference: self.forms[reference] for reference in references}
        return Batch(self.call, chosen)


def read_batch(
    files: Iterable[tuple[str, bytes]],
    call: Call,
    choices: dict[Key, int | None] | None = None,
    progress: Progress = no_progress,
) -> Batch:
    """Read files, give references, and compare with the records. A fault stops its file alone."""
    batch, form, files = Batch(call), Form(call), list(files)
    references = _References(call)
    for number, (name, content) in enumerate(files, start=1):
        if why := virus_error(BytesIO(content)):
            sent_form = ReadForm(name, content, faults=[Fault("", "", "", why)])
        else:
            sent_form = read_form(content, name, form)
        if sent_form.faults:
            batch.faulty.append(sent_form)
        elif references.is_saved(sent_form):
            batch.saved_before.append(sent_form)
        elif why := _refusal(batch, references, reference := references.of(sent_form)):
            sent_form.faults.append(Fault("", "", "", why))
            batch.faulty.append(sent_form)
        else:
            batch.forms[reference] = sent_form
        progress(_("Forms read"), number, len(files))
    _compare(batch, choices)
    return batch


def _refusal(batch: Batch, references: "_References", reference: str) -> str:
    """Why an application cannot be saved under its reference; "" if it can."""
    if first := batch.forms.get(reference):
        why = _("“%(file)s” has the same title and lead partner. Send one of the two.")
        return why % {"file": first.file_name}
    if status := references.decided.get(reference):
        why = _("%(reference)s is recorded as “%(status)s”. Only submitted ones can be replaced.")
        return why % {"reference": reference, "status": status}
    return ""


class _References:
    """The reference of each application: of the recorded one, or the next free one of the call."""

    def __init__(self, call: Call) -> None:
        rows = Project.objects.filter(call=call).with_partners()
        self.recorded = {(fold(row.title), _lead_of(row)): row.reference for row in rows}
        self.decided = {
            row.reference: row.get_status_display()
            for row in rows
            if row.status != ProjectStatus.SUBMITTED
        }
        documents = Document.objects.filter(project__call=call, kind=DocumentKind.APPLICATION)
        self.sums = set(documents.values_list("sha256", flat=True))
        self.free = free_references(call)

    def is_saved(self, read: ReadForm) -> bool:
        return read.sha256 in self.sums

    def of(self, read: ReadForm) -> str:
        lead = read.partners()[1]["partner_name"]
        key = (fold(read.title()), fold(lead))
        if key not in self.recorded:
            self.recorded[key] = next(self.free)
        return self.recorded[key]


def _lead_of(project: Project) -> str:
    lead = project.lead()
    return fold(lead.name_as_published or str(lead.partner or "")) if lead else ""


def _compare(batch: Batch, choices: dict[Key, int | None] | None) -> None:
    """Make the plan. Forms that the import refuses become faulty."""
    while batch.forms:
        try:
            table = table_of(batch, {})
            batch.plan = make_plan(table, batch.call, may_decide=False, choices=choices)
        except Refused as refusal:
            references = list(batch.forms)
            for problem in refusal.problems:
                sent_form = batch.forms[references[max(problem.row, 1) - 1]]
                sent_form.faults.append(Fault("", "", problem.quoted(), problem.why))
            for reference in references:
                if batch.forms[reference].faults:
                    batch.faulty.append(batch.forms.pop(reference))
        else:
            batch.findings = _findings_of(batch.plan)
            return


def _findings_of(plan: Plan) -> dict[str, list[RuleFinding]]:
    """What the rules of the call say about each application, as if it was saved."""
    with transaction.atomic():
        write_plan(plan)
        keys = [project.key() for project in plan.projects]
        rows = Project.objects.for_rules().filter(pk__in=keys)
        findings = {row.reference: check_rules(row) for row in rows}
        transaction.set_rollback(True)
    for project in plan.projects:
        project.new_pk = None
    for organisation in plan.organisations.values():
        organisation.new_pk = None
    return findings


def table_of(batch: Batch, receipts: dict[str, Receipt]) -> ProjectTable:
    """The forms as rows of an import. The row of a project is its place in the batch."""
    projects = {
        reference.upper(): sent_form.rows(
            reference, row, receipts.get(reference, Receipt()).received_on
        )
        for row, (reference, sent_form) in enumerate(batch.forms.items(), start=1)
    }
    used = {name for rows in projects.values() for name in rows.values}
    return ProjectTable([name for name in PROJECT_COLUMNS if name in used], projects)


def save_batch(
    batch: Batch,
    receipts: dict[str, Receipt],
    author: Author,
    choices: dict[Key, int | None] | None = None,
    progress: Progress = no_progress,
    finish: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Save the applications of a batch with their files: all or none. Raises `Refused`.

    `finish` runs at the end of the transaction.
    """
    if not batch.forms:
        raise refuse(_("Choose at least one application."))

    def save_parts(plan: Plan) -> None:
        _save_parts(batch, plan, receipts, author.user)
        finish(plan)

    return import_table(
        table_of(batch, receipts),
        batch.call,
        author,
        choices=choices,
        progress=progress,
        finish=save_parts,
    )


def _save_parts(batch: Batch, plan: Plan, receipts: dict[str, Receipt], by: User | None) -> None:
    """Save what an import has no column for. Runs in the transaction of the import."""
    facts = _facts_of_organisations(batch)
    for organisation in plan.new_organisations():
        _add_facts(organisation.key(), facts[key_of(organisation.name, organisation.country)])
    keys = {project.reference: project.key() for project in plan.projects}
    for reference, sent_form in batch.forms.items():
        project = Project.objects.get(pk=keys[reference])
        receipt = receipts.get(reference, Receipt())
        if receipt.received_time and receipt.received_on:
            project.received_time = receipt.received_time
            project.save(update_fields=["received_time"])
        project.activity_countries.set(Country.objects.filter(pk__in=sent_form.places()))
        _replace_answers(project, sent_form)
        _save_contact(project, sent_form)
        file = SimpleUploadedFile("application.xlsx", sent_form.content, CONTENT_TYPES["xlsx"])
        title = _("Application form %(number)d") % {"number": project.documents.count() + 1}
        kind = DocumentKind.APPLICATION
        add_document(project, file, by, kind=kind, title=title, day=receipt.received_on)


def _facts_of_organisations(batch: Batch) -> dict[Key, dict[str, Any]]:
    """What the forms say about each organisation. The first form with a fact decides."""
    facts: dict[Key, dict[str, Any]] = {}
    for sent_form in batch.forms.values():
        for partner in sent_form.partners().values():
            key = key_of(partner["partner_name"], partner["partner_country"])
            facts[key] = partner | facts.get(key, {})
    return facts


def _add_facts(key: int, facts: dict[str, Any]) -> None:
    """Add kind, website, language and further names to a new organisation."""
    names = {"partner_kind": "kind", "partner_website": "website"}
    names["partner_name_language"] = "name_language"
    values = {names[name]: value for name, value in facts.items() if name in names}
    Partner.objects.filter(pk=key).update(**values)
    for kind in [NameKind.ENGLISH, NameKind.ABBREVIATION]:
        if text := facts.get(kind):
            language = "en" if kind == NameKind.ENGLISH else ""
            PartnerName.objects.create(partner_id=key, text=text, kind=kind, language=language)


def _replace_answers(project: Project, read: ReadForm) -> None:
    """The answers and budgets of the form take the place of earlier ones."""
    project.answers.all().delete()
    project.budgets.all().delete()
    project.answers.bulk_create(
        Answer(project=project, question_id=question, number=number, text=text)
        for (question, number), text in read.answers().items()
    )
    budgets = read.budgets()
    for budget in budgets:
        budget.project = project
    project.budgets.bulk_create(budgets)


def _save_contact(project: Project, read: ReadForm) -> None:
    """The contact person, for questions about the application; kept for a year."""
    person = {key: value for key, value in read.of(CONTACT).items() if key != "declared"}
    Contact.objects.update_or_create(
        project=project,
        email=person.pop("email"),
        defaults={
            **person,
            "purpose": _("questions about the application"),
            "keep_until": timezone.localdate() + CONTACT_KEPT,
        },
    )


# Uploaded forms that wait for a confirmation


def receive_forms(
    call: Call,
    owner: User,
    workbooks: list[UploadedFile],
    received_on: date | None,
    received_time: time | None,
) -> Import:
    """Keep uploaded files until a person confirms what they would save."""
    Import.objects.expired().delete()
    upload = {
        "received_on": received_on and received_on.isoformat(),
        "received_time": received_time and received_time.isoformat("minutes"),
        "workbooks": [[file.name or "", b64encode(file.read()).decode()] for file in workbooks],
    }
    content = json.dumps(upload).encode()
    names = ngettext("%(count)d application form", "%(count)d application forms", len(workbooks))
    return Import.objects.create(
        call=call,
        owner=owner,
        is_of_applications=True,
        file_name=names % {"count": len(workbooks)},
        content=zlib.compress(content),
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )


class Upload(NamedTuple):
    """Uploaded files, each with name and content, and when they arrived, in ISO 8601."""

    workbooks: list[tuple[str, bytes]]
    received_on: str | None
    received_time: str | None


def upload_of(row: Import) -> Upload:
    upload = json.loads(zlib.decompress(row.content))
    files = [(name, b64decode(text)) for name, text in upload.pop("workbooks")]
    return Upload(files, **upload)


def save_forms(
    row: Import,
    batch: Batch,
    chosen: dict[str, Receipt],
    organisations: list[list[str | int | None]],
) -> None:
    """Save the chosen applications of an upload. Raises `Refused`."""
    choices: Any = {(country, name): key for country, name, key in organisations}
    author = Author(row.file_name, row.owner, may_decide=False)
    finish = partial(finish_import, row.pk)
    save_batch(batch.only(chosen), chosen, author, choices, finish=finish)


# A saved application as its form


def cells_of(project: Project) -> Values:
    """The cells of the form of a saved application. Reading them back changes no record."""
    lists = Form(project.call).lists
    cells: dict[tuple[str, str, int], Any] = {
        (PROJECT, name, 1): getattr(project, name)
        for name in ["title", "acronym", "summary", "description", "starts_on", "ends_on"]
    }
    terms: dict[str, Any] = {
        "priority": project.priorities,
        "topics": project.topics,
        "activity_countries": project.activity_countries,
    }
    for key, rows in terms.items():
        for place, term in enumerate(rows.order_by("name")[:MOST_TERMS], start=1):
            cells[PROJECT, f"{key}-{place}", 1] = term.name
    languages = {word.partition(" ")[0]: word for word in lists["languages"]}
    partnerships = project.partnerships.select_related("partner", "country").order_by(
        "role", "position", "pk"
    )
    for number, row in enumerate(partnerships.prefetch_related("partner__names"), start=1):
        partner = row.partner
        facts: dict[str, Any] = {
            "partner_name": row.name_as_published or str(partner or ""),
            "partner_country": row.country.name,
        }
        if partner:
            has_kind = partner.kind != PartnerKind.UNKNOWN
            facts |= {name.kind: name.text for name in partner.names.all()}
            facts["partner_kind"] = partner.get_kind_display() if has_kind else ""
            facts["partner_website"] = partner.website
            facts["partner_name_language"] = languages.get(partner.name_language, "")
        cells |= {(PARTNERS, key, number): value for key, value in facts.items()}
    for budget in project.budgets.all():
        amounts = {name: getattr(budget, name) for name in [*COSTS, *SHARES]}
        cells |= {(BUDGET, name, budget.number): amount for name, amount in amounts.items()}
    for answer in project.answers.select_related("question"):
        sheet = PARTNERS if answer.number else QUESTIONS
        cells[sheet, f"{ANSWER}{answer.question_id}", answer.number or 1] = answer.text
    return {key: value for key, value in cells.items() if value not in (None, "")}
