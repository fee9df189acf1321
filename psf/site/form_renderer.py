"""Renders form fields with Jinja, which is twice as fast as Django's engine."""

from functools import cached_property
from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2


class FormRenderer(DjangoTemplates):
    """Django's own field templates in their Jinja version.

    Templates of the admin and of this project exist for Django's engine only.
    """

    @cached_property
    def jinja(self) -> Any:
        return Jinja2().engine

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("django/forms/"):
            return self.jinja.get_template(template_name)
        return super().get_template(template_name)
