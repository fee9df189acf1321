"""A call with an application form, and filled forms as applicants send them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from projects.application_forms.layout import ANSWER, Form
from projects.application_forms.workbook import write_form
from projects.models import Import
from psf.history import recording
from psf.history.models import Channel
from tests.support import factories
from tests.support.accounts import url_of

RULES = {
    "floor_eur": 10000,
    "ceiling_eur": 65000,
    "min_cofunding_percent": 10,
    "min_member_states": 3,
    "lead_from_member_state": True,
    "max_months": 24,
}


def make_open_call(**fields):
    """A public call that is open, with rules, two questions and one for each partner."""
    for code in ["LV", "EE", "FI", "BY", "SE"]:
        factories.make_country(code)
    for code in ["LV", "EE", "FI", "SE"]:
        factories.make_membership(code, status="member", valid_from=date(1992, 3, 5))
    factories.make_membership("BY", status="observer", valid_from=date(1999, 1, 1))
    now = timezone.now()
    moments = {"opens_at": now - timedelta(days=9), "closes_at": now + timedelta(days=60)}
    values = {"title": "PSF 2027", "slug": "psf-2027", "published_at": now, **moments, **RULES}
    call = factories.make_call(**values | fields)
    call.priorities.add(factories.make_priority("Safe and Secure Region"))
    factories.make_topic("Harbours")
    criterion = factories.make_criterion(call, name="Relevance")
    with recording.change_set(None, channel=Channel.COMMAND):
        factories.make_question(call, text="Why?", limit=100, criterion=criterion, hint="In short.")
        factories.make_question(call, text="How?", limit=2000, position=2)
        factories.make_question(call, text="Who?", limit=50, for_each_partner=True, position=3)
    return call


def answers_of(call):
    """The keys of the fields of the questions, by text."""
    return {question.text: f"{ANSWER}{question.pk}" for question in call.questions.all()}


def shown(call, values):
    """The cells of the form with values: by sheet, key of the field and number of the partner."""
    form = Form(call)
    cells = {
        (sheet.name, key_of_cell(field), number or 1): form.content(field, values.get(number, {}))
        for sheet in form.sheets
        for _row, _column, field, number in sheet.cells()
    }
    return {key: value for key, value in cells.items() if value is not None}


def key_of_cell(field):
    return f"{field.key}-{field.place}" if field.place else field.key


def values_in(call, cells):
    """The values of the form that its cells show."""
    values = {}
    for sheet in Form(call).sheets:
        for _row, _column, field, number in sheet.cells():
            cell = cells.get((sheet.name, key_of_cell(field), number or 1))
            row = values.setdefault(number, {})
            if cell is not None:
                row[field.key] = (*row.get(field.key, ()), cell) if field.place else cell
    return {number: row for number, row in values.items() if row}


def filled(call, title="Storm Watch", **changes):
    """The cells of a complete application that meets every rule."""
    keys = answers_of(call)
    cells = {
        ("Project", "title", 1): title,
        ("Project", "acronym", 1): "SW",
        ("Project", "summary", 1): "Harbours warn each other of storms.",
        ("Project", "starts_on", 1): date(2027, 9, 1),
        ("Project", "ends_on", 1): date(2028, 8, 31),
        ("Project", "priority-1", 1): "Safe and Secure Region",
        ("Project", "topics-1", 1): "Harbours",
        ("Project", "activity_countries-1", 1): "Sweden",
        ("Questions", keys["Why?"], 1): "Storms come\nwithout a warning.",
        ("Questions", keys["How?"], 1): "By signals.",
        ("Contact", "name", 1): "Anna Ozola",
        ("Contact", "email", 1): "anna@harbour.example",
        ("Contact", "declared", 1): "yes",
    }
    partners = [("Ostas pārvalde", "Latvia"), ("Sadam", "Estonia"), ("Satama", "Finland")]
    for number, (name, country) in enumerate(partners, start=1):
        cells |= {
            ("Partners", "partner_name", number): name,
            ("Partners", "partner_country", number): country,
            ("Partners", keys["Who?"], number): f"We watch, {number}.",
            ("Budget", "personnel_eur", number): Decimal("20000.50"),
            ("Budget", "own_share_eur", number): Decimal("2500.00"),
        }
    cells |= {
        ("Partners", "partner_name_language", 1): "lv Latvian",
        ("Partners", "english", 1): "Port Authority",
        ("Partners", "abbreviation", 1): "OP",
        ("Partners", "partner_kind", 1): "agency",
        ("Partners", "partner_website", 1): "https://osta.example",
    }
    return {key: value for key, value in (cells | changes).items() if value is not None}


def file_of(call, cells=None, edit=None):
    """A filled form as a file. `edit` gets the workbook and may change anything in it."""
    content = write_form(call, values_in(call, filled(call) if cells is None else cells))
    if edit is None:
        return content
    book = load_workbook(BytesIO(content))
    edit(book)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def plain(text):
    return " ".join(text.split())


def words(response):
    return plain(re.sub(r"<[^>]+>", " ", response.content.decode()))


def upload(client, call, *contents, **fields):
    files = [
        SimpleUploadedFile(f"form {number}.xlsx", content)
        for number, content in enumerate(contents, start=1)
    ]
    page = url_of(call, "add_applications")
    return client.post(page, {"workbooks": files} | fields, follow=True)


def confirm(client, call, changes=()):
    row = Import.objects.latest("pk")
    url = url_of(call, "add_applications_preview", row.pk)
    page = client.get(url).content.decode()
    preview = re.search(r'name="preview" value="(\w*)"', page)
    data = {"preview": preview[1] if preview else ""}
    for name in re.findall(r'type="checkbox" name="(\d+-take)"', page):
        data[name] = "on"
    data = {name: value for name, value in (data | dict(changes)).items() if value is not None}
    return client.post(url, data, follow=True)
