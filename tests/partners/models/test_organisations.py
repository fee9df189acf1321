from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from partners.models import LeadPartner, Partner, PartnerName
from partners.participation import participation
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_call,
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.refusals import assert_allowed, assert_refused

pytestmark = pytest.mark.django_db


def names(partners):
    return sorted(partner.name for partner in partners)


def test_the_organisations_of_public_projects_are_public():
    lead, partner = make_partner("Lead"), make_partner("Partner")
    make_partner("Nobody")
    project = make_public_project(lead)
    make_partnership(project, partner)
    make_partnership(project, country="EE")  # only a country

    assert names(Partner.objects.public()) == ["Lead", "Partner"]
    assert names(LeadPartner.objects.public()) == ["Lead"]


@pytest.mark.parametrize("make_hidden", HIDDEN_PROJECTS)
def test_an_organisation_without_public_projects_is_not_public(make_hidden):
    project, partner = make_hidden(), make_partner("Hidden")
    project.partnerships.all().delete()
    make_partnership(project, partner, role="lead")

    assert names(LeadPartner.objects.all()) == ["Hidden"]
    assert names(Partner.objects.public()) == []
    assert names(LeadPartner.objects.public()) == []


@pytest.mark.parametrize("make_hidden", HIDDEN_PROJECTS)
def test_the_lead_of_a_draft_is_no_public_lead_partner(make_hidden):
    project, partner = make_hidden(), make_partner("Modest")
    project.partnerships.all().delete()
    make_partnership(project, partner, role="lead")
    make_partnership(make_public_project(make_partner("Lead")), partner)

    assert names(Partner.objects.public()) == ["Lead", "Modest"]
    assert names(LeadPartner.objects.all()) == ["Lead", "Modest"]
    assert names(LeadPartner.objects.public()) == ["Lead"]


def test_lists_count_public_projects_once_each():
    partner = make_partner("Twice")
    led = make_public_project(partner)
    # It left, and came back.
    joined = make_public_project()
    make_partnership(joined, partner, left_on=date(2020, 1, 1))
    make_partnership(joined, partner, joined_on=date(2020, 6, 1))
    for make_hidden in HIDDEN_PROJECTS:
        make_partnership(make_hidden(), partner)

    row = Partner.objects.for_list().get(pk=partner.pk)
    assert (row.number_of_projects, row.number_led) == (2, 1)
    assert LeadPartner.objects.public().for_list().get(pk=partner.pk).number_led == 1

    led.delete()
    joined.delete()
    row = Partner.objects.for_list().get(pk=partner.pk)
    assert (row.number_of_projects, row.number_led) == (0, 0)


@pytest.mark.parametrize("relation", ["parent", "successor"])
def test_a_page_shows_only_a_public_parent_or_successor(relation):
    seen, unseen = make_partner("Seen"), make_partner("Unseen")
    make_public_project(seen)
    for other, shown in [(seen, seen), (unseen, None)]:
        partner = make_partner(**{relation: other})
        page = Partner.objects.for_page().get(pk=partner.pk)
        assert getattr(page, relation) == shown
        # The record itself is as it was.
        assert getattr(Partner.objects.get(pk=partner.pk), relation) == other


@pytest.mark.parametrize(("relation", "back"), [("units", "parent"), ("predecessors", "successor")])
@pytest.mark.parametrize("model", [Partner, LeadPartner])
def test_a_page_shows_public_units_and_predecessors(model, relation, back):
    partner = make_partner()
    make_public_project(partner)
    make_public_project(make_partner("Seen", **{back: partner}))
    make_partnership(make_project(), make_partner("Unseen", **{back: partner}), role="lead")

    page = model.objects.public().for_page().get(pk=partner.pk)
    assert names(getattr(page, relation).all()) == ["Seen"]


def test_a_page_needs_as_many_queries_for_many_as_for_one(django_assert_num_queries):
    partner = make_partner()
    for _more in range(2):
        make_public_project(partner)
        make_partner_name(partner, f"Name {_more}")
        make_public_project(make_partner(parent=partner))
        with django_assert_num_queries(4):
            page = Partner.objects.for_page().get(pk=partner.pk)
            assert page.country.name
            assert [*page.names.all(), *page.units.all(), *page.predecessors.all()]


def test_projects_of_the_newest_call_come_first():
    partner = make_partner()
    for make_hidden in HIDDEN_PROJECTS:
        make_partnership(make_hidden(), partner)
    calls = [make_call(opens_at=None, closes_at=day) for day in ["2021-01-01T00:00Z", None]]
    old, undated = (make_public_project(partner, call=call) for call in calls)
    second = make_public_project(call=old.call)
    make_partnership(second, partner)
    make_public_project()

    rows = participation().newest_projects(partner, 3)
    assert rows[0] == undated and {*rows[1:]} == {old, second}
    assert participation().newest_projects(partner, 1) == [undated]


@pytest.fixture
def stellit():
    partner = make_partner("Stellit", country="RU")
    make_partner_name(partner, "NGO Stellit, charity fund", kind="as_published")
    make_partner_name(partner, "Łódzka Straż", language="pl", kind="former")
    make_partner("Somebody else")
    return partner


@pytest.mark.parametrize(
    "text",
    ["Stellit", "STELL", "“Stellit”", "charity", "stellit charity", "lodz", "ŁÓDŹ", "straz fund"],
)
def test_search_finds_words_of_any_name(stellit, text):
    assert names(Partner.objects.found_by(text)) == ["Stellit"]


def test_partner_is_not_its_own_parent_or_successor():
    partner = make_partner()
    assert_refused(partner, "partner_is_not_its_own_parent", parent=partner)
    assert_refused(partner, "partner_is_not_its_own_successor", successor=partner)
    assert_allowed(partner, parent=make_partner(), successor=make_partner())


def test_partner_succession_has_a_successor():
    partner, day = make_partner(), date(2020, 1, 1)
    assert_refused(partner, "partner_succession_has_a_successor", succeeded_on=day)
    assert_allowed(partner, successor=make_partner(), succeeded_on=day)


def test_partnername_once_per_kind_and_language():
    partner = make_partner()
    make_partner_name(partner, "Name", kind="official", language="lv")
    other = make_partner_name(partner, "Another", kind="official", language="lv")
    assert_refused(other, "partnername_once_per_kind_and_language", text="Name")
    assert_allowed(other, text="Name", language="")
    assert_allowed(other, text="Name", language="lv", kind="former")
    assert_allowed(make_partner_name(make_partner(), "Name", language="lv"))


def test_partnername_valid_to_is_at_least_valid_from():
    row = make_partner_name(make_partner(), "Name", valid_from=date(2020, 1, 2))
    name = "partnername_valid_to_is_at_least_valid_from"
    assert_refused(row, name, valid_to=date(2020, 1, 1))
    assert_allowed(row, valid_to=date(2020, 1, 2))
    assert_allowed(row, valid_from=None, valid_to=date(2020, 1, 1))
    assert str(row) == "Name"


@pytest.mark.parametrize("tag", ["lv", "sv-FI", "sma", "zh-Hant-TW", "be-1959acad"])
def test_a_language_is_a_bcp_47_tag(tag):
    assert make_partner(name_language=tag).full_clean() is None
    assert make_partner_name(make_partner(), "Name", language=tag).full_clean() is None


@pytest.mark.parametrize("tag", ["Latvian", "l", "lv_LV", "lv-", '"', "en en", "lv\n"])
def test_a_language_that_is_no_bcp_47_tag_is_refused(tag):
    for row in [make_partner(name_language=tag), PartnerName(text="Name", language=tag)]:
        with pytest.raises(ValidationError, match="Give a language code, such as lv or sv-FI"):
            row.clean_fields(exclude=["partner", "kind"])


def test_an_organisation_that_others_use_is_not_deleted():
    partner = make_partner()
    uses = [
        make_partner(parent=partner),
        make_partner(successor=partner),
        make_partnership(make_project(), partner),
    ]
    for use in uses:
        with pytest.raises(ProtectedError):
            partner.delete()
        use.delete()
    make_partner_name(partner, "Its other name")

    partner.delete()

    assert not Partner.objects.exists()
    assert not PartnerName.objects.exists()


@pytest.mark.parametrize(
    ("field", "sentence"),
    [("parent", "is already part of this organisation"), ("successor", "already became this")],
)
def test_circles_of_parents_or_successors_are_refused(field, sentence):
    first = make_partner("First")
    second = make_partner("Second", **{field: first})
    third = make_partner("Third", **{field: second})
    third.full_clean()
    for other in [second, third]:
        setattr(first, field, other)
        with pytest.raises(ValidationError) as refusal:
            first.full_clean()
        assert sentence in refusal.value.message_dict[field][0]
        assert other.name in refusal.value.message_dict[field][0]


def test_a_circle_of_other_organisations_ends_the_check():
    first = make_partner("First")
    second = make_partner("Second", parent=first)
    Partner.objects.filter(pk=first.pk).update(parent=second)

    unsaved = Partner(name="Third", slug="third", country=first.country, kind="ngo", parent=second)
    for third in [unsaved, make_partner("Third", parent=first)]:
        assert third.full_clean() is None
