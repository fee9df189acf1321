"""Closing years, amounts in words, and partners that joined again."""

from datetime import UTC, date, datetime

import pytest

from projects.figures import comparison
from projects.models import Call
from tests.support.factories import make_partner, make_partnership, make_public_project

pytestmark = pytest.mark.django_db


def test_call_counts_in_its_closing_year_in_its_time_zone():
    midnight = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)  # already 2020 in Stockholm

    assert Call(closes_at=midnight).closing_year() == 2020
    assert Call(closes_at=midnight, time_zone="Atlantic/Reykjavik").closing_year() == 2019
    assert Call(closes_at=None).closing_year() is None


def test_partner_that_joined_again_counts_once(client):
    project = make_public_project()
    again = make_partner(country="FI")
    make_partnership(project, again, left_on=date(2019, 12, 31))
    make_partnership(project, again, joined_on=date(2020, 1, 1))
    make_partnership(project, country="EE")

    assert client.get(f"{project.get_absolute_url()[:-1]}.json").json()["number_of_partners"] == 3
    lines = dict(comparison.compare_records("project", [project.slug]).lines)
    assert [cell.value for cell in lines["Partners"]] == [3]
