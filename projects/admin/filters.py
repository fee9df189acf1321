"""Filters of staff lists that are not simply the value of a field."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin, RelatedFieldListFilter, SimpleListFilter
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.translation import gettext_lazy as _

from partners.models import Country
from projects.cockpit.state import TITLES, in_group
from projects.models import Partnership, Phase


class PhaseFilter(SimpleListFilter):
    title = _("phase")
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Iterable[tuple[str, Any]]:
        return Phase.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        return queryset.in_phase(self.value()) if self.value() in Phase else queryset


class PublicationFilter(SimpleListFilter):
    title = _("publication")
    parameter_name = "publication"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Iterable[tuple[str, Any]]:
        return [("public", _("public")), ("later", _("scheduled")), ("not", _("not public"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        public = queryset.model.objects.public().values("pk")
        later = queryset.model.objects.filter(published_at__gt=timezone.now()).values("pk")
        choices: dict[str | None, QuerySet] = {
            "public": queryset.filter(pk__in=public),
            "later": queryset.filter(pk__in=later),
            "not": queryset.exclude(pk__in=public).exclude(pk__in=later),
        }
        return choices.get(self.value(), queryset)


class GroupFilter(SimpleListFilter):
    """A group that the cockpit counts. The list names the group that its address chooses."""

    title = _("group")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Iterable[tuple[str, Any]]:
        chosen = self.value()
        return [(key, title) for key, title in TITLES.items() if key == chosen]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        key = self.value()
        return in_group(queryset, key) if key else queryset


class PartnerCountryFilter(SimpleListFilter):
    """The country of any partner, the lead partner included."""

    title = _("country of a partner")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Iterable[tuple[str, Any]]:
        rows = Partnership.objects.filter(country=OuterRef("pk"))
        return Country.objects.filter(Exists(rows)).values_list("code", "name")

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        # Not EXISTS: the counts beside the choices would search the rows for each project.
        rows = Partnership.objects.filter(country=self.value())
        return queryset.filter(pk__in=rows.order_by().values("project"))


class WithNoneFilter(RelatedFieldListFilter):
    """The choice for records without a value is called "none"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = conditional_escape(_("none"))
