"""Many filled forms at once: read, compared with the records, then saved all or none."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _, ngettext

from projects.application_forms.layout import Form
from projects.application_forms.mails import add_fault_mail, add_receipt
from projects.application_forms.reader import ReadForm, read_form
from projects.application_forms.records import add_facts, differences, save_parts
from projects.eligibility.rules import check_rules
from projects.imports.apply import RECORDS_CHANGED, import_table, write_plan
from projects.imports.columns import PROJECT_COLUMNS
from projects.imports.organisations import Key
from projects.imports.parser import ProjectTable
from projects.imports.plan import Author, Plan, free_references, make_plan
from projects.imports.problems import Refused, refuse
from projects.models import Call, Document, DocumentKind, Import, Project, ProjectStatus
from psf.text.folding import fold


@dataclass
class Batch:
    """Filled forms of a call: to save, saved before, and with faults.

    `plan` compares the forms to save with the records. Nothing is written.
    """

    call: Call
    forms: list[ReadForm] = field(default_factory=list)
    saved_before: list[ReadForm] = field(default_factory=list)
    faulty: list[ReadForm] = field(default_factory=list)
    plan: Plan | None = None

    def changes(self) -> list[dict[str, Any]]:
        """The applications with a newer form, each with its differences, for a template."""
        form = Form(self.call)
        return [
            {
                "key": read.recorded.pk,
                "reference": read.reference,
                "title": read.recorded.title,
                "lines": differences(form, read.recorded, read),
            }
            for read in self.forms
            if read.recorded
        ]


def read_batch(
    files: Iterable[tuple[str, bytes]],
    call: Call,
    received: tuple[date | None, time | None] = (None, None),
) -> Batch:
    """Read files, give references, and compare with the records. A fault stops its file alone."""
    batch, form = Batch(call), Form(call)
    references = _References(call)
    for name, content in files:
        read = read_form(content, name, form)
        read.received_on, read.received_time = received
        _place(batch, form, references, read)
    _compare(batch)
    return batch


def _place(batch: Batch, form: Form, references: "_References", read: ReadForm) -> None:
    """Put a form among those to save, those saved before, or those with faults."""
    if read.faults:
        batch.faulty.append(read)
        return
    references.give(read)
    project, place = read.recorded, batch.faulty
    same = next((other for other in batch.forms if other.reference == read.reference), None)
    if same:
        why = _("“%(file)s” has the same title and lead partner. Send one of the two.")
        read.faults.append(why % {"file": same.file_name})
    elif read.sha256 in references.sums or (project and not differences(form, project, read)):
        place = batch.saved_before
    elif project and project.status != ProjectStatus.SUBMITTED:
        why = _("%(reference)s is recorded as “%(status)s”. Only submitted ones can be replaced.")
        words = {"reference": read.reference, "status": project.get_status_display()}
        read.faults.append(why % words)
    else:
        place = batch.forms
    place.append(read)


class _References:
    """The reference of each application: of the recorded one, or the next free one of the call."""

    def __init__(self, call: Call) -> None:
        rows = Project.objects.filter(call=call).with_partners()
        self.recorded = {(fold(row.title), _lead_of(row)): row for row in rows}
        documents = Document.objects.filter(project__call=call, kind=DocumentKind.APPLICATION)
        self.sums = set(documents.values_list("sha256", flat=True))
        self.free = free_references(call)
        self.given: dict[tuple[str, str], str] = {}

    def give(self, read: ReadForm) -> None:
        key = (fold(read.title()), fold(read.partners()[1]["partner_name"]))
        if project := self.recorded.get(key):
            read.reference, read.recorded = project.reference, project
            return
        for (_title, lead), row in self.recorded.items():
            if lead == key[1]:
                why = _(
                    "%(reference)s, “%(title)s”, has the same lead partner. Is this a newer form?"
                )
                read.notes.append(why % {"reference": row.reference, "title": row.title})
        if key not in self.given:
            self.given[key] = next(self.free)
        read.reference = self.given[key]


def _lead_of(project: Project) -> str:
    lead = project.lead()
    return fold(lead.name_as_published or str(lead.partner or "")) if lead else ""


def _compare(batch: Batch) -> None:
    """Make the plan. Forms that the import refuses become faulty."""
    while batch.forms:
        try:
            batch.plan = make_plan(_table_of(batch), batch.call, may_decide=False)
        except Refused as refusal:
            for problem in refusal.problems:
                read = batch.forms[max(problem.row, 1) - 1]
                read.faults.append(str(problem._replace(row=0, column="")))
            batch.faulty += [read for read in batch.forms if read.faults]
            batch.forms = [read for read in batch.forms if not read.faults]
        else:
            _apply_rules(batch.plan, batch.forms)
            return


def _apply_rules(plan: Plan, forms: list[ReadForm]) -> None:
    """Find what the rules of the call say about each application, as if it was saved."""
    with transaction.atomic():
        write_plan(plan)
        keys = [project.key() for project in plan.projects]
        rows = Project.objects.for_rules().filter(pk__in=keys)
        findings = {row.reference: check_rules(row) for row in rows}
        for read in forms:
            read.findings = findings[read.reference]
        transaction.set_rollback(True)


def _table_of(batch: Batch) -> ProjectTable:
    """The forms as rows of an import. The row of a project is its place in the batch."""
    projects = {
        read.reference.upper(): read.rows(row) for row, read in enumerate(batch.forms, start=1)
    }
    used = {name for rows in projects.values() for name in rows.values}
    return ProjectTable([name for name in PROJECT_COLUMNS if name in used], projects)


def save_batch(
    batch: Batch,
    author: Author,
    choices: dict[Key, int | None] | None = None,
    mails: Iterable[ReadForm] = (),
    finish: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Save the applications of a batch with their files: all or none. Raises `Refused`.

    Then the receipts wait, and the mails about the forms in `mails`. `finish` runs at the end of
    the transaction.
    """
    mails = list(mails)
    if not batch.forms and not mails:
        raise refuse(_("Choose at least one application."))

    def save_rest(plan: Plan) -> None:
        add_facts(plan.new_organisations(), batch.forms)
        plans = {project.reference: project for project in plan.projects}
        for read in batch.forms:
            planned, seen = plans[read.reference], read.recorded
            record = planned.record
            if (record.pk, record.version) != (seen and seen.pk, (seen or record).version):
                raise refuse(str(RECORDS_CHANGED))
            project = Project.objects.select_related("call").get(pk=planned.key())
            save_parts(project, read, planned.not_in_file, author.user)
            add_receipt(project, read)
        for read in mails:
            add_fault_mail(batch.call, read)
        finish(plan)

    return import_table(_table_of(batch), batch.call, author, choices=choices, finish=save_rest)


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
    )


def read_upload(row: Import) -> Batch:
    """The uploaded forms as they compare with the records of now."""
    upload = json.loads(zlib.decompress(row.content))
    files = [(name, b64decode(text)) for name, text in upload["workbooks"]]
    day, clock = upload["received_on"], upload["received_time"]
    received = day and date.fromisoformat(day), clock and time.fromisoformat(clock)
    return read_batch(files, row.call, received)
