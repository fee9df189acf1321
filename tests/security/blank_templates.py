"""Templates that render nothing: the status of an answer does not depend on its content."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import uni_form_template
from crispy_forms.templatetags.crispy_forms_tags import whole_uni_form_template
from crispy_forms.utils import default_field_template
from django.template.backends.base import BaseEngine
from django.test import override_settings


class BlankTemplates(BaseEngine):
    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__({"NAME": "blank", "DIRS": [], "APP_DIRS": False})

    def get_template(self, template_name: str) -> "Blank":
        return Blank()


class Blank:
    def render(self, context: Any = None, request: Any = None) -> str:
        return "<main></main>"  # the Markdown of a page is read from it


BLANK = [
    {"BACKEND": "tests.security.blank_templates.BlankTemplates"},
    # The layout of the filter form needs an engine of Django.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "django"},
]

# Remembered by the process, so a test after this one would get them.
REMEMBERED = [default_field_template, uni_form_template, whole_uni_form_template]


@contextmanager
def blank_templates() -> Iterator[None]:
    """Fill in no template."""
    try:
        with override_settings(TEMPLATES=BLANK):
            yield
    finally:
        for remembered in REMEMBERED:
            remembered.cache_clear()
