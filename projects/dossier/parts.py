"""What a dossier holds: each part is a function of the project, and gives its files."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from django.db.models import Field
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.eligibility import rules
from projects.models import Agreement, Decision, DecisionLine, Document, Letter, Project
from psf.files import store
from psf.history.models import Change, ChangeSet
from psf.history.states import record_changes
from psf.history.tracking import kind_of
from psf.history.values import field_label
from psf.history.wording import sentences_by_change_set
from psf.text.dates import Precision, describe

from .archive import File
from .assessments import assessment
from .facts import Fact, Section, facts_about, json_file, text_file

# The lists of records that belong to a project, by the names under which it has them.
LISTS = ["partnerships", "sources"]
AFTER_AWARD = ["instalments", "reports", "amendments", "repayments", "outputs"]
ADDRESS = "address"  # of a letter
CHUNK = 2**16  # bytes
# What it shares with other projects.
TERMS = ["priorities", "topics", "activity_countries", "announced_countries"]


def facts(project: Project) -> list[File]:
    sections = [
        Section("project", _("Project"), [facts_about(project)]),
        Section("terms", _("Terms and places"), [_terms_of(project)]),
        *(_list_of(project, name) for name in LISTS),
    ]
    return [text_file("facts.txt", sections), json_file("facts.json", sections)]


def decision(project: Project) -> list[File]:
    """What the body decided on the call, and on this application."""
    made = Decision.objects.filter(call=project.call_id)
    lines = DecisionLine.objects.filter(project=project)
    sections = [
        Section("decision", _("Decision"), [facts_about(row) for row in made]),
        Section("line", _("On this application"), [facts_about(row, ["project"]) for row in lines]),
    ]
    return [text_file("decision.txt", sections), json_file("decision.json", sections)]


def eligibility(project: Project) -> list[File]:
    """What the rules of the call say, which of them were overridden, and why not eligible."""
    findings = rules.check_rules(Project.objects.for_rules().get(pk=project.pk))
    sections = [
        Section("rules", _("Rules of the call"), [_finding(found) for found in findings]),
        _list_of(project, "waivers"),
        _list_of(project, "ineligibility_findings"),
    ]
    return [text_file("eligibility.txt", sections), json_file("eligibility.json", sections)]


def history(project: Project) -> list[File]:
    told = sentences_by_change_set(_without_addresses(record_changes(Project, str(project.pk))))
    sets = ChangeSet.objects.in_bulk(list(told))
    lines = []
    for number, said in told.items():
        one = sets[number]
        when = describe(timezone.localtime(one.made_at), Precision.MINUTE)
        lines.append(" · ".join(filter(None, [when, one.author(), one.get_door_display()])))
        lines += [f"  {_('Why:')} {one.reason}"] if one.reason else []
        lines += [f"  {change.sentence}" for change in said]
        lines.append("")
    return [File("history.txt", ["\n".join(lines).encode()])]


def _without_addresses(changes: Iterable[Change]) -> list[Change]:
    """To whom a letter went is personal data, as contacts are."""
    found = list(changes)
    for change in found:
        for row in [change.before, change.after] if change.kind == kind_of(Letter) else []:
            (row or {}).pop(ADDRESS, None)
    return found


def money(project: Project) -> list[File]:
    """What followed the award: agreement, instalments, reports, amendments, repayments, outputs."""
    agreements = Agreement.objects.filter(project=project)
    sections = [
        Section("agreement", _("Agreement"), [facts_about(row, ["project"]) for row in agreements]),
        *(_list_of(project, name) for name in AFTER_AWARD),
    ]
    return [text_file("after-the-award.txt", sections), json_file("after-the-award.json", sections)]


def letters(project: Project) -> list[File]:
    """Each as it was written, those that were cancelled too, and what became of it."""
    rows = project.letters.order_by("pk")
    told = [facts_about(row, ["project", "text", ADDRESS]) for row in rows]
    listed = text_file("letters.txt", [Section("letters", _("Letters"), told)])
    return [
        listed,
        *(
            File(f"letters/{letter.pk}.txt", [f"{letter.subject}\n\n{letter.text}\n".encode()])
            for letter in rows
        ),
    ]


def documents(project: Project) -> list[File]:
    """The files themselves, read while they are sent, with a list of what they are.

    One whose file is missing, which `check_files` tells, stands in the list alone.
    """
    rows = project.documents.order_by("pk")
    there = [row for row in rows if store.path_of(row.stored_name).exists()]
    listed = text_file("documents.txt", [_list_of(project, "documents")])
    return [
        listed,
        *(File(f"documents/{row.pk}-{row.file_name}", _content(row)) for row in there),
    ]


def _content(document: Document) -> Iterator[bytes]:
    with store.open_file(document.stored_name) as file:
        while chunk := file.read(CHUNK):
            yield chunk


PARTS: list[Callable[[Project], Iterable[File]]] = [
    facts,
    eligibility,
    decision,
    letters,
    money,
    documents,
    history,
]


def files_of(project: Project, by: Any) -> list[File]:
    """All parts, as far as this person may read them."""
    return [*(file for part in PARTS for file in part(project)), *assessment(project, by)]


def contacts(project: Project) -> list[File]:
    """Personal data: only for those who may see them, and only when they ask."""
    return [text_file("contacts.txt", [_list_of(project, "contacts")])]


def _list_of(project: Project, name: str) -> Section:
    rows = getattr(project, name)
    parent = rows.field.name
    title = capfirst(str(rows.model._meta.verbose_name_plural))
    return Section(name, title, [facts_about(row, [parent]) for row in rows.all()])


def _terms_of(project: Project) -> list[Fact]:
    found = []
    for name in TERMS:
        names = [str(row) for row in getattr(project, name).all()]
        label = field_label(cast(Field, Project._meta.get_field(name)))
        found.append(Fact(name, label, ", ".join(names), names))
    return found


def _finding(found: rules.RuleFinding) -> list[Fact]:
    return [
        Fact("rule", _("Rule"), found.rule.label, found.rule.key),
        Fact("verdict", _("Verdict"), str(found.verdict.label), found.verdict),
        Fact("working", _("Working"), found.working, found.working),
    ]
