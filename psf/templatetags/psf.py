"""Template filters and tags of staff pages that public pages have too."""

from django import template
from django.contrib.admin.helpers import Fieldset, InlineAdminFormSet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from psf.text.numbers import eur, number
from psf.text.phrases import permanent_address

register = template.Library()
register.filter(eur)
register.filter(number)
register.simple_tag(permanent_address)


@register.simple_tag
def fieldset(part: Fieldset) -> SafeString:
    """Return the HTML of a fieldset of a staff form."""
    values = {"fieldset": part, "optional": gettext("optional")}
    return SafeString(render_to_string("_fieldset.html", values))


@register.simple_tag
def rows(formset: InlineAdminFormSet) -> SafeString:
    """Return the HTML of the rows of a record in its staff form."""
    inline = formset.opts
    is_one = formset.formset.max_num == 1
    heading = capfirst(str(inline.verbose_name if is_one else inline.verbose_name_plural))
    values = {"rows": formset, "inline": inline, "heading": heading, "no_rows": gettext("none")}
    values["optional"] = gettext("optional")
    return SafeString(render_to_string("_rows.html", values))
