"""The side column and the search of the header."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from tests.support.accounts import client_of, make_account, signed_in
from tests.support.factories import make_call, make_partner, make_project

pytestmark = pytest.mark.django_db


def found(client, words):
    kinds = client.get("/admin/search/", {"q": words}).context["found"]
    return {kind.label: [row[0] for row in kind.rows] for kind in kinds}


def test_the_search_finds_only_what_the_account_may_see():
    call = make_call(title="PSF 2027 Reykjanes")
    make_project(call, title="Reykjanes ferries", reference="PSF-2027-01")
    make_partner("Reykjanes Culture House")
    make_account("Editor", username="reykjanes")
    assert found(client_of("Administrator"), "reykjanes") == {
        "Calls": ["PSF 2027 Reykjanes"],
        "Projects": ["Reykjanes ferries"],
        "Organisations": ["Reykjanes Culture House"],
        "Accounts": ["reykjanes"],
    }
    assert "Accounts" not in found(client_of("Publisher"), "reykjanes")
    assert found(client_of("Assessor"), "reykjanes") == {}
    assert found(client_of("Viewer"), "PSF-2027-01") == {"Projects": ["Reykjanes ferries"]}


def test_the_search_finds_pages_and_offers_all_records_of_a_kind():
    client = client_of("Viewer")
    assert found(client, "calen") == {"Pages": ["Calendar"]}
    assert found(client, " ") == {}
    call = make_call(title="Sound")
    for number in range(11):
        make_project(call, title=f"Harbour {number}")
    kinds = client.get("/admin/search/", {"q": "harbour"}).context["found"]
    [projects] = [kind for kind in kinds if kind.label == "Projects"]
    assert len(projects.rows) == 10
    assert client.get(projects.all_url).context["cl"].result_count == 11


def test_the_side_column_shows_running_calls_with_their_stage():
    make_call(title="Over")
    soon = timezone.now() + timedelta(days=3)
    call = make_call(title="Coming", opens_at=soon, closes_at=soon + timedelta(days=3))
    client = client_of("Viewer")
    groups = {str(label): rows for label, rows in client.get("/admin/").context["side_column"]}
    assert [(row.label, row.note) for row in groups["Calls"]] == [
        ("Coming", "Prepare"),
        ("All calls", ""),
    ]
    assert groups["Calls"][0].url == f"/admin/projects/call/{call.pk}/"
    assert [row.is_current for row in groups[""]] == [True, False]
    assert client_of("Assessor").get("/admin/").context["side_column"][0][1][0].label == "Today"


@override_settings(REQUIRE_MFA=True)
def test_an_account_that_is_not_secured_sees_no_record_in_the_frame():
    make_call(title="Secret call", published_at=None, opens_at=None, closes_at=None)
    response = signed_in(make_account("Publisher")).get("/admin/", follow=True)
    assert response.context["side_column"] == []
    assert "Secret call" not in response.content.decode()
