"""Lists, facets and counts follow every kind of change."""

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from partners.models import Membership, Partner
from partners.pages.list_index import read_key_sets, renew_key_sets
from partners.search import PARTNERS
from projects.list_index.changed_projects import TEXTS, changed_projects, recounted_projects
from projects.list_index.facet_sets import read_sets, renew_sets
from projects.models import Call, Partnership, Project
from projects.models.publication import public_since
from projects.search import PROJECTS
from psf.database.keysets import keyset
from psf.search.maintenance import update_indexes
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
from tests.support.history_changes import changes_after, last_change

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
    cents = int(100 * (project.amount_eur or 0))
    yield from (("cents", place) for place in range(cents.bit_length()) if cents & 2**place)
    parts = list(project.partnerships.select_related("partner", "country"))
    for part in parts:
        yield "country", part.country_id
        kind = part.partner and part.partner.kind
        yield ("kind", kind) if kind else ("not_named", part.country_id)
        if part.is_lead():
            yield "lead", part.country_id
            if kind:
                yield "kind_of_lead", kind
    for name, day in [("members_then", project.call.closing_day()), ("members_now", today)]:
        if day:
            are_members = all(part.country.was_member_on(day) for part in parts)
            yield name, "all" if are_members else "others"


def without_empty(values):
    return {facet: sets for facet, sets in values.items() if sets}


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def swap_leads(project):
    lead = project.partnerships.get(role="lead")
    other = project.partnerships.exclude(pk=lead.pk).first()
    Partnership.objects.filter(pk=lead.pk).update(role="partner")
    Partnership.objects.filter(pk=other.pk).update(role="lead")


def rolled_back(project):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Project.objects.update(published_at=None)
        1 / 0  # noqa: B018


def other_texts(project):
    [texts] = TEXTS.values()
    for number, name in enumerate(sorted(texts)):
        value = "de" if name == "title_language" else f"Other {number}"
        assert Project.objects.update(**{name: value})


CHANGES = {
    "nothing": lambda project: None,
    "a project is saved": lambda project: project.save(),
    "other texts": other_texts,
    "unpublished": lambda project: Project.objects.filter(pk=project.pk).update(
        published_at=None, unpublished_at=AT, unpublished_reason="An error."
    ),
    "not public any more": lambda project: Project.objects.update(published_at=None),
    "public later": lambda project: Project.objects.filter(pk=project.pk).update(
        published_at=AT + timedelta(900)
    ),
    "another title and status": lambda project: Project.objects.filter(pk=project.pk).update(
        title="ÅNGSTRÖM Other", status="running"
    ),
    "another reference": lambda project: Project.objects.filter(pk=project.pk).update(
        reference="X-1"
    ),
    "an amount": lambda project: Project.objects.update(amount_eur=1, amount_kind="ceiling"),
    "another call": lambda project: Project.objects.update(call=make_call(published_at=AT)),
    "a hidden call": lambda project: Call.objects.update(published_at=None),
    "a call public later": lambda project: Call.objects.update(published_at=AT),
    "a call that closes": lambda project: Call.objects.update(closes_at=AT),
    "a call without an end": lambda project: Call.objects.update(closes_at=None),
    "a new part": lambda project: make_partnership(project, country="EE"),
    "another lead": swap_leads,
    "parts moved": lambda project: Partnership.objects.filter(
        project=project, role="partner"
    ).update(project=make_public_project()),
    "a part in another country": lambda project: Partnership.objects.update(
        country=make_country("NO")
    ),
    "parts deleted": lambda project: project.partnerships.all().delete(),
    "the first of a country deleted": lambda project: project.partnerships.first().delete(),
    "another kind of partner": lambda project: Partner.objects.update(kind="company"),
    "a partner that moves": lambda project: Partner.objects.update(country=make_country("DK")),
    "a project deleted": lambda project: Project.objects.filter(pk=project.pk).delete(),
    "a new member state": lambda project: make_membership("FI", valid_to=date(2020, 1, 1)),
    "a member state again": lambda project: make_membership(
        "LV", valid_from=date(2010, 1, 1), valid_to=date(2012, 1, 1)
    ),
    "no member state any more": lambda project: Membership.objects.update(valid_to=AT),
    "a mere observer": lambda project: Membership.objects.update(status="observer"),
    "a member state that is another country": lambda project: Membership.objects.filter(
        country="LV"
    ).update(country="SE"),
    "no member states": lambda project: Membership.objects.all().delete(),
    "SQL": lambda project: sql("UPDATE projects_project SET published_at = NULL"),
    "bulk_create": lambda project: Partnership.objects.bulk_create(
        Partnership(project=project, partner=partner, country=partner.country)
        for partner in [make_partner(), make_partner(kind="company"), make_partner()]
    ),
    "a change rolled back": rolled_back,
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


@pytest.mark.parametrize("seed", range(4))
def test_sets_and_documents_match_the_records_after_random_changes(project, seed):
    for name in Random(seed).choices([*CHANGES], k=6):
        # A change may need a row that an earlier change deleted.
        with suppress(ObjectDoesNotExist, AttributeError, IntegrityError), transaction.atomic():
            CHANGES[name](project)
        assert without_empty(read_sets(AT).values) == plain_sets(AT)
    update_indexes()
    assert PROJECTS.stale_records() == PARTNERS.stale_records() == []


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


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_sets_follow_every_change(project, change):
    before, partners_before, key = read_sets(AT), read_key_sets(AT), last_change()
    change(project)

    # Renewed sets equal sets that are read from the beginning, and the records.
    changes = changes_after(key)
    after = renew_sets(before, changes, AT)
    partners_after = renew_key_sets(partners_before, changes, AT)
    assert after.values == read_sets(AT).values
    assert without_empty(after.values) == plain_sets(AT)
    assert after.money(after.everything) == Project.objects.public(AT).money()
    assert partners_after == read_key_sets(AT)
    unchanged = [CHANGES["nothing"], CHANGES["a project is saved"], other_texts, rolled_back]
    assert (partners_after is partners_before) == (change in unchanged)


def test_a_project_is_counted_again_unless_only_texts_changed(project):
    key = last_change()
    other_texts(project)
    texts = changes_after(key)
    assert project.pk in changed_projects(texts)
    assert recounted_projects(texts) == set()

    CHANGES["another title and status"](project)
    assert recounted_projects(changes_after(key)) == {project.pk}


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
