"""The staff pages of organisations, with notices about possible duplicates."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from partners.admin.duplicates import MERGING_PAGES
from partners.matching.duplicates import find_duplicates_of
from partners.models import DuplicateCandidate, LeadPartner, Partner, PartnerName
from partners.pages.views import partner_context
from partners.slugs import is_slug_taken
from psf.staff.forms import RowsInline
from psf.staff.pages import PreviewPage
from psf.staff.record_admin import RecordAdmin, count_column
from psf.staff.sections import section


class PartnerNameInline(RowsInline):
    model = PartnerName
    verbose_name, verbose_name_plural = gettext_lazy("name"), gettext_lazy("other names")
    fields = [("text", "language", "kind"), ("valid_from", "valid_to", "source")]


class PartnerPreview(PreviewPage):
    template_name = "partners/partner_detail.html"
    record: Partner

    def context(self) -> dict[str, Any]:
        return partner_context(Partner.objects.for_page().get(pk=self.record.pk))


class OrganisationAdmin(RecordAdmin):
    """The common part of the pages of partners and of lead partners."""

    pages = [PartnerPreview]

    list_display = ["name", "country", "kind", "city", "number_of_projects", "number_led"]
    list_filter = ["kind", ("country", admin.RelatedOnlyFieldListFilter)]
    ordering = ["folded", "slug"]
    search_fields = ["name"]
    search_help_text = gettext_lazy(
        "Words of any current or former name, the city or the country, with or without accents."
    )
    autocomplete_fields = ["country", "parent", "successor"]
    inlines = [PartnerNameInline]
    fieldsets = [
        section(
            None,
            ("name", "name_language"),
            ("country", "city", "kind", "registry_number"),
            ("website", "parent"),
            ("successor", "succeeded_on"),
            ("internal_note", "slug"),
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queryset: Any = super().get_queryset(request)
        return queryset.for_staff_list()

    number_of_projects = count_column(gettext_lazy("projects"), "number_of_all_projects")
    number_led = count_column(gettext_lazy("projects led"), "number_of_all_led")

    def picker_label(self, obj: Partner) -> str:
        return f"{obj} ({obj.country_id})"

    def slug_texts(self, obj: Partner) -> list[str]:
        return [obj.name, obj.country_id]

    def is_slug_taken(self, slug: str) -> bool:
        return is_slug_taken(slug)

    def saved_warnings(self, obj: Partner) -> list[str]:
        return duplicate_notices(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        find_duplicates_of(form.instance)


def duplicate_notices(obj: Partner) -> list[str]:
    """ "Possible duplicate of Turku (the same website).", with a link to the other record."""
    rows = DuplicateCandidate.objects.waiting().of(obj).for_list()
    pairs = [(row.other_than(obj), row.reasons_in_words()) for row in rows]
    words, name = _("Possible duplicate of"), "admin:partners_partner_change"
    return [
        format_html(
            '{} <a href="{}">{}</a> ({}).', words, reverse(name, args=[other.pk]), other, reasons
        )
        for other, reasons in pairs
    ]


@admin.register(Partner)
class PartnerAdmin(OrganisationAdmin):
    pages = [*OrganisationAdmin.pages, *MERGING_PAGES]


@admin.register(LeadPartner)
class LeadPartnerAdmin(OrganisationAdmin):
    """The same records as partners; a project names its lead partner."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
