"""Staff see the impact on public pages before a change of a public record is saved."""

from unittest.mock import patch

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError

from projects.admin.projects import ProjectAdmin
from projects.models import Project, Topic
from psf.history.models import ChangeSet, Channel
from tests.support import factories
from tests.support.accounts import filled_in, form_data, named, new_row, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_public_project(title="Safe Ports")


def title_now():
    return Project.objects.get().title


def previewed(response):
    impact = response.context["impact"]
    return [(line.label, line.old, line.new) for line in [*impact.figures, *impact.lines]]


def test_staff_can_ask_what_readers_will_see(editor, project):
    data = filled_in(editor, url_of(project), internal_note="Ask Ada.") | {"_preview": "Show"}
    response = editor.post(url_of(project), data)
    assert previewed(response) == [] and "Nothing is saved yet." in response.text
    shown = editor.post(url_of(project), form_data(response, title="Safer Ports", _preview="Show"))
    assert ("Title", "Safe Ports", "Safer Ports") in previewed(shown)
    assert (title_now(), Project.objects.get().internal_note) == ("Safe Ports", "")
    assert editor.post(url_of(project), form_data(shown)).status_code == 302
    assert title_now() == "Safer Ports"


def test_a_change_of_a_public_record_is_shown_before_it_is_saved(editor, project):
    response = editor.post(url_of(project), filled_in(editor, url_of(project), title="Safer Ports"))
    assert ("Title", "Safe Ports", "Safer Ports") in previewed(response)
    page = response.text
    assert "What readers will see change" in page
    assert "Nothing is saved yet." in page
    assert title_now() == "Safe Ports"
    assert not ChangeSet.objects.filter(channel=Channel.FORM).exists()
    assert not list(get_messages(response.wsgi_request))

    response = editor.post(url_of(project), form_data(response))
    assert response.status_code == 302
    assert title_now() == "Safer Ports"
    assert ChangeSet.objects.filter(channel=Channel.FORM).count() == 1
    assert len(list(get_messages(response.wsgi_request))) == 1


def test_everything_typed_is_still_in_the_form_that_asks(editor, project):
    partner = factories.make_partner("Stellit")
    row = new_row("partnerships", 1, partner=named(partner), role="partner", position=2)
    data = filled_in(editor, url_of(project), title="Safer Ports", why="A typing error.", **row)
    del data["_save"]
    response = editor.post(url_of(project), data | {"_continue": "Save"})
    assert 'name="_continue" value="Save for readers to see"' in response.text
    again = form_data(response)
    assert again["title"] == ["Safer Ports"]
    assert again["why"] == ["A typing error."]
    assert again["partnerships-1-partner"] == [named(partner)]
    assert editor.post(url_of(project), again).status_code == 302
    assert Project.objects.get().partnerships.count() == 2
    assert ChangeSet.objects.get(channel=Channel.FORM).reason == "A typing error."


def test_a_confirmation_holds_only_for_the_changes_that_were_shown(editor, project):
    response = editor.post(url_of(project), filled_in(editor, url_of(project), title="Safer Ports"))
    response = editor.post(url_of(project), form_data(response, title="Other Ports"))
    assert ("Title", "Safe Ports", "Other Ports") in previewed(response)
    assert title_now() == "Safe Ports"
    assert editor.post(url_of(project), form_data(response)).status_code == 302
    assert title_now() == "Other Ports"


def test_a_confirmation_holds_only_while_readers_will_see_what_was_shown(editor, project):
    factories.make_topic("Ports").projects.add(project)
    response = editor.post(url_of(project), filled_in(editor, url_of(project), title="Safer Ports"))
    Topic.objects.update(name="Harbours")
    response = editor.post(url_of(project), form_data(response))
    assert "Nothing is saved yet." in response.text
    assert title_now() == "Safe Ports"
    assert editor.post(url_of(project), form_data(response)).status_code == 302
    assert title_now() == "Safer Ports"


@pytest.fixture
def saves():
    """Counts how often the form of a project is saved, also in a preview."""
    with patch.object(ProjectAdmin, "save_model", autospec=True, side_effect=save_model) as saves:
        yield saves


save_model = ProjectAdmin.save_model


@pytest.mark.parametrize(
    ("name", "value", "expected"), [("internal_note", "Ask.", 1), ("requested_eur", "500", 2)]
)
def test_an_internal_note_is_saved_without_a_second_run(
    name, value, expected, editor, project, saves
):
    data = filled_in(editor, url_of(project), **{name: value})
    assert editor.post(url_of(project), data).status_code == 302
    assert saves.call_count == expected
    assert Project.objects.filter(**{name: value}).exists()


def test_a_confirmed_change_is_saved_without_another_preview(editor, project, saves):
    response = editor.post(url_of(project), filled_in(editor, url_of(project), title="Safer Ports"))
    assert saves.call_count == 1
    assert editor.post(url_of(project), form_data(response)).status_code == 302
    assert saves.call_count == 2


def test_a_warning_is_shown_once_and_only_after_the_save(editor, project):
    data = filled_in(editor, url_of(project), title="Safer Ports")
    with patch("projects.admin.projects.warning_about", return_value="Late."):
        response = editor.post(url_of(project), data)
        assert not list(get_messages(response.wsgi_request))
        response = editor.post(url_of(project), form_data(response))
    levels = [message.level_tag for message in get_messages(response.wsgi_request)]
    assert levels == ["warning", "success"]


def test_a_locked_database_cannot_be_confirmed(editor, project):
    data = filled_in(editor, url_of(project), title="Safer Ports")
    with patch.object(ProjectAdmin, "save_model", side_effect=OperationalError):
        response = editor.post(url_of(project), data)
    assert "No preview: another change is being saved right now." in response.text
    assert response.context["confirmation"] == ""


@pytest.mark.parametrize("name", ["internal_note", "why"])
def test_a_change_that_readers_do_not_see_is_saved_at_once(name, editor, project):
    data = filled_in(editor, url_of(project), **{name: "Ask again."})
    assert editor.post(url_of(project), data).status_code == 302


def test_a_record_that_is_not_public_is_saved_at_once(editor):
    project = factories.make_project()
    data = filled_in(editor, url_of(project), title="Safer Ports")
    assert editor.post(url_of(project), data).status_code == 302
    assert title_now() == "Safer Ports"


def test_a_part_of_a_public_page_is_saved_after_its_preview(editor):
    membership = factories.make_membership("LV", valid_to=None)
    url = url_of(membership.country)
    response = editor.post(url, filled_in(editor, url, **{"memberships-0-valid_to": "1/2/2020"}))
    assert response.context["impact"].lines
    assert editor.post(url, form_data(response)).status_code == 302
    membership.refresh_from_db()
    assert membership.valid_to


def test_a_form_with_errors_shows_the_errors_first(editor, project):
    response = editor.post(url_of(project), filled_in(editor, url_of(project), title=""))
    assert "impact" not in response.context
    assert response.context["errors"]


def test_an_edit_conflict_is_shown_first(editor, project):
    data = filled_in(editor, url_of(project), title="Safer Ports")
    Project.objects.update(version=5)
    response = editor.post(url_of(project), data)
    assert response.context["conflict"]
    assert "impact" not in response.context
    response = editor.post(url_of(project), form_data(response))
    assert ("Title", "Safe Ports", "Safer Ports") in previewed(response)
    assert editor.post(url_of(project), form_data(response)).status_code == 302
