from datetime import date
from itertools import pairwise
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from partners.models import Country, CountryName, Membership, MembershipStatus
from partners.pages.countries import country_context, public_countries
from psf.staff.forms import RowFormSet, RowsInline
from psf.staff.pages import PreviewPage
from psf.staff.record_admin import ReadOnly, RecordAdmin, count_column


class MembershipFormSet(RowFormSet):
    def clean(self) -> None:
        """Refuse two periods that share a day. An empty start or end leaves a period open."""
        super().clean()
        periods = sorted(
            (row.get("valid_from") or date.min, row.get("valid_to") or date.max)
            for row in self.filled_rows()
        )
        if any(later[0] <= earlier[1] for earlier, later in pairwise(periods)):
            raise ValidationError(
                _("Two of these periods overlap: end one before the next begins.")
            )


class MembershipInline(RowsInline):
    model = Membership
    formset = MembershipFormSet
    ordering = ["valid_from", "pk"]
    fields = [("status", "valid_from", "valid_to"), "source"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("country")


class CountryNameInline(ReadOnly, RowsInline):
    """Names come from the country lists of Unicode, so nobody edits names here."""

    model = CountryName
    verbose_name_plural = gettext_lazy("names under which it is found")
    template = "admin/edit_inline/names.html"
    fields = ["text", "language"]
    readonly_fields = ["text", "language"]


class MembershipFilter(admin.SimpleListFilter):
    title = gettext_lazy("membership today")
    parameter_name = "membership"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return MembershipStatus.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        rows = Membership.objects.on(timezone.localdate()).filter(status=self.value())
        return queryset.filter(Exists(rows.filter(country=OuterRef("pk"))))


class CountryPreview(PreviewPage):
    template_name = "partners/country_detail.html"
    record: Country

    def context(self) -> dict[str, Any]:
        country = Country.objects.for_page().get(pk=self.record.pk)
        return country_context(country, public_countries())


@admin.register(Country)
class CountryAdmin(RecordAdmin):
    pages = [CountryPreview]

    list_display = ["name", "code", "membership_status", "number_of_partners"]
    list_filter = [MembershipFilter]
    search_fields = ["name"]
    search_help_text = gettext_lazy("A current or former name, in any language of the region.")
    ordering = ["name"]  # rows are counted, and Django then ignores the order of the model
    inlines = [MembershipInline, CountryNameInline]
    fields = ["name", "code"]
    readonly_fields = ["name", "code"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        countries: Any = super().get_queryset(request)
        return countries.for_staff_list()

    @admin.display(description=gettext_lazy("membership today"))
    def membership_status(self, country: Country) -> str:
        membership = country.membership_on(timezone.localdate())
        return membership.get_status_display() if membership else ""

    number_of_partners = count_column(gettext_lazy("organisations"), "number_of_all_partners")


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """All memberships. Those of a country are rows of its form, and change there only."""

    list_display = ["member", "status", "during", "source"]
    list_filter = ["status"]
    search_fields = ["country__name", "organisation", "source"]
    fields = ["organisation", ("status", "valid_from", "valid_to"), "source"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("country")

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.country_id)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.country_id)

    def notices(self, obj: Membership) -> list[str]:
        elsewhere = _("The memberships of a country are changed on the page of the country.")
        return [elsewhere] if obj.country_id else []

    @admin.display(description=gettext_lazy("member"), ordering="country__name")
    def member(self, row: Membership) -> str:
        return str(row.country or row.organisation)

    @admin.display(description=gettext_lazy("period"), ordering="valid_from")
    def during(self, row: Membership) -> str:
        return row.period()
