"""Django's own admin with the same records: the addresses for `staff_pages`."""

from django.contrib import admin
from django.urls import path

from partners.models import Partner
from projects.models import Call, Partnership, Project

site = admin.AdminSite()


class PartnershipInline(admin.TabularInline):
    model = Partnership
    raw_id_fields = ["partner"]


@admin.register(Project, site=site)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["reference", "title", "call", "status", "amount_eur"]
    list_filter = ["call", "status"]
    list_select_related = ["call"]
    search_fields = ["reference", "title", "summary", "partnerships__partner__name"]
    inlines = [PartnershipInline]


@admin.register(Call, site=site)
class CallAdmin(admin.ModelAdmin):
    list_display = ["title", "opens_at", "closes_at"]
    search_fields = ["title"]


site.register(Partner)
urlpatterns = [path("admin/", site.urls)]
