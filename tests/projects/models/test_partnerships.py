from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from projects.models import Partnership
from psf.history import recording
from psf.history.models import Channel
from psf.history.restore import undo_change_set
from tests.support.factories import (
    make_country,
    make_partner,
    make_partnership,
    make_project,
)
from tests.support.refusals import assert_allowed, assert_refused, refused

pytestmark = pytest.mark.django_db

DAY = date(2020, 6, 1)


def test_partnership_one_lead_per_project():
    project = make_project()
    make_partnership(project, make_partner(), role="lead")
    other = make_partnership(project, make_partner())
    assert_refused(other, "partnership_one_lead_per_project", role="lead")
    assert_allowed(other, role="partner")
    assert_allowed(make_partnership(make_project(), make_partner(), role="lead"))

    with refused("partnership_one_lead_per_project"):
        Partnership.objects.bulk_create(
            [Partnership(project=project, partner=make_partner(), country_id="LV", role="lead")]
        )


def test_partnership_once_per_project_and_day():
    project, partner = make_project(), make_partner()
    make_partnership(project, partner, joined_on=DAY, left_on=DAY)
    again = make_partnership(project, partner, joined_on=DAY + timedelta(days=1))
    assert_refused(again, "partnership_once_per_project_and_day", joined_on=DAY)


def test_partnership_once_per_project_from_the_start():
    project, partner = make_project(), make_partner()
    make_partnership(project, partner, left_on=DAY)
    again = make_partnership(project, partner, joined_on=DAY + timedelta(days=1))
    assert_refused(again, "partnership_once_per_project_from_the_start", joined_on=None)


def test_partnership_stays_once_per_project():
    project, partner = make_project(), make_partner()
    first = make_partnership(project, partner, left_on=DAY)
    make_partnership(project, partner, joined_on=DAY + timedelta(days=1))
    assert_refused(first, "partnership_stays_once_per_project", left_on=None)
    assert_allowed(make_partnership(make_project(), partner))


def test_partnership_lead_stays():
    row = make_partnership(make_project(), make_partner(), role="lead")
    assert_refused(row, "partnership_lead_stays", left_on=DAY)
    assert_allowed(row, role="partner", left_on=DAY)


def test_undo_lets_no_organisation_stay_twice():
    project, partner = make_project(), make_partner()
    row = make_partnership(project, partner)
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        Partnership.objects.filter(pk=row.pk).update(left_on=DAY)
    with recording.change_set(None, channel=Channel.FORM):
        make_partnership(project, partner, joined_on=DAY + timedelta(days=1))
    with pytest.raises(ValidationError, match="First enter when it left"):
        undo_change_set(change_set, None, "")


def test_partnership_unnamed_once_per_country():
    project = make_project()
    make_partnership(project, country="LV")
    other = make_partnership(project, country="EE")
    assert_refused(other, "partnership_unnamed_once_per_country", country=make_country("LV"))
    # Organisations of the same country stand beside the one that nobody named.
    for _organisation in range(2):
        assert_allowed(make_partnership(project, make_partner(country="LV")))
    assert_allowed(make_partnership(make_project(), country="LV"))


def test_partnership_left_on_is_at_least_joined_on():
    row = make_partnership(make_project(), joined_on=DAY)
    name = "partnership_left_on_is_at_least_joined_on"
    assert_refused(row, name, left_on=DAY - timedelta(days=1))
    assert_allowed(row, left_on=DAY)
    assert_allowed(row, joined_on=None, left_on=DAY - timedelta(days=1))
    assert_allowed(row, joined_on=DAY, left_on=None)


def test_country_without_organisation_can_lead():
    project = make_project()
    row = make_partnership(project, country="LV", role="lead")
    row.full_clean()
    assert project.lead() == row
    assert str(row) == f"Latvia – {project}"
    assert str(make_partnership(project, make_partner("Stellit"))) == f"Stellit – {project}"
