"""The Jinja engine of public pages, with the functions and filters that templates may use."""

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, linebreaks_filter
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext, ngettext
from jinja2 import ChainableUndefined, Environment
from markupsafe import Markup, escape

from projects.amounts import project_amount
from projects.open_data import links, schema_org
from projects.open_data.catalogue import dataset_data
from projects.pages.open_call import deadline_of
from projects.pages.project_detail import by_source, status_label
from psf.caching.page_cache import normalise_query
from psf.http.requests import parameters_by_address
from psf.text import phrases
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur, number, number_word

parameters = cache(parameters_by_address)


def canonical_address(request: HttpRequest) -> str:
    """The full address of the page, with only the parameters on which the page depends."""
    names = parameters().get(request.path, frozenset())
    query = normalise_query(request.GET.urlencode(), names)
    return f"{settings.SITE_URL}{request.path}{'?' if query else ''}{query}"


def environment(**options: Any) -> Environment:
    """The Jinja environment behind Django's engine.

    An undefined name renders as nothing, so that a missing word never gives readers an error
    page. In the tests an undefined name is an error.
    """
    jinja = Environment(
        **options | {"undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True},
    )
    jinja.globals |= FUNCTIONS
    jinja.filters |= FILTERS
    jinja.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return jinja


def in_words(message: str, **values: Any) -> Markup:
    """The translation of a message, with escaped values."""
    words = Markup(gettext(message))
    return words % values if values else words


def number_in_words(one: str, many: str, num: int, **values: Any) -> Markup:
    """The singular or plural message for a number, which the message calls `num`."""
    return Markup(ngettext(one, many, num)) % {"num": number(num), **values}


@lru_cache(maxsize=500)
def url(name: str, *args: str) -> str:
    """The address of a public page."""
    return reverse(name, args=args)


def day(moment: date | datetime) -> str:
    """A day, or the day of a moment in the time zone of the site, such as "3 June 2019"."""
    return describe(localtime(moment) if isinstance(moment, datetime) else moment, Precision.DAY)


def frame_code(path: str, title: str) -> str:
    """The HTML with which another site shows a page of this site in a frame."""
    address = escape(f"{settings.SITE_URL}{path}")
    size = 'width="100%" height="480" loading="lazy"'
    return f'<iframe src="{address}" title="{escape(title)}" {size}></iframe>'


def correction_mail(name: str, path: str) -> str:
    """The address of a mail about a mistake, which names the record and its page."""
    query = {"subject": f"Mistake in {name}", "body": f"{settings.SITE_URL}{path}\n\n"}
    return f"mailto:{settings.DEFAULT_FROM_EMAIL}?{urlencode(query, quote_via=quote)}"


FUNCTIONS = {
    "_": in_words,
    "about_page_data": schema_org.about_page_data,
    "amount_of": project_amount,
    "announcement_data": schema_org.announcement_data,
    "breadcrumb_data": schema_org.breadcrumb_data,
    "call_data": schema_org.call_data,
    "canonical_address": canonical_address,
    "country_data": schema_org.country_data,
    "data_links": links.data_links,
    "feed_address": links.feed_address,
    "correction_mail": correction_mail,
    "dataset_data": dataset_data,
    "deadline_of": deadline_of,
    "facility_data": schema_org.facility_data,
    "list_page_data": schema_org.list_page_data,
    "localdate": localdate,  # cached pages expire at midnight
    "ngettext": number_in_words,
    "organisation_data": schema_org.organisation_data,
    "partners_address": links.partners_address,
    "frame_code": frame_code,
    "permanent_address": phrases.permanent_address,
    "project_data": schema_org.project_data,
    "site_address": settings.SITE_URL,
    "static": cache(static),  # file names do not change while a process runs
    "url": url,
}
FILTERS = {
    "by_source": by_source,
    "capfirst": capfirst,
    "day": day,
    "eur": eur,
    "filesizeformat": filesizeformat,
    "foreign_language": phrases.foreign_language,
    "in_sentence": phrases.in_sentence,
    "language_name": phrases.language_name,
    "linebreaks": linebreaks_filter,
    "join_names": phrases.join_names,
    "number": number,
    "number_word": number_word,
    "status_label": status_label,
}
