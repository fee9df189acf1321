"""Bulk edits: previewed, written to all projects or none, undone together."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from projects.bulk_edit import edits
from projects.models import Project
from psf.history.models import ChangeSet, Channel
from psf.history.restore import undo_change_set
from tests.support.accounts import client_of, make_account, signed_in, versions_in
from tests.support.factories import (
    make_amendment,
    make_project,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/projects/project/bulk-edit/"
DAY = date(2030, 9, 1)


@pytest.fixture
def water():
    return make_topic("Water")


def address(*projects, **query):
    chosen = [f"project={one.pk}" for one in projects]
    return f"{PAGE}?" + "&".join([*chosen, *(f"{name}={value}" for name, value in query.items())])


def confirm(client, url, **data):
    return client.post(url, {"version": versions_in(client.get(url)), "reason": "Agreed."} | data)


def change(what, value, *projects):
    wanted = edits.BulkEdit(edits.KINDS[what], value)
    edits.edit_projects(projects, wanted, None, "Agreed.")


def topics_of(project):
    return [topic.name for topic in project.topics.all()]


class TestChanges:
    def test_adding_and_removing_a_topic_keeps_the_other_topics(self, water):
        one, other = make_project(), make_project()
        one.topics.add(make_topic("Air"))
        change("add-topic", water, one, other)
        assert (topics_of(one), topics_of(other)) == (["Air", "Water"], ["Water"])
        change("remove-topic", water, *Project.objects.order_by("pk"))
        assert (topics_of(one), topics_of(other)) == (["Air"], [])

    @pytest.mark.parametrize("name", ["starts", "ends"])
    def test_a_new_day_has_the_precision_of_a_day(self, name):
        project = make_project(**{f"{name}_on": DAY, f"{name}_precision": "month"})
        change(name, DAY, project)
        project.refresh_from_db()
        assert (getattr(project, f"{name}_on"), getattr(project, f"{name}_precision")) == (
            DAY,
            "day",
        )

    def test_the_end_of_a_prolonged_project_stays(self):
        project = make_project(status="funded", ends_on=DAY)
        make_amendment(project, kind="prolonged", ends_after=DAY)
        with pytest.raises(ValidationError, match="First undo the amendment"):
            change("ends", DAY + timedelta(days=1), project)
        change("starts", DAY, project)

    def test_all_projects_change_or_none(self):
        ends = date(2030, 8, 1)
        fine, late = make_project(), make_project(ends_on=ends)
        with pytest.raises(ValidationError) as raised:
            change("starts", DAY, fine, late)
        (sentence,) = raised.value.messages
        assert sentence.startswith(f"{late.reference}: ")
        assert not Project.objects.filter(starts_on=DAY).exists()

    def test_only_different_projects_change_and_undo_together(self, water):
        one, other, same = make_project(), make_project(), make_project()
        same.topics.add(water)
        change("add-topic", water, one, other, same)
        versions = Project.objects.order_by("pk").values_list("version", flat=True)
        assert list(versions) == [one.version + 1, other.version + 1, same.version]
        made = ChangeSet.objects.get(channel=Channel.ACTION)
        assert made.reason == "Agreed."
        undo_change_set(made, None, "")
        assert (topics_of(one), topics_of(other), topics_of(same)) == ([], [], ["Water"])


class TestPages:
    def test_the_list_leads_to_the_bulk_edit(self, water):
        editor = make_account("Editor")
        client, projects = signed_in(editor), [make_project(), make_project()]
        chosen = {"action": "edit_selected", "_selected_action": [one.pk for one in projects]}
        url = client.post("/admin/projects/project/", chosen).url
        assert url == address(*projects)
        page = client.get(url).content.decode()
        assert "Add a topic" in page and projects[1].reference in page
        page = client.get(f"{url}&what=add-topic").content.decode()
        assert "Water" in page and "Save changes" not in page
        url = f"{url}&what=add-topic&value={water.pk}"
        response = client.get(url)
        assert [row[1:] for row in response.context["rows"]] == [("", "Water", "")] * 2
        assert confirm(client, url).url == "/admin/projects/project/"
        assert [topics_of(one) for one in projects] == [["Water"]] * 2
        made = ChangeSet.objects.get(channel=Channel.ACTION)
        assert (made.user, made.reason) == (editor, "Agreed.")
        assert client.get(url).context["rows"][0][1:] == ("Water", "the same", "")

    def test_days_are_shown_with_their_precision(self):
        project = make_project(ends_on=date(2020, 9, 1), ends_precision="month")
        url = address(project, what="ends", value="2020-12-31")
        rows = client_of("Editor").get(url).context["rows"]
        assert rows[0][1:] == ("September 2020", "31 December 2020", "")
        rows = client_of("Editor").get(address(make_project(), what="ends", value="2020-12-31"))
        assert rows.context["rows"][0][1] == ""

    def test_an_unlikely_day_is_pointed_out_before_it_is_saved(self):
        project = make_project(starts_on=date(2030, 9, 1), ends_on=date(2031, 8, 31))
        client = client_of("Editor")
        for what, value, words in [
            ("ends", "2072-08-31", "The period reaches to 2072, but"),
            ("starts", "2003-09-01", "The start, 1 September 2003, is before"),
        ]:
            page = client.get(address(project, what=what, value=value))
            assert words in page.context["rows"][0][3] and words in page.text

    def test_the_page_previews_the_impact_on_readers(self, water):
        public, hidden = make_public_project(title="Safe Ports"), make_project()
        client = client_of("Editor")
        query = {"what": "add-topic", "value": water.pk}
        [(_label, seen)] = client.get(address(public, hidden, **query)).context["impacts"]
        assert [(line.record, line.label, line.new) for line in seen.lines] == [
            (f"{public.reference} Safe Ports", "Topics", "Water")
        ]
        assert topics_of(public) == []
        assert client.get(address(hidden, **query)).context["impacts"] == []

    def test_a_missing_reason_and_blockers_are_errors(self):
        client, project = client_of("Editor"), make_project(ends_on=date(2030, 8, 1))
        url = address(project, what="starts", value="2030-09-01")
        assert b"required" in confirm(client, url, reason="").content
        page = confirm(client, url).content.decode()
        assert f"{project.reference}: " in page and "Error:" in page
        page = confirm(client, url, version="1:7").content.decode()
        assert "Check the page again" in page

    def test_an_invalid_value_is_an_error(self):
        client, project = client_of("Editor"), make_project()
        for what, value in [
            ("add-topic", "999"),
            ("starts", "soon"),
            ("starts", ""),
            ("starts", "0001-01-01"),
        ]:
            response = client.get(address(project, what=what, value=value))
            assert "Error:" in response.content.decode()
            assert response.context["rows"] == []

    def test_an_unknown_field_is_not_found(self):
        url = address(make_project(), what="title", value="x")
        assert client_of("Editor").get(url).status_code == 404
