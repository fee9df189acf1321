from datetime import UTC, datetime

import pytest

from projects.models import Call
from projects.pages.coverage import Coverage, coverage_of, load_coverage
from tests.support.factories import make_call, make_decision, make_public_project
from tests.support.hidden_records import hide_canaries, words

pytestmark = pytest.mark.django_db


def make_decided_call(announced, projects):
    call = make_call(funded_count=announced)
    make_decision(call)
    for _project in range(projects):
        make_public_project(call=call)
    return call


def test_coverage_adds_announced_and_recorded_projects_of_calls():
    make_decided_call(7, 2)
    make_decided_call(8, 3)
    assert load_coverage() == Coverage(2, 15, 5, 0, 0)
    first = Call.objects.select_related("decision").filter(funded_count=7)
    recorded = {call.pk: call.projects.count() for call in first}
    assert coverage_of(first, recorded) == Coverage(1, 7, 2, 0, 0)


def test_calls_without_announced_number_are_counted_separately():
    make_decided_call(7, 2)
    make_decided_call(None, 1)
    make_call(opens_at=None, closes_at=datetime(2024, 3, 31, tzinfo=UTC))
    make_call(opens_at=None, closes_at=None)  # it may still open
    assert load_coverage() == Coverage(1, 7, 2, 2, 1)


def test_coverage_knows_nothing_hidden():
    make_decided_call(7, 2)
    before = load_coverage()
    hide_canaries()
    hidden = Call.objects.exclude(pk__in=Call.objects.public())
    assert hidden
    assert (load_coverage().announced, load_coverage().recorded) == before[1:3]


def test_pages_say_how_many_announced_projects_are_in_the_records(client):
    make_decided_call(7, 2)
    make_decided_call(None, 1)
    text = words(client.get("/projects/"))
    assert "This site has 3 projects. For 1 call 7 were announced; this site has 2." in text
    assert "For 1 call no number was announced; this site has 1 of its projects." in text
    make_decided_call(1, 2)  # more projects than announced are not a part of them
    text = words(client.get("/projects/"))
    assert "For 2 calls 8 were announced; this site has 4." in text
