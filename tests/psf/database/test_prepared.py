"""A prepared query gives what its queryset gives, at any moment and for any value."""

from datetime import date, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.db import DataError, connection, transaction
from django.db.models import BigIntegerField, CharField, Count, Prefetch, Value
from django.utils import timezone

from partners.models import Country, Partner
from projects.models import Project
from projects.pages import project_detail as reading
from projects.pages.project_detail import load_public_project
from psf.database.prepared import AT, Parameter, Prepared, PreparedForKeys
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_decision,
    make_membership,
    make_partner,
    make_partner_name,
    make_partnership,
    make_public_project,
)

pytestmark = pytest.mark.django_db

KEY, NAME = Parameter("key", BigIntegerField()), Parameter("name", CharField())


def values(record):
    """What was loaded of a record itself."""
    return {name: value for name, value in vars(record).items() if not name.startswith("_")}


def test_records_come_with_what_stands_beside_them(django_assert_num_queries):
    project = make_public_project(amount_kind="awarded", amount_eur=Decimal("12.50"))
    decision = make_decision(project.call)
    rows = Project.objects.select_related("call__decision").annotate(parts=Count("partnerships"))
    prepared = Prepared(lambda: rows.filter(pk=KEY))
    expected = rows.get(pk=project.pk)
    with django_assert_num_queries(1):
        (found,) = prepared(key=project.pk)
        assert values(found) == values(expected)
        assert values(found.call) == values(expected.call)
        assert found.call.decision == decision
        assert (found.parts, found.amount_eur) == (1, Decimal("12.50"))
    assert prepared(key=0) == []


def test_what_was_left_out_of_a_record_is_loaded_when_it_is_asked_for():
    project = make_public_project(summary="Long")
    (found,) = Prepared(lambda: Project.objects.defer("summary").filter(pk=KEY))(key=project.pk)
    assert "summary" not in vars(found)
    assert found.summary == "Long"


def test_it_is_said_once_and_asked_with_other_values():
    partners = [make_partner("Riga"), make_partner("Oslo")]
    said = []

    def make():
        said.append("once")
        return Partner.objects.filter(name=NAME, pk__in=[KEY]).values_list("name", "slug")

    prepared = Prepared(make)
    for partner in partners:
        found = prepared(name=partner.name, key=partner.pk)
        assert found == [(partner.name, partner.slug)]
    assert prepared(name="Riga", key=partners[1].pk) == []
    assert said == ["once"]


def test_queries_can_be_asked_together():
    partner = make_partner("Riga")
    names = Partner.objects.filter(pk=KEY).values_list("pk", "name")
    countries = Country.objects.filter(name=NAME).values_list("pk", "name")
    one = names.order_by("name")[:1]
    prepared = Prepared(lambda: [one, names.filter(name=NAME)])
    assert prepared(key=partner.pk, name="Riga") == [(partner.pk, "Riga")] * 2
    assert Prepared(lambda: [countries, countries])(name="Latvia") == [("LV", "Latvia")] * 2


@pytest.mark.parametrize("number", [0, 1, 3, 30])
def test_so_many_keys_as_there_are_give_their_records_once(number, django_assert_num_queries):
    keys = {make_partner().pk for _more in range(number)}
    others = {make_partner().pk}

    @PreparedForKeys
    def names(slots):
        return Partner.objects.filter(pk__in=slots).values_list("pk")

    with django_assert_num_queries(min(number, 1)):
        found = names.of(keys)
    assert sorted(found) == sorted((key,) for key in keys)
    assert names.of(others) == [(key,) for key in others]


def test_the_moment_is_that_of_asking():
    project = make_public_project()
    prepared = Prepared(lambda: Project.objects.public(AT).values_list("pk"))
    now = timezone.now()
    assert prepared() == [(project.pk,)]
    Project.objects.update(published_at=now + timedelta(hours=1))
    assert prepared() == []
    assert prepared(at=now + timedelta(hours=1)) == [(project.pk,)]


def test_a_moment_that_would_stand_for_ever_is_refused():
    with pytest.raises(ValueError, match="make it a slot"):
        Prepared(lambda: Project.objects.public())()


def test_relatives_stand_where_they_would_be_loaded_before(django_assert_num_queries):
    parent = make_partner("Parent")
    partner = make_partner("Unit", parent=parent)
    make_partner_name(partner, "Other name")
    make_public_project(partner)
    named = Prefetch("parent", queryset=Partner.objects.filter(name=NAME))
    rows = Partner.objects.prefetch_related("names", "partnerships", named)
    prepared = Prepared(lambda: rows.filter(pk=KEY))
    with django_assert_num_queries(4):
        found = prepared.one(key=partner.pk, name="Parent")
        assert found.parent == parent
        assert [name.text for name in found.names.all()] == ["Other name"]
        assert [part.partner for part in found.partnerships.all()] == [partner]
    assert prepared.one(key=partner.pk, name="Another").parent is None
    with django_assert_num_queries(3):  # where no key stands, nobody is asked for
        assert prepared.one(key=parent.pk, name="Parent").parent is None
    with django_assert_num_queries(1):
        assert prepared.one(key=0, name="Parent") is None


# The page of a project


def test_a_page_is_what_its_queryset_loads(django_assert_num_queries):
    project = make_public_project()
    make_membership("FI", valid_from=date(1992, 3, 6))
    make_partnership(project, make_partner(country="SE"), country="FI")
    make_partnership(project, country="EE")
    expected = Project.objects.public().for_page().get(slug=project.slug)
    with django_assert_num_queries(4):
        assert loaded(load_public_project(project.slug)) == loaded(expected)


def loaded(project):
    parts = [
        [
            values(part),
            values(part.country),
            part.partner and [values(part.partner), values(part.partner.country)],
            [values(row) for row in part.country.memberships.all()],
        ]
        for part in project.partnerships.all()
    ]
    return values(project), values(project.call), parts


def test_a_country_that_was_entered_meanwhile_is_asked_for(monkeypatch):
    project = make_public_project(make_partner(country="SE"))
    monkeypatch.setattr(reading, "countries_by_code", dict)
    assert [part.country.code for part in load_public_project(project.slug).partnerships.all()] == [
        "SE"
    ]


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_what_is_hidden_has_no_page(hidden):
    assert load_public_project(hidden().slug) is None


LIKE = "100% %s"

only_planned = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite keeps its statements by itself."
)


def named():
    """The names of the statements that this connection has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'psf%'")
        return {name for (name,) in cursor.fetchall()}


def test_signs_of_percent_are_no_places():
    partner = make_partner(LIKE)
    prepared = Prepared(
        lambda: (
            Partner.objects.filter(name__contains=LIKE, pk=KEY)
            .annotate(mark=Value(LIKE, output_field=CharField()))
            .extra(where=["name LIKE '100%%'"])
            .values_list("mark", "pk")
        )
    )
    for _time in range(2):
        assert prepared(key=partner.pk) == [(LIKE, partner.pk)]


@only_planned
def test_postgresql_prepares_it_once_a_connection():
    partner, before = make_partner("Riga"), named()
    prepared = Prepared(lambda: Partner.objects.filter(pk=KEY).values_list("name"))
    for _time in range(2):
        assert prepared(key=partner.pk) == [("Riga",)]
    assert len(named() - before) == 1

    other = connection.copy()
    try:
        with mock.patch("psf.database.prepared.connection", other):
            for _time in range(2):
                assert prepared(key=0) == []
    finally:
        other.close()


@only_planned
def test_one_that_failed_is_prepared_anew():
    partner = make_partner("Riga")
    prepared = Prepared(lambda: Partner.objects.filter(pk=KEY).values_list("name"))
    with pytest.raises(DataError), transaction.atomic():
        prepared(key=2**63)
    assert prepared(key=partner.pk) == [("Riga",)]


@only_planned
def test_a_query_without_slots_is_prepared_too():
    make_partner("Riga")
    prepared = Prepared(lambda: Partner.objects.filter(name="Riga").values_list("name"))
    for _time in range(2):
        assert prepared() == [("Riga",)]
