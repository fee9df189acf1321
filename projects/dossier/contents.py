"""The files of a dossier: facts, assessments, history, letters, documents."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.assessment.actions import may_read_all
from projects.assessment.arithmetic import rounded
from projects.assessment.ranking import assessment_percent
from projects.eligibility import rules
from projects.models import (
    Agreement,
    Assessment,
    Consensus,
    Decision,
    DecisionLine,
    Document,
    IneligibilityFinding,
    Letter,
    Project,
    Score,
)
from psf.files import store
from psf.history.models import ChangeSet
from psf.history.states import record_changes
from psf.history.tracking import PUBLICATION_FIELDS, is_generated
from psf.history.visibility import hide_reasons, may_see, visible
from psf.history.words import field_in_words, field_label, sentences_by_change_set
from psf.text.dates import describe_moment

MANIFEST = "SHA256SUMS"


class File(NamedTuple):
    """A file of the archive. The content may be read as late as it is sent."""

    name: str
    chunks: Iterable[bytes]


class _Sink(io.RawIOBase):
    """Bytes that are written but not sent yet."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = bytearray()

    def write(self, data: Any) -> int:
        self.buffer += data
        return len(data)

    def drain(self) -> bytes:
        sent, self.buffer = bytes(self.buffer), bytearray()
        return sent


def zipped(folder: str, files: Iterable[File]) -> Iterator[bytes]:
    """The archive in pieces. `sha256sum -c SHA256SUMS` in the folder checks the files."""
    sink, sums = _Sink(), []
    with zipfile.ZipFile(sink, "w") as archive:
        for file in files:
            digest = sha256()
            with archive.open(_entry(f"{folder}/{file.name}"), "w") as member:
                for chunk in file.chunks:
                    member.write(chunk)
                    digest.update(chunk)
                    yield sink.drain()
            sums.append(f"{digest.hexdigest()}  {file.name}\n")
        archive.writestr(_entry(f"{folder}/{MANIFEST}"), "".join(sums))
    yield sink.drain()


def _entry(name: str) -> zipfile.ZipInfo:
    now = timezone.localtime()
    entry = zipfile.ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


class Fact(NamedTuple):
    key: str
    label: str
    words: str
    value: object


class Section(NamedTuple):
    """Records of one kind, each as its facts."""

    key: str
    title: str
    records: list[list[Fact]]


def facts_about(record: Model, leave_out: Iterable[str] = ()) -> list[Fact]:
    """Every field of a record except the key and generated fields; publication comes last."""
    fields = sorted(
        record._meta.local_concrete_fields, key=lambda field: field.name in PUBLICATION_FIELDS
    )
    return [
        _fact(record, field)
        for field in fields
        if not (field.primary_key or is_generated(field) or field.name in leave_out)
    ]


def _fact(record: Model, field: Field) -> Fact:
    words = field_in_words(record, field)
    value = words if field.is_relation else getattr(record, field.name)
    return Fact(field.name, field_label(field), words, value)


def section_files(name: str, sections: list[Section]) -> list[File]:
    """The sections as text for people, and as JSON for programs."""
    content = {
        section.key: [{fact.key: fact.value for fact in record} for record in section.records]
        for section in sections
    }
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    return [text_file(f"{name}.txt", sections), File(f"{name}.json", [text.encode()])]


def text_file(name: str, sections: Iterable[Section]) -> File:
    lines = []
    for section in sections:
        lines += [section.title, "=" * len(section.title), ""]
        for record in section.records:
            lines += [f"{fact.label}: {fact.words or '–'}" for fact in record]
            lines.append("")
        lines += [] if section.records else ["–", ""]
    return File(name, ["\n".join(lines).encode()])


# Assessors appear as numbers. Only those who lead the assessment see names and comments.
LEFT_OUT_OF_CONSENSUS = ["project", "text", "recorded_by"]


def assessment_files(project: Project, by: User) -> list[File]:
    """Points, results and consensus; [] if there is no assessment.

    For a person who may not read all of them, the file says only so.
    """
    assessments = project.assessments.order_by("pk").prefetch_related("scores__criterion")
    if not assessments:
        return []
    if not may_read_all(project, by):
        words = _("Left out: the person who downloaded this dossier may not read the assessment.")
        return [File("assessment.txt", [f"{words}\n".encode()])]
    rows = Consensus.objects.filter(project=project)
    consensus = [facts_about(row, LEFT_OUT_OF_CONSENSUS) for row in rows]
    sections = [
        *(_section(number, row) for number, row in enumerate(assessments, start=1)),
        Section("consensus", _("Consensus"), consensus),
    ]
    return section_files("assessment", sections)


def _section(number: int, row: Assessment) -> Section:
    title = _("Assessor %(number)d") % {"number": number}
    percent = assessment_percent(row) if row.submitted_at else None
    result = "" if percent is None else str(rounded(percent))
    scores = [_score_fact(score) for score in row.scores.all() if score.points is not None]
    state = str(row.state())
    recommendation = row.get_recommendation_display()
    facts = [
        Fact("state", _("State"), state, state),
        *scores,
        Fact("percent", _("Result (per cent)"), result, result or None),
        Fact("recommendation", _("Recommendation"), recommendation, row.recommendation),
    ]
    return Section(f"assessor_{number}", title, [facts])


def _score_fact(score: Score) -> Fact:
    criterion = score.criterion
    values = {"points": score.points, "most": criterion.maximum, "weight": criterion.weight}
    words = _("%(points)d of %(most)d, weight %(weight)d") % values
    return Fact(criterion.name, criterion.name, words, score.points)


# Relations of a project to its own records.
LISTS = ["partnerships", "sources", "answers", "budgets"]
AFTER_AWARD = ["instalments", "reports", "amendments", "repayments", "outputs"]
ADDRESS = "address"  # of a letter
CHUNK = 2**16  # bytes


def facts(project: Project) -> list[File]:
    sections = [
        Section("project", _("Project"), [facts_about(project)]),
        Section("terms", _("Terms and places"), [_terms_of(project)]),
        *(_list_of(project, name) for name in LISTS),
    ]
    return section_files("facts", sections)


def decision(project: Project) -> list[File]:
    """The committee's decision on the call and on this application."""
    decisions = Decision.objects.filter(call=project.call_id)
    lines = DecisionLine.objects.filter(project=project)
    sections = [
        Section("decision", _("Decision"), [facts_about(row) for row in decisions]),
        Section("line", _("On this application"), [facts_about(row, ["project"]) for row in lines]),
    ]
    return section_files("decision", sections)


def eligibility(project: Project) -> list[File]:
    """The findings of the rules of the call, the waivers, and the reasons for ineligibility."""
    findings = rules.check_rules(Project.objects.for_rules().get(pk=project.pk))
    sections = [
        Section("rules", _("Rules of the call"), [_facts_of(finding) for finding in findings]),
        _list_of(project, "waivers"),
        _list_of(project, "ineligibility_findings"),
    ]
    return section_files("eligibility", sections)


def evidence(project: Project) -> list[File]:
    """The frozen eligibility checks, each in a file with its check sum in the list."""
    rows = project.evidence.order_by("pk")
    records = [facts_about(row, ["project", "call", "content"]) for row in rows]
    return [
        text_file("evidence.txt", [Section("evidence", _("Evidence"), records)]),
        *(File(f"evidence/{row.kind}-{row.pk}.json", [row.content.encode()]) for row in rows),
    ]


def history(project: Project, by: User) -> list[File]:
    changes = visible(record_changes(Project, str(project.pk)), by)
    sentences = sentences_by_change_set(list(changes))
    sets = ChangeSet.objects.in_bulk(list(sentences))
    hide_reasons(sets.values(), by)
    lines = []
    for number, descriptions in sentences.items():
        change_set = sets[number]
        when = describe_moment(change_set.made_at)
        parts = [when, change_set.author(), change_set.get_channel_display()]
        lines.append(" · ".join(filter(None, parts)))
        lines += [f"  {_('Reason:')} {change_set.reason}"] if change_set.reason else []
        lines += [f"  {description.sentence}" for description in descriptions]
        lines.append("")
    return [File("history.txt", ["\n".join(lines).encode()])]


def money(project: Project) -> list[File]:
    """Agreement, instalments, reports, amendments, repayments and outputs."""
    agreements = Agreement.objects.filter(project=project)
    sections = [
        Section("agreement", _("Agreement"), [facts_about(row, ["project"]) for row in agreements]),
        *(_list_of(project, name) for name in AFTER_AWARD),
    ]
    return section_files("after-the-award", sections)


def letters(project: Project) -> list[File]:
    """The text of each letter, also of cancelled ones, and a list with their state."""
    rows = project.letters.order_by("pk")
    records = [facts_about(row, ["project", "text", ADDRESS]) for row in rows]
    index = text_file("letters.txt", [Section("letters", _("Letters"), records)])
    return [
        index,
        *(
            File(f"letters/{letter.pk}.txt", [f"{letter.subject}\n\n{letter.text}\n".encode()])
            for letter in rows
        ),
    ]


def documents(project: Project) -> list[File]:
    """The files, read while they are sent, with a list of the documents.

    A document with a missing file, which `check_files` reports, is only in the list.
    """
    rows = project.documents.order_by("pk")
    complete = [row for row in rows if store.path_of(row.stored_name).exists()]
    index = text_file("documents.txt", [_list_of(project, "documents")])
    return [
        index,
        *(File(f"documents/{row.pk}-{row.file_name}", _content(row)) for row in complete),
    ]


def _content(document: Document) -> Iterator[bytes]:
    with store.open_file(document.stored_name) as file:
        while chunk := file.read(CHUNK):
            yield chunk


# Each part, with the model that an account must be allowed to see.
PARTS: list[tuple[Callable[[Project], Iterable[File]], type[Model]]] = [
    (facts, Project),
    (eligibility, IneligibilityFinding),
    (evidence, IneligibilityFinding),
    (decision, DecisionLine),
    (letters, Letter),
    (money, Agreement),
    (documents, Document),
]


def files_of(project: Project, by: User) -> list[File]:
    """The files of all parts that this person may read."""
    files = [file for part, model in PARTS if may_see(by, model) for file in part(project)]
    return [*files, *history(project, by), *assessment_files(project, by)]


def contact_files(project: Project) -> list[File]:
    """Personal data: only for accounts that may see contact persons, and only on request."""
    return [text_file("contacts.txt", [_list_of(project, "contacts")])]


def _list_of(project: Project, name: str) -> Section:
    rows = getattr(project, name)
    parent = rows.field.name
    title = capfirst(str(rows.model._meta.verbose_name_plural))
    return Section(name, title, [facts_about(row, [parent]) for row in rows.all()])


def _terms_of(project: Project) -> list[Fact]:
    facts = []
    for field in Project._meta.local_many_to_many:
        names = [str(row) for row in getattr(project, field.name).all()]
        label = capfirst(str(field.verbose_name))
        facts.append(Fact(field.name, label, ", ".join(names), names))
    return facts


def _facts_of(finding: rules.RuleFinding) -> list[Fact]:
    return [
        Fact("rule", _("Rule"), finding.rule.label, finding.rule.key),
        Fact("verdict", _("Verdict"), str(finding.verdict.label), finding.verdict),
        Fact("working", _("Working"), finding.working, finding.working),
    ]
