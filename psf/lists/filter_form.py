"""The form of a list's filters, which crispy-forms lays out."""

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from psf.lists.facets import RenderedFacets


class FacetLinks:
    """The place of the facets in the layout."""

    def render(self, form: "FilterForm", *args: object, **kwargs: object) -> SafeString:
        return form.facets.html


class FilterForm(forms.Form):
    """The filters of a list: fields with a button, and facets as links."""

    facets = RenderedFacets()

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method = "get"
        helper.disable_csrf = True
        facet_names = [facet.name for facet in self.facets.facets]
        fields = [name for name in self.fields if name not in facet_names]
        if fields:
            fields.append(StrictButton(_("Search"), type="submit", css_class="button"))
        helper.layout = Layout(*fields, FacetLinks())
        return helper
