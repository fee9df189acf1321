"""Forms of readers, which crispy-forms lays out. Their values become parameters of an address."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.functional import Promise, cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class PublicForm(forms.Form):
    """A form that leads to `action`, by default the address of the page."""

    action = ""
    attributes: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def layout(self) -> list[object]:
        """The fields and buttons as the page shows them."""

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method, helper.form_action = "get", self.action
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
        return _("The filter “%(name)s” is wrong: %(error)s") % {"name": name, "error": errors[0]}


def submit_button(label: str | Promise) -> StrictButton:
    """A button without a name, which stays out of the address."""
    return StrictButton(label, type="submit", css_class="button")


def checkboxes(
    label: "StrPromise", choices: Iterable[tuple[str, "str | StrPromise"]] = ()
) -> forms.MultipleChoiceField:
    """Any number of choices, none of them needed."""
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=widget)
