"""Pages for the status of applications, one or several, and for waivers."""

from collections.abc import Callable, Mapping
from typing import Any

from crispy_forms.layout import LayoutObject
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.eligibility import rules
from projects.eligibility.rules import warning_about
from projects.models import Call, IneligibilityReason, Project, ProjectStatus
from projects.permissions import CHECK
from projects.workflow.status_changes import (
    change_status,
    end_waiver,
    individual_transitions,
    missing_permissions,
    needs_reason,
    transition_blockers,
    waive,
    why_reason_is_needed,
    write_status,
)
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage

MOST_AT_ONCE = 200  # their keys are in the address


def selection_url(keys: list[int], **query: str) -> str:
    """The address of the page that changes the status of these projects."""
    parameters = urlencode({"project": ".".join(map(str, keys)), **query})
    return f"{reverse('admin:projects_project_change_status')}?{parameters}"


BUTTONS = {
    ProjectStatus.SUBMITTED: gettext_lazy("Back to “submitted”"),
    ProjectStatus.ELIGIBLE: gettext_lazy("Eligible"),
    ProjectStatus.NOT_ELIGIBLE: gettext_lazy("Not eligible"),
    ProjectStatus.REJECTED: gettext_lazy("Reject"),
    ProjectStatus.FUNDED: gettext_lazy("Back to “funded”"),
    ProjectStatus.RUNNING: gettext_lazy("Running"),
    ProjectStatus.COMPLETED: gettext_lazy("Completed"),
    ProjectStatus.TERMINATED: gettext_lazy("Terminate"),
    ProjectStatus.WITHDRAWN: gettext_lazy("Withdrawn by the applicant"),
}


class ChangeStatusForm(StaffForm):
    ineligibility_reasons = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Not eligible because"),
        queryset=IneligibilityReason.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("The reasons come from the form of the call."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason (kept in the history)"), max_length=500, required=False
    )

    def layout(self) -> list[str | LayoutObject]:
        return [] if self.is_blocked else super().layout()


class ChangeStatusPage(ActionPage):
    """The possible statuses, the effect on each application, and the change."""

    name = "change_status"
    breadcrumb = gettext_lazy("Change status")
    permission = "view"
    of_record = False
    template_name = "admin/projects/workflow/change_status.html"
    fields = ChangeStatusForm
    button = gettext_lazy("Change status")

    def load(self) -> None:
        """Load the projects that the address names, from `for_rules()`."""
        keys = self.request.GET.get("project", "").split(".")
        if not 0 < len(keys) <= MOST_AT_ONCE or not all(key.isdecimal() for key in keys):
            raise Http404
        numbers = {int(key) for key in keys if len(key) < 19}
        projects = Project.objects.for_rules().select_related("agreement", "decision_line")
        self.projects = list(projects.filter(pk__in=numbers).order_by("reference"))
        if not self.projects:
            raise Http404
        self.statuses = possible_statuses(self.user, self.projects)
        self.status = self.request.GET.get("to") or next_status(self.statuses, self.projects)
        if self.status and self.status not in self.statuses:
            # Perhaps a colleague was faster: the page then says why the change is not possible.
            is_offered = self.status in BUTTONS
            if not is_offered or missing_permissions(self.projects, self.status, self.user):
                raise PermissionDenied

    def shown(self) -> list[Model]:
        calls = {project.call_id: project.call for project in self.projects}
        return [*calls.values(), *self.projects]

    def success_url(self) -> str:
        """The project, the first page of the call of several projects, or the list."""
        if len(self.projects) == 1:
            return self.url_of("change", self.projects[0].pk)
        calls = {project.call_id for project in self.projects}
        if len(calls) == 1:
            return reverse("admin:projects_call_cockpit", args=[*calls])
        return self.url_of("changelist")

    def crumbs(self) -> list[tuple[str, str]]:
        if len(self.projects) > 1:
            return []
        return [(str(self.projects[0]), self.success_url())]

    def title(self) -> str:
        if len(self.projects) > 1:
            return _("Change status of selected projects")
        return _("Change status of %(project)s") % {"project": self.projects[0].reference}

    def prepare(self, form: ChangeStatusForm) -> None:
        form.is_blocked = not self.status
        form.fields["reason"].required = bool(self.status) and any(
            why_reason_is_needed(project, self.status) for project in self.projects
        )
        if self.status == ProjectStatus.NOT_ELIGIBLE:
            field: Any = form.fields["ineligibility_reasons"]
            field.queryset = self._reasons().select_related("call")
        else:
            del form.fields["ineligibility_reasons"]

    def _reasons(self) -> QuerySet[IneligibilityReason]:
        calls = {project.call_id for project in self.projects}
        return IneligibilityReason.objects.filter(call__in=calls)

    def blockers(self) -> list[str]:
        if not self.status:
            return []
        calls: list[Call] = []
        if self.status == ProjectStatus.NOT_ELIGIBLE:
            with_reasons = set(self._reasons().values_list("call", flat=True))
            every = {project.call_id: project.call for project in self.projects}
            calls = [call for key, call in every.items() if key not in with_reasons]
        no_reasons = _(
            "%(call)s has no reasons for “not eligible”. Add them on the form of the call."
        )
        return [
            *(no_reasons % {"call": call} for call in calls),
            *(
                blocker
                for project in self.projects
                for blocker in transition_blockers(project, self.status)
            ),
        ]

    def previews(self) -> Mapping[str, Callable[[], object]]:
        if any(project.published_at for project in self.projects):
            return {"": lambda: write_status(self.projects, self.status)}
        return {}

    def execute(self, form: ChangeStatusForm) -> str:
        if not self.status:
            raise ValidationError(_("Choose the new status."))
        reasons = form.cleaned_data.get("ineligibility_reasons", [])
        change_status(self.projects, self.status, self.user, self.reason(form), reasons)
        message = ngettext(
            "%(count)d application is now: %(status)s.",
            "%(count)d applications are now: %(status)s.",
            len(self.projects),
        )
        return message % {"count": len(self.projects), "status": ProjectStatus(self.status).label}

    def context(self) -> Mapping[str, object]:
        keys = [project.pk for project in self.projects]
        return {
            "projects": self.projects,
            "warnings": self.warnings(),
            "choices": [
                (BUTTONS[ProjectStatus(status)], selection_url(keys, to=status), status)
                for status in self.statuses
            ],
            "status": self.status,
            "status_label": BUTTONS[ProjectStatus(self.status)] if self.status else "",
            "new_status": ProjectStatus(self.status).label if self.status else "",
        }

    def warnings(self) -> list[str]:
        """Sentences about applications that become eligible late, running or completed early."""
        today, warnings = timezone.localdate(), []
        for project in self.projects:
            warning, period = "", {"period": project.period()}
            if self.status == ProjectStatus.ELIGIBLE:
                warning = warning_about(project)
            elif self.status == ProjectStatus.RUNNING and (project.starts_on or today) > today:
                warning = _("The project has not started: %(period)s.") % period
            elif self.status == ProjectStatus.COMPLETED and (project.ends_on or today) > today:
                warning = _("The project has not ended: %(period)s.") % period
            if warning:
                warnings.append(f"{project.reference}: {warning}")
        return warnings


class WaiverForm(StaffForm):
    reason = forms.CharField(
        label=gettext_lazy("Why the rule does not apply to this application"), max_length=500
    )


class RulePage(ActionPage):
    """Grant a waiver for a rule of the call, or end it."""

    name = "rule"
    route = "rules/<str:rule>/"
    permission = CHECK
    template_name = "admin/projects/workflow/waiver.html"
    fields = WaiverForm
    record: Project

    def load(self) -> None:
        super().load()
        project = Project.objects.for_rules().get(pk=self.record.pk)
        findings = {finding.rule.key: finding for finding in rules.check_rules(project)}
        if self.kwargs["rule"] not in findings:
            raise Http404
        self.finding = findings[self.kwargs["rule"]]

    def version(self) -> str:
        """The verdict: without it, a form sent twice would end the waiver that it granted."""
        return self.finding.verdict

    def title(self) -> str:
        return _("Rule of the call: %(rule)s") % {"rule": self.finding.rule.label}

    crumb = title

    def context(self) -> Mapping[str, object]:
        return {"finding": self.finding}

    def is_waived(self) -> bool:
        return self.finding.verdict == rules.Verdict.WAIVED

    def prepare(self, form: WaiverForm) -> None:
        form.button = _("End the waiver") if self.is_waived() else _("Grant the waiver")
        if self.is_waived():
            del form.fields["reason"]

    def execute(self, form: WaiverForm) -> str:
        rule = self.finding.rule.key
        if self.is_waived():
            end_waiver(self.record, rule, self.user)
            return _("The waiver has ended: the rule applies again.")
        waive(self.record, rule, self.user, self.reason(form))
        return _("The waiver is granted.")


@admin.action(description=gettext_lazy("Change status of selected"), permissions=["check"])
def change_status_of_selected(
    model_admin: admin.ModelAdmin, request: HttpRequest, projects: QuerySet[Project]
) -> HttpResponse | None:
    keys = list(projects.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        message = _("Select at most %(most)d projects.") % {"most": MOST_AT_ONCE}
        model_admin.message_user(request, message, messages.ERROR)
        return None
    return redirect(selection_url(keys))


def next_status(statuses: list[str], projects: list[Project]) -> str:
    """The usual next status; "" if each status goes back, ends a project or needs more."""
    for status in statuses:
        has_reason = any(needs_reason(project.status, status) for project in projects)
        if status != ProjectStatus.NOT_ELIGIBLE and not has_reason:
            return status
    return ""


def possible_statuses(user: User, projects: list[Project]) -> list[str]:
    """The statuses that this person can give to at least one of these applications."""
    statuses = {
        status
        for project in projects
        for status in individual_transitions(project.status)
        if not missing_permissions([project], status, user)
    }
    return [status for status in BUTTONS if status in statuses]
