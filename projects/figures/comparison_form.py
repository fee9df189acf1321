"""The forms that offer countries and calls for a comparison. Lists offer the projects."""

from crispy_forms.layout import Field
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.figures.comparison import public_choices
from psf.lists.public_form import PublicForm, checkboxes, submit_button

LABELS = {"country": _("Countries"), "call": _("Calls")}
BUTTONS = {"country": _("Compare selected countries"), "call": _("Compare selected calls")}


class ComparisonForm(PublicForm):
    """The records of one kind. Those in the address are selected already."""

    attributes = {"class": "section__body"}

    def __init__(self, kind: str, slugs: list[str]) -> None:
        super().__init__(initial={kind: slugs})
        self.kind, self.action = kind, reverse("figures:compare")
        self.fields[kind] = checkboxes(LABELS[kind], public_choices(kind))
        self.helper.form_show_labels = False

    def layout(self) -> list[object]:
        return [Field(self.kind, wrapper_class="choices"), submit_button(BUTTONS[self.kind])]


def comparison_forms(kind: str, slugs: list[str]) -> dict[str, str]:
    """The HTML of the form of each kind; "" with fewer than two records, or for another kind."""
    return {
        name: ComparisonForm(name, slugs if name == kind else []).html()
        if kind in ("", name) and len(public_choices(name)) > 1
        else ""
        for name in LABELS
    }
