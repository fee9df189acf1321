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


def test_coverage_compares_projects_here_with_those_announced():
    make_decided_call(7, 2)
    make_decided_call(1, 2)  # more projects than announced are not a part of them
    assert load_coverage() == Coverage(4, 9, 2, 0)
    first = Call.objects.select_related("decision").filter(funded_count=7)
    recorded = {call.pk: call.projects.count() for call in first}
    assert coverage_of(first, recorded) == Coverage(2, 7, 1, 0)


def test_coverage_knows_nothing_hidden():
    make_decided_call(7, 2)
    make_call(opens_at=None, closes_at=None)  # nothing was announced, and nothing is here
    before = load_coverage()
    hide_canaries()
    hidden = Call.objects.exclude(pk__in=Call.objects.public())
    assert hidden
    assert (load_coverage().funded, load_coverage().announced) == (before.funded, before.announced)


def test_pages_say_how_many_announced_projects_are_in_the_records(client):
    make_decided_call(None, 1)
    assert "on this site" not in words(client.get("/projects/"))
    make_decided_call(7, 2)
    for address in ["/projects/", "/data/"]:
        sentence = "3 of at least 8 funded projects are on this site."
        assert sentence in words(client.get(address))
