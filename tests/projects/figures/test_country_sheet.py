"""The country sheet follows the participations."""

import pytest

from projects.figures.country_sheet import load_sheet
from projects.models import Partnership, Project
from tests.support.factories import (
    make_country,
    make_partner,
    make_partnership,
    make_public_project,
)

# The participations are kept between requests, and a transaction keeps nothing.
pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_of_organisations_follow_each_change_of_a_participation(
    django_assert_max_num_queries,
):
    project = make_public_project()
    country, other = project.lead().country, make_country("FI")

    def organisations(code):
        sheet = load_sheet(code)
        assert [line.organisations for line in sheet.lines] in [[], [sheet.organisations]]
        return sheet.organisations

    assert organisations(country) == 1
    part = make_partnership(project, make_partner())
    assert organisations(country) == 2
    Project.objects.update(title="New title")
    with django_assert_max_num_queries(20) as queries:
        assert organisations(country) == 2
    assert not [query for query in queries if "partner_id IS NOT NULL" in query["sql"]]
    Partnership.objects.filter(pk=part.pk).update(country=other)
    assert (organisations(country), organisations(other)) == (1, 1)
    Partnership.objects.filter(pk=part.pk).delete()
    assert (organisations(country), organisations(other)) == (1, 0)


def test_seat_of_the_secretariat_leads_no_project_of_the_cbss():
    project = make_public_project(make_partner(country="SE"), amount_kind="awarded", amount_eur=9)
    sweden = project.lead().country
    sheets = []
    for project.led_by_cbss in [False, True]:
        project.save()
        sheet = load_sheet(sweden)
        sheets.append(([line.led for line in sheet.lines], len(sheet.amounts)))
        assert [row["leads"] for row in sheet.projects] == [not project.led_by_cbss]
    assert sheets == [([1], 1), ([0], 0)]
