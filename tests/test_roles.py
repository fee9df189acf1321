"""Who may do what on the staff's pages: every address and act, for every role."""

from itertools import pairwise

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from projects.models import Project
from psf.roles import ROLES, make_roles
from tests import factories
from tests.staff import (
    client_of,
    confirm,
    delete_selected,
    errors_of,
    filled_in,
    make_account,
    save,
    signed_in,
)

pytestmark = pytest.mark.django_db

NOBODY = ""
STAFF = [NOBODY, "Viewer", "Editor", "Publisher", "Administrator", "superuser"]


def allowed_from(role, granted=200, refused=403):
    """What each kind of staff is answered when only this role and those after it may."""
    first = STAFF.index(role)
    return {who: granted if STAFF.index(who) >= first else refused for who in STAFF}


SEE, WRITE, PUBLISH, PEOPLE = (
    allowed_from(role) for role in ["Viewer", "Editor", "Publisher", "Administrator"]
)
NEVER = dict.fromkeys(STAFF, 403)
# The name of a page, of which record (none, an open one, a public one), and who may open it.
PAGES = [
    ("projects_call_changelist", None, SEE),
    ("projects_call_add", None, WRITE),
    ("projects_call_change", "call", SEE),
    ("projects_call_history", "call", SEE),
    ("projects_call_preview", "call", SEE),
    ("projects_call_publish", "call", PUBLISH),
    ("projects_call_take_back", "call", PUBLISH),
    ("projects_call_outbox", "call", PUBLISH),
    ("projects_call_send_letters", "call", PUBLISH),
    ("projects_call_delete", "draft_call", PUBLISH),
    ("projects_call_delete", "call", NEVER),
    ("projects_call_import", "call", WRITE),
    ("projects_call_budget", "call", SEE),
    ("projects_call_budget_csv", "call", SEE),
    ("projects_project_changelist", None, SEE),
    ("projects_project_add", None, WRITE),
    ("projects_project_change", "project", SEE),
    ("projects_project_history", "project", SEE),
    ("projects_project_preview", "project", SEE),
    ("projects_project_preview", "draft", SEE),
    ("projects_project_publish", "draft", PUBLISH),
    ("projects_project_take_back", "project", PUBLISH),
    ("projects_project_delete", "draft", PUBLISH),
    ("projects_project_delete", "project", NEVER),
    ("projects_project_following", "project", SEE),
    ("projects_project_following", "draft", SEE),
    ("projects_priority_changelist", None, SEE),
    ("projects_priority_add", None, WRITE),
    ("projects_topic_changelist", None, SEE),
    ("projects_topic_add", None, WRITE),
    ("partners_partner_changelist", None, SEE),
    ("partners_partner_add", None, WRITE),
    ("partners_partner_change", "partner", SEE),
    ("partners_partner_preview", "partner", SEE),
    ("partners_partner_delete", "partner", NEVER),
    ("partners_leadpartner_changelist", None, SEE),
    ("partners_leadpartner_add", None, NEVER),
    ("partners_leadpartner_change", "partner", SEE),
    ("partners_leadpartner_preview", "partner", SEE),
    ("partners_leadpartner_delete", "partner", NEVER),
    ("partners_country_changelist", None, SEE),
    ("partners_country_add", None, NEVER),
    ("partners_country_change", "country", SEE),
    ("partners_country_preview", "country", SEE),
    ("partners_country_delete", "country", NEVER),
    ("partners_membership_changelist", None, SEE),
    ("partners_membership_add", None, WRITE),
    ("auth_user_changelist", None, PEOPLE),
    ("auth_user_add", None, PEOPLE),
    ("auth_user_change", "account", PEOPLE),
    ("auth_user_password_change", "account", PEOPLE),
    ("auth_group_changelist", None, PEOPLE),
    ("auth_group_add", None, allowed_from("superuser")),
]


@pytest.fixture
def records():
    project = factories.make_public_project()
    draft = factories.make_project(project.call, status="funded")
    return {
        "call": project.call,
        "draft_call": factories.make_call(published_at=None),
        "project": project,
        "draft": draft,
        "partner": project.partnerships.get().partner,
        "country": factories.make_country("SE"),
        "account": make_account("Viewer"),
    }


@pytest.mark.parametrize("role", STAFF)
def test_each_role_opens_its_pages_and_no_others(role, records):
    client = client_of(role)
    for name, record, answers in PAGES:
        url = reverse(f"admin:{name}", args=[records[record].pk] if record else [])
        assert client.get(url).status_code == answers[role], (name, record)


def test_nobody_opens_a_page_without_signing_in(client, records):
    for name, record, _answers in PAGES:
        url = reverse(f"admin:{name}", args=[records[record].pk] if record else [])
        assert client.get(url).url.startswith("/admin/login/"), name
        assert client.post(url).url.startswith("/admin/login/"), name


def change(client, records):
    url = reverse("admin:projects_project_change", args=[records["draft"].pk])
    return save(client, url, title="Changed")


def add(client, records):
    return client.post(reverse("admin:projects_topic_add"), {"name": "Added"})


def publish(client, records):
    factories.make_partnership(records["draft"], records["partner"], role="lead")
    return confirm(client, reverse("admin:projects_project_publish", args=[records["draft"].pk]))


def take_back(client, records):
    url = reverse("admin:projects_project_take_back", args=[records["project"].pk])
    return confirm(client, url, {"reason": "An error."})


def delete(client, records):
    url = reverse("admin:projects_project_delete", args=[records["draft"].pk])
    return confirm(client, url)


def delete_many(client, records):
    delete_selected(client, reverse("admin:projects_project_changelist"), [records["draft"]])
    return Project.objects.filter(pk=records["draft"].pk).exists()


@pytest.mark.parametrize(
    ("act", "first"),
    [(change, "Editor"), (add, "Editor")]
    + [(act, "Publisher") for act in [publish, take_back, delete]],
)
@pytest.mark.parametrize("role", STAFF)
def test_each_role_does_its_acts_and_no_others(role, act, first, records):
    client = client_of(role)
    if role == NOBODY and act is change:
        url = reverse("admin:projects_project_change", args=[records["draft"].pk])
        assert client.post(url, {"title": "Changed"}).status_code == 403
        return
    assert act(client, records).status_code == allowed_from(first, granted=302)[role]


@pytest.mark.parametrize("role", STAFF)
def test_many_are_deleted_at_once_only_by_those_who_may_delete_one(role, records):
    stays = delete_many(client_of(role), records)
    assert stays is (role not in ["Publisher", "Administrator", "superuser"])


AUTOCOMPLETES = [
    ("projects", "project", "call"),
    ("projects", "project", "priorities"),
    ("projects", "project", "topics"),
    ("projects", "project", "announced_countries"),
    ("projects", "partnership", "partner"),
    ("projects", "partnership", "country"),
    ("partners", "partner", "parent"),
    ("partners", "membership", "country"),
]


@pytest.mark.parametrize("role", STAFF)
def test_suggestions_are_for_those_who_may_see_what_is_suggested(role):
    client = client_of(role)
    for app, model, field in AUTOCOMPLETES:
        query = {"app_label": app, "model_name": model, "field_name": field, "term": "x"}
        status = client.get(reverse("admin:autocomplete"), query).status_code
        assert status == SEE[role], (app, model, field)


def test_a_role_that_is_withdrawn_ends_with_the_next_request(records):
    account = make_account("Viewer")
    client = signed_in(account)
    url = reverse("admin:projects_project_changelist")
    assert client.get(url).status_code == 200
    account.groups.clear()
    assert client.get(url).status_code == 403
    User.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(url).status_code == 302


def test_reading_changes_nothing(records):
    client = client_of("superuser")
    entries = LogEntry.objects.count()
    before = [Project.objects.values().order_by("pk")[:], User.objects.values("password")]
    before = [list(rows) for rows in before]
    for name, record, _answers in PAGES:
        client.get(reverse(f"admin:{name}", args=[records[record].pk] if record else []))
    assert [
        list(Project.objects.values().order_by("pk")),
        list(User.objects.values("password")),
    ] == before
    assert LogEntry.objects.count() == entries


def test_each_role_may_do_all_that_the_one_before_it_may():
    ladder = [ROLES[role] for role in STAFF if role in ROLES]
    for smaller, greater in pairwise(ladder):
        assert smaller < greater


def test_an_assessor_opens_no_page_of_a_record(records):
    client = client_of("Assessor")
    for name, record, _answers in PAGES:
        url = reverse(f"admin:{name}", args=[records[record].pk] if record else [])
        assert client.get(url).status_code == 403, name
        assert client.post(url).status_code in [403, 405], name  # some pages are only read


def test_the_roles_are_made_by_a_migration_and_again_after_a_flush():
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
    make_roles()
    make_roles()
    assert granted() == ROLES


class TestAccounts:
    """An administrator gives roles, and never more than their own."""

    def test_a_new_account_gets_a_one_time_password_that_is_shown_once(self):
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

    def test_a_role_is_given_by_ticking_it(self):
        viewers = Group.objects.get(name="Viewer")
        client = client_of("Administrator")
        save(client, reverse("admin:auth_user_add"), username="new", groups=[viewers.pk])
        assert list(User.objects.get(username="new").groups.all()) == [viewers]

    def test_another_one_time_password_ends_the_present_password(self):
        account = make_account("Viewer", password="the present password")
        client = client_of("Administrator")
        url = reverse("admin:auth_user_password_change", args=[account.pk])
        assert "ends" in client.get(url).content.decode()
        response = client.post(url)
        account.refresh_from_db()
        assert account.check_password(response.context["password"])
        assert LogEntry.objects.get().change_message == "Given a one-time password."

    def test_nobody_gives_a_one_time_password_to_themselves_or_to_nobody(self):
        account = make_account("Administrator")
        client = signed_in(account)
        for pk in [account.pk, 99999999999999999999]:
            url = reverse("admin:auth_user_password_change", args=[pk])
            assert client.post(url).status_code == 404
        assert (
            "one-time"
            not in client.get(reverse("admin:auth_user_change", args=[account.pk])).content.decode()
        )

    def test_nobody_makes_a_superuser_or_gives_single_permissions(self):
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
    def test_whoever_can_do_more_is_out_of_reach(self, active):
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

    def test_a_group_that_can_do_more_is_not_offered(self):
        special = Group.objects.create(name="Special")
        special.permissions.add(Permission.objects.get(codename="add_group"))
        account = make_account("Viewer")
        client = client_of("Administrator")
        url = reverse("admin:auth_user_change", args=[account.pk])
        assert "Special" not in client.get(url).content.decode()
        response = save(client, url, groups=[special.pk])
        assert "not one of the available choices" in errors_of(response)

    def test_nobody_changes_their_own_roles(self):
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

    def test_who_stands_in_the_history_is_made_inactive_instead_of_deleted(self):
        account = make_account("Editor")
        editor = signed_in(account)
        editor.post(reverse("admin:projects_topic_add"), {"name": "Added"})
        client = client_of("Administrator")
        delete = reverse("admin:auth_user_delete", args=[account.pk])
        response = confirm(client, delete)
        assert response.status_code == 403
        assert "stands in the history" in response.content.decode()
        idle = make_account("Editor")
        delete = reverse("admin:auth_user_delete", args=[idle.pk])
        assert confirm(client, delete).status_code == 302
        assert set(User.objects.filter(pk__in=[account.pk, idle.pk])) == {account}

    def test_the_list_says_the_roles(self):
        make_account("Editor", username="edda")
        page = client_of("superuser").get(reverse("admin:auth_user_changelist"))
        assert "Editor" in page.content.decode()
        assert "superuser" in page.content.decode()
