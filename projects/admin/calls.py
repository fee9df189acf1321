"""The staff pages of calls, priorities and topics."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, QuerySet, TextChoices
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, gettext_lazy as _

from partners.models.countries import number_of
from projects.admin.filters import PhaseFilter, PublicationFilter, WithNoneFilter
from projects.admin.forms import CallForm, CallPreview
from projects.admin.inlines import (
    CriterionInline,
    DecisionInline,
    LetterTemplateInline,
    QuestionInline,
    ReasonInline,
    SourceInline,
)
from projects.announcements.admin import ReadAnnouncementPage, WrittenAnnouncementPage
from projects.application_forms.admin import FORM_PAGES
from projects.assessment.admin.lead_pages import ASSESSMENT_PAGES
from projects.call_setup.admin import CopySetupPage
from projects.cockpit.admin import COCKPIT_PAGES, CockpitPage, call_head
from projects.decisions.admin import DECISION_PAGES
from projects.eligibility.unlikely_values import call_warnings
from projects.imports.admin import IMPORT_PAGES
from projects.letters.admin import LETTER_PAGES
from projects.models import Call, Priority, Project, Topic
from projects.models.assessments import criteria_locked, has_scores
from projects.models.publication import was_published
from projects.permissions import ADD_PROJECT
from projects.post_award.admin.pages import BudgetCsv, BudgetPage
from projects.publication.admin.pages import (
    CancelPublicationPage,
    PublishCallPage,
    PublishedRecordAdmin,
    UnpublishCallPage,
)
from projects.publication.publish import publication_status
from projects.stages import CallStage
from projects.zone_wording import zone_contradictions
from psf.staff.forms import RecordForm
from psf.staff.record_admin import DeletionRules, PageLink, RecordAdmin, count_column
from psf.staff.sections import section


class TermForm(RecordForm):
    def clean_name(self) -> str:
        """Two terms that differ in capitals or blanks only would split lists and figures."""
        self.cleaned_data["name"] = name = " ".join(self.cleaned_data["name"].split())
        if namesake := self.namesake("name"):
            raise ValidationError(_("“%(term)s” exists already.") % {"term": namesake})
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
    fieldsets = [section(None, "name", "description", "slug")]


@admin.register(Topic)
class TopicAdmin(TermAdmin):
    fieldsets = [section(None, "name", "slug")]


@admin.register(Call)
class CallAdmin(PublishedRecordAdmin):
    first_page = CockpitPage.name
    form_stage = CallStage.PREPARE
    pages = [
        *COCKPIT_PAGES,
        ReadAnnouncementPage,
        CallPreview,
        CopySetupPage,
        *FORM_PAGES,
        *IMPORT_PAGES,
        *ASSESSMENT_PAGES,
        *DECISION_PAGES,
        *LETTER_PAGES,
        PublishCallPage,
        UnpublishCallPage,
        CancelPublicationPage,
        WrittenAnnouncementPage,
        BudgetPage,
        BudgetCsv,
    ]

    form = CallForm
    list_display = [
        "title",
        "phase_now",
        "closing",
        "number_of_projects",
        "number_public",
        "publication",
    ]
    list_filter = [PhaseFilter, PublicationFilter, ("priorities", WithNoneFilter)]
    list_select_related = ["decision"]
    search_fields = ["title"]
    search_help_text = gettext_lazy("Words of the title or the summary.")
    date_hierarchy = "closes_at"
    # The model's own, which is dropped where rows are counted.
    ordering = [F("closes_at").desc(nulls_first=True), "slug"]
    autocomplete_fields = ["priorities", "topics"]
    inlines = [
        CriterionInline,
        QuestionInline,
        ReasonInline,
        DecisionInline,
        LetterTemplateInline,
        SourceInline,
    ]
    fieldsets = [
        section(
            gettext_lazy("Facts"),
            "title",
            "summary",
            ("opens_at", "closes_at", "time_zone"),
            ("eligibility_expected", "decision_expected"),
            ("priorities", "topics"),
        ),
        section(
            gettext_lazy("More facts"),
            "description",
            "applicant_kinds",
            ("how_to_apply", "contact"),
            ("guidelines_url", "application_form_url"),
            is_folded=True,
            is_minor=True,
        ),
        section(
            gettext_lazy("Rules"),
            ("floor_eur", "ceiling_eur", "budget_eur", "min_cofunding_percent"),
            ("max_months", "min_member_states", "lead_from_member_state", "decided_by_two"),
        ),
        section(
            gettext_lazy("Assessment"),
            ("assessors_needed", "assessments_due_on", "is_anonymised"),
            description=gettext_lazy("Never shown to readers."),
            rows=["criteria"],
        ),
        section(gettext_lazy("Application form"), rows=["questions"], is_folded=True),
        section(
            gettext_lazy("Reasons"),
            description=gettext_lazy("Why an application to this call is not eligible."),
            rows=["ineligibility_reasons"],
            is_folded=True,
        ),
        section(
            gettext_lazy("Figures"),
            ("received_count", "eligible_count", "funded_count"),
            description=gettext_lazy(
                "As announced. Three different numbers; leave empty what was not published."
            ),
            is_folded=True,
        ),
        section(gettext_lazy("Decision"), rows=["decision"], is_folded=True),
        section(
            gettext_lazy("Letters"),
            ("letterhead", "signatory"),
            rows=["letter_templates"],
            is_folded=True,
        ),
        section(
            gettext_lazy("Internal"), "internal_note", "slug", rows=["sources"], is_folded=True
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        calls, public = super().get_queryset(request), Project.objects.public()
        return calls.annotate(
            project_count=number_of("pk", Project.objects.all(), "call", each_once=True),
            public_count=number_of("pk", public, "call", each_once=True),
        )

    @admin.display(description=gettext_lazy("phase"))
    def phase_now(self, call: Call) -> str:
        return str(call.phase().label)

    @admin.display(description=gettext_lazy("closes"), ordering="closes_at")
    def closing(self, call: Call) -> str:
        return call.closes()

    number_of_projects = count_column(gettext_lazy("projects"), "project_count")
    number_public = count_column(gettext_lazy("public projects"), "public_count")

    def links(self, request: HttpRequest, obj: Call) -> list[PageLink]:
        links = super().links(request, obj)
        if request.user.has_perm(ADD_PROJECT):
            add = f"{reverse('admin:projects_project_add')}?call={obj.pk}"
            links.insert(0, PageLink(gettext("Add an application"), add, CallStage.OPEN))
        return links

    def head(
        self, request: HttpRequest, obj: Call | None, stage: TextChoices | None
    ) -> dict[str, object] | None:
        return call_head(obj, request.user, stage) if obj else None

    def notices(self, obj: Call) -> list[str]:
        return [*([criteria_locked()] if has_scores(obj.pk) else []), *super().notices(obj)]

    def saved_warnings(self, obj: Call) -> list[str]:
        """Contradictory or odd values of the stored call."""
        call = Call.objects.get(pk=obj.pk)
        return [*zone_contradictions(call), *call_warnings(call)]

    def head_facts(self, obj: Call) -> list[str]:
        # A form with an unknown time zone has set it in `obj`.
        saved = Call.objects.get(pk=obj.pk)
        return [str(saved.phase().label), saved.closes(), publication_status(saved)]

    def slug_texts(self, obj: Call) -> list[str]:
        return [obj.title, "call"]

    def deletion_rules(self) -> DeletionRules:
        results = gettext(
            "The results of “%(record)s” are, were or will be public: it cannot be deleted."
        )
        return [*super().deletion_rules(), (was_published("decision__"), results)]
