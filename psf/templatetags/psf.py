"""Template filters and tags of staff pages that public pages have too."""

from typing import Any

from django import template
from django.contrib.admin.helpers import Fieldset, InlineAdminFormSet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from psf.database.fields import is_amount
from psf.text.numbers_and_amounts import eur, number
from psf.text.phrases import permanent_address

register = template.Library()
register.filter(eur)
register.filter(number)
register.simple_tag(permanent_address)


@register.simple_tag
def fieldset(part: Fieldset) -> SafeString:
    """Return the HTML of a fieldset of a staff form."""
    values = {"fieldset": part, "optional": gettext("optional"), "value_of": value_of}
    return SafeString(render_to_string("_fieldset.html", values))


def value_of(part: Any) -> str:
    """What a field that can only be read shows. An amount is in groups of digits: 65 000.50."""
    record, name = part.form.instance, part.field["name"]
    amounts = [field.attname for field in record._meta.fields if is_amount(field)]
    value = getattr(record, name) if name in amounts else None
    return part.contents() if value is None else number(value)


def label_of(part: Any) -> str:
    """The label of a field, or of a value that can only be read."""
    return capfirst(str(part.field["label"] if part.is_readonly else part.field.label))


@register.simple_tag
def rows(formset: InlineAdminFormSet) -> SafeString:
    """Return the HTML of the rows of a record in its staff form."""
    inline = formset.opts
    is_one = formset.formset.max_num == 1
    name = capfirst(str(inline.verbose_name))
    table_rows, new = inline.table(formset)
    shape = new or (table_rows[0] if table_rows else None)
    words = {
        "add": gettext("Add another %(name)s") % {"name": inline.verbose_name},
        "handle": gettext("Move up, or move with the arrow keys, or remove with Delete"),
        "more": gettext("More"),
        "position": gettext("Position"),
        "remove": gettext("Remove"),
    }
    values = {
        "prefix": formset.formset.prefix,
        "formset": formset.formset,
        "inline": inline,
        "heading": name if is_one else capfirst(str(inline.verbose_name_plural)),
        "rows": table_rows,
        "new": new,
        "value_of": value_of,
        "labels": [label_of(part) for part in shape.cells] if shape else [],
        "has_order": bool(shape and shape.position),
        "can_delete": bool(shape and shape.delete),
        "is_new": formset.formset.instance.pk is None and inline.more,
        "may_edit": formset.has_add_permission or formset.has_change_permission,
        "words": words,
        "no_rows": gettext("none"),
    }
    return SafeString(render_to_string("_rows.html", values))
