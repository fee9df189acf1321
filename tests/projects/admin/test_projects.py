"""The staff form and list of projects: errors and permissions."""

import re
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from projects.eligibility.frozen_checks import freeze_eligibility
from projects.models import DecisionLine, Partnership, Project
from projects.publication.publish import unpublish_project
from psf.text.dates import describe_moment
from tests.support import factories
from tests.support.accounts import (
    confirm,
    errors_of,
    filled_in,
    form_data,
    make_account,
    named,
    new_row,
    save,
    url_of,
)

pytestmark = pytest.mark.django_db


def change_url(project):
    return reverse("admin:projects_project_change", args=[project.pk])


class TestPartners:
    """The list of partners, edited with the project."""

    def test_the_lead_comes_first_in_every_position(self, editor):
        project = factories.make_project()
        factories.make_partnership(project, country="EE", position=1)
        lead = factories.make_partnership(project, position=9, role="lead")
        assert filled_in(editor, change_url(project))["partnerships-0-id"] == [str(lead.pk)]

    def test_a_new_project_opens_with_a_lead_partner_and_a_partner(self, editor):
        address, call = reverse("admin:projects_project_add"), factories.make_call()
        fields = filled_in(editor, address)
        for row in ["0", "__prefix__"]:
            name = re.escape(f"partnerships-{row}-role")
            assert re.search(
                rf'<select name="{name}"[^>]* aria-required="true"', editor.get(address).text
            )
        assert fields["partnerships-0-role"] == ["lead"]
        assert fields["partnerships-1-role"] == ["partner"]
        values = {"call": call.pk, "reference": "PSF-2031-01", "title": "Storm"}
        assert save(editor, address, **values).status_code == 302
        assert not Partnership.objects.exists()
        lead = {"partnerships-0-partner": named(factories.make_partner())}
        second = {**values, "reference": "PSF-2031-02", **lead}
        assert save(editor, address, **second).status_code == 302
        assert Partnership.objects.get().role == "lead"

    def test_the_country_of_the_organisation_is_the_default(self, editor):
        project = factories.make_project()
        sits_in_russia = factories.make_partner(country="RU")
        row = new_row("partnerships", 0, partner=named(sits_in_russia), role="lead", position=1)
        assert save(editor, change_url(project), **row).status_code == 302
        assert project.partnerships.get().country_id == "RU"

        part = project.partnerships.get()
        factories.make_country("SE")
        save(editor, change_url(project), **{"partnerships-0-country": "SE"})
        part.refresh_from_db()
        assert part.country_id == "SE"

    def test_a_row_needs_an_organisation_or_a_country(self, editor):
        project = factories.make_project()
        row = new_row("partnerships", 0, role="partner", joined_on="1/6/2020")
        response = save(editor, change_url(project), **row)
        assert "Choose the organisation, or at least the country." in errors_of(response)
        factories.make_country("EE")
        save(editor, change_url(project), **row | {"partnerships-0-country": "EE"})
        assert project.partnerships.get().partner is None

    def test_an_invalid_organisation_is_reported_once(self, editor):
        row = new_row("partnerships", 0, partner="999999", role="partner", position=1)
        errors = errors_of(save(editor, change_url(factories.make_project()), **row))
        assert errors.count("Not recorded. Choose an organisation, or add a new one.") == 1
        assert "at least the country" not in errors

    def test_two_lead_partners_are_an_error(self, editor):
        project = factories.make_project()
        factories.make_partnership(project, role="lead")
        other = factories.make_partner()
        row = new_row("partnerships", 1, partner=named(other), role="lead", position=2)
        data = filled_in(editor, change_url(project)) | row
        data["partnerships-INITIAL_FORMS"] = "1"
        response = editor.post(change_url(project), data)
        assert "one lead partner only" in errors_of(response)
        assert project.partnerships.count() == 1

    def test_a_lead_partner_cannot_have_a_last_day(self, editor):
        project = factories.make_public_project()
        page = save(editor, change_url(project), **{"partnerships-0-left_on": "2020-02-01"})
        assert "The lead partner cannot leave." in errors_of(page)
        assert project.partnerships.get().left_on is None

    def test_another_partner_becomes_the_lead_in_one_save(self, editor):
        project = factories.make_public_project()
        other = factories.make_partnership(project)
        changes = {"partnerships-0-role": "partner", "partnerships-1-role": "lead"}
        assert save(editor, change_url(project), **changes).status_code == 302
        assert project.partnerships.get(role="lead") == other

    def test_the_same_organisation_twice_is_an_error(self, editor):
        project = factories.make_project()
        partner = factories.make_partner("Stellit")
        factories.make_partnership(project, partner)
        row = new_row("partnerships", 1, partner=named(partner), role="partner", position=2)
        response = save(editor, change_url(project), **row)
        assert response.status_code == 200
        assert errors_of(response).count("“Stellit” is in the list twice") == 1
        row["partnerships-1-joined_on"] = "2020-06-01"
        response = save(editor, change_url(project), **row)
        assert "enter the last day of the first" in errors_of(response)

    def test_an_organisation_can_join_again_on_another_day(self, editor):
        project = factories.make_project()
        partner = factories.make_partner("Stellit")
        factories.make_partnership(project, partner, left_on=date(2020, 1, 31))
        row = new_row(
            "partnerships",
            1,
            partner=named(partner),
            role="partner",
            position=2,
            joined_on="1/6/2020",
        )
        assert save(editor, change_url(project), **row).status_code == 302
        assert project.partnerships.filter(partner=partner).count() == 2

    def test_the_same_country_twice_without_organisation_is_an_error(self, editor):
        project = factories.make_project()
        factories.make_partnership(project, country="EE")
        row = new_row("partnerships", 1, country="EE", role="partner", position=2)
        response = save(editor, change_url(project), **row)
        assert "Estonia is in the list twice without an organisation" in errors_of(response)

    def test_swapping_two_organisations_is_a_form_error(self, editor):
        project = factories.make_project()
        first, second = (
            factories.make_partnership(project, factories.make_partner()) for _ in "12"
        )
        changes = {
            "partnerships-0-partner": named(second.partner),
            "partnerships-1-partner": named(first.partner),
        }
        response = save(editor, change_url(project), **changes)
        assert response.status_code == 200
        assert "still has another row" in errors_of(response)

    def test_a_row_alone_is_not_compared_with_stored_rows(self, editor):
        project = factories.make_public_project()
        factories.make_partnership(project)
        page = editor.get(change_url(project))
        form = page.context["inline_admin_formsets"][0].formset.forms[1]
        form.cleaned_data = {}
        form.instance.role = "lead"
        form.validate_constraints()
        assert not form.errors
        form.instance.left_on = date(2020, 1, 1)
        form.validate_constraints()
        assert "The lead partner cannot leave." in str(form.errors)

    def test_a_row_can_replace_a_deleted_row(self, editor):
        project = factories.make_project()
        first, second = (
            factories.make_partnership(project, factories.make_partner()) for _ in "12"
        )
        changes = {"partnerships-0-partner": named(second.partner), "partnerships-1-DELETE": "on"}
        assert save(editor, change_url(project), **changes).status_code == 302
        assert project.partnerships.get().partner == second.partner
        assert project.partnerships.get() == first
        history = reverse("admin:projects_project_history", args=[project.pk])
        assert f"Partnership “{first.partner}” deleted." not in editor.get(history).content.decode()
        assert f"Partnership “{second.partner}” (" in editor.get(history).content.decode()

    @pytest.mark.parametrize("how", ["demoted", "deleted"])
    def test_a_public_project_keeps_a_lead_partner(self, editor, how):
        project = factories.make_public_project()
        change = {
            "demoted": {"partnerships-0-role": "partner"},
            "deleted": {"partnerships-0-DELETE": "on"},
        }[how]
        response = save(editor, change_url(project), **change)
        assert "needs a lead partner" in errors_of(response)
        assert project.partnerships.leading().exists()

    def test_more_rows_than_a_form_may_have_are_refused(self, editor):
        project = factories.make_project()
        response = save(editor, change_url(project), **{"partnerships-TOTAL_FORMS": "99999"})
        assert "Please submit at most 60 forms." in errors_of(response)
        assert len(response.context["inline_admin_formsets"][0].formset.forms) <= 60

    def test_a_title_with_control_characters_is_refused(self, editor):
        project = factories.make_project(title="Storm Watch")
        for text in ["Storm\x1b Watch", "Storm \u202ehctaW", "Storm\nWatch"]:
            response = save(editor, change_url(project), title=text)
            assert "Delete the invisible character" in errors_of(response)
        for text in ["\u2800\u3164", "\u200b", "\ufeff \u115f"]:
            response = save(editor, change_url(project), title=text)
            assert "cannot stay empty" in errors_of(response)
        project.refresh_from_db()
        assert project.title == "Storm Watch"

    def test_a_year_of_one_figure_is_refused_with_the_typed_text(self, editor):
        project = factories.make_project()
        for year in ["0001", "0202", "9999"]:
            response = save(editor, change_url(project), title="Typed", starts_on=f"01/03/{year}")
            assert f"The year {year} cannot be right." in errors_of(response)
            assert "Typed" in response.content.decode()
        add = reverse("admin:projects_call_add")
        for year in ["0001", "9999"]:
            response = save(editor, add, opens_at_0=f"01/01/{year}", opens_at_1="00:00")
            assert f"The year {year} cannot be right." in errors_of(response)

    def test_a_row_of_another_project_is_refused(self, editor):
        theirs = factories.make_partnership(factories.make_project())
        mine = factories.make_partnership(factories.make_project())
        changes = {"partnerships-0-id": theirs.pk, "partnerships-0-position": "7"}
        save(editor, change_url(mine.project), **changes)
        theirs.refresh_from_db()
        assert theirs.position == 1
        assert theirs.project_id != mine.project_id

    @pytest.mark.unmeasured
    def test_the_form_needs_as_many_queries_for_thirty_partners(self, publisher):
        costs = []
        for rows in [3, 3, 30]:  # the first search documents store their words
            project = factories.make_project()
            for _ in range(rows):
                factories.make_partnership(project, factories.make_partner())
            publisher.get(change_url(project))  # takes the message of the save before
            with CaptureQueriesContext(connection) as opened:
                response = publisher.get(change_url(project))
            data = form_data(response, internal_note="Ask again.")
            with CaptureQueriesContext(connection) as saved:
                assert publisher.post(change_url(project), data).status_code == 302
            costs.append([len(opened), len(saved)])
        assert costs[1] == costs[2]


class TestStatus:
    def test_a_publisher_enters_an_old_project_with_its_status(self, publisher):
        call = factories.make_call()
        url = reverse("admin:projects_project_add")
        data = {"call": call.pk, "reference": "PSF-2013-01", "title": "Old", "status": "completed"}
        save(publisher, url, **data)
        assert Project.objects.get().status == "completed"

    def test_an_editor_cannot_change_status_and_amount(self, editor):
        project = factories.make_project(status="eligible")
        data = filled_in(editor, change_url(project))
        assert not {"status", "amount_eur", "amount_kind"} & set(data)
        forged = {"status": "funded", "amount_eur": "5", "amount_kind": "ceiling"}
        forged |= {"published_at_0": "1/1/2020", "published_at_1": "10:00", "slug": "mine"}
        save(editor, change_url(project), **forged, title="Changed")
        project.refresh_from_db()
        assert (project.title, project.status) == ("Changed", "eligible")
        assert (project.amount_eur, project.published_at) == (None, None)
        assert project.slug != "mine"

    def test_the_form_of_a_recorded_project_changes_no_status(self, publisher):
        project = factories.make_project(status="eligible")
        assert "status" not in filled_in(publisher, change_url(project))
        assert save(publisher, change_url(project), status="funded").status_code == 302
        project.refresh_from_db()
        assert project.status == "eligible"


def test_errors_stand_above_the_form_and_count_at_their_section(editor):
    project = factories.make_project(factories.make_call(max_months=12))
    typed = {"title": "", "starts_on": "x", "partnerships-0-joined_on": "x", "website": "x"}
    factories.make_partnership(project)
    page = save(editor, change_url(project), **typed).text
    assert page.index("Nothing is saved yet: 4 errors") < page.index('<h2 id="facts-heading"')
    counts = re.findall(r'href="#([a-z-]+)">[^<]+<strong class="psf-tag-error">(\d) error', page)
    assert counts == [("facts", "3"), ("partners", "1")]
    assert re.search(r'<details [^>]*open>\s*<summary><h2 id="more-facts-', page)
    assert re.search(r'<details [^>]*data-remembered="projects.Project.internal">', page)


def test_a_reference_in_other_capitals_is_taken(editor):
    project = factories.make_project(reference="PSF-2030-01", title="Storm")
    other = factories.make_project()
    page = save(editor, change_url(other), reference="psf-2030-01")
    assert "The project “Storm” has the reference PSF-2030-01 already." in errors_of(page)
    assert save(editor, change_url(project), reference="psf-2030-01").status_code == 302


def test_a_contact_person_with_a_past_last_day_is_refused(editor):
    project = factories.make_project()
    row = new_row("contacts", 0, name="Anna Aalto", purpose="Reports", keep_until="2017-03-31")
    page = save(editor, change_url(project), **row)
    assert "This day has passed, so the contact person would be deleted." in errors_of(page)
    row["contacts-0-keep_until"] = "2099-03-31"
    assert save(editor, change_url(project), **row).status_code == 302
    project.contacts.update(keep_until=date(2017, 3, 31))
    assert save(editor, change_url(project), title="Storm").status_code == 302


def test_a_checked_application_cannot_be_deleted(publisher):
    project = factories.make_project()
    freeze_eligibility(Project.objects.for_rules().get(), make_account("Publisher"))
    assert "was checked, and its evidence stays" in publisher.get(change_url(project)).text
    confirm(publisher, reverse("admin:projects_project_delete", args=[project.pk]))
    assert Project.objects.exists()


class TestMoney:
    @pytest.mark.parametrize("limit", ["ceiling_eur", "budget_eur"])
    def test_a_limit_of_a_call_stays_above_its_awards(self, publisher, limit):
        call = factories.make_call()
        factories.make_project(call, status="funded", amount_eur=65000, amount_kind="awarded")
        page = save(publisher, url_of(call), **{limit: "64999"})
        assert "65\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}EUR" in errors_of(page)
        assert save(publisher, url_of(call), **{limit: "65000"}).status_code == 302

    def test_an_amount_above_the_ceiling_is_an_error(self, publisher):
        call = factories.make_call(ceiling_eur=Decimal(65000))
        project = factories.make_project(call)
        money = {"amount_eur": "65000.01", "amount_kind": "ceiling"}
        response = save(publisher, change_url(project), **money)
        assert "for one project, 65\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}EUR" in errors_of(
            response
        )
        money["amount_eur"] = "65000"
        assert save(publisher, change_url(project), **money).status_code == 302

    def test_an_amount_below_the_agreement_is_an_error(self, publisher):
        awarded = {"status": "funded", "amount_eur": 60000, "amount_kind": "awarded"}
        project = factories.make_project(**awarded)
        factories.make_agreement(project, amount_eur=60000)
        page = save(publisher, change_url(project), amount_eur="30000")
        assert "Change the agreement first." in errors_of(page)
        page = save(publisher, change_url(project), amount_eur="30.000")
        assert "ambiguous" in errors_of(page) and "agreement" not in errors_of(page)
        page = save(publisher, change_url(project), amount_eur="9", amount_kind="final")
        assert "Close the account instead" in errors_of(page)
        assert save(publisher, change_url(project), title="Ports").status_code == 302
        Project.objects.update(amount_eur=5)  # from before this rule
        assert save(publisher, change_url(project), title="Sea").status_code == 302

    def test_an_editor_cannot_move_a_project_under_a_lower_ceiling(self, editor):
        project = factories.make_project(amount_eur=Decimal(9), amount_kind="ceiling")
        lower = factories.make_call(ceiling_eur=Decimal(8))
        response = save(editor, change_url(project), call=lower.pk)
        assert "more than" in str(response.context["adminform"].form.errors["call"])

    def test_an_award_without_funding_is_an_error(self, publisher):
        project = factories.make_project(status="eligible")
        money = {"amount_eur": "5", "amount_kind": "awarded"}
        assert "A ceiling is not an award" in errors_of(
            save(publisher, change_url(project), **money)
        )

    @pytest.mark.parametrize(("kind", "expected"), [("awarded", 1), ("ceiling", 0)])
    def test_an_award_above_the_requested_amount_gives_a_warning(self, publisher, kind, expected):
        project = factories.make_project(status="funded", requested_eur=Decimal(8))
        money = {"amount_eur": "9", "amount_kind": kind}
        response = save(publisher, change_url(project), **money)
        assert response.status_code == 302
        warning = "The award of 9\N{NO-BREAK SPACE}EUR is more than the requested"
        messages = [str(message) for message in get_messages(response.wsgi_request)]
        assert sum(warning in message for message in messages) == expected
        assert publisher.get(change_url(project)).text.count(f"<li>{warning}") == expected

    @pytest.mark.unmeasured
    @pytest.mark.parametrize("amount", ["1e400", "99999999999", "NaN", "0.001", "-1"])
    def test_an_invalid_amount_is_an_error(self, publisher, amount):
        project = factories.make_project()
        response = save(publisher, change_url(project), amount_eur=amount, amount_kind="ceiling")
        assert response.status_code == 200
        assert errors_of(response)


def test_a_public_project_stays_in_a_public_call(editor):
    project = factories.make_public_project()
    hidden = factories.make_call(published_at=None)
    response = save(editor, change_url(project), call=hidden.pk)
    assert "Publish the call first" in errors_of(response)


def test_a_scheduled_project_is_edited_before_its_call_is_public(editor):
    at = timezone.now() + timedelta(days=1)
    call = factories.make_call(published_at=at)
    project = factories.make_public_project(call=call, published_at=at)
    assert save(editor, change_url(project), title="New title").status_code == 302


def test_steps_of_one_call_are_not_taken_into_another(editor, publisher):
    former, other = factories.make_call(title="PSF 2019"), factories.make_call(title="PSF 2020")

    def errors(status, **fields):
        project = factories.make_project(former, status=status, **fields)
        if status == "reserve":
            values = {"outcome": "reserve", "reserve_place": 1}
            DecisionLine.objects.create(project=project, **values)
        response = save(editor, change_url(project), call=other.pk)
        return errors_of(response) if response.status_code == 200 else ""

    for status in ["eligible", "not_eligible"]:
        assert "by the rules of “PSF 2019”. Change its status to “submitted”" in errors(status)
    assert "assessed or decided in “PSF 2019”. Enter a new application" in errors("reserve")
    assert errors("submitted") == errors("funded") == ""
    assessed = factories.make_project(former)
    factories.make_assessment(assessed, make_account("Assessor"))
    page = save(editor, change_url(assessed), call=other.pk)
    assert "assessed or decided" in errors_of(page)
    informed = factories.make_letter(
        factories.make_project(former), sent_at=factories.LONG_AGO
    ).project
    assert "assessed or decided" in errors_of(save(editor, change_url(informed), call=other.pk))
    waived = factories.make_waiver(factories.make_project(former)).project
    page = save(editor, change_url(waived), call=other.pk)
    assert "a waiver of a rule of “PSF 2019”. Remove the waiver" in errors_of(page)
    assert save(editor, change_url(assessed), title="Sea").status_code == 302


def test_applications_are_added_to_their_call_one_after_another(editor):
    call = factories.make_call()
    add = f"{reverse('admin:projects_project_add')}?call={call.pk}"
    page = editor.get(reverse("admin:projects_call_cockpit", args=[call.pk])).text
    assert f'href="{add}">Add an application</a>' in page
    fields = {"reference": "PSF-2027-01", "title": "Safe Ports", "_addanother": "1"}
    response = save(editor, add, **fields)
    assert response.headers["Location"] == add
    assert Project.objects.get().call == call


def test_two_calls_have_different_titles(editor):
    factories.make_call(title="PSF 2031")
    add = reverse("admin:projects_call_add")
    assert "has this title already" in errors_of(save(editor, add, title="psf 2031 "))
    assert save(editor, add, title="PSF 2032").status_code == 302


def test_an_invalid_key_is_reported_beside_other_errors(editor):
    """Django's own field raises when the form is shown again."""
    project = factories.make_project()
    for junk in ["abc", "99999999999999999999", "\0"]:
        changes = {"call": junk, "title": "", "announced_countries": ["XYZ", junk]}
        row = new_row("partnerships", 0, partner=junk, country=junk, position="x", role="lead")
        response = save(editor, change_url(project), **changes, **row)
        assert response.status_code == 200, junk
        assert "required" in errors_of(response)


@pytest.mark.parametrize(
    "junk", ["call=abc", "call=99999999999999999999", "starts_on=x", "priorities=a,b", "call=1"]
)
def test_a_link_to_the_add_form_cannot_break_it(editor, junk):
    url = reverse("admin:projects_project_add")
    assert editor.get(f"{url}?{junk}").status_code == 200


class TestDisagreement:
    def test_the_form_compares_headline_and_partner_list(self, editor):
        project = factories.make_project()
        factories.make_partnership(project, country="LV", role="lead")
        factories.make_partnership(project, country="NO")
        project.announced_countries.set([factories.make_country("LV")])
        page = editor.get(change_url(project)).content.decode()
        assert "list of partners differ: only in the list of partners: Norway." in page
        project.announced_countries.set([factories.make_country(c) for c in ["LV", "NO", "EE"]])
        page = editor.get(change_url(project)).content.decode()
        assert "list of partners differ: only in the headline: Estonia." in page


class TestRules:
    def test_the_form_shows_the_findings_of_the_rules(self, editor):
        call = factories.make_call(min_member_states=2, ceiling_eur=65000)
        project = factories.make_project(call=call, requested_eur=70000)
        factories.make_membership("LV")
        factories.make_membership("BY", status="observer")
        factories.make_partnership(project, country="LV", role="lead")
        factories.make_partnership(project, country="BY")
        page = editor.get(change_url(project)).content.decode()
        assert "Counted: LV. Not counted: BY (observer)." in page
        assert page.count("psf-verdict--broken") == 2

    def test_a_call_without_rules_has_no_findings(self, editor):
        page = editor.get(change_url(factories.make_project())).content.decode()
        assert "Rules of the call" not in page


class TestList:
    url = "/admin/projects/project/"

    def found(self, client, **query):
        return {row.pk for row in client.get(self.url, query).context["cl"].result_list}

    def test_the_search_finds_any_name_of_any_partner(self, editor):
        project = factories.make_project()
        partner = factories.make_partner("Miasto Łódź", "PL")
        factories.make_partner_name(partner, "Litzmannstadt", kind="former")
        factories.make_partnership(project, partner, name_as_published="City of Lodsch")
        factories.make_project()
        for text in ["lodz", "ŁÓDŹ", "litzmann", "lodsch miasto", project.reference]:
            assert self.found(editor, q=text) == {project.pk}, text

    def test_the_list_is_filtered_by_publication(self, editor):
        public = factories.make_public_project()
        draft = factories.make_project()
        later = factories.make_project(
            status="funded", published_at=timezone.now() + timedelta(days=1)
        )
        gone = factories.make_project(
            status="funded", unpublished_at=timezone.now(), unpublished_reason="An error."
        )
        every = {public.pk, draft.pk, later.pk, gone.pk}
        assert self.found(editor, publication="public") == {public.pk}
        assert self.found(editor, publication="later") == {later.pk}
        assert self.found(editor, publication="not") == {draft.pk, gone.pk}
        assert self.found(editor, publication="nonsense") == every
        page = editor.get(self.url).content.decode()
        scheduled = f"Scheduled for {describe_moment(later.published_at)}"
        for word in ["public", scheduled, "not public", "unpublished"]:
            assert f'<td class="field-publication">{word}</td>' in page

    def test_the_list_is_filtered_by_country(self, editor):
        project = factories.make_project()
        factories.make_partnership(project, country="EE")
        factories.make_partnership(factories.make_project(), country="LV")
        assert self.found(editor, country="EE") == {project.pk}
        assert len(self.found(editor)) == 2

    def test_countries_have_the_counts_of_their_projects(self, editor):
        for project in [factories.make_project(), factories.make_project()]:
            factories.make_partnership(project, country="LV", role="lead")
            factories.make_partnership(project, country="LV", partner=factories.make_partner())
        page = editor.get(self.url, {"_facets": "True"}).content.decode()
        assert "Latvia (2)" in page
        # A search for each project and country would take minutes.
        plan = editor.get(self.url, {"country": "LV"}).context["cl"].queryset.explain()
        assert "CORRELATED" not in plan

    def test_the_list_reads_only_the_rows_of_its_page(self, editor):
        # Sorting 30 000 projects for a page of rows would take longer than the page itself.
        plan = editor.get(self.url).context["cl"].queryset.explain()
        assert "INDEX project_reference" in plan
        assert "TEMP B-TREE" not in plan

    def test_the_list_shows_the_lead_partner_or_its_country(self, editor):
        factories.make_partnership(
            factories.make_project(), factories.make_partner("Stellit", "RU"), role="lead"
        )
        factories.make_partnership(factories.make_project(), country="SE", role="lead")
        page = editor.get(self.url).content.decode()
        assert "Stellit (RU)" in page
        assert "Sweden (SE)" in page

    def test_the_list_shows_the_amount_requested_before_an_award(self, editor):
        call, requested = factories.make_call(), {"requested_eur": 5000}
        factories.make_project(call=call)
        factories.make_project(call=call, **requested)
        factories.make_project(call=call, **requested, amount_eur=4000, amount_kind="ceiling")
        page = editor.get(self.url).text.replace("\N{NO-BREAK SPACE}", " ")
        assert page.count("5 000 EUR requested") == 1
        assert page.count("amount requested not known") == 1
        assert "up to 4 000 EUR" in page

    @pytest.mark.parametrize(
        "lookup",
        [
            "internal_note__startswith",
            "internal_note",
            "requested_eur__gte",
            "call__internal_note__startswith",
            "partnerships__partner__internal_note__startswith",
            "status__startswith",
            "call__id__exact__gt",
            "foo",
        ],
    )
    def test_other_lookups_are_refused(self, editor, lookup):
        assert editor.get(self.url, {lookup: "1"}).status_code == 400

    def test_all_filters_work(self, editor):
        call = factories.make_project().call
        for query in [
            {"status__exact": "submitted"},
            {"call__id__exact": call.pk},
            {"pk": Project.objects.get().pk},
        ]:
            assert len(self.found(editor, **query)) == 1, query

    @pytest.mark.parametrize(
        "query",
        [
            {"p": "99999999999999999999"},
            {"o": "99999999999999999999.x"},
            {"call__id__exact": "99999999999999999999"},
            {"call__id__exact": "abc"},
            {"country": "x" * 500},
            {"pk": "99999999999999999999"},
            {"q": "a " * 600},
            {"q": '"*( %_\\'},
            {"_to_field": "internal_note"},
        ],
    )
    def test_invalid_queries_are_no_server_error(self, editor, query):
        editor.raise_request_exception = False
        assert editor.get(self.url, query, follow=True).status_code in [200, 400]

    def test_a_number_without_a_record_is_no_server_error(self, editor):
        for page in ["change", "history", "delete", "preview"]:
            for pk in ["99999999999999999999", "abc"]:
                url = reverse(f"admin:projects_project_{page}", args=[pk])
                assert editor.get(url).status_code in [302, 403, 404], (page, pk)


def test_deleting_a_draft_deletes_its_rows(publisher):
    project = factories.make_project()
    factories.make_partnership(project)
    url = reverse("admin:projects_project_delete", args=[project.pk])
    confirm(publisher, url)
    assert not Project.objects.exists()
    assert not Partnership.objects.exists()


@pytest.mark.parametrize("unpublished", [False, True])
def test_a_project_that_was_public_cannot_be_deleted(publisher, unpublished):
    project = factories.make_public_project()
    if unpublished:
        unpublish_project(project, "An error.")
    url = reverse("admin:projects_project_delete", args=[project.pk])
    for response in [publisher.get(url), confirm(publisher, url)]:
        assert response.status_code == 403
        assert "cannot be deleted" in response.content.decode()
    assert Project.objects.exists()
    page = publisher.get(change_url(project)).content.decode()
    assert "deletelink" not in page
    assert "cannot be deleted" in page


def test_an_application_with_a_sent_letter_cannot_be_deleted(publisher):
    first = factories.make_letter(sent_at=factories.LONG_AGO)
    factories.make_letter(first.project, corrects=first, correction="An error.")
    url = reverse("admin:projects_project_delete", args=[first.project_id])
    for response in [publisher.get(url), confirm(publisher, url)]:
        assert response.status_code == 403
        assert "Change its status to “withdrawn”" in response.content.decode()
    waiting = factories.make_letter()
    url = reverse("admin:projects_project_delete", args=[waiting.project_id])
    assert confirm(publisher, url).status_code == 302


@pytest.mark.parametrize(
    ("typed", "day", "precision", "shown"),
    [
        ("31/03/2027", date(2027, 3, 31), "day", "31/03/2027"),
        ("3.2027", date(2027, 3, 31), "month", "03/2027"),
        (" 2027 ", date(2027, 12, 31), "year", "2027"),
        ("", None, "day", ""),
    ],
)
def test_a_day_is_known_as_precisely_as_it_is_typed(editor, typed, day, precision, shown):
    project = factories.make_project(ends_on=date(2026, 6, 15), ends_precision="month")
    assert save(editor, change_url(project), title="Another").status_code == 302
    project.refresh_from_db()
    assert project.ends_on == date(2026, 6, 15)  # nobody typed another day
    assert save(editor, change_url(project), ends_on=typed).status_code == 302
    project.refresh_from_db()
    assert (project.ends_on, project.ends_precision) == (day, precision)
    assert filled_in(editor, change_url(project))["ends_on"] == [shown]


@pytest.mark.parametrize(
    ("typed", "opens", "closes", "precision"),
    [
        (["15/02/2027", "9.30"], "2027-02-15T09:30", "2027-02-15T09:30", "minute"),
        (["15/02/2027", ""], "2027-02-15T00:00", "2027-02-15T23:59", "day"),
        (["02/2027", ""], "2027-02-01T00:00", "2027-02-28T23:59", "month"),
    ],
)
def test_a_moment_is_known_as_precisely_as_it_is_typed(editor, typed, opens, closes, precision):
    for name, expected in [("opens", opens), ("closes", closes)]:
        call = factories.make_call(opens_at=None, closes_at=None)
        change = {f"{name}_at_{part}": text for part, text in enumerate(typed)}
        assert save(editor, url_of(call), **change).status_code == 302
        call.refresh_from_db()
        moment = getattr(call, f"{name}_at").astimezone(ZoneInfo(call.time_zone))
        assert f"{moment:%Y-%m-%dT%H:%M}" == expected
        assert getattr(call, f"{name}_precision") == precision
        stored = call.version
        assert save(editor, url_of(call)).status_code == 302
        call.refresh_from_db()
        assert call.version == stored


def test_wrong_days_and_times_have_a_sentence_that_shows_how_to_write(editor):
    call, project = reverse("admin:projects_call_add"), reverse("admin:projects_project_add")
    whole, known = (
        "Write the whole day",
        "Write a day as 31/03/2027, a month as 03/2027, or a year.",
    )
    for url, typed, sentence in [
        (call, {"opens_at_0": "spring", "opens_at_1": "9:00"}, known),
        (call, {"opens_at_0": "31/03/2029", "opens_at_1": "noon"}, "Write a time, such as 23:59."),
        (call, {"opens_at_0": "", "opens_at_1": "9:00"}, whole),
        (call, {"opens_at_0": "03/2029", "opens_at_1": "9:00"}, whole),
        (project, {"starts_on": "13/2027"}, known),
        (project, {"received_on": "2027"}, "Write the day as 31/03/2027."),
    ]:
        # It stands at its field and in the list of errors.
        assert editor.post(url, typed).text.count(sentence) == 2, typed
    typed = {"closes_at_0": "31.03.2029", "closes_at_1": "23.59"}
    assert "Write" not in errors_of(editor.post(call, typed))  # dots are understood


@pytest.mark.parametrize("kind", ["priority", "topic"])
def test_terms_that_differ_in_capitals_or_blanks_only_are_one_term(editor, kind):
    getattr(factories, f"make_{kind}")("Youth Work")
    url = reverse(f"admin:projects_{kind}_add")
    for name in ["youth work", "Youth  Work", "Youth\N{NO-BREAK SPACE}Work"]:
        assert "“Youth Work” exists already." in errors_of(save(editor, url, name=name))
    assert save(editor, url, name="Youth Worker").status_code == 302


def test_the_form_leads_to_the_neighbours_in_the_list_that_led_there(publisher):
    call = factories.make_call()
    first, middle, last = (factories.make_project(call, reference=f"PSF-2-{n}") for n in [1, 2, 3])
    factories.make_project(call, reference="PSF-2-15", status="withdrawn")
    filters = f"_changelist_filters=call__id__exact%3D{call.pk}%26status__exact%3Dsubmitted%26o%3D"

    def neighbours(project, query):
        page = publisher.get(f"{change_url(project)}?{query}")
        html = page.content.decode()
        for side, record in page.context["neighbours"].items():
            assert f'rel="{side}" href="{change_url(record)}?_changelist_filters=call' in html
        return page.context["neighbours"]

    assert neighbours(middle, f"{filters}1") == {"prev": first, "next": last}
    assert neighbours(middle, f"{filters}-1") == {"prev": last, "next": first}
    assert neighbours(first, f"{filters}1") == {"next": middle}
    assert neighbours(last, f"{filters}1") == {"prev": middle}
    for query in [
        "",
        "_changelist_filters=status__exact%3Dfunded",
        "_changelist_filters=status__exact%3Dnothing%26call__id__exact%3Dx",
        "_changelist_filters=contacts__email%3Dx",
    ]:
        assert neighbours(middle, query) == {}
