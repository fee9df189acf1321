from contextlib import suppress
from copy import copy
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters, InlineModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.admin.forms import ProjectPreview
from projects.amounts import project_amount
from projects.announcements.admin import FlagInline, announcement_lines_of
from projects.application_forms.admin import APPLICATION_PAGES
from projects.assessment.admin.lead_pages import ConsensusPage
from projects.decisions.blockers import award_warnings
from projects.dossier.admin import DossierArchive, DossierPage
from projects.eligibility import rules
from projects.eligibility.frozen_checks import FrozenEligibility, frozen_eligibility
from projects.eligibility.rules import ACCEPTED, RuleFinding, warning_about
from projects.eligibility.unlikely_values import project_warnings
from projects.models import Assessment, Call, Evidence, Letter, Project, Role
from projects.models.choices import AWARDS, FUNDED_STATUSES
from projects.permissions import CHECK, VIEW_DOCUMENT, may_decide
from projects.personal_data.admin import PersonalDataPage
from projects.post_award.admin.pages import POST_AWARD_PAGES
from projects.publication import warnings
from projects.publication.admin.pages import (
    CancelPublicationPage,
    PublishedRecordAdmin,
    PublishProjectPage,
    UnpublishProjectPage,
)
from projects.publication.publish import publication_status
from projects.workflow.admin import (
    ChangeStatusPage,
    RulePage,
    change_status_of_selected,
    possible_statuses,
    selection_url,
)
from psf.database.record_version import lock
from psf.staff.record_admin import DeletionRules, PageLink
from psf.staff.sections import Summary, section
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur

from .filters import (
    GroupFilter,
    PartnerCountryFilter,
    PublicationFilter,
    WithNoneFilter,
)
from .forms import ProjectForm
from .inlines import ContactInline, SourceInline
from .partners import PartnershipInline

DECIDED = ["status", "amount_eur", "amount_kind"]
# The form sets the status of a new record only, such as a project of a call long over.
BY_STEPS = ["status"]


class ProjectChangeList(ChangeList):
    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet:
        projects: Any = super().get_queryset(*args, **kwargs)
        return projects.for_staff_list()


@admin.register(Project)
class ProjectAdmin(PublishedRecordAdmin):
    pages = [
        ConsensusPage,
        ProjectPreview,
        PublishProjectPage,
        UnpublishProjectPage,
        CancelPublicationPage,
        ChangeStatusPage,
        RulePage,
        *APPLICATION_PAGES,
        *POST_AWARD_PAGES,
        DossierPage,
        DossierArchive,
        PersonalDataPage,
    ]
    actions = [change_status_of_selected]

    form = ProjectForm
    list_display = ["reference", "title", "call", "lead", "status", "amount", "publication"]
    list_display_links = ["reference", "title"]
    list_filter = [
        "status",
        GroupFilter,
        PublicationFilter,
        "call",
        PartnerCountryFilter,
        ("priorities", WithNoneFilter),
    ]
    search_fields = ["title"]
    search_help_text = gettext_lazy(
        "Words of the title, reference, summary or description, any name of a partner, a country, "
        "priority or topic. “Quotes” keep words together, a minus before a word leaves it out."
    )
    ordering = ["-reference"]  # by its index: the order of the calls would sort every project
    autocomplete_fields = [
        "call",
        "priorities",
        "topics",
        "activity_countries",
        "announced_countries",
    ]
    inlines = [PartnershipInline, SourceInline, ContactInline]
    readonly_fields = ["evidence"]
    fieldsets = [
        section(
            gettext_lazy("Facts"),
            ("title", "acronym"),
            "summary",
            ("call", "reference", "received_on", "received_time"),
            ("starts_on", "ends_on", "status"),
            ("priorities", "topics"),
        ),
        section(
            gettext_lazy("More facts"),
            "description",
            "story",
            ("activity_countries", "website", "title_language", "led_by_cbss"),
            is_folded=True,
            is_minor=True,
        ),
        section(gettext_lazy("Partners"), rows=["partnerships"]),
        section(
            gettext_lazy("Money"),
            ("requested_eur", "total_budget_eur", "amount_eur", "amount_kind"),
        ),
        section(
            gettext_lazy("Rules and evidence"),
            template="admin/projects/project/_rules.html",
            is_folded=True,
        ),
        section(
            gettext_lazy("Documents"),
            template="admin/projects/project/_documents.html",
            is_folded=True,
        ),
        section(
            gettext_lazy("Announcement"),
            "as_published",
            ("announced_countries", "disagreement_explained"),
            "evidence",
            description=gettext_lazy("The headline, for comparison with the list of partners."),
            rows=["sources"],
            is_folded=True,
        ),
        section(
            gettext_lazy("Internal"), "internal_note", "slug", rows=["contacts"], is_folded=True
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("call")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProjectChangeList

    def get_inlines(
        self, request: HttpRequest, obj: Project | None = None
    ) -> list[type[InlineModelAdmin]]:
        inlines = super().get_inlines(request, obj)
        return [*inlines, *([FlagInline] if obj and obj.flags.exists() else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        if not may_decide(request):
            return [*readonly, *DECIDED]
        return [*readonly, *BY_STEPS] if obj else readonly

    def locked(self, request: HttpRequest, key: str) -> Any:
        """Lock the call first, as everywhere: triggers lock the call of a saved project too."""
        with suppress(ValidationError, ValueError):
            lock(Call.objects.filter(projects__pk=key).only("pk"))
        return super().locked(request, key)

    def declared_sections(self, request: HttpRequest, obj: Any) -> list[Any]:
        """A new project has no rules and no documents to show."""
        sections = super().declared_sections(request, obj)
        return sections if obj else [part for part in sections if not part[1]["parts"].template]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add what the stored records say: the rules of the call, documents, the headline."""
        if obj := kwargs.get("obj"):
            projects = Project.objects.for_rules().prefetch_related("announced_countries")
            project = projects.get(pk=obj.pk)
            context["frozen"] = frozen = frozen_eligibility(project)
            context["findings"] = findings = rules.check_rules(project)
            frozen_keys = {rule.key for rule in frozen.rules} if frozen else set()
            context["new_rules"] = [
                row for row in findings if row.rule.key.value not in frozen_keys
            ]
            context["neighbours"] = self._neighbours(request, obj)
            context["may_check"] = request.user.has_perm(CHECK)
            may_see = request.user.has_perm(VIEW_DOCUMENT)
            documents = obj.documents.for_account(request.user) if may_see else []
            context["documents"] = documents = list(documents)
            titles = "; ".join(str(row) for row in documents)
            context["summaries"] = {
                "rules-and-evidence": _rules_summary(findings, frozen),
                "documents": Summary(titles or _("None.")),
            }
            if disagreement := warnings.disagreement_sentence(project):
                opens = not project.disagreement_explained
                context["summaries"]["announcement"] = Summary(disagreement, opens)
        return super().render_change_form(request, context, *args, **kwargs)

    def _neighbours(self, request: HttpRequest, obj: Project) -> dict[str, Project]:
        """The project before and the one after this one in the filtered list that led here."""
        listed = copy(request)
        listed.GET = QueryDict(request.GET.get("_changelist_filters", ""))
        keys: list[int] = []
        if listed.GET:
            with suppress(IncorrectLookupParameters, SuspiciousOperation):
                keys = [*self.get_changelist_instance(listed).queryset.values_list("pk", flat=True)]
        if obj.pk not in keys:
            return {}
        place = keys.index(obj.pk)
        around = {"prev": keys[place - 1 : place], "next": keys[place + 1 : place + 2]}
        found = Project.objects.only("reference").in_bulk([*around["prev"], *around["next"]])
        return {side: found[key] for side, row in around.items() for key in row if key in found}

    def head_facts(self, obj: Project) -> list[str]:
        lead = obj.partnerships.select_related("partner").filter(role=Role.LEAD).first()
        name = f"{lead.partner or lead.country_id}, {lead.country_id}" if lead else ""
        facts = [obj.reference, obj.get_status_display(), publication_status(obj), name]
        return [*filter(None, [*facts, self.amount(obj)])]

    def has_check_permission(self, request: HttpRequest) -> bool:
        """Whether the list offers the action that changes the status of selected projects."""
        return request.user.has_perm(CHECK)

    def links(self, request: HttpRequest, obj: Project) -> list[PageLink]:
        links = super().links(request, obj)
        if possible_statuses(cast(User, request.user), [obj]):
            url = selection_url([obj.pk])
            links.insert(0, PageLink(_("Change status…"), url))
        return links

    @admin.display(description=gettext_lazy("lead partner"))
    def lead(self, project: Any) -> str:
        leads = [f"{row.partner or row.country} ({row.country_id})" for row in project.leads]
        return ", ".join(leads)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_eur")
    def amount(self, project: Project) -> str:
        if project.amount_eur is None and project.requested_eur is not None:
            return _("%(amount)s requested") % {"amount": eur(project.requested_eur)}
        if project.amount_eur is None and project.status not in FUNDED_STATUSES:
            return _("amount requested not known")
        return str(project_amount(project))

    @admin.display(description=gettext_lazy("lines of the announcement"))
    def evidence(self, obj: Project) -> str:
        return (obj.pk and announcement_lines_of(obj)) or _("none")

    def saved_warnings(self, obj: Project) -> list[str]:
        """Sentences about a late application, and about unlikely days and amounts."""
        late = warning_about(obj)
        award = obj.amount_eur if obj.amount_kind in AWARDS else None
        warnings = [late, *project_warnings(obj), *award_warnings(obj, award)]
        return [*dict.fromkeys(filter(None, warnings))]

    def slug_texts(self, obj: Project) -> list[str]:
        return [obj.reference, "project"]

    def deletion_rules(self) -> DeletionRules:
        agreement = _(
            "“%(record)s” has an agreement, so it cannot be deleted. "
            "Change its status to “terminated” instead."
        )
        letter = _("A letter about “%(record)s” was sent, so it cannot be deleted.")
        check = _("“%(record)s” was checked, and its evidence stays, so it cannot be deleted.")
        assessment = _("“%(record)s” was assigned to assessors, so it cannot be deleted.")
        work: list[tuple[QuerySet, str]] = [
            (Letter.objects.sent(), letter),
            (Evidence.objects.all(), check),
            (Assessment.objects.all(), assessment),
        ]
        instead = _("Change its status to “withdrawn” instead.")
        return [
            *super().deletion_rules(),
            (Q(agreement__isnull=False), agreement),
            *(
                (Exists(rows.filter(project=OuterRef("pk"))), f"{why} {instead}")
                for rows, why in work
            ),
        ]


def _rules_summary(findings: list[RuleFinding], frozen: FrozenEligibility | None) -> Summary:
    """How many rules are met now, and were at the check. It opens if one is not."""
    if not findings and not frozen:
        return Summary(_("The call has no rules."))
    verdicts = {_("Now %(count)s"): [finding.verdict for finding in findings]}
    if frozen:
        day = describe(timezone.localdate(frozen.evidence.taken_at), Precision.DAY)
        then = _("on %(day)s %(count)s") % {"day": day, "count": "%(count)s"}
        verdicts[then] = [rule.verdict for rule in frozen.rules]
    sentences = []
    for words, row in verdicts.items():
        met = {"met": sum(verdict in ACCEPTED for verdict in row), "all": len(row)}
        sentences.append(words % {"count": _("%(met)d of %(all)d met") % met})
    is_open = any(verdict not in ACCEPTED for row in verdicts.values() for verdict in row)
    return Summary("; ".join(sentences), is_open)
