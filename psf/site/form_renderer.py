"""Renders form fields with Jinja, which is faster than Django's engine."""

from functools import cached_property
from pathlib import Path
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.utils.translation import gettext
from jinja2 import Environment

# Besides Django's own field templates.
IN_JINJA = ["staff/fieldset.html", "staff/rows.html"]
IN_JINJA += ["admin/widgets/date.html", "admin/widgets/related_widget_wrapper.html"]


def form_environment(**options: Any) -> Environment:
    jinja = Environment(**options)
    jinja.globals |= {"static": static, "gettext": gettext}
    return jinja


class FormRenderer(DjangoTemplates):
    """The field templates of Django and of staff forms in their Jinja version.

    Other templates of the admin exist for Django's engine only.
    """

    @cached_property
    def jinja(self) -> Jinja2:
        return Jinja2(
            {
                "NAME": "fields",
                "APP_DIRS": True,
                "DIRS": [Path(forms.__file__).parent / "jinja2"],
                "OPTIONS": {"environment": "psf.site.form_renderer.form_environment"},
            }
        )

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("django/forms/") or template_name in IN_JINJA:
            return self.jinja.get_template(template_name)
        return super().get_template(template_name)
