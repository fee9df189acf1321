"""The crispy-forms templates of the public site, with a filter form."""

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template

from psf.staff.forms import StaffForm


class FilterForm(forms.Form):
    q = forms.CharField(label="Words", required=False, help_text="In titles and names")
    call = forms.ChoiceField(label="Call", required=False, choices=[("psf-2019", "PSF 2019")])
    country = forms.MultipleChoiceField(
        label="Country",
        required=False,
        choices=[("lv", "Latvia"), ("pl", "Poland")],
        widget=forms.CheckboxSelectMultiple,
    )
    led = forms.BooleanField(label="Only lead partners", required=False)
    sort = forms.CharField(widget=forms.HiddenInput, required=False)


def rendered(data=None, *layout, **options):
    helper = FormHelper()
    helper.form_method = "get"
    helper.disable_csrf = True
    helper.form_action = "/projects/"
    if layout:
        helper.layout = Layout(*layout)
    for name, value in options.items():
        setattr(helper, name, value)
    return render_crispy_form(FilterForm(data), helper)


def test_every_visible_field_has_its_label_and_its_hint():
    html = rendered()

    assert '<label class="field__label" for="id_q">Words</label>' in html
    assert 'aria-describedby="id_q_helptext"' in html
    assert 'id="id_q_helptext">In titles and names' in html
    assert '<legend class="field__label">Country</legend>' in html
    assert '<label class="option" for="id_country_1">' in html
    assert '<label class="option" for="id_led">' in html
    assert html.count('name="sort"') == 1
    assert 'for="id_sort"' not in html


class AddressForm(StaffForm):
    street = forms.CharField()
    kind = forms.ChoiceField(choices=[("home", "Home")], widget=forms.RadioSelect)
    note = forms.CharField(required=False)


def test_required_fields_are_marked_where_others_are_not_required():
    html = render_crispy_form(AddressForm())
    assert '<label class="field__label required" for="id_street">' in html
    assert '<legend class="field__label required">Kind</legend>' in html
    assert '<label class="field__label" for="id_note">' in html
    assert html.count("Fields with bold labels are required.") == 1
    form = AddressForm()
    del form.fields["note"]
    assert "bold" not in render_crispy_form(form)


def test_an_error_is_tied_to_its_field_and_listed_with_a_link_to_it():
    html = rendered({"call": "no such call", "country": ["xx"]})

    assert 'role="alert"' in html
    assert '<a href="#id_call">Call</a>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_call_error"' in html
    assert html.count('id="id_call_error"') == 1
    # A group of boxes has no box of its own to go to: the link leads to the group.
    assert '<a href="#id_country">Country</a>' in html
    assert '<fieldset class="field" id="id_country" aria-describedby="id_country_error">' in html


def test_typed_values_stay_and_are_escaped():
    html = rendered({"q": '"><b>', "country": ["pl"]})

    assert 'value="&quot;&gt;&lt;b&gt;"' in html
    assert html.count(" checked") == 1


def test_layout_groups_fields_and_keeps_buttons_out_of_the_address():
    html = rendered(
        None,
        Fieldset("Who", "q", "led", css_id="who"),
        Div("call", StrictButton("Show", type="submit", css_class="button"), css_class="actions"),
    )

    assert '<fieldset class="field" id="who">' in html
    assert '<legend class="field__label">Who</legend>' in html
    assert '<div class="actions">' in html
    assert '<button class="btn button" type="submit">Show</button>' in html
    assert 'name="country"' not in html


def test_a_posted_form_carries_the_token_and_its_button():
    form = FilterForm()
    form.helper = FormHelper()
    form.helper.add_input(Submit("save", "Save"))
    html = Template("{% load crispy_forms_tags %}{% crispy form %}").render(
        Context({"form": form, "csrf_token": "token"})
    )

    assert 'value="token"' in html
    assert 'type="submit" name="save" value="Save"' in html


def test_a_form_can_hide_its_labels_and_leave_out_its_frame():
    html = rendered(None, form_show_labels=False, form_tag=False)

    assert '<label class="field__label visually-hidden" for="id_q">' in html
    assert "<form" not in html
