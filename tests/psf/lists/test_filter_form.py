"""The form of a list's filters: drawn once, and each time as if it were drawn anew."""

import pytest
from crispy_forms.utils import render_crispy_form
from django.http import QueryDict
from django.utils.html import format_html

from partners.pages.filters import PartnerFilter
from projects.models import Call, Listing, Project
from projects.pages.filters import CallFilter, ProjectFilter
from psf.lists.facets import Facets
from psf.lists.filter_form import PLACE
from tests.support.factories import make_partner, make_partnership, make_public_project

pytestmark = pytest.mark.django_db

ROWS = {ProjectFilter: Listing, PartnerFilter: Project, CallFilter: Call}


def filters(kind, query):
    return kind(QueryDict(query), ROWS[kind].objects.all())


def html(number):
    return format_html("<p>{}{}</p>", number, PLACE)


@pytest.mark.parametrize(
    ("kind", "queries"),
    [
        (ProjectFilter, ["", "sort=title", "q=", "q=&sort=oldest", "q=%20", "sort=newest"]),
        (ProjectFilter, ["q=sea", f"q={PLACE}{PLACE}", "q=<%22'%26>", "q=a&sort=best", "q=a&q=b"]),
        (ProjectFilter, ["q=sea&country=zz", "q=sea", "country=zz", "q=b&sort=no"]),
        (PartnerFilter, ["q=sea", "q=%22&sort=projects", "kind=no&q=a"]),
        (CallFilter, ["", "q=sea", "phase=no", "phase=open"]),
    ],
)
def test_a_form_is_what_crispy_forms_draws_of_it_alone(kind, queries):
    """Whatever was drawn before with the same class of forms."""
    made = filters(kind, queries[0]).new_form_class()
    for number, query in enumerate([*queries, *queries]):
        form = made(QueryDict(query))
        form.facets = Facets(filters(kind, query).facets().each, html(number))
        assert form.drawn() == render_crispy_form(form), query


def test_what_no_text_or_order_changes_is_drawn_once():
    made = filters(ProjectFilter, "q=a").new_form_class()
    for query in ["q=sea", "q=water", "q=ice&sort=title", "q=snow&sort=title", "q=no&sort=no"]:
        made(QueryDict(query)).drawn()
    assert len(made.known) == 2


@pytest.mark.django_db(transaction=True)
def test_lists_have_the_same_class_of_forms_while_their_choices_are_the_same():
    def form_class(query):
        return type(filters(ProjectFilter, query).form)

    partner = make_partnership(make_public_project(), make_partner()).partner
    known = form_class("")
    assert form_class("country=zz&sort=title") is known
    best = form_class("q=sea")
    assert best is not known
    assert best is form_class("q=ice&country=lv") is form_class("sort=best")
    [one, other] = [form_class(f"partner={partner.slug}") for _time in range(2)]
    assert one is not other
    assert form_class("partner=nobody") is known

    make_public_project()
    assert form_class("") is not known


def test_facets_stand_in_their_form_as_they_were_drawn():
    make_public_project()
    listed = filters(ProjectFilter, "")
    listed.form.facets = facets = listed.facets()
    assert "facet__link" in facets.html
    assert facets.html in listed.form.drawn()


def test_forms_share_their_fields():
    made = filters(ProjectFilter, "").new_form_class()
    assert made(QueryDict()).fields is made(QueryDict("q=sea")).fields
