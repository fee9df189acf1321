"""Templates that are never filled in: which code an address answers is known before that."""

from typing import Any

from django.template.backends.base import BaseEngine


class BlankTemplates(BaseEngine):
    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__({"NAME": "blank", "DIRS": [], "APP_DIRS": False})

    def get_template(self, template_name: str) -> "Blank":
        return Blank()


class Blank:
    def render(self, context: Any = None, request: Any = None) -> str:
        return ""


BLANK = [
    {"BACKEND": "tests.security.blank.BlankTemplates"},
    # The layout of the filter form needs an engine of Django.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "django"},
]
