"""Forms of readers, which crispy-forms lays out."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string
from django.utils.functional import Promise, cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from psf.lists.facets import Facet

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class PublicForm(forms.Form):
    """A form that leads to `action`, by default the address of the page.

    Unless its method is "post", its values become parameters of the address."""

    action, method = "", "get"
    attributes: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def layout(self) -> list[object]:
        """The fields and buttons as the page shows them."""

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method, helper.form_action = self.method, self.action
        helper.disable_csrf = True
        helper.attrs = self.attributes
        helper.layout = Layout(*self.layout())
        return helper

    def html(self) -> SafeString:
        html: SafeString = render_crispy_form(self)
        return html

    def error_sentence(self) -> str:
        """A sentence about the first wrong filter; "" if all values are valid."""
        if self.is_valid():
            return ""
        [(name, errors), *_others] = self.errors.items()
        return gettext("The filter “%(name)s” is wrong: %(error)s") % {
            "name": name,
            "error": errors[0],
        }


def submit_button(label: str | Promise) -> StrictButton:
    """A button without a name, which stays out of the address."""
    return StrictButton(label, type="submit", css_class="button")


def checkboxes(
    label: "StrPromise", choices: Iterable[tuple[str, "str | StrPromise"]] = ()
) -> forms.MultipleChoiceField:
    """Any number of choices, none of them needed."""
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=widget)


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
    return render_to_string("forms/field_messages.html", {"field": field})


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
