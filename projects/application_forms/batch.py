"""Many filled forms at once: read, compared with the records, saved all or none, and answered."""

import json
import zlib
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import chain
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.mail import EmailMessage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.text import get_text_list
from django.utils.translation import gettext as _, ngettext

from projects.application_forms.layout import Form
from projects.application_forms.reader import ReadForm, read_form
from projects.application_forms.records import (
    add_facts,
    differences,
    holds_more,
    name_of,
    rows_of_import,
    save_parts,
    values_of,
)
from projects.eligibility.rules import check_rules
from projects.imports.apply import RECORDS_CHANGED, import_table
from projects.imports.differences import name_of_field
from projects.imports.organisations import Key
from projects.imports.parser import ProjectTable
from projects.imports.plan import Author, Plan, free_references, make_plan
from projects.imports.problems import Refused, refuse
from projects.imports.template import PROJECT_COLUMNS
from projects.models import Call, Document, DocumentKind, FormMail, Import, Project, ProjectStatus
from psf.text.dates import Precision, describe
from psf.text.folding import fold
from psf.text.mails import NOT_SENT, mail_of

# The values of an application that a form changes and that no cell of it has.
NOT_IN_CELLS = ["received_on", "received_time", "total_budget_eur", "requested_eur"]


@dataclass
class Batch:
    """Filled forms of a call: to save, saved before, and those that cannot be saved.

    `plan` compares the forms to save with the records. Nothing is written.
    """

    call: Call
    forms: list[ReadForm] = field(default_factory=list)
    saved_before: list[ReadForm] = field(default_factory=list)
    stopped: list[ReadForm] = field(default_factory=list)
    plan: Plan | None = None

    def to_mail(self) -> list[ReadForm]:
        """The forms with faults that an applicant can correct, and with an address."""
        return [read for read in self.stopped if read.faults and read.address()]

    def table(self) -> ProjectTable:
        """The forms as rows of an import. The row of a project is its place in the batch."""
        projects = {
            read.reference.upper(): rows_of_import(read, row)
            for row, read in enumerate(self.forms, start=1)
        }
        used = {name for rows in projects.values() for name in rows.values}
        return ProjectTable([name for name in PROJECT_COLUMNS if name in used], projects)


def read_batch(
    files: Iterable[tuple[str, bytes]],
    call: Call,
    received: tuple[date | None, time | None] = (None, None),
) -> Batch:
    """Read files, compare them with each other and with the records, and give references.

    A fault stops its file alone. Of two versions of an application none is saved.
    """
    batch, form = Batch(call), Form(call)
    recorded = defaultdict[Key, list[Project]](list)
    for project in Project.objects.filter(call=call).with_partners():
        recorded[_key_of(project)].append(project)
    documents = Document.objects.filter(project__call=call, kind=DocumentKind.APPLICATION)
    sums = set(documents.values_list("sha256", flat=True))
    versions = defaultdict[Key, list[ReadForm]](list)
    for read in _read_files(files, form, recorded):
        read.received_on, read.received_time = received
        if read.sha256 in sums or (read.recorded and not read.differences):
            batch.saved_before.append(read)
        elif read.faults:
            batch.stopped.append(read)
        else:
            versions[read.key()].append(read)
    free = free_references(call)
    for read in (read for same in versions.values() for read in same):
        read.obstacles += _obstacles(read, versions[read.key()], recorded[read.key()])
        read.notes += _similar(read, recorded)
        if not read.obstacles:
            read.reference = read.recorded.reference if read.recorded else next(free)
        (batch.stopped if read.obstacles else batch.forms).append(read)
    _compare(batch, form)
    return batch


def _read_files(
    files: Iterable[tuple[str, bytes]], form: Form, recorded: dict[Key, list[Project]]
) -> Iterable[ReadForm]:
    """The forms in files, compared with the application of the same key, if there is one alone.

    Of files with the same content the first counts, with a note.
    """
    reads = dict[str, ReadForm]()
    for name, content in files:
        read = read_form(content, name, form)
        projects = recorded.get(read.key(), [])
        if len(projects) == 1:
            if read.faults:  # what is recorded is none
                read = read_form(content, name, form, values_of(projects[0], with_contact=True))
            read.recorded = projects[0]
            read.differences = differences(form, projects[0], read)
        same = reads.setdefault(read.sha256 if read.faults else repr(read.values), read)
        if same is not read:
            same.notes.append(_("“%(file)s” has the same content.") % {"file": name})
    return reads.values()


def _key_of(project: Project) -> Key:
    """What tells applications apart: title and name of the lead partner, folded."""
    lead = project.lead()
    return fold(project.title), fold(name_of(lead) if lead else "")


def _obstacles(read: ReadForm, versions: list[ReadForm], recorded: list[Project]) -> Iterator[str]:
    """Why a form without faults cannot be saved, in sentences for staff."""
    if len(recorded) > 1:
        why = _("%(references)s have this title and lead partner. Change all titles but one.")
        references = sorted(project.reference for project in recorded)
        yield why % {"references": get_text_list(references, _("and"))}
    why = _("“%(file)s” has the same title and lead partner. Choose only the file that counts.")
    for other in versions:
        if other is not read:
            yield why % {"file": other.file_name}
    project = read.recorded
    if project and project.status != ProjectStatus.SUBMITTED:
        why = _("%(reference)s is recorded as “%(status)s”. Only submitted ones can be replaced.")
        yield why % {"reference": project.reference, "status": project.get_status_display()}
    if project and holds_more(project):
        why = _("%(reference)s has more partners, topics or places than a form. Change the record.")
        yield why % {"reference": project.reference}


def _similar(read: ReadForm, recorded: dict[Key, list[Project]]) -> Iterator[str]:
    """The recorded applications with the title or lead partner of a new one, in sentences."""
    whys = [
        _("%(reference)s, “%(title)s”, has the same title. Is this a newer form?"),
        _("%(reference)s, “%(title)s”, has the same lead partner. Is this a newer form?"),
    ]
    candidates = [] if recorded[read.key()] else recorded.values()
    for project in chain.from_iterable(candidates):
        for why, own, recorded_part in zip(whys, read.key(), _key_of(project), strict=True):
            if own == recorded_part:
                yield why % {"reference": project.reference, "title": project.title}


def _compare(batch: Batch, form: Form) -> None:
    """Make the plan, and find what the rules say. Forms that the import refuses are stopped."""
    while batch.forms and not batch.plan:
        try:
            batch.plan = make_plan(batch.table(), batch.call, may_decide=False)
        except Refused as refusal:
            for problem in refusal.problems:
                read = batch.forms[max(problem.row, 1) - 1]
                read.obstacles.append(str(problem._replace(row=0, column="")))
            batch.stopped += [read for read in batch.forms if read.obstacles]
            batch.forms = [read for read in batch.forms if not read.obstacles]
        else:
            _name_differences(batch.plan, batch.forms)
    for read in batch.forms:
        waivers = read.recorded.waivers.all() if read.recorded else []
        read.findings = check_rules(form.application_of(read.values, waivers))


def _name_differences(plan: Plan, forms: list[ReadForm]) -> None:
    """Let the plan name each changed cell, and what no cell has: moment of receipt and sums."""
    names = {name_of_field(name) for name in NOT_IN_CELLS}
    for read, planned in zip(forms, plan.projects, strict=True):
        others = [line for line in planned.differences if line[0] in names]
        planned.differences = [*read.differences, *others]


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
        add_facts(plan, batch.forms)
        _name_differences(plan, batch.forms)
        for read, planned in zip(batch.forms, plan.projects, strict=True):
            seen, record = read.recorded, planned.record
            if (record.pk, record.version) != (seen and seen.pk, (seen or record).version):
                raise refuse(str(RECORDS_CHANGED))
            project = Project.objects.select_related("call").get(pk=planned.key())
            save_parts(project, read, planned.rows, author.user)
            add_mail(batch.call, read, project)
        for read in mails:
            add_mail(batch.call, read)
        finish(plan)

    return import_table(batch.table(), batch.call, author, choices=choices, finish=save_rest)


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
    files = [[file.name, b64encode(file.read()).decode()] for file in workbooks]
    upload = {"received": [received_on, received_time], "files": files}
    content = json.dumps(upload, cls=DjangoJSONEncoder).encode()
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
    files = [(name, b64decode(text)) for name, text in upload["files"]]
    day, clock = upload["received"]
    return read_batch(files, row.call, (parse_date(day or ""), parse_time(clock or "")))


# Mails to applicants, which wait until staff send them


def add_mail(call: Call, read: ReadForm, project: Project | None = None) -> None:
    """Let a mail wait: the receipt of a saved application, or the faults of a form.

    It takes the place of the same mail that waits.
    """
    kind, moments = ("receipt", _moments(project)) if project else ("faults", [])
    context = {"call": call, "read": read, "project": project, "moments": moments}
    message = mail_of(f"form_{kind}", read.address(), context)
    same = {"call": call, "project": project, "address": read.address()}
    same["subject"] = str(message.subject)
    FormMail.objects.waiting().filter(**same).delete()
    FormMail.objects.create(**same, text=str(message.body))


def _moments(project: Project) -> list[str]:
    """The moment of receipt in UTC and in the time zone of the call, or the day."""
    day, clock = project.received_on, project.received_time
    if not day or not clock:
        return [describe(day, Precision.DAY)] if day else []
    moment = datetime.combine(day, clock, ZoneInfo(project.call.time_zone))
    words = [describe(when, Precision.MINUTE) for when in [moment, moment.astimezone(UTC)]]
    return [*dict.fromkeys(words)]


def send_mails(mails: Iterable[FormMail], by: User, *, by_hand: bool = False) -> int:
    """Send waiting mails, or mark them as sent by hand. Returns their number.

    A mail counts as sent only when the mail server accepts it. Raises ValidationError for the first
    one that it refuses; the mails before it are sent.
    """
    sent = 0
    for mail in mails:
        with transaction.atomic():
            waiting = FormMail.objects.waiting().filter(pk=mail.pk)
            is_ours = waiting.update(sent_at=timezone.now(), sent_by=by)  # or sent by a colleague
            try:
                if is_ours and not by_hand:
                    EmailMessage(mail.subject, mail.text, to=[mail.address]).send()
            except NOT_SENT:
                why = _(
                    "The mail server refused the mail to %(address)s. Mails sent before it: "
                    "%(count)d. Check the address, or try again later."
                )
                raise ValidationError(why % {"address": mail.address, "count": sent}) from None
        sent += is_ours
    return sent
