"""The HTML of staff forms: their texts, rows and help texts."""

import re

import pytest
from django.template.loader import render_to_string

from projects.models import Call, Project
from tests.support.accounts import client_of
from tests.support.factories import make_country, make_project, make_public_project

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Call, Project], ids=["call", "project"])
def test_a_text_that_is_too_long_is_refused_and_not_cut_by_the_browser(model):
    address = f"/admin/projects/{model._meta.model_name}/add/"
    response = client_of("superuser").post(address, {"title": "long " * 100})
    errors = response.context["adminform"].form.errors["title"]
    assert "at most" in str(errors)
    assert b"maxlength" not in response.content


def test_rows_that_nobody_may_change_have_no_fields_and_no_help_texts():
    project = make_public_project()
    page = client_of("Viewer").get(f"/admin/projects/project/{project.pk}/change/").text
    partners, sources = (
        page.partition(f'id="{name}-group"')[2].partition("</section>")[0]
        for name in ["partnerships", "sources"]
    )
    assert str(project.partnerships.get().partner) in partners
    assert "<select" not in partners and "Any name" not in partners and "<template" not in partners
    assert "none" in sources and "Publisher and title" not in sources


def test_rows_are_a_table_with_three_empty_rows_and_one_to_copy():
    project = make_public_project()
    response = client_of("superuser").get(f"/admin/projects/project/{project.pk}/change/")
    rows = response.context["inline_admin_formsets"][0]
    page = render_to_string("admin/edit_inline/rows.html", {"inline_admin_formset": rows})
    hints = [key for key, _label, _hint in rows.formset.hints]
    assert "partnerships-country-hint" in hints
    for key in hints:
        assert page.count(f'id="{key}"') == 1
        assert page.count(f'aria-describedby="{key}"') == 5  # the stored row, too
    assert page.count(" data-empty>") == 4  # and the one to copy
    assert page.count("<tr id=") == 5
    assert 'id="partnerships-0"' in page and 'id="partnerships-__prefix__"' in page
    positions = re.findall(r'name="partnerships-\d-position" value="(\d)"', page)
    assert positions == ["1", "2", "3", "4"]


def test_a_folded_section_says_what_is_inside():
    facts = {"description": "word " * 12, "website": "https://example.org", "led_by_cbss": True}
    project = make_project(**facts)
    project.activity_countries.add(make_country("LV"))
    page = client_of("superuser").get(f"/admin/projects/project/{project.pk}/change/")
    said = {part.key: part.summary.sentence for part in page.context["sections"]}
    assert said["more-facts"] == (
        "Description of 12 words; places of activity: 1; website: https://example.org; "
        "language of the title: en; led by the secretariat of the CBSS"
    )
    assert said["internal"].startswith("Empty")
    assert said["rules-and-evidence"] == "The call has no rules."
    empty = page.text.partition('id="sources-group"')[2]
    assert "none" not in empty.partition("</table>")[0]
