from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import TestCase

from partners.country_data import countries_are_complete, load_countries
from partners.models import Country, CountryName, Membership
from tests.support.factories import make_country, make_membership

pytestmark = pytest.mark.unmeasured

MEMBERS_IN_2019 = {"DE", "DK", "EE", "FI", "IS", "LT", "LV", "NO", "PL", "RU", "SE"}


def load():
    output = StringIO()
    call_command("load_countries", stdout=output)
    return output.getvalue()


def codes(countries):
    return {country.code for country in countries}


class CountriesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        load()

    def test_all_countries_of_iso_3166_1_are_loaded(self):
        assert Country.objects.count() == 249
        latvia = Country.objects.get(code="LV")
        assert (latvia.name, latvia.slug) == ("Latvia", "lv")
        assert not Country.objects.filter(code__in=["UK", "EL", "EU", "XK"]).exists()

    def test_countries_are_found_by_regional_and_former_names(self):
        for name, code in [
            ("Suomi", "FI"),
            ("Norge", "NO"),
            ("Lettland", "LV"),
            ("Läti", "LV"),
            ("Krievija", "RU"),
            ("Россия", "RU"),
            ("russian federation", "RU"),
            ("Czech Republic", "CZ"),
            ("Holland", "NL"),
            ("Great Britain", "GB"),
            ("UK", "GB"),
            ("EL", "GR"),
            ("Belorussia", "BY"),
            ("Republic of Latvia", "LV"),
            ("gb", "GB"),
        ]:
            with self.subTest(name=name):
                assert codes(Country.objects.named(name)) == {code}

    def test_names_of_members_and_observers_are_unique(self):
        ours = CountryName.objects.filter(country__memberships__isnull=False).distinct()
        for folded in set(ours.values_list("folded", flat=True)):
            named = CountryName.objects.filter(folded=folded)
            with self.subTest(name=folded):
                assert named.values("country").distinct().count() == 1

    def test_loading_twice_changes_nothing(self):
        before = list(CountryName.objects.order_by("pk").values_list("pk", "text"))
        rows = Membership.objects.count()
        assert load() == "The countries with their names are up to date.\n"
        assert list(CountryName.objects.order_by("pk").values_list("pk", "text")) == before
        assert Membership.objects.count() == rows

    def test_countries_are_complete_only_with_all_of_them(self):
        assert countries_are_complete()
        Country.objects.filter(code="AQ").delete()
        assert not countries_are_complete()


class MembershipsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        load_countries()

    def test_members_depend_on_the_day(self):
        for day, expected in [
            (date(1991, 12, 31), set()),
            (date(1994, 12, 31), MEMBERS_IN_2019 - {"IS"}),
            (date(2019, 3, 31), MEMBERS_IN_2019),
            (date(2022, 3, 2), MEMBERS_IN_2019),
            (date(2022, 3, 3), MEMBERS_IN_2019 - {"RU"}),
            (date(2023, 3, 31), MEMBERS_IN_2019 - {"RU"}),
        ]:
            with self.subTest(day=day):
                assert codes(Country.objects.members_on(day)) == expected

    def test_memberships_follow_each_other(self):
        for country in Country.objects.with_memberships().filter(memberships__isnull=False):
            rows = list(country.memberships.all())
            for row in rows:
                day = row.valid_to + timedelta(days=1) if row.valid_to else date.max
                with self.subTest(row=row):
                    assert sum(one.holds_on(day) for one in rows) == 1


@pytest.mark.django_db
def test_recorded_countries_are_updated():
    country = make_country("CZ")  # under a name of the factory's own
    load_countries()
    country.refresh_from_db()
    assert country.name == "Czechia"


@pytest.mark.django_db
def test_names_that_staff_added_stay():
    country = make_country("LV")
    CountryName.objects.create(country=country, text="Livland", language="sv")
    load_countries()
    assert codes(Country.objects.named("Livland")) == {"LV"}


@pytest.mark.django_db
def test_recorded_memberships_are_not_changed():
    row = make_membership("LV", status="observer")
    load_countries()
    assert list(Membership.objects.all()) == [row]
