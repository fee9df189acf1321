"""A form of the admin is validated once and written once or twice; what is written stays exact."""

import ast
from pathlib import Path
from unittest.mock import patch

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.urls import reverse

from projects.admin.forms import ProjectForm
from projects.admin.partners import PartnershipFormSet
from projects.admin.projects import ProjectAdmin
from projects.models import Project, Topic
from psf.staff.edit_conflicts import changes_after
from psf.staff.record_admin import RecordAdmin
from tests.support import factories
from tests.support.accounts import client_of, filled_in, form_data, make_account, new_row, url_of

pytestmark = pytest.mark.django_db

APPS = ["psf", "partners", "projects"]
HOOKS_THAT_RUN_TWICE = ["save_form", "save_model", "save_related", "save_formset"]


@pytest.fixture
def boss():
    return client_of("superuser")


def counted(owner, name):
    """Counts the calls of a method, which still runs."""
    return patch.object(owner, name, autospec=True, side_effect=getattr(owner, name))


def test_a_save_that_is_written_twice_deletes_and_adds_each_row_once(boss):
    """Readers see nothing of the rows, so the preview is rolled back and the save runs again."""
    project = factories.make_public_project()
    gone, kept = (factories.make_contact(project, name=name) for name in ["Gone", "Kept"])
    row = new_row("contacts", 2, name="New", purpose="questions", keep_until="1/1/2099")
    data = filled_in(boss, url_of(project), requested_eur="500", **row)
    data |= {"contacts-0-DELETE": "on", "contacts-1-telephone": "+371 1"}
    assert data["contacts-0-id"] == [str(gone.pk)]
    with (
        counted(ProjectAdmin, "save_model") as writes,
        counted(ProjectForm, "clean") as forms,
        counted(PartnershipFormSet, "clean") as rows,
    ):
        assert boss.post(url_of(project), data).status_code == 302
    assert (writes.call_count, forms.call_count, rows.call_count) == (2, 1, 1)
    assert list(project.contacts.order_by("pk").values_list("name", "telephone")) == [
        (kept.name, "+371 1"),
        ("New", ""),
    ]
    project.refresh_from_db()
    assert (project.requested_eur, project.version) == (500, 1)


def test_a_page_that_asks_shows_the_typed_rows_with_their_stored_keys(boss):
    project = factories.make_public_project()
    row = factories.make_partnership(project, factories.make_partner())
    added = new_row("partnerships", 2, country="SE", role="partner", position=3)
    data = filled_in(boss, url_of(project), **added) | {"partnerships-1-DELETE": "on"}
    factories.make_country("SE")
    asked = form_data(boss.post(url_of(project), data))
    assert f'"partnerships {row.pk}"' in asked["base"][0]  # of a row that is to be deleted
    assert asked["partnerships-1-DELETE"] == ["on"]
    assert asked["partnerships-2-id"] == [""]
    assert boss.post(url_of(project), asked).status_code == 302
    assert [part.country_id for part in project.partnerships.exclude(role="lead")] == ["SE"]


def test_hooks_that_may_run_twice_send_no_message():
    """Sentences about a saved record come from `saved_warnings()`."""
    for path in [path for app in APPS for path in Path(app).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name in HOOKS_THAT_RUN_TWICE:
                names = {getattr(part, "attr", getattr(part, "id", "")) for part in ast.walk(node)}
                assert not names & {"message_user", "messages"}, (path, node.lineno)


REFUSED = {
    "project": (factories.make_project, {"title": ""}),
    "country": (lambda: factories.make_membership().country, {"memberships-0-status": ""}),
    "account": (lambda: make_account("Viewer"), {"username": ""}),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_form_has_the_context_of_an_opened_form(kind, boss):
    make, changes = REFUSED[kind]
    url = url_of(make())
    opened = boss.get(url)
    refused = boss.post(url, form_data(opened, **changes))
    assert refused.context["errors"]
    assert keys_of(refused) == keys_of(opened)


def test_a_refused_form_of_a_new_record_has_the_context_of_an_opened_form(boss):
    url = reverse("admin:projects_project_add")
    opened = boss.get(url)
    refused = boss.post(url, form_data(opened))
    assert refused.context["errors"]
    assert keys_of(refused) == keys_of(opened)


def keys_of(response):
    """The keys of the context, without those of actions, which Django 6.1 adds to opened forms."""
    return {*response.context_data} - {"action_form", "action_checkbox_name", "source_model"}


def test_the_answer_for_a_popup_names_no_other_field(boss):
    url = url_of(factories.make_topic())
    assert boss.post(f"{url}?_to_field=name", filled_in(boss, url)).status_code == 400


def test_a_form_does_not_save_a_copy(boss):
    topic = factories.make_topic()
    url = url_of(topic)
    response = boss.post(url, filled_in(boss, url, name="Ports", _saveasnew="1"))
    assert response.status_code == 302
    assert [row.name for row in Topic.objects.all()] == ["Ports"]
    assert len(list(get_messages(response.wsgi_request))) == 1


def test_rows_of_a_part_that_one_may_only_see_stay_as_they_are(boss):
    """Names of countries: their rows send no keys, and nothing that is sent changes them."""
    country = factories.make_membership().country
    name = country.names.create(text="Lettonia", language="la")
    data = filled_in(boss, url_of(country), **{"memberships-0-source": "A page."})
    data |= {"names-TOTAL_FORMS": "1", "names-INITIAL_FORMS": "1", "names-0-text": "Changed"}
    assert boss.post(url_of(country), data).status_code in [200, 302]
    name.refresh_from_db()
    assert name.text == "Lettonia"


def test_a_record_without_a_permission_of_its_own_is_not_saved():
    """An administrator may change accounts, but not that of a superuser."""
    superuser = make_account("superuser")
    response = client_of("Administrator").post(url_of(superuser), {"username": "x"})
    assert response.status_code == 403


def test_nobody_adds_a_record_without_the_permission():
    response = client_of("Viewer").post(reverse("admin:projects_project_add"), {"title": "x"})
    assert response.status_code == 403
    assert not Project.objects.exists()


def test_staff_pages_have_few_ancestors_of_ours():
    for model, record_admin in admin.site._registry.items():
        ancestors = ours(type(record_admin))[1:]
        assert len(ancestors) <= 3, (model, ancestors)
        pages = record_admin.all_pages() if isinstance(record_admin, RecordAdmin) else []
        for page in pages:
            assert len(ours(page)) <= 4, (page, ours(page))


def ours(kind):
    return [base for base in kind.__mro__ if base.__module__.partition(".")[0] in APPS]


def test_an_entry_that_is_no_number_names_no_changes(boss):
    """A form carries the number of the last change that it showed. Anybody can type another."""
    topic, account = factories.make_topic(), make_account("Editor")
    assert changes_after("9999999999999999999x", Topic, topic.pk, account) == []


@pytest.mark.parametrize("day", ["31/10/2027", "28/03/2027"])
def test_an_hour_that_comes_twice_or_never_is_refused_in_our_words(boss, day):
    url = url_of(factories.make_call(time_zone="Europe/Stockholm"))
    response = boss.post(url, filled_in(boss, url, opens_at_0=day, opens_at_1="02:30"))
    assert "The clocks change then: this time comes twice, or not at all." in response.text


def test_a_form_has_a_link_to_its_fields(boss):
    page = boss.get(url_of(factories.make_topic())).text
    link = page.index('href="#fields"')
    assert page.index("skip-to-content-link") < link < page.index('id="site-name"')
    assert link < page.index('id="fields"') < page.index('id="id_name"')
