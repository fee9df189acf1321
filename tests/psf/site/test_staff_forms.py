"""The HTML of staff forms: their texts, rows and help texts."""

import pytest
from django.template.loader import render_to_string

from projects.models import Call, Project
from tests.support.accounts import client_of
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


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
