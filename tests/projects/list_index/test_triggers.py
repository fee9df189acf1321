"""The narrow rows of lists hold what the records say, whoever changes these, by whatever path."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.functions import Lower

from partners.models import Membership, Partner
from partners.pages import list_index as whole
from projects.list_index import (
    facet_sets as sets,
)
from projects.list_index import (
    rows as listing_rows,
)
from projects.list_index import (
    triggers as listing_triggers,
)
from projects.list_index.membership_facet import Period, periods
from projects.models import Call, ListedPart, Listing, Partnership, Project
from psf.database import triggers
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


def expected_since(project):
    call = project.call
    if not project.published_at or not call.published_at:
        return None
    return max(project.published_at, call.published_at)


def expected_periods(project):
    """When each of its countries was a member state, each different lot of times once."""
    return {
        tuple(
            Period(row.valid_from, row.valid_to)
            for row in country.memberships.filter(status="member").order_by("pk")
        )
        for country in {part.country for part in project.partnerships.all()}
    }


def in_order(lots):
    return sorted((sorted(lot, key=repr) for lot in lots), key=repr)


def assert_kept():
    """All rows are those that the records ask for, told once more in Python."""
    since = {
        project.pk: moment
        for project in Project.objects.select_related("call")
        if (moment := expected_since(project))
    }
    listings = {row.pk: row for row in Listing.objects.all()}
    assert {key: row.since for key, row in listings.items()} == since
    told_in_small = Project.objects.annotate(small=Lower("title")).select_related("call")
    for project in told_in_small.filter(pk__in=since):
        row = listings[project.pk]
        assert row.closes_at == (project.call.closes_at or datetime(9999, 12, 1, tzinfo=UTC))
        told = (row.call_id, row.reference, row.title, row.status, row.has_amount)
        assert told == (
            project.call_id,
            project.reference,
            project.small,
            project.status,
            project.amount_eur is not None,
        )
        assert in_order(periods(row.memberships)) == in_order(expected_periods(project))
    parts = {row.pk: row for row in ListedPart.objects.all()}
    wanted = Partnership.objects.filter(project__in=since).select_related("partner", "project")
    assert set(parts) == {part.pk for part in wanted}
    for part in wanted:
        row, partner = parts[part.pk], part.partner
        assert row.call_id == part.project.call_id
        assert (row.project_id, row.country_id, row.partner_id) == (
            part.project_id,
            part.country_id,
            part.partner_id,
        )
        assert (row.leads, row.since) == (part.is_lead(), since[part.project_id])
        of_partner = (partner.country_id, partner.kind) if partner else (None, None)
        assert (row.seat_id, row.kind) == of_partner
    for field, first in [("country_id", "first_of_country"), ("kind", "first_of_kind")]:
        pairs = [(row.project_id, getattr(row, field)) for row in parts.values()]
        firsts = [
            (row.project_id, getattr(row, field)) for row in parts.values() if getattr(row, first)
        ]
        assert sorted(firsts) == sorted({pair for pair in pairs if pair[1]})


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def swap_leads(project):
    lead = project.partnerships.get(role="lead")
    other = project.partnerships.exclude(pk=lead.pk).first()
    Partnership.objects.filter(pk=lead.pk).update(role="partner")
    Partnership.objects.filter(pk=other.pk).update(role="lead")


def undone(project):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Project.objects.update(published_at=None)
        1 / 0  # noqa: B018


CHANGES = {
    "nothing": lambda project: None,
    "a project is saved": lambda project: project.save(),
    "taken back": lambda project: Project.objects.filter(pk=project.pk).update(
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
    "a change undone": undone,
}


@pytest.fixture
def project():
    """One of several, with two parts for one country and one of no organisation."""
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


def closing_days():
    return {str(call.pk): call.closing_day() for call in Call.objects.all()}


def given(terms, term, make):
    """Another value of a facet that stands in no narrow row: given, then changed."""

    def change(project):
        of_project = getattr(project, terms)
        of_project.set([make()])
        of_project.through.objects.update(**{term: make()})

    return change


CHANGES |= {
    "another priority": given("priorities", "priority", make_priority),
    "another topic": given("topics", "topic", make_topic),
    "no topic": lambda project: project.topics.clear(),
    "another day of closing": lambda project: Call.objects.update(time_zone="Pacific/Kiritimati"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_kept(project, change):
    before = sets.renewed(None, AT, closing_days(), AT.date())
    partners_before = whole.renewed(None, AT)
    change(project)

    assert_kept()
    # What is counted is renewed where a call has another mark, and is as if it were counted anew.
    after = sets.renewed(before, AT, closing_days(), AT.date())
    anew = sets.renewed(None, AT, closing_days(), AT.date())
    assert after.values == anew.values
    assert after.calls == anew.calls
    assert (after is before) == (
        change in [CHANGES["nothing"], CHANGES["a project is saved"], undone]
    )
    partners_after = whole.renewed(partners_before, AT)
    assert partners_after == whole.renewed(None, AT)
    assert after is not before or partners_after is partners_before
    assert change is not CHANGES["nothing"] or ListedPart.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_lists_nothing(project):
    call_command("flush", interactive=False)

    assert not Listing.objects.exists()
    assert not ListedPart.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_all_is_written_anew_with_the_triggers(project):
    triggers.take_away(using="default", plan=["a migration"])
    Project.objects.update(title="Changed unseen")
    Partnership.objects.filter(project=project).first().delete()
    triggers.make(using="default", apps=apps, plan=["a migration"])

    assert_kept()
    Project.objects.update(title="Changed again")
    assert_kept()


@pytest.mark.django_db(transaction=True)
def test_the_tables_can_be_taken_away_and_made_again(project):
    triggers.take_away(using="default", plan=["a migration"])
    with connection.schema_editor() as editor:
        listing_rows.drop_tables(apps, editor)
        listing_rows.make_tables(apps, editor)
    triggers.make(using="default", apps=apps, plan=["a migration"])

    assert_kept()


@pytest.mark.django_db(transaction=True)
def test_the_first_migrations_have_no_listings_to_keep(project):
    triggers.take_away(using="default", plan=["a migration"])
    with connection.schema_editor() as editor:
        listing_triggers.keep_listings(Apps(), editor)

    assert not triggers.triggers_there(connection)
    triggers.make(using="default", apps=apps, plan=["a migration"])


MOMENTS = [None, AT - TICK, AT, AT + TICK]


@pytest.mark.parametrize("published_at", MOMENTS)
@pytest.mark.parametrize("call_published_at", MOMENTS)
@pytest.mark.parametrize("unpublished_at", [None, LONG_AGO, AT + timedelta(1)])
def test_each_spelling_of_what_is_public_gives_the_same(
    published_at, call_published_at, unpublished_at
):
    reason = "An error." if unpublished_at else ""
    project = make_public_project(
        call=make_call(published_at=call_published_at),
        published_at=published_at,
        unpublished_at=unpublished_at,
        unpublished_reason=reason,
    )
    for at in [AT - TICK, AT, AT + TICK, AT + 2 * TICK]:
        seen = project.is_public(at)
        assert Project.objects.public(at).exists() is seen
        assert Listing.objects.public(at).exists() is seen
        assert ListedPart.objects.public(at).exists() is seen
        gone = bool(unpublished_at) and not seen
        assert Project.objects.unpublished(at).exists() is gone
    assert str(Listing.objects.first() or project.reference) == project.reference


def test_a_part_is_told_by_who_takes_part_and_where(project):
    part = ListedPart.objects.filter(project=project, partner__isnull=True).get()
    assert str(part) == f"SE in {project.pk}"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL plans once for all")
@pytest.mark.parametrize("function", ["projects_list", "projects_mark"])
def test_the_rows_of_a_few_projects_are_found_without_reading_whole_tables(function):
    project = make_public_project()
    tables = "relname IN ('projects_project', 'projects_listing', 'projects_partnership')"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_project, projects_listing, projects_partnership")
        counting = f"SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE {tables}"
        cursor.execute(counting)
        before = cursor.fetchone()
        cursor.execute(f"SELECT {function}(%s)", [[project.pk]])
        cursor.execute(counting)
        assert cursor.fetchone() == before
