"""The template engine of public pages for tests: strict, and with the context in responses."""

from typing import Any

from django.template import engines
from django.template.backends import jinja2 as backend
from django.test.signals import template_rendered
from jinja2 import StrictUndefined

from psf.site.template_engine import environment


def component(name: str) -> Any:
    """The components of one file: `component("_charts.html").table(table)`."""
    readers: Any = engines.all()[0]
    return readers.env.get_template(name).module


def strict_environment(**options):
    """A name that a template asks for and is not given is an error; nothing is compiled ahead."""
    made = environment(**options)
    made.bytecode_cache = None
    made.undefined = StrictUndefined
    return made


class Template(backend.Template):
    def render(self, context=None, request=None):
        """As Django's own engine does in tests, so that `response.context` is known."""
        template_rendered.send(sender=self, template=self.template, context={**(context or {})})
        return super().render(context, request)


class TellingJinja2(backend.Jinja2):
    def get_template(self, template_name):
        return Template(super().get_template(template_name).template, self)
