from decimal import Decimal

import pytest
from django import forms
from django.contrib import admin

from psf.staff.widgets import AmountField, NumberField, PercentField
from psf.text.numbers_and_amounts import NO_BREAK
from tests.support.accounts import client_of, url_of
from tests.support.factories import make_project


class AwardForm(forms.Form):
    award = AmountField(required=False)


def test_the_field_is_text_with_the_keyboard_for_numbers():
    html = str(AwardForm(initial={"award": Decimal("65000.00")})["award"])
    assert 'type="text"' in html
    assert 'inputmode="decimal"' in html
    assert f'value="65{NO_BREAK}000"' in html


def test_the_help_text_says_how_to_write_amounts():
    assert AwardForm()["award"].help_text == "EUR."
    assert AmountField(help_text="EUR. Never shown to readers.").help_text == (
        "EUR. Never shown to readers."
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["Editor", "Viewer"])
def test_an_amount_that_the_role_cannot_change_is_in_groups(role):
    project = make_project(amount_eur=Decimal("50000.01"), amount_kind="awarded", status="funded")
    page = client_of(role).get(url_of(project)).content.decode()
    assert f'<div class="readonly">50{NO_BREAK}000.01</div>' in page
    assert "50000" not in page


@pytest.mark.parametrize("text", ["65000,50", "65 000.50", "65.000,50", f"65{NO_BREAK}000,5"])
def test_a_typed_amount_is_read_by_the_server_and_shown_in_groups(text):
    form = AwardForm({"award": text})
    assert form.is_valid()
    assert form.cleaned_data["award"] == Decimal("65000.50")
    assert form["award"].value() == f"65{NO_BREAK}000.50"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1e5", "This is not an amount in EUR. Write 65000, 65 000 or 65 000.50."),
        ("65.000", "“65.000” is ambiguous: is it 65 or 65 000 EUR? Write 65 or 65000."),
        ("-1", "An amount lies between 0 and 9 999 999 999.99 EUR."),
        ("10000000000", "An amount lies between 0 and 9 999 999 999.99 EUR."),
    ],
)
def test_a_refused_amount_is_shown_as_typed(text, error):
    form = AwardForm({"award": text})
    assert form.errors == {"award": [error]}
    assert form["award"].value().replace(NO_BREAK, "") == text


def test_an_empty_field_is_no_amount():
    form = AwardForm({"award": "  "})
    assert form.is_valid()
    assert form.cleaned_data["award"] is None


def test_an_amount_sent_as_shown_is_no_change():
    amount = Decimal("65000.00")
    form = AwardForm({"award": f"65{NO_BREAK}000"}, initial={"award": amount})
    assert not form.has_changed()


class CountForm(forms.Form):
    count = NumberField(required=False, max_value=2000)
    percent = PercentField(required=False)


@pytest.mark.parametrize(
    ("text", "count"), [("7", 7), (" 1 200 ", 1200), ("12,0", 12), (" ", None)]
)
def test_a_typed_number_is_read_by_the_server(text, count):
    form = CountForm({"count": text, "percent": text})
    assert 'type="text"' in str(form["count"]) and form.is_valid()
    assert form.cleaned_data == {"count": count, "percent": count}
    assert CountForm({"percent": "7,5"}, initial={"percent": Decimal("7.5")}).has_changed() is False


@pytest.mark.parametrize("text", ["7,5", "7.5", "65.000", "1e5", "seven"])
def test_a_number_is_never_guessed(text):
    form = CountForm({"count": text})
    assert form.errors == {"count": ["Write a whole number, such as 12."]}
    assert form["count"].value() == text
    assert CountForm({"count": "2001"}).errors == {
        "count": ["Ensure this value is less than or equal to 2000."]
    }


@pytest.mark.parametrize("text", ["7,55", "65.000"])
def test_per_cent_have_one_decimal(text):
    assert CountForm({"percent": text}).errors == {
        "percent": ["Write per cent such as 85 or 85.5."]
    }


@pytest.mark.django_db
def test_every_number_of_the_admin_is_a_text_that_the_server_reads(rf, admin_user):
    request = rf.get("/")
    request.user = admin_user
    amounts = set()
    for model, model_admin in admin.site._registry.items():
        inlines = [
            inline.get_formset(request).form for inline in model_admin.get_inline_instances(request)
        ]
        for form in [model_admin.get_form(request), *inlines]:
            for name, field in form.base_fields.items():
                if isinstance(field, forms.IntegerField):
                    assert not isinstance(field.widget, forms.NumberInput), f"{model} {name}"
                if isinstance(field, forms.DecimalField):
                    assert isinstance(field, AmountField), f"{model.__name__}.{name}"
                    amounts.add(name)
    assert {"amount_eur", "requested_eur", "total_budget_eur", "ceiling_eur"} <= amounts
