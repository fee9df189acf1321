from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import LeadPartner, Partner, PartnerName
from partners.views import partner_context
from psf.previews import PreviewedAdmin
from psf.records import PartsInline


class PartnerNameInline(PartsInline):
    model = PartnerName
    fieldsets = [
        (
            None,
            {"fields": [("text", "language", "kind"), ("valid_from", "valid_to", "source")]},
        )
    ]


@admin.register(Partner)
class PartnerAdmin(PreviewedAdmin):
    purpose = gettext_lazy("Every organisation that takes part, with all its names.")
    preview_template = "partners/partner_detail.html"

    list_display = ["name", "country", "kind", "city", "number_of_projects", "number_led"]
    list_filter = ["kind", ("country", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name"]
    search_help_text = gettext_lazy(
        "Words of any name the organisation has or had, its town or country; accents do not matter."
    )
    autocomplete_fields = ["country", "parent", "successor"]
    inlines = [PartnerNameInline]
    fieldsets = [
        (None, {"fields": ["name", "name_language", "country", "city", "kind", "website"]}),
        (
            gettext_lazy("Related organisations"),
            {"fields": ["parent", ("successor", "succeeded_on")]},
        ),
        (gettext_lazy("Internal"), {"fields": ["internal_note"]}),
        (gettext_lazy("Address"), {"fields": ["slug"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queryset: Any = super().get_queryset(request)
        return queryset.for_staff_list()

    @admin.display(description=gettext_lazy("projects"), ordering="number_of_all_projects")
    def number_of_projects(self, partner: Any) -> int:
        return partner.number_of_all_projects

    @admin.display(description=gettext_lazy("projects led"), ordering="number_of_all_led")
    def number_led(self, partner: Any) -> int:
        return partner.number_of_all_led

    def preview_context(self, obj: Partner) -> dict[str, Any]:
        return partner_context(Partner.objects.for_page().get(pk=obj.pk))

    def preview_words(self, obj: Partner) -> str:
        if self.get_view_on_site_url(obj):
            return _("Preview: the page as readers see it. It counts public projects only.")
        return _(
            "Preview: readers have no page of this organisation until a project of it is public. "
            "Projects that are not public are left out here too."
        )

    def slug_texts(self, obj: Partner) -> list[str]:
        return [obj.name, obj.country_id]

    def must_stay(self, records: QuerySet) -> QuerySet:
        return records.filter(pk__in=Partner.objects.public().values("pk"))

    def why_it_stays(self, obj: Partner) -> str:
        return _(
            "“%(partner)s” takes part in a public project, so it cannot be deleted: "
            "its page is part of what readers see."
        ) % {"partner": obj}


@admin.register(LeadPartner)
class LeadPartnerAdmin(PartnerAdmin):
    """The same records: an organisation becomes a lead partner in the list of a project."""

    purpose = gettext_lazy("Of the partners, those that lead a project.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
