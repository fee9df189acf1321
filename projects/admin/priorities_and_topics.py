from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy as _

from projects.models import Priority, Topic
from psf.staff.forms import RecordForm
from psf.staff.record_admin import DeletionRules, RecordAdmin, count_column, section


class TermForm(RecordForm):
    def clean_name(self) -> str:
        """Two terms that differ in capitals or blanks only would split lists and figures."""
        self.cleaned_data["name"] = name = " ".join(self.cleaned_data["name"].split())
        if other := self.namesake("name"):
            raise ValidationError(_("“%(term)s” exists already.") % {"term": other})
        return name


class TermAdmin(RecordAdmin):
    """A priority or topic of calls and projects. Used terms cannot be deleted."""

    form = TermForm
    list_display = ["name", "number_of_calls", "number_of_projects"]
    search_fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        calls, projects = Count("calls", distinct=True), Count("projects", distinct=True)
        terms = super().get_queryset(request)
        return terms.annotate(call_count=calls, project_count=projects)

    number_of_calls = count_column(_("calls"), "call_count")
    number_of_projects = count_column(_("projects"), "project_count")

    def slug_texts(self, obj: Priority | Topic) -> list[str]:
        return [obj.name, str(self.opts.model_name)]

    def deletion_rules(self) -> DeletionRules:
        sentence = gettext(
            "“%(record)s” is used by calls or projects and cannot be deleted. "
            "Remove it from them first."
        )
        terms: Any = self.model
        own = {str(self.opts.model_name): OuterRef("pk")}
        links = [terms.calls.through, terms.projects.through]
        return [(Exists(rows._default_manager.filter(**own)), sentence) for rows in links]


@admin.register(Priority)
class PriorityAdmin(TermAdmin):
    purpose = _("The long-term priorities of the CBSS that calls and projects serve.")
    fieldsets = [section(None, "name", "description"), section(_("Address"), "slug")]


@admin.register(Topic)
class TopicAdmin(TermAdmin):
    purpose = _("Thematic areas, which change from call to call.")
    fieldsets = [section(None, "name"), section(_("Address"), "slug")]
