"""How the fields of forms become HTML: most of it by Jinja, in half the time of Django's engine."""

from functools import cached_property
from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2


class FormRenderer(DjangoTemplates):
    """Django's own templates of fields in their version for Jinja.

    Those of the admin and our own exist for Django's engine alone.
    """

    @cached_property
    def jinja(self) -> Any:
        return Jinja2().engine

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("django/forms/"):
            return self.jinja.get_template(template_name)
        return super().get_template(template_name)
