"""Forms of staff pages. crispy-forms lays them out; each says only where it differs."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, ClassVar, Generic, TypeVar, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Hidden, Layout, LayoutObject, Submit
from django import forms
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from psf.staff.widgets import check_input

Record = TypeVar("Record", bound=Model)


class Button(Submit):
    """A button that sends the form. The usual one of a page is the default."""

    field_classes = ""

    def __init__(self, label: str | Promise, name: str = "", *, is_default: bool = False) -> None:
        super().__init__(name, label, css_class="default" if is_default else None)


class PlainTextForm(forms.Form):
    """A form that checks its texts and days. Labels of required fields are bold."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            check_input(field)


class StaffForm(PlainTextForm):
    """A form with its fields in order, then its buttons.

    The page sets `version`, of what it shows, and `cancel_url`, where **Cancel** leads.
    """

    button: ClassVar[str | Promise] = ""
    form_id: ClassVar[str] = ""
    cancel_label: ClassVar[str | Promise] = gettext_lazy("Cancel")
    method: ClassVar[str] = "post"
    action = ""  # the address that receives the form, by default that of the page
    version = ""
    cancel_url = ""

    def layout(self) -> list[str | LayoutObject]:
        """The fields as the page shows them."""
        return list(self.fields)

    def buttons(self) -> list[Button]:
        return [Button(self.button, is_default=True)]

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method, helper.form_action = self.method, self.action
        helper.form_id = self.form_id
        helper.attrs = {"novalidate": True}
        if self.is_multipart():
            helper.attrs["enctype"] = "multipart/form-data"
        row: list[Button | HTML] = [*self.buttons()]
        if self.cancel_url:
            link = '<a class="closelink" href="{}">{}</a>'
            row.append(HTML(format_html(link, self.cancel_url, self.cancel_label)))
        version = [Hidden("version", self.version)] if self.version else []
        buttons = [Div(*row, css_class="submit-row")] if row else []
        helper.layout = Layout(*version, *self._legend(), *self.layout(), *buttons)
        return helper

    def _legend(self) -> list[HTML]:
        """The meaning of bold labels, if only some fields are required."""
        if len({part.field.required for part in self.visible_fields()}) < 2:
            return []
        sentence = gettext("Fields with bold labels are required.")
        return [HTML(format_html('<p class="help">{}</p>', sentence))]


class ActionForm(StaffForm, Generic[Record]):
    """An action on a record. `execute()` carries it out.

    `is_blocked` is set by the page while there are `blockers()`: the form then has no button.

    `also` are other records that the action changed, for their histories.
    """

    record: Record
    is_blocked = False
    reason_field: ClassVar[str] = "reason"  # the field whose text the history keeps

    def __init__(self, *args: Any, record: Any = None, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.user = cast(User, user)
        self.also: list[Any] = []

    def blockers(self) -> list[str]:
        """Sentences that say why the action is not possible now."""
        return []

    def buttons(self) -> list[Button]:
        return [] if self.is_blocked else super().buttons()

    def differences(self) -> list[str]:
        """Sentences about stored values that the next save of this form would replace."""
        return []

    @abstractmethod
    def execute(self) -> str:
        """Carry the action out, and return a sentence that says so.

        Only for a valid form. Raises ValidationError where the action is not possible.
        """


class PreviewedActionForm(ActionForm[Record]):
    """An action with a preview of its impact on public pages."""

    @abstractmethod
    def preview(self) -> Mapping[str, Callable[[], object]]:
        """The actions of the form by label; the label of a single action is ""."""

    def fresh(self) -> Any:
        """A copy of the record. A preview changes the copy only."""
        return copy(self.record)
