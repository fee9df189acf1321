"""The open call on every page."""

import re
from datetime import UTC, datetime

import pytest

from tests.support.cases import days_ahead
from tests.support.factories import make_call
from tests.support.hidden_records import words

pytestmark = pytest.mark.django_db
CLOSES = datetime(2101, 1, 31, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("closing", "bar"),
    [
        ({"closes_at": CLOSES}, "is open until 31 January 2101, 23:59 in Stockholm ("),
        ({"closes_at": CLOSES, "time_zone": "Europe/Riga"}, "1 February 2101, 00:59 in Riga ("),
        ({"closes_at": CLOSES, "closes_precision": "day"}, "is open until 31 January 2101 ("),
        ({"closes_at": CLOSES, "closes_precision": "year"}, "is open until 2101 Apply"),
        ({"closes_at": None}, "is open Apply"),
    ],
)
def test_bar_says_what_is_known_of_the_deadline(client, closing, bar):
    make_call(title="PSF 2101", **{"closes_precision": "minute"} | closing)
    assert bar in text_of(client, "/privacy/")


def text_of(client, address):
    return " ".join(re.sub(r"<[^>]+>", "", words(client.get(address))).split())


def test_bar_shows_the_call_that_closes_first_except_where_the_page_begins_with_it(client):
    make_call(title="Later", closes_at=days_ahead(30))
    first = make_call(title="First", closes_at=days_ahead(3))
    last_year = make_call(title="Last year")
    make_call(title="Hidden", closes_at=days_ahead(2), published_at=None)
    for address in ["/privacy/", "/projects/", "/projects/none/", last_year.get_absolute_url()]:
        page = text_of(client, address)
        assert "First is open until" in page and "3 days left" in page
        assert "Later is open" not in page and "Hidden" not in page
    for address in ["/", first.get_absolute_url()]:
        assert "is open until" not in words(client.get(address))
