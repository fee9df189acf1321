"""The parts of a dossier: each is a function that returns files about the project."""

from collections.abc import Callable, Iterable, Iterator

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.dossier.zip_archive import File
from projects.eligibility import rules
from projects.models import (
    Agreement,
    Decision,
    DecisionLine,
    Document,
    IneligibilityFinding,
    Letter,
    Project,
)
from psf.files import store
from psf.history.models import ChangeSet
from psf.history.states import record_changes
from psf.history.visibility import hide_reasons, may_see, visible
from psf.history.words import sentences_by_change_set
from psf.text.dates import describe_moment

from .assessments import assessment_files
from .facts import Fact, Section, facts_about, section_files, text_file

# Relations of a project to its own records.
LISTS = ["partnerships", "sources"]
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
        parts = [when, change_set.author(), change_set.get_door_display()]
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
