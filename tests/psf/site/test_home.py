from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tests.support.cases import days_ahead
from tests.support.factories import (
    make_call,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import (
    assert_no_secret_in,
    hide_canaries,
    words,
)

pytestmark = pytest.mark.django_db

HOME = reverse("home")
TEXTS = [reverse(name) for name in ["about", "data", "accessibility", "privacy"]]


def test_home_without_records_says_so(client):
    page = words(client.get(HOME))
    for said in ["No call is open now.", "No project is public yet."]:
        assert said in page


def test_home_offers_the_most_frequent_public_topics(client):
    hide_canaries()
    often, seldom = make_topic("Youth"), make_topic("Culture")
    for topics in [[often, seldom], [often]]:
        make_public_project().topics.set(topics)
    response = client.get(HOME)
    assert_no_secret_in(response)
    topics = [(name, keys.bit_count()) for _slug, name, keys in response.context["topics"]]
    assert topics == [("Youth", 2), ("Culture", 1)]
    assert f"/projects/?topic={often.slug}" in words(response)


@pytest.mark.parametrize("name", ["about", "accessibility"])
def test_readers_find_an_address_to_write_to(client, name):
    assert f"mailto:{settings.DEFAULT_FROM_EMAIL}" in words(client.get(reverse(name)))


def test_open_call_comes_first_on_home_and_without_one_the_last_closing(client):
    make_call(title="PSF Last", closes_at=datetime(2019, 3, 31, 12, tzinfo=UTC))
    assert "The last call closed on 31 March 2019." in words(client.get(HOME))
    make_call(title="PSF Before", opens_at=None, closes_at=datetime(2018, 3, 31, 12, tzinfo=UTC))
    opens = {"opens_at": days_ahead(300), "closes_at": days_ahead(340)}
    make_call(title="PSF Next", **opens)
    page = words(client.get(HOME))
    assert "The last two calls closed on 31 March." in page
    assert "PSF Next opens on" in page
    make_call(title="PSF Now", closes_at=days_ahead(9), min_member_states=3)
    page = words(client.get(HOME))
    assert page.index("PSF Now is open: 9 days left") < page.index("<h1>")
    assert "At least three organisations" in page
    assert "PSF Last" not in page and "No call is open" not in page


@pytest.mark.parametrize(
    ("days", "precision", "text"),
    [(0, "day", "closes today"), (None, "minute", "not known"), (400, "month", "is open")],
)
def test_home_counts_days_only_to_a_known_day(client, days, precision, text):
    end = timezone.localtime().replace(hour=23, minute=59, second=59)
    closes_at = None if days is None else end + timedelta(days=days)
    make_call(closes_at=closes_at, closes_precision=precision)
    page = words(client.get(HOME))
    assert "left" not in page
    assert text in page
