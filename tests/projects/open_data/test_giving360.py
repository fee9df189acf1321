"""The export for 360Giving, checked with the schema of the standard."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from jsonschema import Draft202012Validator, FormatChecker
from openpyxl import load_workbook
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from projects.models import Decision, Project
from projects.open_data import giving360
from projects.open_data.schema_org import register_id
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).parent / "360giving"
GRANT_SCHEMA, PACKAGE_SCHEMA = (
    json.loads((SCHEMAS / f"360-giving-{name}schema.json").read_text()) for name in ["", "package-"]
)
# The package of version 1.4.3 refers to the grants of version 1.4.2, which have the same fields.
GRANT_ADDRESS = PACKAGE_SCHEMA["properties"]["grants"]["items"]["$ref"]
JSON, CSV, XLSX = (reverse("open_data:giving360", args=[name]) for name in ["json", "csv", "xlsx"])


def strict_formats():
    """The formats of the standard: a moment has a time zone, and a day is no moment."""
    checker = FormatChecker(["uri"])
    checker.checks("date-time", ValueError)(
        lambda text: "T" in text and datetime.fromisoformat(text).tzinfo is not None
    )
    return checker


def errors_of(package):
    resource = DRAFT202012.create_resource(GRANT_SCHEMA)
    registry = Registry().with_resources(
        [(GRANT_ADDRESS, resource), (GRANT_SCHEMA["$id"], resource)]
    )
    validator = Draft202012Validator(
        PACKAGE_SCHEMA, registry=registry, format_checker=strict_formats()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(package)]


def make_grant(**fields):
    """A public project with a real award of which everything is known."""
    call = make_call()
    make_decision(call, decided_on=date(2019, 6, 26))
    values = {
        "amount_kind": "awarded",
        "amount_eur": Decimal("64999.50"),
        "description": "=What the project does.",
        "starts_on": date(2019, 9, 1),
        "starts_precision": "month",
        "ends_on": date(2020, 8, 31),
    }
    lead = make_partner("Police", registry_number="40003032949", city="Liepāja")
    project = make_public_project(lead, call=call, **values | fields)
    make_partnership(project, make_partner("Turku", country="FI"))
    make_partnership(project, country="NO", name_as_published="A Norwegian body")
    make_partnership(project, country="SE")
    project.priorities.add(make_priority())
    project.topics.add(make_topic())
    project.activity_countries.add(make_country("DK"), make_country("DE"))
    return project


def content_of(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def package_of(client):
    return json.loads(content_of(client.get(JSON)))


def test_grants_are_valid_and_have_lead_partner_as_recipient(client):
    project = make_grant(reference="A", summary="Short.")
    make_grant(
        reference="B",
        amount_kind="final",
        starts_on=None,
        ends_on=None,
        summary="S.",
        description="",
    )
    package = package_of(client)
    assert errors_of(package) == []
    assert package["version"] == "1.4"
    assert "not registered" in package["description"]
    grant, undated = package["grants"]
    assert grant["id"] == f"360G-unregistered-{project.slug}"
    assert grant["description"] == "=What the project does."
    assert grant["amountAwarded"] == 64999.5
    assert grant["awardDate"] == "2019-06-26"
    assert grant["plannedDates"] == [
        {"startDate": "2019-09", "endDate": "2020-08-31", "duration": 12}
    ]
    [recipient] = grant["recipientOrganization"]
    assert (recipient["id"], recipient["name"]) == ("LV-RE-40003032949", "Police")
    assert [partner.get("name") for partner in grant["partnerOrganizations"]] == [
        "Turku",
        "A Norwegian body",
        None,
    ]
    assert "plannedDates" not in undated
    assert undated["description"] == "S."


def test_only_a_project_of_several_countries_has_a_scope(client):
    project = make_grant()
    assert package_of(client)["grants"][0]["locationScope"] == "GLS020"  # supranational
    project.partnerships.exclude(role="lead").delete()
    assert "locationScope" not in package_of(client)["grants"][0]


def test_only_public_grants_date_the_file(client):
    for published_at in [LONG_AGO, None]:
        make_grant(published_at=published_at)
    package = package_of(client)
    assert [grant["dateModified"] for grant in package["grants"]] == [package["modified"]]


def test_a_hidden_decision_dates_no_grant(client):
    make_grant()
    Decision.objects.update(published_at=None)
    assert client.get(JSON).status_code == 404
    left_out = client.get(reverse("open_data:giving360-left-out", args=["csv"]))
    assert "The day of the award is not known." in content_of(left_out).decode()


def test_a_project_that_is_withdrawn_meanwhile_is_left_out():
    assert list(giving360.grants_of([make_grant(published_at=None).pk])) == []


def test_a_file_whose_last_grant_is_withdrawn_meanwhile_has_no_moment():
    assert "modified" not in giving360.package()


def test_known_years_have_no_number_of_months(client):
    make_grant(starts_precision="year", ends_precision="year")
    [grant] = package_of(client)["grants"]
    assert grant["plannedDates"] == [{"startDate": "2019", "endDate": "2020"}]


def test_registered_prefix_marks_all_identifiers(client, settings):
    settings.GRANTS360_PREFIX = "cbss"
    make_grant()
    package = package_of(client)
    assert package["publisher"]["identifier"] == "360G-cbss-org-cbss"
    assert package["grants"][0]["id"].startswith("360G-cbss-")
    assert "registered" not in package["description"]


def title_of(field):
    return field.get("title") or definition_of(field).get("title")


def definition_of(field):
    reference = field.get("$ref") or field.get("items", {}).get("$ref", "")
    return GRANT_SCHEMA["$defs"].get(reference.rpartition("/")[2], {})


def nested(cells):
    """A grant from the cells of a row, as the tools of the standard read headings."""
    grant = {}
    for heading, cell in cells.items():
        target, schema, steps = grant, GRANT_SCHEMA, heading.split(":")
        while steps:
            step = steps.pop(0)
            properties = schema.get("properties", {})
            titles = {title_of(field): key for key, field in properties.items()}
            key = titles.get(step, step)
            field = properties.get(key, {})
            if not steps:
                is_number = field.get("type") == "number"
                target[key] = json.loads(cell) if is_number and isinstance(cell, str) else cell
                break
            place = int(steps.pop(0)) if steps[0].isdigit() else 0
            entries = target.setdefault(key, [])
            entries += [{} for _ in range(place + 1 - len(entries))]
            target = entries[place]
            schema = definition_of(field)
    return grant


def test_tables_have_the_same_grants_as_the_json(client):
    make_grant(description="What the project does.")
    make_public_project(make_partner())
    call = make_call()
    make_decision(call, decided_on=date(2019, 6, 26))
    make_public_project(call=call, amount_kind="final", amount_eur=1, summary="Short.")
    package = package_of(client)
    text = content_of(client.get(CSV)).decode("utf-8-sig")
    rows = [
        {heading: cell for heading, cell in row.items() if cell}
        for row in csv.DictReader(io.StringIO(text))
    ]
    assert [nested(row) for row in rows] == package["grants"]
    book = load_workbook(io.BytesIO(content_of(client.get(XLSX))))
    heads, *lines = book["grants"].values
    cells = [
        {head: cell for head, cell in zip(heads, line, strict=True) if cell is not None}
        for line in lines
    ]
    assert [nested(row) for row in cells] == package["grants"]
    meta = dict(book["Meta"].values)
    assert meta["version"] == "1.4"
    assert meta["publisher:name"] == "Council of the Baltic Sea States"


def test_every_public_project_is_a_grant_or_left_out_with_a_reason(client):
    kinds = ["ceiling", "awarded", "final", "returned", "not_published"]
    for kind, day, text, named in product(kinds, [None, date(2019, 6, 26)], ["", "T."], [0, 1]):
        call = make_call()
        make_decision(call, decided_on=day)
        project = make_project(
            call,
            status="funded",
            published_at=call.published_at,
            summary=text,
            amount_kind=kind,
            amount_eur=None if kind == "not_published" else 5,
        )
        make_partnership(project, make_partner() if named else None, role="lead")
    make_public_project(amount_kind="awarded", amount_eur=5, summary="No decision.")
    make_project(make_call(), amount_kind="ceiling", amount_eur=5)
    leaderless = make_grant()
    leaderless.partnerships.filter(role="lead").delete()
    grants = {grant["url"] for grant in giving360.grants()}
    left_out = {row[2]: row[3] for row in giving360.left_out()}
    assert len(grants) == 2
    assert len(left_out) == 40
    assert len({*left_out.values()}) == 6
    addresses = {
        f"{settings.SITE_URL}{project.get_absolute_url()}" for project in Project.objects.public()
    }
    assert grants.isdisjoint(left_out)
    assert grants | left_out.keys() == addresses


def test_without_a_grant_there_is_no_file_but_a_sentence_and_the_reasons(client):
    project = make_public_project(amount_kind="ceiling", amount_eur=65000)
    for address in [JSON, CSV, XLSX]:
        assert client.get(address).status_code == 404
    answer = client.get(JSON).json()
    assert "There is no grant with a published award yet" in answer["error"]
    left_out = client.get(reverse("open_data:giving360-left-out", args=["csv"]))
    text = content_of(left_out).decode()
    assert project.reference in text
    assert "Only the ceiling was published, not the award." in text


def test_number_of_queries_does_not_grow_with_grants(django_assert_num_queries):
    for number in [1, 3]:
        while giving360.awarded_projects().count() < number:
            make_grant()
        with django_assert_num_queries(10):
            assert len(list(giving360.grants())) == number


@pytest.mark.parametrize(
    ("country", "number", "identifier"),
    [
        ("LV", "40003032949", "LV-RE-40003032949"),
        ("FI", "01120389", "FI-PRO-0112038-9"),
        ("IS", "5302698919", "IS-KEN-5302698919"),
        ("IS", "1201743399", ""),
        ("LV", "123", ""),
        ("DE", "HRB123", ""),
    ],
)
def test_number_of_a_register_is_an_identifier_if_it_has_the_form_of_the_list(
    country, number, identifier
):
    assert register_id(country, number) == identifier
