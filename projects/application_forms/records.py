"""A saved application as the cells of its form: compared with a newer form, and written."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Country, NameKind, Partner, PartnerKind, PartnerName
from projects.application_forms.layout import (
    ANSWER,
    BUDGET,
    CONTACT,
    FACTS,
    FURTHER_NAMES,
    MOST_TERMS,
    PARTNERS,
    PROJECT,
    QUESTIONS,
    Cells,
    Form,
)
from projects.application_forms.reader import ReadForm
from projects.imports.organisations import Key, Organisation, key_of
from projects.models import Answer, Contact, DocumentKind, Partnership, Project
from projects.models.application_forms import COSTS, SHARES
from projects.post_award.documents import add_document
from psf.exports.responses import CONTENT_TYPES
from psf.text.folding import fold

CONTACT_KEPT = timedelta(days=365)
FIELDS = ["title", "acronym", "summary", "description", "starts_on", "ends_on"]


def cells_of(project: Project, *, with_contact: bool = False) -> Cells:
    """The cells of the form of a saved application. Reading them back changes no record."""
    cells: Cells = {(PROJECT, name, 1): getattr(project, name) for name in FIELDS}
    terms: dict[str, Any] = {
        "priority": project.priorities.order_by("name"),
        "topics": project.topics.order_by("name"),
        "activity_countries": project.activity_countries.order_by("name"),
    }
    for key, rows in terms.items():
        for place, term in enumerate(rows[:MOST_TERMS], start=1):
            value = term.code if isinstance(term, Country) else term
            cells[PROJECT, f"{key}-{place}", 1] = value
    rows = project.partnerships.select_related("partner").prefetch_related("partner__names")
    for number, row in enumerate(rows.order_by("role", "position", "pk"), start=1):
        cells |= {(PARTNERS, key, number): value for key, value in _partner(row).items()}
    for budget in project.budgets.all():
        cells |= {(BUDGET, name, budget.number): getattr(budget, name) for name in COSTS + SHARES}
    for answer in project.answers.all():
        sheet = PARTNERS if answer.number else QUESTIONS
        cells[sheet, f"{ANSWER}{answer.question_id}", answer.number or 1] = answer.text
    if with_contact and (contact := project.contacts.filter(purpose=_purpose()).last()):
        names = ["name", "function", "email", "telephone"]
        cells |= {(CONTACT, name, 1): getattr(contact, name) for name in names}
        cells[CONTACT, "declared", 1] = "yes"
    return {key: value for key, value in cells.items() if value not in (None, "")}


def _partner(row: Partnership) -> dict[str, Any]:
    partner = row.partner
    facts: dict[str, Any] = {
        "partner_name": row.name_as_published or str(partner or ""),
        "partner_country": row.country_id,
    }
    if partner:
        facts |= {name.kind: name.text for name in partner.names.all()}
        facts |= {key: getattr(partner, name) for key, name in FACTS.items()}
        if partner.kind == PartnerKind.UNKNOWN:
            del facts["partner_kind"]
    return facts


def differences(form: Form, project: Project, read: ReadForm) -> list[tuple[str, str, str]]:
    """Label, recorded words and new words of what a newer form of an application changes.

    The facts of recorded organisations stay, so they are left out.
    """
    old = _by_label(form, cells_of(project, with_contact=True))
    new = _by_label(form, read.cells)
    return [
        (label, old.get(label, ""), new.get(label, ""))
        for label in dict.fromkeys([*old, *new])
        if old.get(label) != new.get(label)
    ]


def _by_label(form: Form, cells: Cells) -> dict[str, str]:
    """The words of the cells by label; the words of one list together."""
    words = defaultdict[str, list[str]](list)
    for sheet in form.sheets:
        for field in sheet.fields:
            if field.key in [*FACTS, *FURTHER_NAMES, "declared"]:
                continue
            numbers = sorted(n for name, key, n in cells if (name, key) == (sheet.name, field.key))
            for number in numbers:
                label = field.label if field.stem() == field.key else field.label.rstrip(" 123")
                place = f"{sheet.name} {number}, " if sheet.is_table else ""
                value = form.word(field, cells[sheet.name, field.key, number])
                words[place + label].append(str(value))
    return {label: "; ".join(sorted(set(texts))) for label, texts in words.items()}


def save_parts(project: Project, read: ReadForm, gone: list[str], by: User | None) -> None:
    """Save what an import has no column for. Answers and budgets of an earlier form go.

    `gone` has the names of recorded partners that the form does not have.
    """
    _arrange_partners(project, read, gone)
    if read.received_time and read.received_on:
        project.received_time = read.received_time
        project.save(update_fields=["received_time"])
    project.activity_countries.set(Country.objects.filter(pk__in=read.places()))
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
    person = {key: value for key, value in read.of(CONTACT).items() if key != "declared"}
    day = timezone.localdate() + CONTACT_KEPT
    values = person | {"purpose": _purpose(), "keep_until": day}
    Contact.objects.update_or_create(project=project, email=person["email"], defaults=values)
    file = SimpleUploadedFile("application.xlsx", read.content, CONTENT_TYPES["xlsx"])
    title = _("Application form %(number)d") % {"number": project.documents.count() + 1}
    kind = DocumentKind.APPLICATION
    add_document(project, file, by, kind=kind, title=title, day=read.received_on)


def _arrange_partners(project: Project, read: ReadForm, gone: list[str]) -> None:
    """Remove the partners that the form no longer has. The others follow its order."""
    places = {
        (fold(facts["partner_name"]), facts["partner_country"]): number
        for number, facts in read.partners().items()
    }
    for row in project.partnerships.select_related("partner").prefetch_related("partner__names"):
        facts = _partner(row)
        place = places.get((fold(facts["partner_name"]), facts["partner_country"]))
        if place:
            row.position = place
            row.save(update_fields=["position"])
        elif str(row.partner) in gone:
            row.delete()


def add_facts(organisations: list[Organisation], forms: list[ReadForm]) -> None:
    """Add kind, website, language and further names to new organisations.

    The first form with a fact decides.
    """
    known: dict[Key, dict[str, Any]] = {}
    for partner in (partner for read in forms for partner in read.partners().values()):
        key = key_of(partner["partner_name"], partner["partner_country"])
        known[key] = partner | known.get(key, {})
    for row in organisations:
        facts = known[key_of(row.name, row.country)]
        values = {field: facts[name] for name, field in FACTS.items() if name in facts}
        Partner.objects.filter(pk=row.key()).update(**values)
        for kind in filter(facts.get, FURTHER_NAMES):
            language = "en" if kind == NameKind.ENGLISH else ""
            PartnerName.objects.create(
                partner_id=row.key(), text=facts[kind], kind=kind, language=language
            )


def _purpose() -> str:
    return _("questions about the application")
