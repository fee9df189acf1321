"""The form of a list's filters, which crispy-forms lays out."""

from collections.abc import Sequence
from typing import NamedTuple

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from psf.lists.facets import Facet
from psf.lists.public_form import PublicForm, submit_button


class FacetLinks:
    """The facets in the layout, after their selected values as hidden fields.

    A hidden field of crispy-forms would read its value, which a reader sends, as a template.
    """

    def render(self, form: "FilterForm", *args: object, **kwargs: object) -> SafeString:
        context = {"facets": form.facets, "form": form, "errors_html": _errors_html}
        chosen = [(facet.name, value) for facet in form.facets for value in facet.chosen]
        hidden = [forms.HiddenInput().render(name, value) for name, value in chosen]
        return SafeString("".join([*hidden, render_to_string("_facets.html", context)]))


def _errors_html(field: forms.BoundField) -> str:
    return render_to_string("forms/field_messages.html", {"field": field, "show_errors": True})


class FilterForm(PublicForm):
    """The filters of a list: fields with a button, and facets as links."""

    facets: Sequence[Facet] = ()

    def layout(self) -> list[object]:
        left_out = {facet.name for facet in self.facets}
        # A wrong value that nobody sees would be sent again with every search.
        left_out |= {field.name for field in self.hidden_fields() if field.errors}
        fields: list[object] = [name for name in self.fields if name not in left_out]
        if fields:
            fields.append(submit_button(_("Search")))
        return [*fields, FacetLinks()]


class RenderedForm(NamedTuple):
    """The facets of a list, and the HTML of the form with these facets."""

    facets: Sequence[Facet]
    html: SafeString


def render_form(form: FilterForm, facets: Sequence[Facet]) -> RenderedForm:
    form.facets = facets
    return RenderedForm(facets, form.html())
