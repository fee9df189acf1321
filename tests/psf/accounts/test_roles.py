"""The permissions of roles, and the rules for changing accounts.

The tests in tests/security open every address with every role.
"""

from itertools import pairwise

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from projects.models import Project
from psf.accounts.roles import ROLES, create_roles
from psf.audit.models import AuditEvent, Kind
from tests.support import factories
from tests.support.accounts import (
    client_of,
    confirm,
    errors_of,
    filled_in,
    make_account,
    save,
    signed_in,
)

pytestmark = pytest.mark.django_db

NOBODY = ""
STAFF = [NOBODY, "Viewer", "Editor", "Publisher", "Administrator", "superuser"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("role", STAFF)
def test_a_deletion_needs_the_permission_to_delete(role):
    project = factories.make_project()
    client, url = client_of(role), reverse("admin:projects_project_delete", args=[project.pk])
    client.post(url, {"post": "yes", "version": project.version})
    stays = Project.objects.filter(pk=project.pk).exists()
    assert stays is (role not in ["Publisher", "Administrator", "superuser"])


# The lowest role with suggestions of a model. Other models have no suggestions.
SUGGESTED = {
    "projects.Call": "Viewer",
    "projects.Project": "Viewer",
    "projects.Priority": "Viewer",
    "projects.Topic": "Viewer",
    "partners.Partner": "Viewer",
    "partners.LeadPartner": "Viewer",
    "partners.Country": "Viewer",
    "projects.Assessment": "Publisher",
    "auth.User": "Administrator",
    "auth.Group": "Administrator",
}
# A request can name any relation, even if no form does.
RELATIONS = [
    field
    for model in apps.get_models()
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
    if field.remote_field
]


@pytest.mark.unmeasured
@pytest.mark.parametrize("role", [*STAFF, "Assessor"])
def test_suggestions_need_the_permission_to_view(role):
    client = client_of(role)
    for field in RELATIONS:
        first = SUGGESTED.get(field.related_model._meta.label)
        may = first and role in STAFF and STAFF.index(role) >= STAFF.index(first)
        options = field.model._meta
        query = {"app_label": options.app_label, "model_name": options.model_name}
        query |= {"field_name": field.name, "term": "x"}
        status = client.get(reverse("admin:autocomplete"), query).status_code
        assert (status == 200) is bool(may), (field, status)
        assert status in [200, 403, 404], (field, status)


def test_each_role_includes_the_role_before():
    ladder = [ROLES[role] for role in STAFF if role in ROLES]
    for smaller, greater in pairwise(ladder):
        assert smaller < greater


def test_roles_are_created_by_a_migration_and_after_a_flush():
    def granted():
        return {
            group.name: {
                f"{permission.content_type.app_label}.{permission.codename}"
                for permission in group.permissions.select_related("content_type")
            }
            for group in Group.objects.all()
        }

    assert granted() == ROLES
    Group.objects.all().delete()
    create_roles()
    create_roles()
    assert granted() == ROLES


class TestAccounts:
    """An administrator gives roles, and never more than their own."""

    def test_new_account_gets_a_one_time_password_that_is_shown_once(self):
        client = client_of("Administrator")
        response = save(client, reverse("admin:auth_user_add"), username="new", groups=[])
        account = User.objects.get(username="new")
        password = response.context["password"]
        assert password in response.content.decode()
        assert account.is_staff and not account.is_superuser
        assert account.check_password(password)
        assert account.one_time_password
        change = reverse("admin:auth_user_change", args=[account.pk])
        assert password not in client.get(change).content.decode()
        assert str(dict(client.session)).count(password) == 0

    def test_role_is_assigned_by_a_checkbox(self):
        viewers = Group.objects.get(name="Viewer")
        client = client_of("Administrator")
        save(client, reverse("admin:auth_user_add"), username="new", groups=[viewers.pk])
        assert list(User.objects.get(username="new").groups.all()) == [viewers]

    def test_new_one_time_password_replaces_the_current_password(self):
        account = make_account("Viewer", password="the present password")
        client = client_of("Administrator")
        url = reverse("admin:auth_user_password_change", args=[account.pk])
        assert "becomes invalid" in client.get(url).content.decode()
        response = client.post(url)
        account.refresh_from_db()
        assert account.check_password(response.context["password"])
        assert LogEntry.objects.get().change_message == "A one-time password was given."
        event = AuditEvent.objects.get(kind=Kind.ACCOUNT)
        assert event.note == f"one-time password given to account {account.pk}"

    def test_one_time_password_for_oneself_or_a_missing_account_is_not_found(self):
        account = make_account("Administrator")
        client = signed_in(account)
        for pk in [account.pk, 99999999999999999999]:
            url = reverse("admin:auth_user_password_change", args=[pk])
            assert client.post(url).status_code == 404
        assert (
            "one-time"
            not in client.get(reverse("admin:auth_user_change", args=[account.pk])).content.decode()
        )

    def test_superuser_and_single_permissions_cannot_be_assigned(self):
        account = make_account("Viewer")
        for role in ["Administrator", "superuser"]:
            client = client_of(role)
            url = reverse("admin:auth_user_change", args=[account.pk])
            save(client, url, is_superuser="on", user_permissions=["1", "2"], is_staff="")
            account.refresh_from_db()
            assert not account.is_superuser
            assert account.is_staff
            assert not account.user_permissions.exists()

    @pytest.mark.parametrize("active", [True, False])
    def test_account_with_more_permissions_cannot_be_changed(self, active):
        stronger = make_account("Viewer", is_active=active)
        special = Group.objects.create(name="Special")
        special.permissions.add(Permission.objects.get(codename="add_group"))
        stronger.groups.add(special)
        client = client_of("Administrator")
        for account in [stronger, make_account("superuser", is_active=active)]:
            for name in ["change", "delete", "password_change"]:
                url = reverse(f"admin:auth_user_{name}", args=[account.pk])
                assert client.post(url, {"username": "mine", "post": "yes"}).status_code == 403
            page = client.get(reverse("admin:auth_user_change", args=[account.pk]))
            assert "one-time" not in page.content.decode()
        assert User.objects.filter(username="mine").count() == 0

    def test_group_with_more_permissions_is_not_offered(self):
        special = Group.objects.create(name="Special")
        special.permissions.add(Permission.objects.get(codename="add_group"))
        account = make_account("Viewer")
        client = client_of("Administrator")
        url = reverse("admin:auth_user_change", args=[account.pk])
        assert "Special" not in client.get(url).content.decode()
        response = save(client, url, groups=[special.pk])
        assert "not one of the available choices" in errors_of(response)

    def test_own_roles_cannot_be_changed(self):
        account = make_account("Administrator")
        client = signed_in(account)
        url = reverse("admin:auth_user_change", args=[account.pk])
        assert "groups" not in filled_in(client, url)
        save(client, url, groups=[], is_active="", first_name="Ada")
        account.refresh_from_db()
        assert account.first_name == "Ada"
        assert account.is_active
        assert account.groups.get().name == "Administrator"
        delete = reverse("admin:auth_user_delete", args=[account.pk])
        assert confirm(client, delete).status_code == 403

    def test_account_in_the_history_cannot_be_deleted(self):
        account = make_account("Editor")
        editor = signed_in(account)
        editor.post(reverse("admin:projects_topic_add"), {"name": "Added"})
        client = client_of("Administrator")
        delete = reverse("admin:auth_user_delete", args=[account.pk])
        response = confirm(client, delete)
        assert response.status_code == 403
        assert "appears in the history" in response.content.decode()
        idle = make_account("Editor")
        delete = reverse("admin:auth_user_delete", args=[idle.pk])
        assert confirm(client, delete).status_code == 302
        assert set(User.objects.filter(pk__in=[account.pk, idle.pk])) == {account}

    def test_list_shows_the_roles(self):
        make_account("Editor", username="edda")
        page = client_of("superuser").get(reverse("admin:auth_user_changelist"))
        assert "Editor" in page.content.decode()
        assert "superuser" in page.content.decode()


def test_roles_are_created_before_the_tables_of_all_apps_exist():
    Group.objects.all().delete()
    loader = MigrationLoader(connection)
    state = loader.project_state([("auth", "0012_alter_user_first_name_max_length")])
    create_roles(state.apps)

    assert {group.name for group in Group.objects.all()} == set(ROLES)


def test_names_that_differ_in_capitals_only_are_one_name():
    admin, anna = client_of("Administrator"), make_account("Viewer", username="Anna")
    response = save(admin, reverse("admin:auth_user_add"), username="anna")
    assert "Another account has this name" in errors_of(response)
    url = reverse("admin:auth_user_change", args=[anna.pk])
    assert save(admin, url, username="ANNA").status_code == 302
