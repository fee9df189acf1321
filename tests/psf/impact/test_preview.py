"""The impact of an action: correct, limited, and rolled back."""

from datetime import date
from unittest.mock import Mock

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.matching.merge import merge_partners
from partners.models import Country, Membership, Partner
from projects.models import Call, Priority, Project, Topic
from projects.publication.publish import (
    publish_call,
    publish_project,
    publish_results,
    unpublish_project,
)
from psf.history.models import ChangeSet
from psf.impact import preview
from psf.impact.preview import preview_impact
from tests.support.accounts import client_of, make_account
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_decision,
    make_membership,
    make_merger,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_source,
    make_topic,
)

pytestmark = pytest.mark.django_db


def all_rows():
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for app in ["partners", "projects", "history", "psf"]
        for model in apps.get_app_config(app).get_models()
        if model._meta.managed
    }


def lines(impact):
    return {
        (line.record, line.label): (line.old, line.new) for line in [*impact.figures, *impact.lines]
    }


def published(project):
    return lambda: publish_project(Project.objects.get(pk=project.pk), LONG_AGO)


@pytest.mark.unmeasured
class TestOfProjects:
    def test_publishing_a_project_adds_its_page_and_the_pages_of_partners(self):
        harbour = make_partner("Harbour Office")
        project = make_project(
            title="Safe Ports", status="funded", amount_eur=500, amount_kind="ceiling"
        )
        make_partnership(project, harbour, role="lead")
        make_partnership(project, country="SE")
        before = all_rows()
        impact = lines(preview_impact(published(project)))
        assert all_rows() == before
        name = f"{project.reference} Safe Ports"
        assert impact[name, "Page"] == ("none", project.get_absolute_url())
        assert (name, "Title") not in impact
        assert impact["Harbour Office", "Page"] == ("none", harbour.get_absolute_url())
        assert impact["Countries", "New pages (2)"] == ("none", "Latvia\nSweden")
        assert impact["", "Projects"] == ("0", "1")
        assert impact["", "Organisations"] == ("0", "1")
        assert impact["", "Countries with a project"] == ("0", "2")
        old, new = impact["", "Grants"]
        assert (old, "500" in new) == ("nothing", True)

    def test_unpublishing_a_project_leaves_the_reason_at_its_address(self):
        project = make_public_project(title="Safe Ports", amount_eur=500, amount_kind="awarded")
        reason = "Entered twice."
        impact = lines(preview_impact(lambda: unpublish_project(Project.objects.get(), reason)))
        name = f"{project.reference} Safe Ports"
        assert impact[name, "Page"] == (project.get_absolute_url(), "unpublished: “Entered twice.”")
        assert impact[project.call.title, "Projects of this call"] == ("1", "0")
        assert impact[project.call.title, "Amounts"][1] == "nothing"

    def test_every_fact_of_the_page_is_compared(self):
        project = make_public_project(make_partner("Harbour Office"), title="Safe Ports")
        source = make_source(project=project)

        def action():
            Project.objects.update(
                title="Safer Ports",
                starts_on=date(2019, 9, 1),
                amount_eur=500,
                amount_kind="awarded",
                internal_note="Secret",
                requested_eur=777,
            )
            project.priorities.add(make_priority("Safe region"))
            project.topics.add(make_topic("Water"))
            project.activity_countries.add(make_country("FI"))
            project.announced_countries.add(make_country("LV"), make_country("EE"))
            make_partnership(project, make_partner("Sadam", "SE"), name_as_published="S")
            source.delete()

        impact = preview_impact(action)
        labels = {line.label: line.new for line in impact.lines if "Safe Ports" in line.record}
        assert labels | {"Grant": ""} == {
            "Title": "Safer Ports",
            "Period": "from 1 September 2019",
            "Grant": "",
            "Priorities": "Safe region",
            "Topics": "Water",
            "Places of activity": "Finland",
            "Difference between headline and partners": "only in the headline: Estonia; "
            "only in the list of partners: Sweden",
            "Partner": "Sadam, Sweden, S",
            "Source": "nothing",
        }
        assert "Secret" not in str(impact)
        assert "777" not in str(impact)

    @pytest.mark.parametrize(
        ("label", "rename"),
        [
            ("Topics", lambda: Topic.objects.update(name="Clean water")),
            ("Priorities", lambda: Priority.objects.update(name="Safe and secure")),
            ("Lead partner", lambda: Partner.objects.update(name="Port Authority")),
            ("Call", lambda: Call.objects.update(title="PSF, the first call")),
        ],
    )
    def test_a_renamed_record_changes_the_pages_that_name_it(self, label, rename):
        project = make_public_project(make_partner("Harbour Office"), title="Safe Ports")
        project.priorities.add(make_priority("Safe region"))
        project.topics.add(make_topic("Water"))
        impact = lines(preview_impact(rename))
        old, new = impact[f"{project.reference} Safe Ports", label]
        assert old != new

    @pytest.mark.parametrize("model", [Call, Partner, Project])
    def test_no_page_shows_an_internal_column(self, model):
        make_public_project(make_partner("Harbour Office"))
        for column in preview.INTERNAL_COLUMNS:
            impact = preview_impact(lambda column=column: model.objects.update(**{column: "Ask."}))
            assert not any(impact)

    def test_a_project_with_a_source_is_renamed(self):
        project = make_public_project(make_partner(), title="Safe Ports")
        make_source(project=project)
        impact = preview_impact(lambda: Project.objects.update(title="Safer Ports"))
        expected = {("Safe Ports", "Safer Ports")}
        assert {(row.old, row.new) for row in impact.lines if row.label == "Title"} == expected

    @pytest.mark.parametrize(
        ("values", "counted"),
        [
            ({"title": "Other"}, 0),
            ({"status": "running"}, 2),
        ],
    )
    def test_the_whole_site_is_not_counted_for_texts(self, values, counted, monkeypatch):
        figures = Mock(return_value={})
        monkeypatch.setattr(preview, "FIGURES", [figures])
        make_public_project(title="Safe Ports")
        preview_impact(lambda: Project.objects.update(**values))
        assert figures.call_count == counted

    def test_change_of_an_unpublished_project_has_no_impact(self):
        project = make_project()
        impact = preview_impact(lambda: Project.objects.update(title="Other"))
        assert (impact.figures, impact.lines) == ([], [])
        assert Project.objects.get().title == project.title


class TestOfCalls:
    def test_publishing_a_call_and_its_results(self):
        call = make_call(title="PSF 2019", published_at=None, funded_count=1, max_months=12)
        make_decision(call, published_at=None)
        impact = lines(preview_impact(lambda: publish_call(Call.objects.get(), LONG_AGO)))
        assert impact["PSF 2019", "Page"] == ("none", call.get_absolute_url())
        assert impact["", "Calls"] == ("0", "1")

        Call.objects.update(published_at=LONG_AGO)
        project = make_project(call, status="funded", amount_eur=5, amount_kind="awarded")
        make_partnership(project, make_partner(), role="lead")
        impact = lines(preview_impact(lambda: publish_results(Call.objects.get(), LONG_AGO)))
        assert impact["PSF 2019", "Decided by"] == ("nothing", "Committee of Senior Officials")
        assert impact["PSF 2019", "Projects funded"] == ("nothing", "1")
        assert impact["PSF 2019", "Projects of this call"] == ("0", "1")
        assert impact["PSF 2019", "Phase"] == (
            "closed, full result not published",
            "decided",
        )


class TestOfOrganisations:
    def test_merger_moves_a_page(self):
        winner, loser = make_partner("Sea"), make_partner("Ocean", website="https://ocean.test")
        project = make_public_project(loser, title="Safe Ports")
        make_public_project(winner)
        make_merger(winner)
        by = make_account("Publisher")
        impact = lines(preview_impact(lambda: merge_partners(winner, loser, by)))
        assert impact["Ocean", "Page"] == (
            loser.get_absolute_url(),
            f"redirects to {winner.get_absolute_url()}",
        )
        assert impact["Sea", "Website"] == ("nothing", "https://ocean.test")
        assert impact["Sea", "Other name"] == ("nothing", "Ocean, English")
        assert impact["Sea", "Projects, of which led"] == ("1 / 1", "2 / 2")
        name = f"{project.reference} Safe Ports"
        assert impact[name, "Lead partner"] == ("Ocean, Latvia", "Sea, Latvia")
        assert impact["", "Organisations"] == ("2", "1")
        assert impact["Latvia", "Organisations"] == ("2", "1")

    def test_a_name_has_its_source(self):
        partner = make_public_project(make_partner("Sea")).lead().partner
        impact = lines(preview_impact(lambda: make_partner_name(partner, "See", source="PSF 2027")))
        assert impact["Sea", "Other name"] == ("nothing", "See, official, PSF 2027")

    def test_a_membership_status_in_the_cbss(self):
        make_membership("LV", valid_from=date(1992, 1, 1))
        make_public_project()
        impact = lines(preview_impact(Membership.objects.all().delete))
        assert impact["Latvia", "Membership"] == (
            "Member, from 1 January 1992, cbss.org",
            "nothing",
        )


class TestBounds:
    def test_refused_action_has_no_preview(self):
        def action():
            raise ValidationError("No.")

        assert preview_impact(action) is None

    def test_locked_database_gives_a_sentence(self):
        def action():
            raise OperationalError("database is locked")

        assert "Reload this page" in preview_impact(action).why_unknown

    def test_lines_and_pages_are_limited(self, monkeypatch):
        monkeypatch.setattr(preview, "MAX_LINES", 2)
        monkeypatch.setattr(preview, "MAX_PAGES", 3)
        for number in range(5):
            make_public_project(title=f"Project {number}")
        impact = preview_impact(lambda: Project.objects.update(title="Other"))
        assert [len(impact.lines), impact.more] == [2, 1]
        assert impact.uncompared == 2

    def test_new_organisations_do_not_hide_the_countries(self, monkeypatch):
        monkeypatch.setattr(preview, "MAX_LINES", 3)
        make_public_project()
        project = make_project(title="Safe Ports", status="funded")
        make_partnership(project, make_partner("Lead", country="LV"), role="lead")
        for number in range(4):
            make_partnership(project, make_partner(f"Port {number}", country="LV"))
        impact = preview_impact(published(project))
        names = "Lead\nPort 0\nPort 1\nPort 2\nPort 3"
        assert lines(impact)["Organisations", "New pages (5)"] == ("none", names)
        assert lines(impact)["Latvia", "Organisations"] == ("1", "6")
        assert impact.more == 0

    def test_number_of_queries_is_constant(self):
        costs = set()
        for _ in range(3):
            make_public_project()
            with CaptureQueriesContext(connection) as queries:
                preview_impact(lambda: Project.objects.update(title="Other"))
            costs.add(len(queries))
        assert len(costs) == 1

    def test_preview_leaves_no_history(self):
        make_public_project()
        before = ChangeSet.objects.count()
        preview_impact(lambda: Country.objects.update(name="Other"))
        assert ChangeSet.objects.count() == before


class TestPages:
    """Every page that asks for confirmation shows the impact."""

    HEADING = "What readers will see change"

    def page(self, url, data=None):
        client = client_of("Publisher")
        response = client.post(url, data) if data else client.get(url)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    def test_publishing_and_unpublishing_a_project(self):
        project = make_project(status="funded")
        make_partnership(project, make_partner(), role="lead")
        url = reverse("admin:projects_project_publish", args=[project.pk])
        assert f'<td data-label="Then">{project.get_absolute_url()}</td>' in self.page(url)
        shown = make_public_project()
        url = reverse("admin:projects_project_unpublish", args=[shown.pk])
        assert "unpublished: “your reason”" in self.page(url)

    def test_call_page_shows_the_impact_of_each_available_choice(self):
        call = make_call(published_at=None)
        url = reverse("admin:projects_call_publish", args=[call.pk])
        page = self.page(url)
        assert f"{self.HEADING}: the call’s page" in page
        assert f"{self.HEADING}: the results" not in page
        Call.objects.update(published_at=LONG_AGO)
        make_decision(call)
        make_public_project(call=call)
        page = self.page(reverse("admin:projects_call_unpublish", args=[call.pk]))
        assert f"{self.HEADING}: the results" in page
        assert f"{self.HEADING}: the call’s page" not in page
