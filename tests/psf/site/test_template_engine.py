"""The template engine of public pages, and their components."""

import re
from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils.translation import gettext_lazy
from jinja2 import UndefinedError

from projects.list_index.index import projects_of
from psf.site import template_engine as jinja
from tests.support.factories import make_partner, make_partnership, make_public_project
from tests.support.jinja import component


def drawn(template, **context):
    return jinja.environment(autoescape=True).from_string(template).render(context)


def test_text_is_escaped_and_markup_is_not():
    assert drawn("{{ name }}", name="<b>") == "&lt;b&gt;"
    assert drawn("{{ _('<b>%(name)s</b>', name=name) }}", name="<i>") == "<b>&lt;i&gt;</b>"
    assert drawn("{{ text|linebreaks }}", text="<b>\n\nx") == "<p>&lt;b&gt;</p>\n\n<p>x</p>"


def test_a_word_that_is_missing_is_left_out_for_readers_and_an_error_in_tests():
    assert drawn("{% if record.name %}never{% endif %}{{ record.name.length }}.") == "."
    with pytest.raises(UndefinedError):
        engines.all()[0].from_string("{{ record }}").render({})


def test_a_message_without_values_may_have_a_per_cent_sign():
    assert drawn("{{ _('100 % sure') }}") == "100 % sure"


@pytest.mark.parametrize(("number", "words"), [(1, "1 of <3"), (0, "0 of <3s")])
def test_a_number_chooses_its_words(number, words):
    template = "{{ ngettext('%(num)s of %(all)s', '%(num)s of %(all)ss', number, all='<3') }}"
    assert drawn(template, number=number) == words.replace("<", "&lt;")


def test_a_day_is_that_of_the_site():
    assert jinja.day(date(2019, 6, 3)) == "3 June 2019"
    assert jinja.day(datetime(2019, 6, 3, 22, 30, tzinfo=UTC)) == "4 June 2019"


def test_words_that_are_translated_late_begin_with_a_capital_too():
    assert drawn("{{ word|capfirst }}", word=gettext_lazy("lead partner")) == "Lead partner"


def row_of(project):
    row = component("_lists.html").project_rows([project])
    return " ".join(re.sub(r"<(?!bdi)[^>]*>", " ", row.replace("</bdi>", "")).split())


@pytest.mark.django_db
def test_a_row_names_the_lead_and_the_other_countries():
    project = make_public_project(lead=make_partner("Rīgas dome", name_language="lv"))
    make_partnership(project, make_partner(country="FI"))
    make_partnership(project, make_partner(country="LV"))
    [listed] = projects_of([project.pk])
    assert row_of(listed).endswith("Latvia (lead), Finland")


@pytest.mark.django_db
def test_a_row_without_a_lead_names_all_countries():
    project = make_public_project(lead=make_partner())
    project.partnerships.all().delete()
    make_partnership(project, country="FI")
    [listed] = projects_of([project.pk])
    assert row_of(listed).endswith(f"{project.title} Finland")


def test_breadcrumbs_end_on_the_page_itself():
    crumbs = component("_sections.html").breadcrumbs([("Partners", "/partners/")], "Rīga", "lv")
    assert re.findall(r'href="([^"]*)"', crumbs) == ["/", "/partners/"]
    assert '<span aria-current="page"><bdi lang="lv">Rīga</bdi></span>' in crumbs
