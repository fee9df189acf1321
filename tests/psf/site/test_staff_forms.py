"""A staff form has the HTML of Django's admin, so the tests show changes by an upgrade."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.test.html import parse_html

from projects.models import Call, Project
from tests.support.accounts import client_of
from tests.support.factories import make_priority, make_public_project, make_topic

pytestmark = pytest.mark.django_db

STOCK = Path(admin.__file__).parent / "templates"


@pytest.fixture
def stock():
    engine = DjangoTemplates({"NAME": "stock", "DIRS": [STOCK], "APP_DIRS": False, "OPTIONS": {}})
    return engine.get_template("admin/includes/fieldset.html")


def forms_of(model, record, data):
    client = client_of("superuser")
    app, name = model._meta.app_label, model._meta.model_name
    for address in [f"/admin/{app}/{name}/add/", f"/admin/{app}/{name}/{record.pk}/change/"]:
        yield client.get(address).context["adminform"]
        yield client.post(address, data).context["adminform"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("model", [Call, Project], ids=["call", "project"])
def test_fieldsets_equal_those_of_django(stock, model):
    project = make_public_project()
    project.topics.add(make_topic())
    project.priorities.add(make_priority())
    record = project if model is Project else project.call
    compared = 0
    for form in forms_of(model, record, {"title": "", "summary": "A <b> & c"}):
        for number, fieldset in enumerate(form):
            context = {"fieldset": fieldset, "heading_level": 2, "prefix": "fieldset"}
            context |= {"id_prefix": 0, "id_suffix": number}
            ours = render_to_string("admin/includes/fieldset.html", context)
            assert parse_html(ours) == parse_html(stock.render(context))
            compared += 1
    assert compared >= 12


@pytest.mark.parametrize("model", [Call, Project], ids=["call", "project"])
def test_a_text_that_is_too_long_is_refused_and_not_cut_by_the_browser(model):
    address = f"/admin/projects/{model._meta.model_name}/add/"
    response = client_of("superuser").post(address, {"title": "long " * 100})
    errors = response.context["adminform"].form.errors["title"]
    assert "at most" in str(errors)
    assert b"maxlength" not in response.content


def test_rows_that_nobody_may_change_have_no_help_texts():
    project = make_public_project()
    page = client_of("Viewer").get(f"/admin/projects/project/{project.pk}/change/").text
    partners, sources = (
        page.partition(f'id="{name}-heading"')[2].partition("</fieldset>")[0]
        for name in ["partnerships", "sources"]
    )
    assert "Order in the published list" not in partners.partition("inline-related")[0]
    assert "<p>none</p>" in sources and "Publisher and title" not in sources


def test_help_texts_stand_once_above_the_rows():
    project = make_public_project()
    response = client_of("superuser").get(f"/admin/projects/project/{project.pk}/change/")
    rows = response.context["inline_admin_formsets"][0]
    page = render_to_string("admin/edit_inline/rows.html", {"inline_admin_formset": rows})
    hints = [key for key, _label, _hint in rows.formset.hints]
    assert "partnerships-country-hint" in hints
    for key in hints:
        assert page.count(f'id="{key}"') == 1
        assert page.count(f'aria-describedby="{key}"') == 2  # of the row and of the empty row
    assert "_helptext" not in page
    lead = project.partnerships.get()
    assert (
        f'<span class="inline_label">{lead.partner or lead.country} · lead partner</span>' in page
    )
    assert 'id="partnerships-0"' in page
    assert 'empty-form last-related" id="partnerships-empty"' in page
