"""Staff pages of organisations, countries and memberships."""

from datetime import date

import pytest
from django.urls import reverse

from partners.models import Membership, Partner
from tests.support import factories
from tests.support.accounts import confirm, errors_of, filled_in, new_row, save

pytestmark = pytest.mark.django_db


def url_of(page, record):
    return reverse(f"admin:partners_{record._meta.model_name}_{page}", args=[record.pk])


@pytest.mark.unmeasured
class TestPartners:
    def test_a_new_organisation_gets_a_unique_address(self, editor):
        for country in ["LT", "LV"]:
            factories.make_country(country)
            url = reverse("admin:partners_partner_add")
            save(editor, url, name="Ministry of the Interior", country=country, kind="ministry")
        slugs = Partner.objects.order_by("pk").values_list("slug", flat=True)
        assert list(slugs) == ["ministry-of-the-interior", "ministry-of-the-interior-lv"]

    def test_a_registry_number_has_one_format_and_identifies_an_organisation(self, editor):
        partner = factories.make_partner("Harbour", registry_number="40003032949")
        url = reverse("admin:partners_partner_add")
        new = {"name": "Quay", "country": "LV", "kind": "company"}
        response = save(editor, url, **new, registry_number="4000-3032 949")
        assert "without spaces and signs" in str(errors_of(response))
        save(editor, url, **new, registry_number="40003032949")
        page = editor.get(url_of("change", partner)).content.decode()
        assert "the same registry number" in page

    def test_another_name_is_saved_with_the_organisation(self, editor):
        partner = factories.make_partner()
        row = new_row("names", 0, text="Skydda Barn rf", language="sv", kind="official")
        assert save(editor, url_of("change", partner), **row).status_code == 302
        assert partner.names.get().text == "Skydda Barn rf"

    def test_a_name_with_control_characters_shows_an_error(self, editor):
        partner = factories.make_partner()
        row = new_row("names", 0, text="NGO \u202etillets", language="en", kind="former")
        response = save(editor, url_of("change", partner), name="\u2066Stellit", **row)
        said = "Delete the invisible character (U+%s) after “%s”."
        assert said % ("2066", "") in errors_of(response)
        assert said % ("202E", "NGO ") in errors_of(response)
        response = save(editor, url_of("change", partner), name="Bell\x07 of\nRiga")
        assert said % ("0007", "Bell") in errors_of(response)

    @pytest.mark.parametrize("kind", ["partner", "leadpartner"])
    def test_search_finds_former_names(self, editor, kind):
        partner = factories.make_partner("Miasto Łódź", "PL")
        factories.make_partner_name(partner, "Litzmannstadt", kind="former")
        factories.make_partnership(factories.make_project(), partner, role="lead")
        factories.make_partnership(factories.make_project(), factories.make_partner(), role="lead")
        url = reverse(f"admin:partners_{kind}_changelist")
        for text in ["lodz", "LITZMANN"]:
            found = editor.get(url, {"q": text}).context["cl"].result_list
            assert [row.pk for row in found] == [partner.pk], text

    @pytest.mark.parametrize(("kind", "codes"), [("partner", "LT LV SE"), ("leadpartner", "LT LV")])
    def test_the_list_filters_by_the_countries_of_its_organisations(self, editor, kind, codes):
        factories.make_country("FI")
        for country, role in [("LV", "lead"), ("LT", "lead"), ("SE", "partner")]:
            partner = factories.make_partner(f"Town in {country}", country)
            factories.make_partnership(factories.make_project(), partner, role=role)
        page = editor.get(reverse(f"admin:partners_{kind}_changelist"))
        choices = page.context["cl"].filter_specs[1].lookup_choices
        assert sorted(code for code, _name in choices) == codes.split()

    def test_an_organisation_in_a_project_cannot_be_deleted(self, publisher):
        lead = factories.make_public_project().lead()
        page = publisher.get(url_of("delete", lead.partner)).text
        assert f"“{lead.partner}” stays." in page and f"Partnership: {lead}" in page
        assert confirm(publisher, url_of("delete", lead.partner)).status_code == 200
        assert Partner.objects.get() == lead.partner
        assert "See public page" in publisher.get(url_of("change", lead.partner)).text


class TestCountries:
    def test_search_finds_names_in_other_languages(self, editor):
        finland = factories.make_country("FI")
        finland.names.create(text="Suomi", language="fi")
        factories.make_country("SE")
        url = reverse("admin:partners_country_changelist")
        found = editor.get(url, {"q": "suomi"}).context["cl"].result_list
        assert [row.pk for row in found] == ["FI"]

    def test_only_memberships_of_a_country_can_be_edited(self, editor):
        country = factories.make_country("LV")
        data = filled_in(editor, url_of("change", country))
        assert not {"name", "code", "slug", "names-0-text"} & set(data)
        assert "Latvia" in editor.get(url_of("change", country)).content.decode()
        row = new_row(
            "memberships",
            0,
            status="member",
            valid_from="1/1/1992",
            from_precision="year",
            source="cbss.org",
        )
        assert save(editor, url_of("change", country), **row).status_code == 302
        assert Membership.objects.get().country == country

    def test_overlapping_memberships_show_an_error(self, editor):
        factories.make_membership("RU", valid_to=date(2022, 5, 17))
        row = new_row(
            "memberships",
            1,
            status="former",
            valid_from="17/5/2022",
            from_precision="day",
            source="cbss.org",
        )
        url = url_of("change", factories.make_country("RU"))
        assert "overlap" in errors_of(save(editor, url, **row))
        row["memberships-1-valid_from"] = "18/5/2022"
        assert save(editor, url, **row).status_code == 302

    def test_the_list_shows_and_filters_memberships_of_today(self, editor):
        factories.make_membership("LV")
        factories.make_membership("RU", status="former")
        factories.make_country("BY")
        url = reverse("admin:partners_country_changelist")
        page = editor.get(url)
        assert len(page.context["cl"].result_list) == 3
        assert '<td class="field-membership_status">former member</td>' in page.content.decode()
        found = editor.get(url, {"membership": "member"}).context["cl"].result_list
        assert [row.pk for row in found] == ["LV"]


class TestMemberships:
    def test_the_european_union_is_a_member_without_country(self, editor):
        data = {"organisation": "European Union", "status": "member", "source": "cbss.org"}
        assert save(editor, reverse("admin:partners_membership_add"), **data).status_code == 302
        page = editor.get(reverse("admin:partners_membership_changelist")).content.decode()
        assert "European Union" in page

    def test_a_membership_of_a_country_changes_with_its_country_only(self, publisher):
        membership = factories.make_membership("LV")
        page = publisher.get(url_of("change", membership))
        assert "Latvia: member" in page.text and "changed on the page of the country" in page.text
        assert publisher.post(url_of("change", membership), {"source": "x"}).status_code == 403
        assert publisher.post(url_of("delete", membership), {"post": "yes"}).status_code == 403
