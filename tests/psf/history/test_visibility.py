"""Who may see which changes, in the functions of the history and on its pages."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from projects.models import DecisionLine, Letter, Partnership, Project, Score
from psf.history import recording, visibility
from psf.history.models import Change, ChangeSet, Channel
from psf.history.tracking import kind_of, owner_model, parent_columns, tracked_models
from tests.support.accounts import filled_in, make_account, signed_in, url_of
from tests.support.factories import (
    LONG_AGO,
    make_assessment,
    make_criterion,
    make_decision_line,
    make_ineligibility_finding,
    make_letter,
    make_partnership,
    make_project,
    make_score,
)

pytestmark = pytest.mark.django_db

CANARY = "CANARY"
ADDRESS = "ada@example.org"


def set_page(change_set):
    return reverse("admin:history_changeset_change", args=[change_set.pk])


@pytest.fixture
def project():
    with recording.change_set(None, channel=Channel.COMMAND):
        return make_project(title="First", status="rejected")


@pytest.fixture
def letter_set(project):
    """A change set of a letter alone, with a reason that quotes the letter."""
    with recording.change_set(None, channel=Channel.LETTERS, reason=CANARY) as change_set:
        make_letter(project, text=CANARY, subject=CANARY)
    return change_set


@pytest.fixture
def mixed_set(project):
    """A change set of a visible and a confidential change."""
    with recording.change_set(None, channel=Channel.DECISION, reason=CANARY) as change_set:
        Project.objects.filter(pk=project.pk).update(title="Second")
        make_decision_line(project, outcome="rejected", award_eur=None, reason=CANARY)
    return change_set


@pytest.fixture(params=[Channel.STATUS, Channel.DECISION])
def rejection(request, project):
    """A change set of visible changes alone, with the reason for a rejection."""
    with recording.change_set(None, channel=request.param, reason=CANARY) as change_set:
        Project.objects.filter(pk=project.pk).update(status="reserve")
    return change_set


def test_every_tracked_model_states_the_permission_to_see_it():
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }
    for model in tracked_models(apps):
        assert visibility.permission_of(model) in permissions, kind_of(model)
    owners = {kind_of(owner_model(model) or model) for model in tracked_models(apps)}
    # Evidence has no history, because no row of it ever changes.
    assert set(visibility.PERMISSIONS) - {"projects.evidence"} == owners


def test_changes_of_a_model_without_a_permission_are_hidden(project, monkeypatch):
    monkeypatch.delitem(visibility.PERMISSIONS, "projects.project")
    account = make_account("superuser")
    changes = visibility.visible(Change.objects.filter(kind="projects.project"), account)
    assert not changes.exists()


@pytest.mark.unmeasured
@pytest.mark.parametrize("role", ["Viewer", "Editor"])
class TestViewersAndEditors:
    def pages(self, project):
        sets = ChangeSet.objects.all()
        return [
            url_of(project, "history"),
            reverse("admin:projects_project_deleted"),
            reverse("admin:history_changeset_changelist"),
            *(url_of(project, "state", change_set.pk) for change_set in sets),
            *(set_page(change_set) for change_set in sets),
        ]

    def test_the_history_shows_no_letter_and_no_draft_decision(
        self, role, project, letter_set, mixed_set
    ):
        make_ineligibility_finding(project)
        client = signed_in(make_account(role))
        for url in self.pages(project):
            page = client.get(url).content.decode()
            assert CANARY not in page, url
            for kind in ["Letter", "Line of the decision", "Reason given"]:
                assert f"{kind} “" not in page, url

    def test_the_history_shows_no_reason_for_a_rejection(self, role, project, rejection):
        client = signed_in(make_account(role))
        for url in self.pages(project):
            assert CANARY not in client.get(url).content.decode(), url
        assert "Status changed" in client.get(set_page(rejection)).content.decode()

    def test_a_set_of_confidential_changes_is_not_found(self, role, project, letter_set):
        client = signed_in(make_account(role))
        assert client.get(set_page(letter_set), follow=True).status_code == 404
        assert client.get(url_of(project, "state", letter_set.pk)).status_code == 404

    def test_a_mixed_set_shows_the_other_changes(self, role, project, mixed_set):
        client = signed_in(make_account(role))
        for url in [set_page(mixed_set), url_of(project, "history")]:
            assert "Title changed from “First” to “Second”." in client.get(url).content.decode()
        page = client.get(url_of(project, "state", mixed_set.pk))
        assert page.status_code == 200

    def test_deleted_record_shows_no_confidential_part(self, role, project, letter_set):
        key = project.pk
        with recording.change_set(None, channel=Channel.FORM, reason=CANARY) as deletion:
            project.delete()
        project.pk = key
        client = signed_in(make_account(role))
        pages = [reverse("admin:projects_project_deleted"), url_of(project, "history")]
        pages.append(set_page(deletion))
        for url in pages:
            response = client.get(url)
            assert response.status_code == 200
            assert CANARY not in response.content.decode(), url


@pytest.mark.unmeasured
def test_publishers_see_all_of_it(project, letter_set, mixed_set, rejection):
    client = signed_in(make_account("Publisher"))
    urls = [*map(set_page, [letter_set, mixed_set, rejection]), url_of(project, "history")]
    for url in [*urls, url_of(project, "state", mixed_set.pk)]:
        assert CANARY in client.get(url).content.decode(), url


def test_changes_of_a_part_are_hidden_like_its_record(project):
    make_partnership(project)
    account = make_account()
    account.user_permissions.set(Permission.objects.filter(codename="view_partnership"))
    changes = Change.objects.filter(kind=kind_of(Partnership))
    assert changes.exists()
    assert not visibility.visible(changes, account).exists()


def test_changes_of_points_are_hidden_like_their_assessment(project):
    lead, other = make_account("Administrator"), make_account("Administrator")
    make_assessment(project, lead, declaration="conflict", conflict="My sister.")
    assessment = make_assessment(project, make_account("Assessor"), declaration="none")
    make_score(assessment, make_criterion(project.call), points=3)
    changes = Change.objects.filter(kind=kind_of(Score))
    assert [visibility.visible(changes, user).count() for user in [lead, other]] == [0, 1]


def test_the_list_is_not_sorted_by_reasons(mixed_set):
    client = signed_in(make_account("Viewer"))
    page = client.get(reverse("admin:history_changeset_changelist")).content.decode()
    assert "?o=1" in page
    assert "?o=5" not in page


def test_a_set_is_undone_only_by_an_account_that_sees_all_of_it(project, mixed_set):
    account = make_account()
    codes = ["undo_changeset", "view_changeset", "view_project"]
    account.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = signed_in(account)
    assert 'id="undo"' not in client.get(set_page(mixed_set)).content.decode()
    assert client.post(set_page(mixed_set)).status_code == 403
    assert DecisionLine.objects.exists()


def test_restoring_leaves_confidential_parts(project, letter_set):
    first = ChangeSet.objects.order_by("pk")[0]
    Project.objects.filter(pk=project.pk).update(title="Second")
    client = signed_in(make_account("Editor"))
    url = url_of(project, "state", first.pk)
    page = client.get(url).content.decode()
    assert "Letters" not in page
    assert client.post(url, filled_in(client, url)).status_code == 302
    project.refresh_from_db()
    assert project.title == "First"
    assert Letter.objects.filter(project=project).exists()


def test_an_edit_conflict_tells_editors_of_no_letter(project):
    client = signed_in(make_account("Editor"))
    form = filled_in(client, url_of(project, "change"))
    make_letter(project, text=CANARY, subject=CANARY)
    Project.objects.filter(pk=project.pk).update(title="Second", version=project.version + 1)
    page = client.post(url_of(project, "change"), form | {"title": "Third"}).content.decode()
    assert "Title changed from “First” to “Second”." in page
    assert CANARY not in page


def test_the_history_keeps_no_address_of_a_letter(project):
    letter = make_letter(project)
    kind = {"kind": "projects.letter"}
    Letter.objects.filter(pk=letter.pk).update(sent_at=LONG_AGO, sent_by_mail=True, address=ADDRESS)
    assert "sent_by_mail" in Change.objects.filter(**kind).latest("pk").after
    number = Change.objects.filter(**kind).count()
    Letter.objects.filter(pk=letter.pk).update(address=f"b{ADDRESS}")
    assert Change.objects.filter(**kind).count() == number
    make_letter(sent_at=LONG_AGO, address=ADDRESS).delete()
    rows = Change.objects.filter(**kind).values_list("before", "after")
    assert ADDRESS not in str(list(rows))
    assert "address" not in str(list(rows))
    client = signed_in(make_account("superuser"))
    state = url_of(project, "state", ChangeSet.objects.latest("pk").pk)
    for url in [url_of(project, "history"), state]:
        assert ADDRESS not in client.get(url).content.decode(), connection.vendor


def test_parts_are_hidden_with_their_record_only():
    """A part that chose its readers itself would stay visible in the history."""
    parts = [model for model in tracked_models(apps) if parent_columns(model)]
    assert Partnership in parts
    assert not [model for model in parts if hasattr(model._default_manager, "visible_to")]
