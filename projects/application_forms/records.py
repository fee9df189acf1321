"""An application as values of its form and as records: compared, imported and saved."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Country, NameKind, Partner, PartnerKind, PartnerName
from projects.application_forms.layout import (
    ANSWER,
    CONTACT_FIELDS,
    FACTS,
    FURTHER_NAMES,
    LANGUAGES,
    MOST_PARTNERS,
    MOST_TERMS,
    Form,
    Values,
    budgets_of,
    partners_of,
    sums_of,
)
from projects.application_forms.reader import ReadForm
from projects.imports.organisations import Key, key_of
from projects.imports.parser import PartnerRow, ProjectRows
from projects.imports.plan import Plan
from projects.imports.template import TERMS, VALUES
from projects.models import Answer, Contact, DocumentKind, Partnership, Project, Role
from projects.models.application_forms import COSTS, SHARES, WHOLE_PROJECT
from projects.post_award.documents import add_document
from psf.database.record_version import bump_version
from psf.exports.responses import CONTENT_TYPES
from psf.text.folding import fold

CONTACT_KEPT = timedelta(days=365)
# The facts of recorded organisations stay, and nobody records the declaration.
NOT_COMPARED = [*FACTS, *FURTHER_NAMES, "declared"]
FIELDS = ["title", "acronym", "summary", "description", "starts_on", "ends_on"]


def values_of(project: Project, *, with_contact: bool = False) -> Values:
    """The values of the form of a saved application. Reading them back changes no record."""
    values = defaultdict[int, dict[str, Any]](dict)
    whole = values[WHOLE_PROJECT] = {name: getattr(project, name) for name in FIELDS}
    for column, name in TERMS.items():
        whole[column] = tuple(getattr(project, name).order_by("name")[:MOST_TERMS])
    countries = project.activity_countries.order_by("name")
    whole["activity_countries"] = tuple(countries.values_list("code", flat=True)[:MOST_TERMS])
    if with_contact and (contact := _contact_of(project)):
        whole |= {name: getattr(contact, name) for name in CONTACT_FIELDS} | {"declared": "yes"}
    numbers = {WHOLE_PROJECT: WHOLE_PROJECT}  # of now, by number on the form that arrived
    budgets = {budget.partner_id or fold(budget.name): budget for budget in project.budgets.all()}
    for number, row in enumerate(_rows_of(project), start=1):
        values[number] |= _facts_of(row)
        keys = [key for key in [row.partner_id, fold(row.name_as_published)] if key in budgets]
        if keys:
            budget = budgets.pop(keys[0])  # an organisation may have left and joined again
            numbers[budget.number] = number
            values[number] |= {name: getattr(budget, name) for name in [*COSTS, *SHARES]}
    for answer in project.answers.filter(number__in=numbers):
        values[numbers[answer.number]][f"{ANSWER}{answer.question_id}"] = answer.text
    return {
        number: {key: value for key, value in row.items() if value not in (None, "", ())}
        for number, row in values.items()
    }


def _rows_of(project: Project) -> list[Partnership]:
    """The partners in their order; of rows with the same name and country the current one."""
    partners = project.partnerships.select_related("partner").prefetch_related("partner__names")
    rows = [*partners.order_by("role", "position", "pk")]
    current = {  # the last one counts
        key_of(name_of(row), row.country_id): row
        for row in sorted(rows, key=lambda row: (row.role == Role.LEAD, not row.left_on))
    }
    return [row for row in rows if row in current.values()]


def name_of(row: Partnership) -> str:
    """The name of a partner on the form, "" if only the country is known."""
    return row.name_as_published or str(row.partner or "")


def _facts_of(row: Partnership) -> dict[str, Any]:
    partner = row.partner
    facts: dict[str, Any] = {
        "partner_name": name_of(row),
        "partner_country": row.country_id,
    }
    if partner:
        facts |= {name.kind: name.text for name in partner.names.all()}
        facts |= {key: getattr(partner, name) for key, name in FACTS.items()}
        if partner.kind == PartnerKind.UNKNOWN:
            del facts["partner_kind"]
        if partner.name_language not in LANGUAGES:  # the form has no word for it
            del facts["partner_name_language"]
    return facts


def holds_more(project: Project) -> bool:
    """Whether a form has too few cells for the application, so that replacing it loses some."""
    lists = [getattr(project, name) for name in [*TERMS.values(), "activity_countries"]]
    is_long = any(rows.count() > MOST_TERMS for rows in lists)
    return is_long or project.partnerships.count() > MOST_PARTNERS


def differences(form: Form, project: Project, read: ReadForm) -> list[tuple[str, str, str]]:
    """Label, recorded words and new words of what a newer form of an application changes.

    A cell that cannot be read differs.
    """
    recorded = values_of(project, with_contact=True)
    old, new = (_words_of(form, values) for values in [recorded, read.values])
    cells = [cell for cell in dict.fromkeys([*old, *new]) if old.get(cell) != new.get(cell)]
    return [(cell[0], old.get(cell, ""), new.get(cell, "")) for cell in cells]


def _words_of(form: Form, values: Values) -> dict[tuple[str, str], str]:
    """The words of the cells by label and key; the words of one list together."""
    words = {}
    for sheet in form.sheets:
        for number, row in sorted(values.items()):
            for field in sheet.fields:
                if field.key not in row or field.place > 1:
                    continue
                if field.key in NOT_COMPARED and row[field.key] != "":
                    continue
                value, cell = row[field.key], field._replace(place=0)
                every = value if field.place else [value]  # of a list, also without a cell
                texts = {str(form.content(cell, {field.key: content})) for content in every}
                label = f"{sheet.name} {number}, {field.label}" if number else field.label
                words[label, field.key] = "; ".join(sorted(texts))
    return words


def rows_of_import(read: ReadForm, row: int) -> ProjectRows:
    """The application as rows of an import. Facts of organisations are not among them.

    A cell that a newer form leaves empty empties the recorded value.
    """
    values = {name: read.project.get(name, "") for name in FIELDS}
    for column in TERMS:
        terms = set(read.project.get(column, ()))
        values[column] = tuple(sorted(terms, key=lambda term: term.name))
    budgets = read.recorded.budgets.all() if read.recorded else []
    sums: dict[str, Decimal | None] = {**sums_of(read.values)}
    if not sums and any(budget.costs() for budget in budgets):
        sums = dict.fromkeys(["total_budget_eur", "requested_eur"])  # without amounts now
    columns = {name: column for column, name in VALUES.items()}
    values |= {columns[name]: amount for name, amount in sums.items()}
    moment = {"received_on": read.received_on, "received_time": read.received_time}
    values |= {name: value for name, value in moment.items() if value}
    partners = [
        PartnerRow(
            row,
            Role.LEAD if number == 1 else Role.PARTNER,
            facts["partner_name"],
            facts["partner_country"],
            position=number,
        )
        for number, facts in partners_of(read.values).items()
    ]
    values["reference"] = read.reference
    return ProjectRows(
        row, read.reference, values, notes=[*read.notes], partners=partners, is_whole=True
    )


def save_parts(project: Project, read: ReadForm, rows: ProjectRows, by: User | None) -> None:
    """Save what an import has no column for. Answers and budgets of an earlier form go."""
    organisations = {row.position: row.partner_id() for row in rows.partners}
    places = read.project.get("activity_countries", ())
    project.activity_countries.set(Country.objects.filter(pk__in=places))
    project.answers.all().delete()
    project.budgets.all().delete()
    project.answers.bulk_create(
        Answer(project=project, question_id=int(key.removeprefix(ANSWER)), number=number, text=text)
        for number, row in read.values.items()
        for key, text in row.items()
        if key.startswith(ANSWER)
    )
    budgets = budgets_of(read.values)
    for budget in budgets:
        budget.project, budget.partner_id = project, organisations.get(budget.number)
    project.budgets.bulk_create(budgets)
    bump_version(Project, [project.pk])  # a form of the project that is open now notices it
    file = SimpleUploadedFile("application.xlsx", read.content, CONTENT_TYPES["xlsx"])
    title = _("Application form %(number)d") % {"number": project.documents.count() + 1}
    kind = DocumentKind.APPLICATION
    document = add_document(project, file, by, kind=kind, title=title, day=read.received_on)
    contact, person = _contact_of(project), {n: read.project.get(n, "") for n in CONTACT_FIELDS}
    if not contact or model_to_dict(contact, CONTACT_FIELDS) != person:
        Contact.objects.create(
            project=project,
            form=document,
            purpose=_("questions about the application, from “%(form)s”") % {"form": title},
            keep_until=timezone.localdate() + CONTACT_KEPT,
            **person,
        )


def add_facts(plan: Plan, forms: list[ReadForm]) -> None:
    """Add kind, website, language and further names to new organisations.

    The first form with a fact decides.
    """
    known = defaultdict[Key, dict[str, Any]](dict)
    for partner in (partner for read in forms for partner in partners_of(read.values).values()):
        key = key_of(partner["partner_name"], partner["partner_country"])
        known[key] = partner | known[key]
    for row in plan.new_organisations():
        facts = known[key_of(row.name, row.country)]
        values = {field: facts[name] for name, field in FACTS.items() if name in facts}
        Partner.objects.filter(pk=row.key()).update(**values)
        for kind in filter(facts.get, FURTHER_NAMES):
            language = "en" if kind == NameKind.ENGLISH else ""
            PartnerName.objects.create(
                partner_id=row.key(), text=facts[kind], kind=kind, language=language
            )


def _contact_of(project: Project) -> Contact | None:
    """The person that the newest form named. Staff record others, which no form names."""
    return project.contacts.filter(form__isnull=False).order_by("form_id").last()
