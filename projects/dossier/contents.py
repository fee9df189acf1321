"""The files of a dossier: facts, assessments, history, letters, documents."""

import zipfile
from collections.abc import Callable, Iterable
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.assessment.ranking import results_of, rounded
from projects.eligibility.rules import check_rules
from projects.models import (
    Agreement,
    Assessment,
    Consensus,
    Decision,
    DecisionLine,
    Document,
    Evidence,
    IneligibilityFinding,
    Letter,
    Project,
)
from psf.files import store
from psf.history.models import ChangeSet
from psf.history.states import record_changes
from psf.history.tracking import PUBLICATION_FIELDS, is_generated
from psf.history.visibility import hide_reasons, may_see, visible
from psf.history.words import field_in_words, field_label, sentences_by_change_set
from psf.text.dates import describe_moment

IN_MEMORY = 2**23  # bytes; a larger archive is written to the disk


class File(NamedTuple):
    """A file of the archive: its text, or the path of an uploaded file."""

    name: str
    content: str | Path


def zipped(folder: str, files: Iterable[File]) -> SpooledTemporaryFile[bytes]:
    """The archive. `sha256sum -c SHA256SUMS` in the folder checks the files."""
    archived, sums = SpooledTemporaryFile[bytes](IN_MEMORY), []
    with zipfile.ZipFile(archived, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            if isinstance(content, Path):
                archive.write(content, f"{folder}/{name}")
                sums.append(f"{store.sha256_of(content)}  {name}\n")
            else:
                archive.writestr(f"{folder}/{name}", content)
                sums.append(f"{sha256(content.encode()).hexdigest()}  {name}\n")
        archive.writestr(f"{folder}/SHA256SUMS", "".join(sums))
    archived.seek(0)
    return archived


class Section(NamedTuple):
    """Records of one kind, each as lines such as "Title: Safe Ports"."""

    title: str
    records: list[list[str]]


def _text(name: str, *sections: Section) -> File:
    lines = []
    for title, records in sections:
        lines += [title, "=" * len(title), ""]
        for record in records or [["–"]]:
            lines += [*record, ""]
    return File(f"{name}.txt", "\n".join(lines))


def facts_about(record: Model, leave_out: Iterable[str] = ()) -> list[str]:
    """Every field of a record except the key and generated fields; publication comes last."""
    fields = sorted(
        record._meta.local_concrete_fields, key=lambda field: field.name in PUBLICATION_FIELDS
    )
    return [
        f"{field_label(field)}: {field_in_words(record, field) or '–'}"
        for field in fields
        if not (field.primary_key or is_generated(field) or field.name in leave_out)
    ]


def _list_of(project: Project, name: str, *leave_out: str) -> Section:
    """The records of a relation of the project."""
    rows = getattr(project, name)
    title = capfirst(str(rows.model._meta.verbose_name_plural))
    parents = [rows.field.name, *leave_out]
    return Section(title, [facts_about(row, parents) for row in rows.order_by("pk")])


def _facts(project: Project) -> list[File]:
    terms = [
        f"{capfirst(str(field.verbose_name))}: "
        f"{', '.join(str(row) for row in getattr(project, field.name).all()) or '–'}"
        for field in Project._meta.local_many_to_many
    ]
    lists = [_list_of(project, name) for name in ["partnerships", "sources", "answers", "budgets"]]
    of_project = Section(_("Project"), [facts_about(project)])
    return [_text("facts", of_project, Section(_("Terms and places"), [terms]), *lists)]


def _decision(project: Project) -> list[File]:
    """The committee's decision on the call and on this application."""
    decisions = Decision.objects.filter(call=project.call_id)
    lines = DecisionLine.objects.filter(project=project)
    of_application = [facts_about(row, ["project"]) for row in lines]
    return [
        _text(
            "decision",
            Section(_("Decision"), [facts_about(row) for row in decisions]),
            Section(_("On this application"), of_application),
        )
    ]


def _eligibility(project: Project) -> list[File]:
    """The findings of the rules, waivers and reasons."""
    labels = _("Rule"), _("Verdict"), _("Working")
    findings = [
        [
            f"{label}: {words}"
            for label, words in zip(
                labels, [found.rule.label, found.verdict.label, found.working], strict=True
            )
        ]
        for found in check_rules(Project.objects.for_rules().get(pk=project.pk))
    ]
    lists = [_list_of(project, name) for name in ["waivers", "ineligibility_findings"]]
    return [_text("eligibility", Section(_("Rules of the call"), findings), *lists)]


def _evidence(project: Project) -> list[File]:
    """The evidence of decisions, with its check sums."""
    return [
        _text("evidence", _list_of(project, "evidence", "call", "content")),
        *(
            File(f"evidence/{row.kind}-{row.pk}.json", row.content)
            for row in project.evidence.order_by("pk")
        ),
    ]


def _money(project: Project) -> list[File]:
    agreements = Agreement.objects.filter(project=project)
    lists = ["instalments", "reports", "amendments", "repayments", "outputs"]
    agreement = Section(_("Agreement"), [facts_about(row, ["project"]) for row in agreements])
    return [_text("after-the-award", agreement, *(_list_of(project, name) for name in lists))]


def _letters(project: Project) -> list[File]:
    """The text of each letter, also of cancelled ones, and a list with their state."""
    return [
        _text("letters", _list_of(project, "letters", "text", "address")),
        *(
            File(f"letters/{letter.pk}.txt", f"{letter.subject}\n\n{letter.text}\n")
            for letter in project.letters.order_by("pk")
        ),
    ]


def _documents(project: Project, by: User) -> list[File]:
    """The list, and each file that this person may read. A missing file is only in the list."""
    rows = project.documents.downloadable_by(by).order_by("pk")
    paths = [(row, store.path_of(row.stored_name)) for row in rows]
    return [
        _text("documents", _list_of(project, "documents")),
        *(
            File(f"documents/{row.pk}-{row.file_name}", path)
            for row, path in paths
            if path.exists()
        ),
    ]


# Each part, with the model that an account must be allowed to see.
PARTS: list[tuple[Callable[[Project], list[File]], type[Model]]] = [
    (_facts, Project),
    (_eligibility, IneligibilityFinding),
    (_evidence, Evidence),
    (_decision, DecisionLine),
    (_letters, Letter),
    (_money, Agreement),
]


def files_of(project: Project, by: User) -> list[File]:
    """The files of all parts that this person may read."""
    files = [file for part, model in PARTS if may_see(by, model) for file in part(project)]
    files += _documents(project, by) if may_see(by, Document) else []
    return [*files, _history(project, by), *_assessment(project, by)]


def _history(project: Project, by: User) -> File:
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
        lines += [*(f"  {description.sentence}" for description in descriptions), ""]
    return File("history.txt", "\n".join(lines))


def _assessment(project: Project, by: User) -> list[File]:
    """Points, results and consensus without names and comments; [] without an assessment.

    For a person who may not read all of them, the file says only so.
    """
    assessments = project.assessments.order_by("pk").prefetch_related("scores__criterion")
    if not assessments:
        return []
    if not project.assessments.are_visible_to(by):
        words = _("Left out: the person who downloaded this dossier may not read the assessment.")
        return [File("assessment.txt", f"{words}\n")]
    consensus = Consensus.objects.filter(project=project)
    agreed = [facts_about(row, ["project", "text", "recorded_by"]) for row in consensus]
    results = results_of(project.assessments.filter(submitted_at__isnull=False))
    percents = {key: result.percent for key, result in results.items()}
    sections = [
        _of_assessor(number, row, percents.get(row.pk))
        for number, row in enumerate(assessments, start=1)
    ]
    return [_text("assessment", *sections, Section(_("Consensus"), agreed))]


def _of_assessor(number: int, row: Assessment, result: Fraction | None) -> Section:
    points = _("%(points)d of %(most)d, weight %(weight)d")
    scores = [
        f"{score.criterion.name}: "
        + points
        % {
            "points": score.points,
            "most": score.criterion.maximum,
            "weight": score.criterion.weight,
        }
        for score in row.scores.all()
        if score.points is not None
    ]
    facts = [
        f"{_('State')}: {row.state()}",
        *scores,
        f"{_('Result (per cent)')}: {'–' if result is None else rounded(result)}",
        f"{_('Recommendation')}: {row.get_recommendation_display()}",
    ]
    return Section(_("Assessor %(number)d") % {"number": number}, [facts])


def contact_files(project: Project) -> list[File]:
    """Personal data: only for accounts that may see contact persons, and only on request."""
    return [_text("contacts", _list_of(project, "contacts"))]
