"""The form of a list's filters, of which crispy-forms draws once what many pages share."""

from typing import Any, cast

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import render_crispy_form
from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from psf.lists.facets import Facets

TEXT = "q"
# Stands for what each page puts into a form that was drawn before. Nobody's words have it.
PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"


class Fields(dict[str, Any]):
    """The fields of a class of forms. Nobody changes them, so its forms share them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Fields":
        return self


class FacetLinks(LayoutObject):
    """Facets in the form of their list: links, and what keeps a choice when the form is sent."""

    def __init__(self, facets: Facets) -> None:
        self.html = facets.html
        self.fields: list[Any] = []

    def render(self, form: Any, context: Any, template_pack: str = "", **kwargs: Any) -> str:
        return self.html


class FilterForm(forms.Form):
    """A form that lives in the address: no token, and a button without a name."""

    facets = Facets()
    # Forms without mistakes as they were drawn, by what is chosen in their fields.
    known: dict[Any, Markup]

    def own_fields(self) -> list[str]:
        """The fields that are no facets."""
        facets = [facet.name for facet in self.facets.each]
        return [name for name in self.fields if name not in facets]

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method = "get"
        helper.disable_csrf = True
        button = StrictButton(_("Show the list"), type="submit", css_class="button")
        fields = self.own_fields()
        # Links need no button.
        helper.layout = Layout(*fields, *([button] if fields else []), FacetLinks(self.facets))
        return helper

    def drawn(self) -> Markup:
        """The form with its facets, as crispy-forms draws it."""
        if self.errors:
            return escape(render_crispy_form(self))
        text = self.data.get(TEXT, "") if TEXT in self.fields else ""
        chosen = [self.data.get(name) for name in self.own_fields() if name != TEXT]
        key = (bool(text), *chosen)
        if key not in self.known:
            self.known[key] = self._with_places(text)
        before, _place, after = self.known[key].rpartition(PLACE)
        return before.replace(PLACE, text) + self.facets.html + after

    def _with_places(self, text: str) -> Markup:
        data = cast(QueryDict, self.data).copy()
        data[TEXT] = text and PLACE
        form = type(self)(data)
        form.facets = Facets(self.facets.each, SafeString(PLACE))
        return escape(render_crispy_form(form))


def sharing(made: type[FilterForm]) -> type[FilterForm]:
    """A class of forms that share their fields and what was drawn of them."""
    made.base_fields = Fields(made.base_fields)
    made.known = {}
    return made
