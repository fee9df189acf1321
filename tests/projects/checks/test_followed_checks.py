"""The records at fault are renewed after changes, and equal those of all checks run again."""

import random
from contextlib import suppress
from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import Error, transaction

from partners.models import Partner
from projects.checks.followed_checks import FollowedChecks
from projects.checks.projects import BrokenRule, Incomplete, OutsidePeriod, PublicWithoutLead
from projects.checks.work_list import FOLLOWED
from projects.models import Call, Partnership, Project
from psf.database.keysets import keyset
from tests.projects.list_index import test_renewal
from tests.support.factories import (
    make_call,
    make_criterion,
    make_decision,
    make_public_project,
    make_source,
    make_topic,
)

pytestmark = pytest.mark.django_db(transaction=True)
project = test_renewal.project

PAST, FUTURE = date(2020, 1, 1), date(2999, 1, 1)
PATHS = test_renewal.PATHS | {
    "ended": lambda project: Project.objects.update(starts_on=None, ends_on=PAST),
    "ends later": lambda project: Project.objects.update(ends_on=FUTURE),
    "starts": lambda project: Project.objects.update(starts_on=PAST, starts_precision="day"),
    "completed": lambda project: Project.objects.update(status="completed"),
    "submitted": lambda project: Project.objects.update(status="submitted", received_on=PAST),
    "eligible": lambda project: Project.objects.update(status="eligible"),
    "ceiling": lambda project: Call.objects.update(floor_eur=None, ceiling_eur=1),
    "member states": lambda project: Call.objects.update(min_member_states=9),
    "months": lambda project: Call.objects.update(max_months=1),
    "announced": lambda project: Call.objects.update(funded_count=2),
    "decided": lambda project: make_decision(project.call),
    "no lead": lambda project: Partnership.objects.update(role="partner"),
    "partner joins": lambda project: Partnership.objects.update(joined_on=FUTURE),
    "partner ends": lambda project: Partner.objects.update(succeeded_on=PAST),
    "source": lambda project: make_source(project=project),
    "criterion": lambda project: make_criterion(project.call),
    "headline": lambda project: project.announced_countries.set(["LV"]),
    "summary": lambda project: Project.objects.update(summary="A", description="B"),
}


@pytest.mark.unmeasured
def test_records_at_fault_equal_those_of_a_recomputation(project):
    names = [*PATHS]
    random.Random(1).shuffle(names)
    attentive, lazy = FollowedChecks(FOLLOWED.checks), FollowedChecks(FOLLOWED.checks)
    lazy.current()
    found = set()
    for number, name in enumerate(names):
        impossible_now = suppress(Error, ObjectDoesNotExist, ValidationError, AttributeError)
        with impossible_now, transaction.atomic():
            PATHS[name](project)
        expected = FollowedChecks(FOLLOWED.checks).current()
        assert attentive.current() == expected, name
        assert number % 9 or lazy.current() == expected, name
        found |= {key for key, keys in expected.items() if keys}
    assert len(found) >= 8  # the changes break many rules
    assert BrokenRule.key in found


def test_rules_of_the_call_are_checked_again_only_for_what_changed(monkeypatch):
    call = make_call(min_member_states=9)
    changed, other = (make_public_project(call=call, reference=f"R-{n}") for n in range(2))
    checks = FollowedChecks([BrokenRule, PublicWithoutLead])
    assert checks.current()[BrokenRule.key] == keyset([changed.pk, other.pk])
    judged = []
    sentence = BrokenRule.sentence
    monkeypatch.setattr(
        BrokenRule, "sentence", lambda self, row: judged.append(row) or sentence(self, row)
    )
    Project.objects.filter(pk=changed.pk).update(title="Safer Ports")
    assert checks.current()[BrokenRule.key] == keyset([changed.pk, other.pk])
    make_topic()  # of no project
    checks.current()
    assert judged == [changed]


def test_without_a_change_no_record_is_searched(django_assert_num_queries):
    make_public_project()
    checks = FollowedChecks([Incomplete])
    checks.current()
    with django_assert_num_queries(3):  # two for the changes, and the next scheduled moment
        checks.current()


def test_deleted_records_are_no_longer_at_fault():
    call = make_call()
    first, second = (make_public_project(call=call, reference=f"R-{n}") for n in range(2))
    checks = FollowedChecks([Incomplete, OutsidePeriod])
    Project.objects.update(starts_on=PAST, starts_precision="day")
    Partnership.objects.update(role="partner", left_on=date(2019, 1, 1))
    parts = keyset(Partnership.objects.values_list("pk", flat=True))
    assert [*checks.current().values()] == [keyset([first.pk, second.pk]), parts]
    Partnership.objects.all().delete()
    first.delete()
    assert [*checks.current().values()] == [keyset([second.pk]), 0]
