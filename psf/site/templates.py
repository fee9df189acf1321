"""The engine of readers' pages, whose templates are Jinja's; those of staff are Django's."""

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat, linebreaks_filter
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import override as in_language
from jinja2 import ChainableUndefined, Environment, Template, nodes
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape

from projects import amounts as money
from projects.figures.neighbours import neighbours_of
from projects.pages import labels
from psf.compiled import Compiled
from psf.text import languages
from psf.text import phrases as words
from psf.text.dates import Precision, describe
from psf.text.numbers import number


class Translated(NodeTransformer):
    """Puts the translation in the place of each message that is said without values."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_"), args=[nodes.Const(value=message)], kwargs=[]
            ):
                with in_language(settings.LANGUAGE_CODE):
                    return nodes.Const(Markup(gettext(message)), lineno=node.lineno)
        return node


class PlainCalls(Context):
    """What templates call is called as it is. Jinja looks each time whether it wants the context.

    Nothing that readers' templates are given does.
    """

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return called(*args, **kwargs)


class Page(Template):
    """A template whose components are the same for every page that imports them.

    Jinja compares the globals of both each time, in case a page had more of them: none has.
    """

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return super()._get_default_module()


class Pages(Environment):
    """Readers' pages have one language, so most of their words are known when they are compiled.

    What templates say is escaped by `escaped()`, which they import last.
    """

    context_class = PlainCalls
    template_class = Page

    def _parse(self, *args: Any) -> nodes.Template:
        return Translated().visit(super()._parse(*args))

    def _generate(self, *args: Any, **kwargs: Any) -> str:
        program = super()._generate(*args, **kwargs)
        return f"{program}\nfrom {__name__} import {escaped.__name__} as escape\n"


def escaped(value: Any) -> str:
    """What markupsafe's `escape()` gives, but plain text: a template only joins it with other."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


def environment(**options: Any) -> Environment:
    """What Django's engine is built of.

    A name that a template asks for and is not given reads as nothing: no reader gets an error
    for a word that is missing. In the tests it is an error.
    """
    choices = {"undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Pages(**options | choices)
    made.bytecode_cache = Compiled(str(settings.COMPILED_TEMPLATES))
    made.globals |= FUNCTIONS
    made.filters |= FILTERS
    return made


def in_words(message: str, **values: Any) -> Markup:
    """A message of a template in the language of the site; its values are escaped."""
    words = _translated(message)
    return words % values if values else words


def number_in_words(one: str, many: str, num: int, **values: Any) -> Markup:
    """The message for that number, which it names `num`."""
    return _of_number(one, many, num) % {"num": number(num), **values}


@lru_cache(maxsize=500)
def _of_number(one: str, many: str, num: int) -> Markup:
    return Markup(ngettext(one, many, num))


@cache
def _translated(message: str) -> Markup:
    """A page asks for the same few words again and again."""
    return Markup(gettext(message))


@lru_cache(maxsize=500)
def url(name: str, *args: str) -> str:
    """The address of a view, of which a page names the same few again and again."""
    return reverse(name, args=args)


def day(moment: date | datetime) -> str:
    """A day, or the day of a moment where the site is: "3 June 2019"."""
    return describe(localtime(moment) if isinstance(moment, datetime) else moment, Precision.DAY)


def capitalised(words: Any) -> str:
    """With a capital at the start. Words that are translated late are translated once, now."""
    return capfirst(str(words))


FUNCTIONS = {
    "_": in_words,
    "amount_of": money.of_project,
    "ngettext": number_in_words,
    "neighbours_of": neighbours_of,
    "permanent_address": words.permanent_address,
    "static": cache(static),  # the names of files stay while a process runs
    "url": url,
}
FILTERS = {
    "by_source": labels.by_source,
    "capfirst": capitalised,
    "choice_label": words.choice_label,
    "day": day,
    "eur": money.eur,
    "filesizeformat": filesizeformat,
    "foreign_language": languages.foreign_language,
    "language_name": languages.language_name,
    "linebreaks": linebreaks_filter,
    "join_names": words.join_names,
    "number": number,
    "period": words.period,
    "status_label": labels.status_label,
}
