from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.shortcuts import render
from django.urls import reverse

from projects.models import Call, Project
from projects.pages.project_detail import project_context
from tests.support.cases import HIDDEN_PROJECTS, unpublished
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_source,
    make_topic,
)
from tests.support.hidden_records import (
    assert_no_secret_in,
    assert_same_as_missing,
    hide_canaries,
    page_of,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
CALLS = reverse("projects:call-list")
PROJECTS = reverse("projects:project-list")


@pytest.mark.parametrize("make", [make for make in HIDDEN_PROJECTS if make is not unpublished])
def test_hidden_project_looks_like_a_missing_one(client, make):
    assert_same_as_missing(client, make().get_absolute_url())


def test_unpublished_project_shows_only_day_and_reason(client):
    project = make_public_project(
        title="CANARY", unpublished_at=LONG_AGO, unpublished_reason="It was entered <twice>."
    )
    response = client.get(project.get_absolute_url())
    assert response.status_code == 410
    page = words(response)
    assert f"Project {project.reference} was withdrawn on 16 August 2019." in page
    assert "Reason: It was entered &lt;twice&gt;." in page
    assert_no_secret_in(response)


@pytest.mark.parametrize(
    ("rule", "linked"),
    [({"min_member_states": 3}, True), ({"lead_from_member_state": True}, True), ({}, False)],
)
def test_open_call_links_to_the_member_states(client, rule, linked):
    call = make_call(closes_at=None, **rule)
    for address in ["/", "/apply/", call.get_absolute_url()]:
        assert ('href="/countries/#members"' in words(client.get(address))) is linked


def test_list_adds_up_the_amounts_of_the_matching_projects(client):
    hide_canaries()
    for kind, amount, country in [
        ("ceiling", 65_000, "LV"),
        ("ceiling", 65_000, "LV"),
        ("awarded", 40_000, "LV"),
        ("not_published", None, "LV"),
        ("awarded", 7, "FI"),
    ]:
        lead = make_partner(country=country)
        make_public_project(lead=lead, amount_kind=kind, amount_eur=amount)
    sums = "At most 130 000 EUR (2 × 65 000); awarded 40 000 EUR (1 project); amount not published"
    page = words(client.get(f"{PROJECTS}?lead=lv"))
    assert f"{sums} (1 project)." in page
    assert "awarded 40 007 EUR (2 projects)" in words(client.get(PROJECTS))
    for query in ["lead=no", "q=nosuch", "lead=fi&kind=ministry"]:
        assert "Amounts of these projects" not in words(client.get(f"{PROJECTS}?{query}"))


def test_project_page_shows_all_known_facts(client):
    make_membership("LV", valid_from=date(1991, 1, 1))
    make_membership("RU", valid_to=date(2022, 5, 16))
    make_membership("BY", status="observer")
    project = make_public_project(
        lead=make_partner("Rīgas dome", name_language="lv"),
        acronym="CAPE",
        summary="A summary.",
        description="First.\n\nSecond <b>.",
        website="https://example.org/cape",
        starts_on=date(2019, 9, 2),
        total_budget_eur=Decimal("80000.50"),
        amount_eur=65000,
        amount_kind="ceiling",
        as_published="Lead partner: “Latvia”",
    )
    for country in ["RU", "BY", "DE"]:
        make_partnership(project, make_partner(f"Body {country}", country=country))
    project.priorities.add(make_priority("Safe and Secure Region"))
    project.topics.add(make_topic("Trafficking"))
    project.activity_countries.add(make_country("DK"))
    make_source(project=project, about="title", citation="trafficking.lv", url="https://x.lv/")
    make_source(project=project, about="title", citation="A leaflet", note="It says Cape.")
    page = page_of(client, project)
    for text in [
        "CAPE",
        "A summary.",
        "<p>Second &lt;b&gt;.</p>",
        "https://example.org/cape",
        "from 2 September 2019",
        "80 000.50 EUR",
        "up to 65 000 EUR",
        "the sum awarded was not published",
        '<bdi lang="lv">Rīgas dome</bdi>',
        "member until 2022",
        "observer",
        "not a member",
        "Safe and Secure Region",
        "Trafficking",
        "Denmark",
        '<a href="https://x.lv/">trafficking.lv</a>',
        "It says Cape.",
        "Lead partner: “Latvia”",
        f"http://127.0.0.1:8000/projects/{project.slug}/",
        "?priority=priority-",
    ]:
        assert text in page, text
    Project.objects.update(amount_kind="awarded")
    assert "the sum awarded" not in page_of(client, project)


def test_project_page_says_which_facts_are_missing(client):
    project = make_public_project(call=make_call(closes_at=None))
    page = page_of(client, project)
    missing = "when it ran, the sum awarded, the total budget and its priority"
    assert f"Not published: {missing}." in page
    assert "Grant</dt>" not in page
    Call.objects.update(ceiling_eur=65000)
    page = page_of(client, project)
    assert "at most 65 000 EUR" in page and "by the rules of Call" in page


def test_project_page_shows_partners_and_their_roles(client):
    project = make_public_project()
    consulate = make_partner("Consulate", country="SE")
    make_partnership(
        project,
        consulate,
        country="RU",
        name_as_published="The Consulate",
        joined_on=date(2020, 1, 2),
        left_on=date(2021, 3, 4),
        position=2,
    )
    make_partnership(project, country="EE", position=3)
    page = page_of(client, project)
    assert "seat in Sweden" in page
    assert "Published as “<bdi>The Consulate</bdi>”" in page
    assert "from 2 January 2020" in page
    assert "until 4 March 2021" in page
    assert "Not published: the name of one partner" in page
    assert page.index("(lead)") < page.index("Consulate")
    project.partnerships.filter(partner=consulate).delete()
    page = page_of(client, project)
    assert "Organisation</th>" not in page  # no table of one row


def test_contradicting_headline_is_explained(client):
    project = make_public_project()
    make_partnership(project, country="FI")
    assert "contradicts itself" not in page_of(client, project)
    project.announced_countries.add(make_country("LV"), make_country("EE"), make_country("DK"))
    page = page_of(client, project)
    assert "The headline names Denmark and Estonia, but the list of partners does not." in page
    assert "The list of partners includes Finland, but the headline does not." in page


def test_lead_partner_known_only_by_country_is_shown(client):
    project = make_public_project()
    project.partnerships.update(partner=None)
    assert "Not published: the name of the lead partner" in page_of(client, project)
    assert '"row__facts">Latvia (lead)</p>' in words(client.get(PROJECTS))
    Project.objects.update(led_by_cbss=True)
    assert "secretariat of the CBSS (lead), Latvia</p>" in words(client.get(PROJECTS))


def test_project_without_partners_can_be_previewed(rf):
    project = Project.objects.for_page().get(pk=make_project(call=make_call(closes_at=None)).pk)
    context = {**project_context(project), "preview": "Seen before.", "edit_url": "/admin/edit/"}
    page = words(render(rf.get("/"), "projects/project_detail.html", context))
    assert 'class="preview"' in page
    assert "/admin/edit/" in page
    assert "not recorded" in page


def test_a_mail_about_a_mistake_names_record_and_page(client):
    project = make_public_project(lead=make_partner("Łódź"))
    for record, name in [
        (project, project.reference),
        (project.call, project.call.title.replace(" ", "%20")),
        (project.lead().partner, "%C5%81%C3%B3d%C5%BA"),
    ]:
        address = quote(f"http://127.0.0.1:8000{record.get_absolute_url()}", safe="")
        mail = f"subject=Mistake%20in%20{name}&amp;body={address}"
        assert mail in page_of(client, record)


def test_a_project_is_cited_by_programs(client):
    project = make_public_project(title="Seals {and} ports")
    address = project.get_absolute_url()
    entry = client.get(f"{address[:-1]}.bib")
    assert entry.headers["Content-Type"].startswith("application/x-bibtex")
    assert "title = {{Seals  and  ports}}" in entry.text
    assert f"url = {{http://127.0.0.1:8000{address}}}" in entry.text
    lines = client.get(f"{address[:-1]}.ris").text.split("\r\n")
    assert lines[0] == "TY  - ELEC" and f"M1  - {project.reference}" in lines
    Project.objects.update(published_at=None)
    for suffix in ["bib", "ris"]:
        assert client.get(f"{address[:-1]}.{suffix}").status_code == 404
