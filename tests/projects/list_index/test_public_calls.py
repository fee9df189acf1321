"""Calls and countries in memory are loaded again only after one of them changed."""

import pytest

from partners.pages.countries import countries_by_code
from projects.list_index.public_calls import load_public_calls
from tests.support.factories import make_call, make_country, make_membership, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


def test_calls_are_shared_until_one_changes():
    call = make_call(title="First")
    [before] = load_public_calls()
    make_topic()
    [after] = load_public_calls()
    assert after is before
    call.title = "Second"
    call.save()
    assert [str(call) for call in load_public_calls()] == ["Second"]


def test_countries_are_shared_until_one_changes():
    make_country("LV")
    before = countries_by_code()["LV"]
    make_topic()
    assert countries_by_code()["LV"] is before
    make_membership("LV")
    assert len(countries_by_code()["LV"].memberships.all()) == 1
