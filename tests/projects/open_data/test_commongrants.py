"""Opportunities and awards, read by the models of the CommonGrants protocol."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from common_grants_sdk.schemas.pydantic import OpportunitiesListResponse
from common_grants_sdk.schemas.pydantic.responses.award import AwardsListResponse
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from projects.models import Project
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db
OPPORTUNITIES, AWARDS = reverse("open_data:opportunities"), reverse("open_data:awards")


def uuid_of(record):
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}{record.get_absolute_url()}")


def opportunities_of(client):
    response = OpportunitiesListResponse.model_validate(client.get(OPPORTUNITIES).json())
    return {opportunity.title: opportunity for opportunity in response.items}


def awards_of(client, query=""):
    return AwardsListResponse.model_validate(client.get(f"{AWARDS}{query}").json())


def test_open_call_is_an_opportunity_with_rules_and_dates(client):
    now = timezone.now()
    call = make_call(
        title="Open",
        summary="Summary.",
        opens_at=now - timedelta(days=1),
        opens_precision="day",
        closes_at=datetime(2999, 3, 31, 21, 59, tzinfo=UTC),
        ceiling_eur=Decimal(65000),
        min_member_states=3,
        max_months=24,
    )
    call.priorities.add(make_priority())
    opportunity = opportunities_of(client)["Open"]
    assert opportunity.id == uuid_of(call)
    assert opportunity.status.value == "open"
    assert opportunity.description == "Summary."
    assert opportunity.funding.max_award_amount.amount == "65000.00"
    assert opportunity.funding.total_amount_available is None
    assert opportunity.key_dates.close_date.date == date(2999, 3, 31)
    assert opportunity.key_dates.close_date.time.isoformat() == "23:59:00"
    assert opportunity.key_dates.close_date.description == "Europe/Stockholm"
    assert opportunity.key_dates.post_date.time is None
    assert opportunity.custom_fields["minMemberStates"].value == 3
    assert "minCofundingPercent" not in opportunity.custom_fields
    assert opportunity.custom_fields["priorities"].value == [call.priorities.get().name]
    assert opportunity.last_modified_at == call.opens_at


def test_other_calls_are_forecasted_or_closed(client):
    make_call(title="Coming", opens_at=None, closes_at=None)
    make_call(title="Past", opens_precision="month", closes_precision="year")
    decided = make_call(title="Decided")
    make_decision(decided, decided_on=date(2019, 6, 26))
    make_call(title="Hidden", published_at=None)
    found = opportunities_of(client)
    statuses = {title: opportunity.status.value for title, opportunity in found.items()}
    assert statuses == {"Coming": "forecasted", "Past": "closed", "Decided": "closed"}
    assert found["Coming"].key_dates is None
    assert found["Past"].key_dates.post_date.details == "February 2019"
    assert found["Past"].key_dates.close_date.details == "2019"
    assert found["Decided"].key_dates.other_dates["decision"].date == date(2019, 6, 26)
    assert found["Decided"].status.description == "decided"


def test_award_is_not_older_than_its_call_on_this_site(client):
    """A reader of changes also finds a project that became public with its call."""
    published = timezone.now() - timedelta(hours=1)
    project = make_public_project(call=make_call(published_at=published))
    Project.objects.filter(pk=project.pk).update(changed_at=LONG_AGO)
    [award] = awards_of(client).items
    assert award.created_at == award.last_modified_at == published


def test_awarded_project_is_an_award_with_its_organisations(client):
    call = make_call()
    make_decision(call, decided_on=date(2019, 6, 26))
    project = make_public_project(
        make_partner("Police"),
        call=call,
        amount_kind="awarded",
        amount_eur=Decimal("64999.50"),
        description="What the project does.",
        starts_on=date(2019, 9, 1),
        ends_on=date(2020, 8, 31),
    )
    make_partnership(project, make_partner("Turku"))
    make_partnership(project, country="NO")
    [award] = awards_of(client).items
    assert award.id == uuid_of(project)
    assert award.opportunity.id == uuid_of(call)
    assert award.status.value == "awarded"
    assert award.identifiers.other_ids["psf"].id == project.reference
    assert award.funding.awarded_amount.amount == "64999.50"
    assert award.key_dates.award_date.date == date(2019, 6, 26)
    assert award.key_dates.period_of_performance.end_date == date(2020, 8, 31)
    assert award.funders.primary.name == "Council of the Baltic Sea States"
    assert isinstance(award.funders.primary.id, UUID)
    assert award.recipient_organizations.primary.name == "Police"
    assert award.recipient_organizations.other_orgs["partner1"].name == "Turku"


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        ("ceiling", 65000, "up to 65 000 EUR"),
        ("final", 60000, "60 000 EUR (paid in the end)"),
        ("returned", 500, "500 EUR (returned)"),
        ("not_published", None, "amount not published"),
    ],
)
def test_amount_is_in_words_and_only_a_payment_is_money(client, kind, amount, words):
    make_public_project(amount_kind=kind, amount_eur=amount)
    [award] = awards_of(client).items
    assert award.funding.details.replace("\N{NO-BREAK SPACE}", " ") == words
    assert award.funding.awarded_amount is None
    assert (award.funding.disbursed_amount is None) == (kind != "final")


def test_unknown_facts_are_absent_and_states_are_those_of_the_project(client):
    make_public_project(reference="A", status="completed")
    make_public_project(reference="B", status="terminated", starts_on=date(2020, 1, 1))
    project = make_project(reference="C", status="funded", published_at=LONG_AGO)
    make_partnership(project, role="lead")
    first, second, third = awards_of(client).items
    assert first.status.value == "completed"
    assert first.key_dates is None
    assert (second.status.value, second.status.custom_value) == ("custom", "terminated")
    assert second.key_dates.period_of_performance.details == "from 1 January 2020"
    assert third.recipient_organizations is None


def test_a_period_with_an_inexact_day_is_in_words(client):
    days = {"starts_on": date(2020, 1, 1), "ends_on": date(2021, 12, 31)}
    make_public_project(**days, ends_precision="year")
    [award] = awards_of(client).items
    assert award.key_dates.period_of_performance.details == "1 January 2020 to 2021"


def test_lists_are_sent_in_pages(client):
    references = [make_public_project(reference=f"R-{number}").reference for number in range(3)]
    pages = [awards_of(client, f"?page={page}&pageSize=2") for page in [1, 2, 3]]
    found = [award.identifiers.other_ids["psf"].id for page in pages for award in page.items]
    assert found == references
    assert pages[0].pagination_info.total_pages == 2
    assert pages[0].pagination_info.total_items == 3
    for query in ["?page=0", "?pageSize=101", "?pageSize=x", "?unknown=1"]:
        for address in [AWARDS, OPPORTUNITIES]:
            response = client.get(f"{address}{query}")
            assert response.status_code == 400
            assert response.json()["error"]


def test_unchanged_list_is_not_sent_again(client):
    make_public_project()
    for address in [AWARDS, OPPORTUNITIES]:
        first = client.get(address)
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
