from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase

from projects.models import Call, Decision, Phase, Source
from psf.text.dates import Precision
from tests.support.cases import HIDDEN_PROJECTS, HOSTILE_TEXTS, soon
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_priority,
    make_project,
    make_public_project,
    make_source,
    make_topic,
)
from tests.support.refusals import assert_allowed, assert_refused

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
OPENS = datetime(2019, 2, 15, tzinfo=UTC)
CLOSES = datetime(2019, 3, 31, 21, 59, 59, 999_999, tzinfo=UTC)
DECIDED = datetime(2019, 8, 16, 9, 30, tzinfo=UTC)


def around(*moments):
    return [moment + tick for moment in moments for tick in [-TICK, 0 * TICK, TICK]]


def phases_of(call, at):
    """The phases of the call at a moment, computed by the database."""
    return [phase for phase in Phase if Call.objects.in_phase(phase, at).contains(call)]


@pytest.mark.parametrize("published_at", [None, LONG_AGO, soon()])
def test_call_is_public_from_its_publication(published_at):
    call = make_call(published_at=published_at)
    moments = around(published_at or LONG_AGO)
    seen = [call.is_public(at) for at in moments]

    assert seen == [Call.objects.public(at).exists() for at in moments]
    assert seen == ([False, True, True] if published_at else [False] * 3)
    now = published_at == LONG_AGO
    assert (call.is_public(), Call.objects.public().exists()) == (now, now)


def test_decision_is_public_if_decision_and_call_are_published():
    moments = around(DECIDED, LONG_AGO)
    for of_call, own in product([None, LONG_AGO, soon()], [None, DECIDED, soon()]):
        call = make_call(published_at=of_call)
        decision = make_decision(call, published_at=own)
        for at in [*moments, timezone.now(), soon() + timedelta(days=1)]:
            expected = bool(of_call and own and of_call <= at and own <= at)
            assert decision.is_public(at) is expected
            assert call.public_decision(at) == (decision if expected else None)
            assert Decision.objects.public(at).contains(decision) is expected
        call.delete()


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({}, ["coming"] + ["open"] * 3 + ["in_assessment"] * 3 + ["decided"] * 2),
        ({"opens_at": None}, ["coming"] * 4 + ["in_assessment"] * 3 + ["decided"] * 2),
        ({"closes_at": None}, ["coming"] + ["open"] * 6 + ["decided"] * 2),
        ({"opens_at": None, "closes_at": None}, ["coming"] * 7 + ["decided"] * 2),
    ],
)
def test_call_is_open_from_opening_until_just_before_closing(moments, expected):
    values = {"opens_at": OPENS, "closes_at": CLOSES, "published_at": OPENS - 2 * TICK} | moments
    call = make_call(**values)
    make_decision(call, published_at=DECIDED)
    for at, phase in zip(around(OPENS, CLOSES, DECIDED), expected, strict=True):
        assert call.phase(at) == phase
        assert phases_of(call, at) == [phase]


@pytest.mark.parametrize("drafted", [False, True])
def test_call_published_after_its_closing_without_a_public_decision_has_no_known_result(drafted):
    call = make_call(closes_at=CLOSES, published_at=CLOSES)
    if drafted:
        make_decision(call, published_at=None)
    assert call.phase() == Phase.CLOSED
    assert phases_of(call, timezone.now()) == [Phase.CLOSED]
    Call.objects.update(published_at=CLOSES - TICK)
    call = Call.objects.get()
    assert call.phase() == Phase.IN_ASSESSMENT
    assert phases_of(call, timezone.now()) == [Phase.IN_ASSESSMENT]


@pytest.mark.parametrize(("published_at", "in_time"), [(CLOSES - TICK, True), (CLOSES, False)])
def test_call_that_appears_at_its_closing_was_over(published_at, in_time):
    call = make_call(closes_at=CLOSES, published_at=published_at)
    assert Call.objects.published_before_closing().exists() is in_time
    assert call.was_closed_when_published() is not in_time


START = datetime(2019, 1, 1, tzinfo=UTC)
# Close together, with and without fractions of a second, so that they often meet.
MOMENTS = st.sampled_from([0, 1, 999_999, 1_000_000, 1_000_001, 1_500_000]).map(
    lambda ticks: START + ticks * TICK
)


class PhaseTests(TestCase):
    @given(
        opens_at=st.none() | MOMENTS,
        length=st.none() | st.sampled_from([1, 999_999, 1_000_000]),
        decided=st.none() | MOMENTS,
        published_at=st.none() | MOMENTS,
        at=MOMENTS,
    )
    def test_call_has_exactly_one_phase_at_every_moment(
        self, opens_at, length, decided, published_at, at
    ):
        closes_at = (opens_at or START) + length * TICK if length else None
        call = make_call(opens_at=opens_at, closes_at=closes_at, published_at=published_at)
        if decided:
            make_decision(call, published_at=decided)
        assert phases_of(call, at) == [call.phase(at)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("łódź", ["Call of Łódź"]),
        ("call lodz", ["Call of Łódź"]),
        ("youth", ["Call of Łódź"]),
        ("call", ["Another call", "Call of Łódź"]),
        ("another youth", []),
        ("", ["Another call", "Call of Łódź"]),
    ],
)
def test_call_is_found_by_words_of_title_and_summary(text, titles):
    make_call(title="Call of Łódź", summary="For youth.")
    make_call(title="Another call")
    assert sorted(call.title for call in Call.objects.found_by(text)) == titles


@pytest.mark.parametrize("hostile_text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_text_finds_nothing_and_raises_no_error(hostile_text):
    make_call(title="Call")
    assert not Call.objects.found_by(f"call xyzzy {hostile_text}").exists()


def test_list_counts_public_projects_of_a_call():
    call = make_call()
    for make_hidden in HIDDEN_PROJECTS:
        hidden = make_hidden()
        if hidden.call.is_public():
            hidden.call = call
            hidden.save()
    assert Call.objects.for_list().get(pk=call.pk).number_of_projects == 0
    for _project in range(2):
        make_public_project(call=call)
    assert Call.objects.for_list().get(pk=call.pk).number_of_projects == 2


def test_number_of_queries_of_a_page_does_not_grow(django_assert_num_queries):
    call = make_call()
    make_decision(call)
    for _more in range(3):
        call.priorities.add(make_priority())
        call.topics.add(make_topic())
        make_source(call=call)
        with django_assert_num_queries(4):
            page = Call.objects.public().for_page().get()
            assert page.public_decision()
            assert [*page.priorities.all(), *page.topics.all(), *page.sources.all()]


def test_opening_and_closing_are_in_the_time_zone_of_the_call():
    call = make_call(opens_at=OPENS, closes_at=CLOSES)
    assert call.opens() == "15 February 2019, 01:00 CET"
    assert call.closes() == "31 March 2019, 23:59 CEST"
    call.time_zone = "Europe/Riga"
    assert call.closes() == "1 April 2019, 00:59 EEST"
    call.closes_precision = Precision.MONTH
    assert call.closes() == "April 2019"
    call.opens_at = call.closes_at = None
    assert (call.opens(), call.closes()) == ("", "")


@pytest.mark.parametrize("zone", ["CET+1", "Europe/Atlantis", "../etc/passwd", ""])
def test_unknown_time_zone_is_refused(zone):
    with pytest.raises(ValidationError):
        make_call(time_zone=zone).full_clean()
    make_call(time_zone="Europe/Riga").full_clean()


def test_call_closes_after_it_opens():
    call = make_call(opens_at=OPENS)
    for closes_at in [OPENS, OPENS - TICK]:
        assert_refused(call, "call_closes_after_it_opens", closes_at=closes_at)
    for moments in [(OPENS, OPENS + TICK), (OPENS, None), (None, OPENS), (None, None)]:
        assert_allowed(call, opens_at=moments[0], closes_at=moments[1])


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("call_ceiling_eur_is_at_least_floor_eur", "floor_eur", "ceiling_eur"),
        ("call_received_count_is_at_least_eligible_count", "eligible_count", "received_count"),
        ("call_eligible_count_is_at_least_funded_count", "funded_count", "eligible_count"),
        ("call_received_count_is_at_least_funded_count", "funded_count", "received_count"),
    ],
)
def test_partial_count_cannot_exceed_the_total(name, low, high):
    call = make_call()
    for lesser, greater in [(7, 7), (7, 8), (0, 1), (7, None), (None, 7), (None, None)]:
        assert_allowed(call, **{low: lesser, high: greater})
    assert_refused(call, name, **{low: 8, high: 7})
    assert_refused(call, name, **{low: 2, high: 1})


def test_call_ceiling_eur_is_not_zero():
    assert_refused(make_call(), "call_ceiling_eur_is_not_zero", ceiling_eur=0)
    assert_allowed(make_call(), ceiling_eur=Decimal("0.01"))


def test_call_min_cofunding_percent_is_a_percentage():
    call = make_call()
    for percent in [None, 0, 10, 100]:
        assert_allowed(call, min_cofunding_percent=percent)
    assert_refused(call, "call_min_cofunding_percent_is_a_percentage", min_cofunding_percent=101)


def test_decision_announced_on_is_at_least_decided_on():
    decision = make_decision(make_call(), decided_on=date(2019, 6, 20))
    name = "decision_announced_on_is_at_least_decided_on"
    assert_refused(decision, name, announced_on=date(2019, 6, 19))
    for day in [date(2019, 6, 20), date(2019, 8, 16), None]:
        assert_allowed(decision, announced_on=day)
    assert_allowed(decision, decided_on=None, announced_on=date(2019, 6, 19))
    title = decision.call.title
    assert str(decision) == f"Decision on {title}"


def test_source_is_of_a_call_or_a_project():
    call, project = make_call(), make_project()
    source = make_source(call=call)
    assert_refused(source, "source_is_of_a_call_or_a_project", project=project)
    assert_refused(source, "source_is_of_a_call_or_a_project", call=None)
    assert_allowed(source, call=None, project=project)


def test_only_a_call_without_projects_can_be_deleted():
    call = make_call()
    make_decision(call)
    make_source(call=call)
    project = make_project(call)
    with pytest.raises(ProtectedError):
        call.delete()
    project.delete()

    call.delete()

    for model in [Call, Decision, Source]:
        assert not model.objects.exists()


@pytest.mark.parametrize(
    ("make", "field", "constraint"),
    [
        (lambda title: make_call(title=title), "title", "call_title_is_its_own_in_any_letters"),
        (make_priority, "name", "priority_name_is_its_own_in_any_letters"),
        (make_topic, "name", "topic_name_is_its_own_in_any_letters"),
    ],
)
def test_titles_differ_in_more_than_capitals(make, field, constraint):
    make("Clean Sea")
    other = make("Youth")
    assert_refused(other, constraint, **{field: "clean SEA"})
    assert_allowed(other, **{field: "Clean Seas"})


def test_days_left_are_counted_in_the_time_zone_of_the_call():
    """A call that closes at 23:59 in New York closes on the next day in Stockholm."""
    zone = ZoneInfo("America/New_York")
    closes = datetime(2026, 3, 31, 23, 59, tzinfo=zone)
    call = Call(closes_at=closes, closes_precision="minute", time_zone=zone.key)

    assert call.days_left(datetime(2026, 3, 31, 0, tzinfo=zone)) == 0
    assert call.days_left(datetime(2026, 3, 30, 23, 59, tzinfo=zone)) == 1
