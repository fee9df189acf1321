"""The first rows of the checks are renewed after changes, and equal rows that are read again."""

import random
from contextlib import suppress
from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import Error, transaction

from partners.models import Partner
from projects.checks import first_rows
from projects.checks.first_rows import FollowedChecks
from projects.checks.projects import BrokenRule, Incomplete, PublicWithoutLead
from projects.checks.work_list import FOLLOWED
from projects.models import Call, Partnership, Project
from tests.projects.list_index import test_renewal
from tests.support.factories import (
    make_call,
    make_criterion,
    make_decision,
    make_project,
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


def keys_of(checks):
    return {key: sorted(rows.keys) for key, rows in checks.current().items()}


@pytest.mark.slow
def test_first_rows_equal_those_of_a_recomputation(project):
    names = [*PATHS] * 2
    random.Random(1).shuffle(names)
    attentive, lazy = FollowedChecks(FOLLOWED.checks), FollowedChecks(FOLLOWED.checks)
    lazy.current()
    found = set()
    for number, name in enumerate(names):
        impossible_now = suppress(Error, ObjectDoesNotExist, ValidationError, AttributeError)
        with impossible_now, transaction.atomic():
            PATHS[name](project)
        expected = keys_of(FollowedChecks(FOLLOWED.checks))
        assert keys_of(attentive) == expected, name
        assert number % 9 or keys_of(lazy) == expected, name
        found |= {key for key, keys in expected.items() if keys}
    assert len(found) >= 8  # the changes break many rules
    assert BrokenRule.key in found


def test_rules_of_the_call_are_checked_again_only_for_what_changed(monkeypatch):
    call = make_call(min_member_states=9)
    changed, other = (make_public_project(call=call, reference=f"R-{n}") for n in range(2))
    checks = FollowedChecks([BrokenRule, PublicWithoutLead])
    assert checks.current()[BrokenRule.key] == ([changed.pk, other.pk], True)
    judged = []
    sentence = BrokenRule.sentence
    monkeypatch.setattr(
        BrokenRule, "sentence", lambda self, row: judged.append(row) or sentence(self, row)
    )
    Project.objects.filter(pk=changed.pk).update(title="Safer Ports")
    assert checks.current()[BrokenRule.key] == ([changed.pk, other.pk], True)
    make_topic()  # of no project
    checks.current()
    assert judged == [changed]


@pytest.fixture
def stored_rows(monkeypatch):
    monkeypatch.setattr(first_rows, "STORED_ROWS", 4)


def test_more_rows_than_are_stored_keep_their_order(stored_rows):
    call = make_call()
    projects = [make_public_project(call=call, reference=f"R-{n}", lead=None) for n in range(6)]
    keys = [row.pk for row in projects]
    checks = FollowedChecks([Incomplete])

    def first():
        return checks.current()[Incomplete.key]

    assert first() == (keys[:4], False)
    late = make_public_project(call=call, reference="R-9")
    assert first() == (keys[:4], False)
    early = make_public_project(call=call, reference="R-0a")
    assert first() == ([keys[0], early.pk, *keys[1:4]][: len(first().keys)], False)
    Project.objects.filter(pk__in=[early.pk, keys[0], keys[1]]).delete()
    assert first() == (keys[2:6], False)
    Project.objects.filter(pk__in=[late.pk, *keys[2:]]).delete()
    assert first() == ([], True)


@pytest.mark.parametrize("reason", ["many", "moment"])
def test_all_is_read_again_after_many_changes_or_a_moment(monkeypatch, reason):
    checks = FollowedChecks([PublicWithoutLead])
    make_project()
    checks.current()
    make_public_project(lead=None)
    if reason == "many":
        monkeypatch.setattr(first_rows, "MAX_AFFECTED", 0)
    else:
        monkeypatch.setattr(first_rows, "next_expiry", lambda moment: moment)
    monkeypatch.setattr(FollowedChecks, "_renewed", lambda *args: pytest.fail("renewed"))

    assert checks.current() == FollowedChecks([PublicWithoutLead]).current()
