"""The crispy-forms templates of the public site, with a filter form."""

from crispy_forms.utils import render_crispy_form
from django import forms

from psf.lists.public_form import PublicForm
from psf.staff.forms import StaffForm


class FilterForm(PublicForm):
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

    def layout(self):
        return list(self.fields)


def test_every_visible_field_has_its_label_and_its_hint():
    html = FilterForm().html()

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
    html = FilterForm({"call": "no such call", "country": ["xx"]}).html()

    assert 'role="alert"' in html
    assert '<a href="#id_call">Call</a>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_call_error"' in html
    assert html.count('id="id_call_error"') == 1
    # A group of boxes has no box of its own to go to: the link leads to the group.
    assert '<a href="#id_country">Country</a>' in html
    assert '<fieldset class="field" id="id_country" aria-describedby="id_country_error">' in html


def test_typed_values_stay_and_are_escaped():
    html = FilterForm({"q": '"><b>', "country": ["pl"]}).html()

    assert 'value="&quot;&gt;&lt;b&gt;"' in html
    assert html.count(" checked") == 1


def test_a_form_can_hide_its_labels():
    form = FilterForm()
    form.helper.form_show_labels = False
    assert '<label class="field__label visually-hidden" for="id_q">' in form.html()
