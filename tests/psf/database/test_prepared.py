"""A prepared query returns what its queryset returns, at any moment and for any value."""

import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db.models import BigIntegerField, CharField, Count, Value
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from partners.models import Country, Partner
from projects.models import Project
from projects.pages import project_detail as reading
from projects.pages.project_detail import load_public_project
from psf.database.parameters import NOW, Parameter
from psf.database.prepared import Prepared
from psf.database.sql import given_keys
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
)

pytestmark = pytest.mark.django_db

KEY, NAME = Parameter("key", BigIntegerField()), Parameter("name", CharField())


def values(record):
    """What was loaded of a record itself."""
    return {name: value for name, value in vars(record).items() if not name.startswith("_")}


def test_records_have_selected_relations_and_annotations(django_assert_num_queries):
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


def test_a_deferred_field_is_loaded_on_access():
    project = make_public_project(summary="Long")
    (found,) = Prepared(lambda: Project.objects.defer("summary").filter(pk=KEY))(key=project.pk)
    assert "summary" not in vars(found)
    assert found.summary == "Long"


def test_a_query_is_compiled_once_for_all_values():
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


def test_the_rows_of_several_queries_follow_one_another():
    partner = make_partner("Riga")
    names = Partner.objects.filter(pk=KEY).values_list("pk", "name")
    countries = Country.objects.filter(name=NAME).values_list("pk", "name")
    one = names.order_by("name")[:1]
    prepared = Prepared(lambda: [one, names.filter(name=NAME)])
    assert prepared(key=partner.pk, name="Riga") == [(partner.pk, "Riga")] * 2
    assert Prepared(lambda: [countries, countries])(name="Latvia") == [("LV", "Latvia")] * 2


@pytest.mark.parametrize("number", [0, 1, 3, 30])
def test_any_number_of_keys_returns_each_record_once(number, django_assert_num_queries):
    keys = {make_partner().pk for _more in range(number)}
    others = {make_partner().pk}

    names = Prepared(lambda: Partner.objects.filter(pk__in=given_keys(Partner)).values_list("pk"))

    with django_assert_num_queries(min(number, 1)):
        found = names.of(keys)
    assert sorted(found) == sorted((key,) for key in keys)
    assert names.of(others) == [(key,) for key in others]


def test_now_is_the_moment_of_the_call():
    project = make_public_project()
    prepared = Prepared(lambda: Project.objects.public(NOW).values_list("pk"))
    now = timezone.now()
    assert prepared() == [(project.pk,)]
    Project.objects.update(published_at=now + timedelta(hours=1))
    assert prepared() == []
    assert prepared(at=now + timedelta(hours=1)) == [(project.pk,)]


def prepared_queries():
    """All prepared queries of modules by name."""
    import_module("psf.urls")  # loads all pages
    return {
        f"{module.__name__}.{name}": query
        for module in [*sys.modules.values()]
        if module.__name__.split(".")[0] in ["psf", "partners", "projects"]
        for name, query in vars(module).items()
        if isinstance(query, Prepared)
    }


def has_moment(query):
    _sql, params, *_compiled = query._compiled
    texts = (param for param in params if isinstance(param, datetime | str))
    return any(parse_datetime(str(text)) for text in texts)


def test_no_prepared_query_keeps_the_moment_of_its_compilation():
    queries = prepared_queries()
    assert len(queries) > 20
    assert [name for name, query in queries.items() if has_moment(query)] == []
    assert has_moment(Prepared(lambda: Project.objects.public()))


def test_one_is_the_first_record_or_none():
    partner = make_partner()
    prepared = Prepared(lambda: Partner.objects.filter(pk=KEY))
    assert prepared.one(key=partner.pk) == partner
    assert prepared.one(key=0) is None


# The page of a project


def test_the_page_of_a_project_loads_what_its_queryset_loads(django_assert_num_queries):
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


def test_a_country_that_is_not_cached_yet_is_loaded(monkeypatch):
    project = make_public_project(make_partner(country="SE"))
    monkeypatch.setattr(reading, "countries_by_code", dict)
    assert [part.country.code for part in load_public_project(project.slug).partnerships.all()] == [
        "SE"
    ]


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_a_hidden_project_is_not_loaded(hidden):
    assert load_public_project(hidden().slug) is None


LIKE = "100% of Riga's %s"


def test_quotes_and_percent_signs_stay_as_they_are():
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


def test_a_query_without_parameters_is_prepared():
    make_partner("Riga")
    prepared = Prepared(lambda: Partner.objects.filter(name="Riga").values_list("name"))
    for _time in range(2):
        assert prepared() == [("Riga",)]
