"""The first page of staff, and rules for every list."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.models import LeadPartner, Membership
from projects.models import Assessment
from psf.audit.models import Kind
from psf.audit.recording import record_event
from tests.support import factories
from tests.support.accounts import client_of, make_account, save
from tests.support.hidden_records import words

pytestmark = pytest.mark.django_db


def test_the_first_page_is_ordered_as_staff_think():
    records = client_of("superuser").get("/admin/").context["records"]
    assert [address.split("/")[-2] for _name, address, _number in records] == [
        *["call", "project", "assessment", "leadpartner", "partner", "country", "membership"],
        *["priority", "topic", "changeset", "user", "group", "auditevent"],
    ]


def test_audit_log_counts_its_events():
    client = client_of("superuser")
    for _ in range(2):
        record_event(Kind.IMPORT, None)
    page = words(client.get("/admin/psf/auditevent/?kind=import"))
    assert "2 audit log events" in page


def test_accounts_and_roles_have_our_labels():
    page = client_of("superuser").get("/admin/auth/user/add/").content.decode()
    assert "Add account" in page
    assert "The name to sign in with." in page
    index = client_of("superuser").get("/admin/").content.decode()
    for django in ["Users", "Groups", "Authentication"]:
        assert django not in index


def test_the_sign_in_page_sends_a_signed_in_person_to_the_first_page():
    assert client_of("Viewer").get("/admin/login/").url == "/admin/"


def test_a_role_describes_its_permissions():
    role = Group.objects.get(name="Editor")
    client = client_of("superuser")
    url = reverse("admin:auth_group_change", args=[role.pk])
    page = client.get(url).content.decode()
    for right in [
        "Change projects",
        "See lead partners",
        "Can publish and unpublish projects",
        "Add roles",
    ]:
        assert right in page
    for nobodys in ["log entr", "session", "content type"]:
        assert nobodys not in page.partition("<body")[2].lower()
    rights = set(role.permissions.all())
    assert save(client, url).status_code == 302
    assert set(role.permissions.all()) == rights


def test_a_right_to_records_that_are_no_more_keeps_its_own_name():
    kind = ContentType.objects.create(app_label="projects", model="gone")
    Permission.objects.create(content_type=kind, codename="add_gone", name="Can add what is gone")
    page = client_of("superuser").get("/admin/auth/group/add/").content.decode()
    assert "Can add what is gone" in page


def test_the_day_has_24_hours():
    moment = datetime(2031, 3, 31, 19, 5, tzinfo=UTC)
    make_account("Viewer", last_login=moment)
    page = client_of("superuser").get("/admin/auth/user/").content.decode()
    assert "31 Mar 2031, 21:05" in page


def test_every_admin_is_on_the_first_page():
    groups = client_of("superuser").get("/admin/").context["available_apps"]
    shown = {model["model"] for group in groups for model in group["models"]}
    assert shown == set(admin.site._registry)


def test_an_account_without_a_role_sees_a_sentence():
    assert "has no role yet" in client_of("").get("/admin/").content.decode()


def test_without_a_call_the_first_page_says_where_to_begin():
    page = client_of("Editor").get("/admin/").content.decode()
    assert "Where to begin" in page
    for act in ["admin:projects_call_add", "admin:projects_call_announcement"]:
        assert f'href="{reverse(act)}">' in page
    assert "<code>load_countries</code>" in page
    factories.make_country("LV")
    assert "load_countries" not in client_of("Editor").get("/admin/").content.decode()
    assert "Editors add the first one" in client_of("Viewer").get("/admin/").content.decode()
    factories.make_call()
    assert "Where to begin" not in client_of("Editor").get("/admin/").content.decode()


def test_the_first_page_names_each_changed_record_once():
    client, topic = client_of("Editor"), factories.make_topic("Ports")
    assert "You changed last" not in client.get("/admin/").text
    url = reverse("admin:projects_topic_change", args=[topic.pk])
    for name in ["Harbours", "Quays"]:
        save(client, url, name=name)
    other = factories.make_topic("Boats")
    save(client, reverse("admin:projects_topic_change", args=[other.pk]), name="Ships")
    page = client.get("/admin/")
    assert [action.object_repr for action in page.context["recent"]] == ["Ships", "Quays"]
    assert f'<a href="{url}">Quays</a>' in page.text


def test_an_empty_list_says_so_and_offers_nothing_to_do_with_its_rows():
    client, url = client_of("superuser"), reverse("admin:projects_project_changelist")
    page = client.get(url).content.decode()
    assert "Nothing is recorded here yet." in page
    assert 'name="action"' not in page
    assert "Show all" not in page
    factories.make_project()
    page = client.get(url, {"q": "nothing of that name"}).content.decode()
    assert "Nothing here matches." in page
    assert "Show all" in page
    assert 'name="action"' in client.get(url).content.decode()


def test_how_many_there_are_is_grouped():
    counted = Template('{{ rows|floatformat:"0g" }}').render(Context({"rows": 30000}))
    assert counted == "30\N{NO-BREAK SPACE}000"


def test_the_filter_names_records_without_a_priority():
    factories.make_project().priorities.add(factories.make_priority())
    factories.make_project()
    page = client_of("Viewer").get(reverse("admin:projects_project_changelist")).content.decode()
    assert re.search(r"priorities__isnull=True\"[^>]*>\s*none\s*</a>", page)


def test_the_page_of_one_app_is_today():
    assert client_of("Viewer").get("/admin/partners/").url == "/admin/"


def test_a_draft_has_no_link_to_a_public_page():
    project = factories.make_project()
    response = client_of("").get(f"/admin/r/1/{project.pk}/")
    assert response.status_code == 404


LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
    if model._meta.model_name != "group"
]


def make_row():
    """One more row of every list, with every value that the list shows."""
    number = Membership.objects.count()
    project = factories.make_public_project()
    factories.make_decision(project.call)
    project.priorities.add(factories.make_priority())
    project.topics.add(factories.make_topic())
    factories.make_membership(chr(65 + number // 26) + chr(65 + number % 26))
    factories.make_assessment(project, make_account("Editor"))
    factories.make_change_set()
    record_event(Kind.IMPORT, None)


def test_each_list_costs_the_same_for_two_rows_and_for_thirty():
    client = client_of("superuser")
    costs = {url: set() for url in LISTS}
    for rows in [2, 30]:
        while Membership.objects.count() < rows:
            make_row()
        for url in LISTS:
            ContentType.objects.clear_cache()
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url, {"all": ""}).status_code == 200
            costs[url].add(len(queries))
    assert {url: numbers for url, numbers in costs.items() if len(numbers) > 1} == {}
    assert LeadPartner.objects.count() == Membership.objects.count() == 30


# An assessment has pages of its own, and memberships of countries are rows of another form.
OTHERS = [Assessment, Membership]


@pytest.mark.parametrize("model", [one for one in admin.site._registry if one not in OTHERS])
def test_every_relation_to_our_records_is_chosen_by_typing(model):
    ours = admin.site._registry[model]
    relations = {
        field.name
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and field.related_model._meta.app_label in ["partners", "projects"]
    }
    assert relations <= set(ours.autocomplete_fields)
    for inline in ours.inlines:
        fields = {
            field.name
            for field in inline.model._meta.get_fields()
            if field.concrete and field.is_relation and field.related_model != model
        }
        shown = {name for name in fields if str(inline.fieldsets).find(f"'{name}'") > 0}
        assert shown <= set(inline.autocomplete_fields)
