"""The key sets of public projects have the facets that the records give."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from partners.models import Country, Membership, Partner
from partners.pages.countries import public_countries
from partners.pages.list_index import public_partner_sets
from projects.list_index.facet_sets import amounts_by, money_of, public_sets, read_sets
from projects.models import Call, Partnership, Project
from projects.models.projects import Money
from projects.models.publication import public_since
from psf.database.keysets import keyset, union
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def plain_sets(at):
    """The facets of public projects, counted in Python."""
    sets = defaultdict(lambda: defaultdict(set))
    today = timezone.localdate(at)
    for project in Project.objects.select_related("call"):
        if not project.is_public(at):
            continue
        for facet, value in plain_facets(project, today):
            sets[facet][str(value)].add(project.pk)
    return {
        facet: {value: keyset(keys) for value, keys in values.items()}
        for facet, values in sets.items()
    }


def plain_facets(project, today):
    yield from [("call", project.call_id), ("status", project.status)]
    yield from [("priority", row.pk) for row in project.priorities.all()]
    yield from [("topic", row.pk) for row in project.topics.all()]
    yield "amount_kind", project.amount_kind
    if project.led_by_cbss:
        yield "led_by_cbss", "yes"
    parts = list(project.partnerships.select_related("partner", "country"))
    for part in parts:
        yield "country", part.country_id
        kind = part.partner and part.partner.kind
        yield ("kind", kind) if kind else ("not_named", part.country_id)
        if part.is_lead() and not project.led_by_cbss:
            yield "lead", part.country_id
    for name, day in [("members_then", project.call.closing_day()), ("members_now", today)]:
        if day:
            are_members = all(part.country.was_member_on(day) for part in parts)
            yield name, "all" if are_members else "others"


def without_empty(values):
    return {facet: sets for facet, sets in values.items() if sets}


def swap_leads(project):
    lead = project.partnerships.get(role="lead")
    other = project.partnerships.exclude(pk=lead.pk).first()
    Partnership.objects.filter(pk=lead.pk).update(role="partner")
    Partnership.objects.filter(pk=other.pk).update(role="lead")


def rolled_back(project):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Project.objects.update(published_at=None)
        1 / 0  # noqa: B018


CHANGES = {
    "unpublished": lambda project: Project.objects.filter(pk=project.pk).update(
        published_at=None, unpublished_at=AT, unpublished_reason="An error."
    ),
    "not public any more": lambda project: Project.objects.update(published_at=None),
    "public later": lambda project: Project.objects.filter(pk=project.pk).update(
        published_at=AT + timedelta(900)
    ),
    "led by the CBSS": lambda project: Project.objects.filter(pk=project.pk).update(
        led_by_cbss=True
    ),
    "an amount": lambda project: Project.objects.update(amount_eur=1, amount_kind="ceiling"),
    "another call": lambda project: Project.objects.update(call=make_call(published_at=AT)),
    "a hidden call": lambda project: Call.objects.update(published_at=None),
    "a call public later": lambda project: Call.objects.update(published_at=AT),
    "a call that closes": lambda project: Call.objects.update(closes_at=AT),
    "a call without an end": lambda project: Call.objects.update(closes_at=None),
    "a new part": lambda project: make_partnership(project, country="EE"),
    "another lead": swap_leads,
    "a part in another country": lambda project: Partnership.objects.update(
        country=make_country("NO")
    ),
    "parts deleted": lambda project: project.partnerships.all().delete(),
    "another kind of partner": lambda project: Partner.objects.update(kind="company"),
    "a project deleted": lambda project: Project.objects.filter(pk=project.pk).delete(),
    "a new member state": lambda project: make_membership("FI", valid_to=date(2020, 1, 1)),
    "no member state any more": lambda project: Membership.objects.update(valid_to=AT),
    "a mere observer": lambda project: Membership.objects.update(status="observer"),
    "no member states": lambda project: Membership.objects.all().delete(),
    "a change rolled back": rolled_back,
}


def change_term(terms, term, make):
    """A change of a facet without a column in the tables."""

    def change(project):
        of_project = getattr(project, terms)
        of_project.set([make()])
        of_project.through.objects.update(**{term: make()})

    return change


CHANGES |= {
    "another priority": change_term("priorities", "priority", make_priority),
    "another topic": change_term("topics", "topic", make_topic),
    "no topic": lambda project: project.topics.clear(),
    "another day of closing": lambda project: Call.objects.update(time_zone="Pacific/Kiritimati"),
}


@pytest.fixture
def project():
    """A public project with two partners from one country and one country without a partner."""
    make_membership("LV", valid_to=date(2005, 1, 1))
    make_membership("SE", valid_from=None)
    make_project()
    make_public_project(published_at=AT)
    project = make_public_project(lead=make_partner(kind="university"))
    make_partnership(project, make_partner(kind="university"))
    make_partnership(project, make_partner(country="FI"))
    make_partnership(project, country="SE")
    project.topics.set([make_topic()])
    return project


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_sets_and_numbers_are_those_of_the_records(project, change):
    change(project)
    sets, partners = public_sets(), public_partner_sets()
    assert without_empty(read_sets(AT).values) == plain_sets(AT)
    assert sets.everything == keyset(Project.objects.public().values_list("pk", flat=True))
    assert money_of(sets.everything) == Project.objects.public().money()
    assert union(partners["country"].values()).bit_count() == Partner.objects.public().count()
    counted = Country.objects.public().for_list()
    assert [*map(numbers, public_countries())] == [*map(numbers, counted)]


def numbers(country):
    return (
        country.code,
        country.number_of_projects,
        country.number_led,
        country.number_of_partners,
        country.has_unnamed,
    )


@pytest.mark.parametrize("later", ["project", "call"])
@pytest.mark.django_db(transaction=True)
def test_project_is_in_the_sets_from_its_publication(monkeypatch, later):
    moments = {"project": AT, "call": AT} | {later: AT + TICK}
    call = make_call(published_at=moments["call"])
    project = make_public_project(call=call, published_at=moments["project"])
    for now, is_public in [(AT, False), (AT + TICK, True), (AT + 2 * TICK, True), (AT, False)]:
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert public_sets().everything == (keyset([project.pk]) if is_public else 0)


def test_money_is_summed_by_kind_to_the_cent():
    call = make_call()
    for cents in [10, 30, 999_999_999_999]:
        amount = Decimal(cents) / 100
        make_public_project(call=call, amount_eur=amount, amount_kind="awarded", status="funded")
    make_public_project(call=call, amount_eur=None, amount_kind="not_published")
    sets = public_sets()

    total = Decimal("9999999999.99") + Decimal("0.40")
    awarded = Money("awarded", 3, total, Decimal("0.10"), Decimal("9999999999.99"))
    assert money_of(sets.everything) == [awarded, Money("not_published", 1, None, None, None)]
    assert amounts_by("country") == {"LV": {row.kind: row for row in money_of(sets.everything)}}
    assert money_of(0) == []


MOMENTS = [None, AT - TICK, AT, AT + TICK]


@pytest.mark.parametrize("published_at", MOMENTS)
@pytest.mark.parametrize("call_published_at", MOMENTS)
@pytest.mark.parametrize("unpublished_at", [None, LONG_AGO, AT + timedelta(1)])
def test_all_definitions_of_public_agree(published_at, call_published_at, unpublished_at):
    reason = "An error." if unpublished_at else ""
    project = make_public_project(
        call=make_call(published_at=call_published_at),
        published_at=published_at,
        unpublished_at=unpublished_at,
        unpublished_reason=reason,
    )
    for at in [AT - TICK, AT, AT + TICK, AT + 2 * TICK]:
        public = project.is_public(at)
        assert Project.objects.public(at).exists() is public
        assert Partnership.objects.public(at).exists() is public
        assert bool(read_sets(at).everything) is public
        withdrawn = bool(unpublished_at) and not public
        assert Project.objects.unpublished(at).exists() is withdrawn
    since = Project.objects.public(AT + TICK).values_list(public_since(), flat=True)
    assert list(since) in [[], [max(filter(None, [published_at, call_published_at]), default=None)]]
