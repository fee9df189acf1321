"""The filter form of a list: fields, button and facets."""

import re

import pytest
from django.http import QueryDict

from partners.pages.filters import PartnerFilterSet
from projects.pages.filters import ProjectFilterSet
from psf.lists.facets import Facet
from psf.lists.public_form import FilterForm
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


def rendered(kind, query):
    return kind(QueryDict(query)).form_with_facets().html()


def test_form_sends_its_fields_in_the_address():
    form = rendered(ProjectFilterSet, "q=sea")
    assert re.search(r'<form\s+method="get">', form)
    assert "csrfmiddlewaretoken" not in form
    assert re.findall(r'<(?:input|select)[^>]* name="(\w+)"', form) == ["q", "sort"]
    assert re.search(r'<button[^>]*type="submit"[^>]*>Search</button>', form)


def test_every_field_has_a_label():
    form = rendered(ProjectFilterSet, "q=sea")
    ids = re.findall(r'<(?:input|select)[^>]* id="(\w+)"', form)
    assert ids == re.findall(r'<label[^>]* for="(\w+)"', form) == ["id_q", "id_sort"]


def test_orders_follow_the_words_sort_by():
    assert ">title</option>" in rendered(ProjectFilterSet, "")
    assert ">name</option>" in rendered(PartnerFilterSet, "")


def test_typed_text_stays_and_is_escaped():
    assert 'value="&lt;%22&#x27;{{ x }}"' in rendered(PartnerFilterSet, "q=<%2522'{{ x }}")


def test_facets_are_links_and_never_parsed_as_a_template():
    make_public_project(title="{{ 1 }}")
    form = rendered(ProjectFilterSet, "")
    assert 'class="facet__link"' in form
    assert "form.facets" not in form


def test_selected_values_are_sent_again_and_never_parsed_as_a_template():
    facet = Facet("country", "Country", ["lv", '{{ 7|add:70 }}"'], [], [])
    form = FilterForm()
    form.facets = [facet]
    form = form.html()
    sent = re.findall(r'<input type="hidden" name="country" value="([^"]*)"', form)
    assert sent == ["lv", "{{ 7|add:70 }}&quot;"]


def test_unknown_value_of_a_hidden_filter_has_no_link_and_is_not_sent_again():
    form = rendered(ProjectFilterSet, "partner=zz")
    assert "<li>Partner: “zz” is not in this list.</li>" in form
    assert 'value="zz"' not in form


def test_a_filter_form_follows_the_records():
    project = make_public_project(title="Sea")
    project.call.title = "Another call"
    project.call.save()
    assert "Another call" in (renamed := rendered(ProjectFilterSet, "sort=title"))
    make_public_project(call=project.call)
    assert rendered(ProjectFilterSet, "sort=title") != renamed
