from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from partners.models import Country, CountryName, Membership
from projects.models import Partnership
from psf.text.dates import Precision
from tests.support.cases import HIDDEN_PROJECTS, HOSTILE_TEXTS
from tests.support.factories import (
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.refusals import assert_allowed, assert_refused, refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
JOINED, LEFT = date(1992, 3, 6), date(2022, 5, 16)


def codes(countries):
    return [country.code for country in countries]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "held", "not_held"),
    [
        (JOINED, LEFT, [JOINED, LEFT], [JOINED - DAY, LEFT + DAY]),
        (JOINED, None, [JOINED, date.max], [JOINED - DAY, date.min]),
        (None, LEFT, [date.min, LEFT], [LEFT + DAY, date.max]),
        (None, None, [date.min, JOINED, date.max], []),
        (JOINED, JOINED, [JOINED], [JOINED - DAY, JOINED + DAY]),
    ],
)
@pytest.mark.parametrize("status", ["member", "observer", "suspended", "former"])
def test_a_membership_holds_from_its_first_to_its_last_day(
    status, valid_from, valid_to, held, not_held
):
    row = make_membership("RU", status=status, valid_from=valid_from, valid_to=valid_to)
    country = Country.objects.with_memberships().get()

    for day, holds in [*((day, True) for day in held), *((day, False) for day in not_held)]:
        assert row.holds_on(day) is holds
        assert Membership.objects.on(day).exists() is holds
        assert country.membership_on(day) == (row if holds else None)
        is_member = holds and status == "member"
        assert country.was_member_on(day) is is_member
        assert Country.objects.members_on(day).exists() is is_member


def test_an_unknown_start_comes_first_on_every_database():
    later = make_membership("HU", valid_from=LEFT + DAY)
    earlier = make_membership("HU", status="observer", valid_from=None, valid_to=LEFT)
    hungary = Country.objects.with_memberships().get()

    assert [*hungary.memberships.all()] == [*Membership.objects.all()] == [earlier, later]


def test_periods_that_overlap_make_the_same_members_everywhere():
    """Two accounts can save such periods at the same moment: no constraint forbids them."""
    make_membership("RU", status="suspended", valid_from=JOINED)
    make_membership("RU", valid_from=JOINED + DAY)
    russia = Country.objects.with_memberships().get()

    for day, is_member in [(JOINED, False), (JOINED + DAY, True)]:
        assert russia.was_member_on(day) is is_member
        assert Country.objects.members_on(day).exists() is is_member


def test_the_european_union_is_a_member_without_country():
    union = Membership.objects.create(
        organisation="European Union", status="member", valid_from=JOINED, source="cbss.org"
    )
    make_membership("LV")

    assert str(union) == "European Union: member"
    assert union in Membership.objects.on(JOINED)
    assert codes(Country.objects.members_on(JOINED)) == ["LV"]
    assert codes(Country.objects.public()) == ["LV"]


def test_a_membership_describes_its_period():
    since_a_year = {"valid_from": date(1992, 1, 1), "from_precision": Precision.YEAR}
    row = make_membership("RU", valid_to=date(2022, 3, 2), **since_a_year)
    assert row.period() == "1992 to 2 March 2022"
    assert make_membership("LV", **since_a_year).period() == "from 1992"
    assert make_membership("FR", valid_from=None, status="observer").period() == ""
    assert str(row) == "Russia: member"


def test_a_country_has_a_page_if_it_has_a_membership_or_a_public_project():
    make_country("IS")
    make_membership("FR", status="observer")
    make_partnership(make_project(), country="BY")
    make_public_project(make_partner(country="DE"))
    make_partnership(make_public_project(make_partner(country="FI")), country="LT")

    assert sorted(codes(Country.objects.public())) == ["DE", "FI", "FR", "LT"]


@pytest.mark.parametrize("make_hidden", HIDDEN_PROJECTS)
def test_a_country_without_public_projects_has_no_page(make_hidden):
    make_partnership(make_hidden(), country="BY")
    assert Partnership.objects.filter(country="BY").exists()
    assert not Country.objects.public().filter(code="BY").exists()


def test_the_country_of_a_public_organisation_has_a_page():
    partner = make_partner(country="RU")
    make_partnership(make_project(), partner, country="SE")
    assert codes(Country.objects.public()) == []
    make_partnership(make_public_project(), partner, country="SE")
    assert codes(Country.objects.public()) == ["LV", "RU", "SE"]


def test_search_for_a_public_project_follows_an_index():
    # Ordered by "project", the database would sort the projects of a country by their calls.
    sql = str(Country.objects.public().query).replace('"', "")
    assert "closes_at" not in sql
    assert "ORDER BY U0.role ASC, U0.project_id ASC LIMIT 1" in sql


def test_lists_count_public_projects_and_their_organisations_once_each():
    lead = make_partner(country="FI")
    project = make_public_project(lead)
    make_partnership(project, make_partner(country="FI"))
    make_partnership(make_public_project(), lead, country="SE")  # for another country
    for make_hidden in HIDDEN_PROJECTS:
        make_partnership(make_hidden(), make_partner(country="FI"))
    counts = {
        row.code: (row.number_of_projects, row.number_led, row.number_of_partners)
        for row in Country.objects.for_list()
    }
    assert counts["FI"] == (1, 1, 2)
    assert counts["SE"] == (1, 0, 0)


@pytest.fixture
def netherlands():
    country = make_country("NL")
    for text, language in [("Holland", "en"), ("Alankomaat", "fi"), ("Niederlande", "de")]:
        CountryName.objects.create(country=country, text=text, language=language)
    make_country("LV")
    return country


@pytest.mark.parametrize(
    "text", ["Holland", "holland", " HOLLAND. ", "Alankomaat", "nl", "NL", " Nl "]
)
def test_a_country_is_named_by_any_name_and_by_its_code(netherlands, text):
    assert codes(Country.objects.named(text)) == ["NL"]


@pytest.mark.parametrize("text", ["", "  ", "Hol", "Hollands", "land", "N", "NLD", "%", "__"])
def test_a_country_is_not_named_by_a_part_of_a_name(netherlands, text):
    assert codes(Country.objects.named(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("holl", ["NL"]),
        ("NIEDER", ["NL"]),
        ("nl", ["NL"]),
        ("holland nl", ["NL"]),
        ("holland lv", []),
        ("atvi", ["LV"]),
        ("", ["NL", "LV"]),
        (" – ", ["NL", "LV"]),
    ],
)
def test_a_country_is_found_by_words_within_its_names(netherlands, text, found):
    assert codes(Country.objects.found_by(text)) == found


@pytest.mark.parametrize("hostile_text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_text_finds_nothing_and_breaks_nothing(netherlands, hostile_text):
    assert codes(Country.objects.named(hostile_text)) == []
    assert codes(Country.objects.found_by(f"holland xyzzy {hostile_text}")) == []


def test_countryname_once_per_language(netherlands):
    name = CountryName.objects.get(text="Alankomaat")
    name_of_another = CountryName.objects.create(country=netherlands, text="Pays-Bas")
    assert_refused(
        name_of_another, "countryname_once_per_language", text=name.text, language=name.language
    )
    assert_allowed(name_of_another, text="Alankomaat", language="et")


def test_membership_is_of_a_country_or_an_organisation():
    name = "membership_is_of_a_country_or_an_organisation"
    row = make_membership()
    assert_refused(row, name, organisation="European Union")
    assert_refused(row, name, country=None)
    assert_allowed(row, country=None, organisation="European Union")


def test_membership_valid_to_is_at_least_valid_from():
    row = make_membership(valid_from=JOINED)
    assert_refused(row, "membership_valid_to_is_at_least_valid_from", valid_to=JOINED - DAY)
    assert_allowed(row, valid_to=JOINED)
    assert_allowed(row, valid_to=None)
    assert_allowed(row, valid_from=None, valid_to=JOINED)


@pytest.mark.parametrize(
    ("constraint", "first_day", "sentence"),
    [
        ("membership_begins_once", JOINED, "a membership from that day"),
        ("membership_begins_once_unknown", None, "a membership without a start"),
    ],
)
def test_membership_begins_once(constraint, first_day, sentence):
    make_membership("RU", valid_from=first_day, valid_to=LEFT)
    later = make_membership("RU", valid_from=LEFT + DAY)
    with refused(constraint):
        Membership.objects.filter(pk=later.pk).update(valid_from=first_day)
    later.valid_from = first_day
    with pytest.raises(ValidationError, match=f"already has {sentence}"):
        later.validate_constraints()
    make_membership("LV", valid_from=first_day)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "overlaps"),
    [
        (JOINED - DAY, JOINED - DAY, False),
        (JOINED - DAY, JOINED, True),
        (JOINED + DAY, LEFT - DAY, True),
        (LEFT, None, True),
        (LEFT + DAY, None, False),
        (None, JOINED - DAY, False),
        (None, JOINED, True),
        (None, None, True),
    ],
)
def test_a_form_refuses_overlapping_memberships(valid_from, valid_to, overlaps):
    stored = make_membership("RU", valid_from=JOINED, valid_to=LEFT)
    stored.full_clean()
    row = Membership(
        country=stored.country,
        status="observer",
        valid_from=valid_from,
        valid_to=valid_to,
        source="cbss.org",
    )
    if overlaps:
        with pytest.raises(ValidationError, match="overlaps another membership"):
            row.full_clean()
    else:
        row.full_clean()
    make_country("FR")
    row.country_id = "FR"
    row.full_clean()


def test_a_country_that_others_use_is_not_deleted():
    for use in [make_partner(country="NO"), make_partnership(make_project(), country="NO")]:
        with pytest.raises(ProtectedError):
            make_country("NO").delete()
        use.delete()
    make_membership("NO")

    make_country("NO").delete()

    assert not Country.objects.filter(code="NO").exists()
    assert not CountryName.objects.filter(country="NO").exists()
    assert not Membership.objects.exists()


def test_the_address_of_a_country_is_its_code():
    country = make_country("LV")
    assert str(country) == "Latvia"
    assert str(country.names.get()) == "Latvia"
