from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from projects.models import Call
from projects.pages import views
from tests.support.cases import days_ahead, soon
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_decision,
    make_priority,
    make_public_project,
    make_source,
    make_topic,
)
from tests.support.hidden_records import (
    assert_same_as_missing,
    page_of,
    words,
)

pytestmark = pytest.mark.django_db
CALLS = reverse("projects:call-list")
PROJECTS = reverse("projects:project-list")


@pytest.mark.parametrize("published_at", [None, "tomorrow"])
def test_hidden_call_looks_like_a_missing_one(client, published_at):
    call = make_call(published_at=published_at and soon())
    assert_same_as_missing(client, call.get_absolute_url())


def test_announcement_of_many_projects_leads_to_the_others(client, monkeypatch):
    monkeypatch.setattr(views, "PROJECTS_IN_AN_ANNOUNCEMENT", 2)
    call = make_decision(make_call(summary="Ports.", description="About safe ports.")).call
    for number in range(1, 4):
        make_public_project(call=call, reference=f"PSF-{number}", title=f"Harbour {number}")
    address = f"{call.get_absolute_url()}announcement/"
    page = words(client.get(address))
    assert [f"Harbour {n}</h2>" in page for n in [1, 2, 3]] == [True, True, False]
    assert f'<a href="/projects/?call={call.slug}">All 3 projects of {call}</a>' in page


def test_announcement_page_says_that_it_was_written_from_the_records(client):
    call = make_decision(make_call()).call
    address = f"{call.get_absolute_url()}announcement/"
    page = client.get(address).content.decode()
    assert "Our summary, written from the records of this site." in page
    assert "The original announcement is not recorded here." in page
    make_source(call=call, about="announcement", citation="CBSS news", url="https://cbss.org/psf")
    make_source(call=call, about="rules", citation="Guidelines", url="https://cbss.org/rules")
    page = client.get(address).content.decode()
    assert 'Original announcement: <a href="https://cbss.org/psf">CBSS news</a>' in page
    assert "https://cbss.org/rules" not in page


def test_a_call_says_how_many_announced_projects_are_recorded(client):
    call = make_decision(make_call(funded_count=3)).call
    make_public_project(call=call)
    make_public_project(call=call)
    sentence = "3 projects were announced; this site has 2."
    addresses = [call.get_absolute_url(), f"{call.get_absolute_url()}announcement/"]
    assert all(sentence in words(client.get(address)) for address in addresses)
    make_public_project(call=call)
    pages = [words(client.get(address)) for address in addresses]
    assert not any("3 announced projects" in page for page in pages)
    assert not any("of this call, which announced" in page for page in pages)
    make_public_project(call=call)  # from the reserve list
    sentence = "3 were announced; this site has 4 projects."
    assert all(sentence in words(client.get(address)) for address in addresses)


def test_announcement_page_quotes_the_printed_headline(client):
    call = make_decision(make_call()).call
    project = make_public_project(
        call=call, as_published="Lead partner: Latvia (X) in partnership with Sweden and Estonia"
    )
    project.announced_countries.set([make_country(code) for code in ["EE", "LV", "SE"]])
    page = client.get(f"{call.get_absolute_url()}announcement/").content.decode()
    assert "Lead partner: Latvia (X) in partnership with Sweden and Estonia" in page
    assert "in partnership with Estonia and Sweden" not in page


def test_call_page_shows_known_rules(client):
    call = make_call(
        min_member_states=3, ceiling_eur=65000, min_cofunding_percent=10, max_months=24
    )
    page = page_of(client, call)
    assert "from three different member states; the lead partner’s country counts" in page
    assert "The rules of the call</h2>" in page  # the call is closed
    assert "up to 65 000 EUR" in page
    assert "at least 10 % of the total budget" in page
    assert "at most 24 months" in page
    call = make_call(floor_eur=10000, ceiling_eur=50000, budget_eur=330000)
    page = page_of(client, call)
    assert "10 000 to 50 000 EUR" in page
    assert "330 000 EUR" in page
    assert "Co-funding" not in page
    assert "at least 10 000 EUR" in page_of(client, make_call(floor_eur=10000))


def test_call_page_links_priorities_and_topics_with_public_projects_to_their_projects(client):
    used, unused, youth = make_priority(), make_priority(), make_topic()
    call = make_call()
    call.priorities.set([used, unused])
    call.topics.add(youth)
    project = make_public_project()
    project.priorities.add(used)
    project.topics.add(youth)
    page = page_of(client, call)
    assert page.count("?priority=") == page.count("?topic=") == 1
    for link in [f"{PROJECTS}?priority={used.slug}", f"{PROJECTS}?topic={youth.slug}"]:
        assert f'<a href="{link}">' in page
        assert "1 project" in words(client.get(link))
    assert str(unused) in page


def test_call_page_shows_times_in_the_time_zone_of_the_call(client):
    call = make_call(closes_at=datetime(2019, 3, 31, 21, 59, tzinfo=UTC))
    assert "31 March 2019, 23:59 CEST" in page_of(client, call)
    make_call(opens_at=None, closes_at=None)
    assert "opening and closing not known" in words(client.get(CALLS))


def test_open_call_shows_how_to_apply_the_contact_and_documents(client):
    call = make_call(
        closes_at=days_ahead(3),
        how_to_apply="Send the form\nto psf@example.org.",
        contact="PSF team, psf@example.org",
        guidelines_url="https://example.org/guidelines.pdf",
        application_form_url="https://example.org/form.docx",
    )
    for address in [call.get_absolute_url(), "/apply/"]:
        page = client.get(address).content.decode()
        question = f"mailto:psf@example.org?subject=Question%20about%20Call%20{call.pk}"
        assert question.rpartition("%20")[0] in page
        assert 'href="https://example.org/guidelines.pdf"' in page
        assert 'href="https://example.org/form.docx"' in page
    assert "is open: 3 days left" in page_of(client, call)
    Call.objects.update(closes_at=timezone.now())
    closed = page_of(client, call)
    assert 'href="https://example.org/guidelines.pdf"' in closed
    assert "How to apply" not in closed and "How applications were sent" in closed


def test_open_call_without_a_way_to_apply_leads_to_the_staff(client):
    call = make_call(closes_at=days_ahead(3))
    advice = f'<a href="mailto:{settings.DEFAULT_FROM_EMAIL}?subject=Question'
    for address in [call.get_absolute_url(), "/apply/"]:
        assert advice in client.get(address).text
    Call.objects.update(contact="", closes_at=timezone.now())
    assert advice not in page_of(client, call)


def test_applicants_read_the_rules_first_and_nothing_about_results(client):
    call = make_call(closes_at=days_ahead(3), description="Safe ports.")
    page = page_of(client, call)
    assert page.index("Rules</h2>") < page.index("Safe ports.")
    assert "The decision</h2>" not in page
    assert "Projects of this call</h2>" not in page
    calls = words(client.get(CALLS))
    assert "<span>3 days left</span>" in calls
    assert "no project here" not in calls
    Call.objects.update(closes_at=LONG_AGO)
    page = page_of(client, call)
    assert page.index("Safe ports.") < page.index("The rules of the call")
    assert "The decision</h2>" in page
    assert "no project here" in words(client.get(CALLS))


def test_list_of_calls_shows_known_opening_and_closing(client):
    for opens_at, closes_at in [(LONG_AGO, None), (None, LONG_AGO), (None, LONG_AGO.replace(2999))]:
        make_call(opens_at=opens_at, closes_at=closes_at)
    page = words(client.get(CALLS))
    for text in ["from 16 August 2019", "closed 16 August 2019", "closes 16 August 2999"]:
        assert text in page, text


def test_a_call_shows_the_facts_that_were_announced(client):
    call = make_call(eligible_count=12, funded_count=5)
    make_decision(call, decided_on=date(2019, 6, 4), mode="meeting", meeting="CSO 3")
    page = page_of(client, call)
    assert "Applications received" not in page
    assert ">12</" in page
    assert ">5</" in page
    for text in [
        "Committee of Senior Officials",
        "4 June 2019",
        "at a meeting",
        "<dt>Meeting</dt><dd>CSO 3",
    ]:
        assert text in page
    assert "not known" not in page
    assert "<span>0 of 5 projects here</span>" in words(client.get(CALLS))
    Call.objects.update(funded_count=1)
    assert "<span>0 of 1 project here</span>" in words(client.get(CALLS))


def test_a_call_without_awards_says_so_with_the_decision(client):
    call = make_call(funded_count=0)
    assert "was funded" not in page_of(client, call)
    make_decision(call)
    assert "No application to this call was funded." in page_of(client, call)
    announcement = client.get(f"{call.get_absolute_url()}announcement/").content.decode()
    assert "No application to this call was funded." in announcement


def test_a_call_says_that_its_results_were_withdrawn(client):
    call = make_call()
    withdrawn = {"unpublished_at": LONG_AGO, "unpublished_reason": "A wrong amount."}
    decision = make_decision(call, published_at=None, **withdrawn)
    page = page_of(client, call)
    assert "The results of this call were withdrawn on 16 August 2019." in page
    assert "Reason: A wrong amount." in page
    assert "is public yet" not in page
    decision.published_at = LONG_AGO
    decision.save()
    assert "were withdrawn" not in page_of(client, call)


@pytest.mark.parametrize("published_at", [LONG_AGO, datetime(2019, 3, 1, tzinfo=UTC)])
def test_a_decision_that_is_not_public_changes_no_page_of_its_call(client, published_at):
    call = make_call(published_at=published_at)
    pages = [call.get_absolute_url(), CALLS, "/", f"{call.get_absolute_url()[:-1]}.json"]
    before = [client.get(page).content for page in pages]
    make_decision(call, published_at=None)
    assert [client.get(page).content for page in pages] == before
