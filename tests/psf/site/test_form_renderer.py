"""Form fields have the same HTML in both template engines."""

from datetime import date, time

import pytest
from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import Template as DjangoTemplate
from django.template.backends.jinja2 import Template as JinjaTemplate
from django.test.html import parse_html

from psf.site.form_renderer import FormRenderer

COUNTRIES = [("", "None <yet>"), ("Baltic", [("lv", "Latvia & co"), ("lt", 'the "other"')])]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.TextInput(), 'O\'Neill & "sons" <b>'),
        (forms.NumberInput(), 1234567.5),
        (forms.HiddenInput(), 0),
        (forms.URLInput(), None),
        (forms.DateInput(), date(2019, 6, 3)),
        (forms.Textarea(), "<script>\n&amp; more"),
        (forms.Select(choices=COUNTRIES), "lv"),
        (forms.SelectMultiple(choices=COUNTRIES), ["lt"]),
        (forms.CheckboxSelectMultiple(choices=COUNTRIES), ["lv"]),
        (forms.CheckboxInput(), True),
        (forms.MultipleHiddenInput(), ["lv", "lt"]),
        (forms.SplitDateTimeWidget(), None),
        (forms.TimeInput(), time(12, 30)),
        (forms.ClearableFileInput(), None),
        (AdminDateWidget(), date(2019, 6, 3)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_field_reads_as_django_itself_would_have_it(widget, value):
    attrs = {"id": "id_x", "required": True, "disabled": False, "aria-label": 'a "b" <c>'}
    ours, djangos = (
        parse_html(widget.render("x", value, attrs, renderer=renderer))
        for renderer in [FormRenderer(), DjangoTemplates()]
    )
    assert ours == djangos


def test_djangos_own_fields_are_drawn_by_jinja():
    renderer = FormRenderer()
    assert isinstance(renderer.get_template("django/forms/widgets/text.html"), JinjaTemplate)
    assert isinstance(renderer.get_template("admin/widgets/time.html"), DjangoTemplate)
