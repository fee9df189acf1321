from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from projects.models import Partnership, Project, Role
from psf.history import recording
from psf.history.models import Channel
from psf.history.restore import undo_change_set
from tests.support.factories import (
    make_country,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
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


def test_lead_is_changed_by_demoting_the_old_lead_first():
    project = make_project()
    old = make_partnership(project, make_partner(), role="lead")
    new = make_partnership(project, make_partner())
    with transaction.atomic():
        for row, role in [(old, Role.PARTNER), (new, Role.LEAD)]:
            row.role = role
            row.save()
    assert project.lead() == new
    assert (new.is_lead(), old.is_lead()) == (True, False)


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


def test_organisation_can_rejoin_and_take_part_in_other_projects():
    project, partner = make_project(), make_partner()
    for values in [{"left_on": DAY}, {"joined_on": DAY, "left_on": DAY}, {"joined_on": date.max}]:
        assert_allowed(make_partnership(project, partner, **values))
    assert_allowed(make_partnership(make_project(), partner))


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


def test_partnerships_are_ordered_lead_first_then_as_published():
    project = make_project()
    for position, role in [(2, "partner"), (1, "partner"), (2, "partner"), (3, "lead")]:
        make_partnership(project, make_partner(), position=position, role=role)
    rows = [(row.role, row.position) for row in Partnership.objects.all()]
    assert rows == [("lead", 3), ("partner", 1), ("partner", 2), ("partner", 2)]
    same_place = list(Partnership.objects.filter(position=2).values_list("pk", flat=True))
    assert same_place == sorted(same_place)


def test_public_and_leading_can_be_combined_in_any_order():
    lead = make_public_project().lead()
    make_partnership(lead.project, make_partner())
    make_partnership(make_project(), make_partner(), role="lead")

    assert Partnership.objects.public().leading().get() == lead
    assert Partnership.objects.leading().public().get() == lead
    assert Partnership.objects.public().count() == 2
    assert Partnership.objects.leading().count() == 2


def test_refreshed_project_has_partnerships_in_order():
    project = make_project()
    last = make_partnership(project, make_partner(country="SE"), position=2)
    first = make_partnership(project, make_partner(country="FI"), position=1)
    assert list(Project.objects.for_page().get().partnerships.all()) == [first, last]


def test_undo_makes_nobody_who_left_the_lead_partner():
    project = make_project()
    row = make_partnership(project, make_partner(), role="lead")
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        Partnership.objects.update(role="partner")
    with recording.change_set(None, channel=Channel.FORM):
        Partnership.objects.filter(pk=row.pk).update(left_on=DAY)
    with pytest.raises(ValidationError, match="lead partner cannot leave"):
        undo_change_set(change_set, None, "")
