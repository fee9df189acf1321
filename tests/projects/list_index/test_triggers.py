"""The triggers keep the listing tables equal to the records after every kind of change."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.exceptions import ObjectDoesNotExist
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Lower

from partners.models import Membership, Partner
from partners.pages.list_index import read_key_sets, renew_key_sets
from partners.search import PARTNERS
from projects.list_index.facet_sets import read_sets, renew_sets
from projects.list_index.membership_facet import Period, periods
from projects.list_index.rows import create_listing_tables, drop_listing_tables
from projects.list_index.triggers import install_listing_triggers
from projects.models import Call, ListedPart, Listing, Partnership, Project
from projects.search import PROJECTS
from psf.database import triggers
from psf.search.maintenance import update_indexes
from tests.support.counts import changes_after, last_change
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
    """The periods of membership of its countries; countries with equal periods count once."""
    return {
        tuple(
            Period(row.valid_from, row.valid_to)
            for row in country.memberships.filter(status="member").order_by("pk")
        )
        for country in {part.country for part in project.partnerships.all()}
    }


def sort_periods(countries):
    return sorted((sorted(country, key=repr) for country in countries), key=repr)


def assert_rows_match_records():
    """Compare all rows with rows made from the records in Python."""
    since = {
        project.pk: moment
        for project in Project.objects.select_related("call")
        if (moment := expected_since(project))
    }
    listings = {row.pk: row for row in Listing.objects.all()}
    assert {key: row.since for key, row in listings.items()} == since
    projects = Project.objects.annotate(small=Lower("title")).select_related("call")
    for project in projects.filter(pk__in=since):
        row = listings[project.pk]
        assert row.closes_at == (project.call.closes_at or datetime(9999, 12, 1, tzinfo=UTC))
        copies = (row.call_id, row.reference, row.title, row.status)
        expected = (project.call_id, project.reference, project.small, project.status)
        assert copies == expected
        assert sort_periods(periods(row.memberships)) == sort_periods(expected_periods(project))
    parts = {row.pk: row for row in ListedPart.objects.all()}
    partnerships = Partnership.objects.filter(project__in=since).select_related(
        "partner", "project"
    )
    assert set(parts) == {part.pk for part in partnerships}
    for part in partnerships:
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


CHANGES = {
    "nothing": lambda project: None,
    "a project is saved": lambda project: project.save(),
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
def test_rows_and_documents_match_the_records_after_random_changes(project, seed):
    for name in Random(seed).choices([*CHANGES], k=6):
        # A change may need a row that an earlier change deleted.
        with suppress(ObjectDoesNotExist, AttributeError, IntegrityError), transaction.atomic():
            CHANGES[name](project)
        assert_rows_match_records()
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
def test_rows_and_sets_follow_every_change(project, change):
    before, partners_before, key = read_sets(AT), read_key_sets(AT), last_change()
    change(project)

    assert_rows_match_records()
    # Renewed sets equal sets that are read from the beginning.
    changes = changes_after(key, AT)
    after, partners_after = renew_sets(before, changes), renew_key_sets(partners_before, changes)
    assert after.values == read_sets(AT).values
    assert partners_after == read_key_sets(AT)
    unchanged = [CHANGES["nothing"], CHANGES["a project is saved"], rolled_back]
    assert (partners_after is partners_before) == (change in unchanged)
    assert (after is before) == (after.values == before.values)
    assert change is not CHANGES["nothing"] or ListedPart.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_flushed_database_has_no_listings(project):
    call_command("flush", interactive=False)

    assert not Listing.objects.exists()
    assert not ListedPart.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_installing_triggers_writes_all_rows_again(project):
    triggers.drop_all_triggers(using="default", plan=["a migration"])
    Project.objects.update(title="Changed unseen")
    Partnership.objects.filter(project=project).first().delete()
    triggers.install_all_triggers(using="default", apps=apps, plan=["a migration"])

    assert_rows_match_records()
    Project.objects.update(title="Changed again")
    assert_rows_match_records()


@pytest.mark.django_db(transaction=True)
def test_tables_can_be_dropped_and_created_again(project):
    triggers.drop_all_triggers(using="default", plan=["a migration"])
    with connection.schema_editor() as editor:
        drop_listing_tables(apps, editor)
        create_listing_tables(apps, editor)
    triggers.install_all_triggers(using="default", apps=apps, plan=["a migration"])

    assert_rows_match_records()


@pytest.mark.django_db(transaction=True)
def test_first_migrations_install_no_triggers(project):
    triggers.drop_all_triggers(using="default", plan=["a migration"])
    with connection.schema_editor() as editor:
        install_listing_triggers(Apps(), editor)

    assert not triggers.existing_triggers(connection)
    triggers.install_all_triggers(using="default", apps=apps, plan=["a migration"])


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
        assert Listing.objects.public(at).exists() is public
        assert ListedPart.objects.public(at).exists() is public
        withdrawn = bool(unpublished_at) and not public
        assert Project.objects.unpublished(at).exists() is withdrawn
    assert str(Listing.objects.first() or project.reference) == project.reference


def test_listed_part_is_shown_by_country_and_project(project):
    part = ListedPart.objects.filter(project=project, partner__isnull=True).get()
    assert str(part) == f"SE in {project.pk}"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL plans once for all")
@pytest.mark.parametrize("function", ["projects_list"])
def test_functions_use_indexes_for_few_projects(function):
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
