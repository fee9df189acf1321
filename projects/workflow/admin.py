"""Pages on which staff take the steps of applications, one or several, and override rules."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects import workflow as steps
from projects.eligibility import rules
from projects.models import Ground, Project, ProjectStatus, RuleKey
from projects.permissions import CHECK
from projects.workflow.steps import versions_of
from projects.workflow.transitions import (
    following,
    needs_reason,
)
from psf.impact.preview import preview_impact
from psf.staff.records import Link, RecordAdmin

MOST_AT_ONCE = 200  # applications in one step: their numbers stand in the address
WORDS = {
    ProjectStatus.SUBMITTED: gettext_lazy("Take back to “submitted”"),
    ProjectStatus.ELIGIBLE: gettext_lazy("Eligible"),
    ProjectStatus.NOT_ELIGIBLE: gettext_lazy("Not eligible"),
    ProjectStatus.REJECTED: gettext_lazy("Reject"),
    ProjectStatus.FUNDED: gettext_lazy("Take back to “funded”"),
    ProjectStatus.RUNNING: gettext_lazy("Running"),
    ProjectStatus.COMPLETED: gettext_lazy("Completed"),
    ProjectStatus.TERMINATED: gettext_lazy("End it early"),
    ProjectStatus.WITHDRAWN: gettext_lazy("Withdrawn by the applicant"),
}


class StepForm(forms.Form):
    """What a step asks; an empty form where it asks nothing."""

    grounds = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Not eligible because"),
        queryset=Ground.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("The call’s own list of reasons; it stands on the call’s form."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, for the history"), max_length=500, required=False
    )

    def __init__(self, *args: Any, projects: list[Project], to: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if to == ProjectStatus.NOT_ELIGIBLE:
            calls = {project.call_id for project in projects}
            grounds = Ground.objects.filter(call__in=calls).select_related("call")
            self.fields["grounds"].queryset = grounds  # type: ignore[attr-defined]
        else:
            del self.fields["grounds"]
        self.fields["reason"].required = any(
            to and needs_reason(project.status, to) for project in projects
        )


class WaiverForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it does not bind this application"), max_length=500
    )


class SteppingAdmin(RecordAdmin):
    """Adds to the pages of projects those of their steps."""

    actions = ["choose_step"]

    def get_urls(self) -> list[Any]:
        step = path(
            "steps/", self.admin_site.admin_view(self.steps_view), name=self.page_name("steps")
        )
        rule = path(
            "<path:object_id>/rules/<str:rule>/",
            self.admin_site.admin_view(self.rule_view),
            name=self.page_name("rule"),
        )
        return [step, rule, *super().get_urls()]

    def page_of_chosen(self, page: str, keys: list[int], **query: str) -> str:
        """The address of a page for these projects."""
        chosen: list[tuple[str, Any]] = [("project", key) for key in keys]
        address = reverse(f"admin:{self.page_name(page)}")
        return f"{address}?{urlencode([*chosen, *query.items()])}"

    def to_page_of_chosen(
        self, request: HttpRequest, queryset: QuerySet, page: str
    ) -> HttpResponse | None:
        rows = queryset.order_by("pk").values_list("pk", flat=True)
        keys = list(rows[: MOST_AT_ONCE + 1])
        if len(keys) > MOST_AT_ONCE:
            words = _("Choose at most %(most)d at once.") % {"most": MOST_AT_ONCE}
            self.message_user(request, words, messages.ERROR)
            return None
        return redirect(self.page_of_chosen(page, keys))

    def links(self, request: HttpRequest, obj: Project) -> list[Link]:
        links = super().links(request, obj)
        if steps_of(request, [obj]):
            links.append(Link(_("Next step…"), self.page_of_chosen("steps", [obj.pk])))
        return links

    def has_step_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CHECK)

    @admin.action(description=gettext_lazy("Take a step with the chosen"), permissions=["step"])
    def choose_step(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self.to_page_of_chosen(request, queryset, "steps")

    def steps_view(self, request: HttpRequest) -> HttpResponse:
        """Which step, then what it means for each application, then the step."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        projects = self.chosen(request)
        offered = steps_of(request, projects)
        to = request.GET.get("to", "")
        if request.method == "GET" and not to:
            to = next_of(offered, projects)
        if to and to not in offered:
            raise PermissionDenied
        form = StepForm(
            request.POST if request.method == "POST" else None, projects=projects, to=to
        )
        if to and form.is_bound and form.is_valid() and self._taken(request, projects, to, form):
            return self._after(projects)
        title, keys = _("Steps"), [project.pk for project in projects]
        if len(projects) == 1:
            title = _("Steps of %(project)s") % {"project": projects[0].reference}
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "projects": projects,
            "offered": [
                (WORDS[ProjectStatus(step)], self.page_of_chosen("steps", keys, to=step))
                for step in offered
            ],
            "to": to,
            "action": self.page_of_chosen("steps", keys, to=to),
            "to_label": WORDS[ProjectStatus(to)] if to else "",
            "form": form,
            "versions": versions_of(projects),
            "rows": [(project, steps.hindrances(project, to)) for project in projects if to],
        }
        context["stopped"] = any(refusals for _project, refusals in context["rows"])
        if to and not context["stopped"] and any(project.published_at for project in projects):
            context["seen"] = preview_impact(lambda: steps.try_step(projects, to))
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/projects/workflow/steps.html", context)

    def chosen(self, request: HttpRequest) -> list[Project]:
        """The projects that the address names, with all that the rules ask of them."""
        keys = request.GET.getlist("project")
        if not 0 < len(keys) <= MOST_AT_ONCE or not all(key.isdecimal() for key in keys):
            raise Http404
        numbers = {int(key) for key in keys if len(key) < 19}
        found = list(Project.objects.for_rules().filter(pk__in=numbers).order_by("reference"))
        if not found:
            raise Http404
        return found

    def _taken(
        self, request: HttpRequest, projects: list[Project], to: str, form: StepForm
    ) -> bool:
        if request.POST.get("version") != versions_of(projects):
            form.add_error(
                None, _("What you were shown has changed, so nothing was done: look at it again.")
            )
            return False
        try:
            steps.take(
                projects,
                to,
                request.user,
                form.cleaned_data["reason"],
                list(form.cleaned_data.get("grounds") or []),
            )
        except ValidationError as error:
            form.add_error(None, error)
            return False
        label = ProjectStatus(to).label
        words = ngettext(
            "%(count)d application is now: %(status)s.",
            "%(count)d applications are now: %(status)s.",
            len(projects),
        )
        self.message_user(
            request, words % {"count": len(projects), "status": label}, messages.SUCCESS
        )
        return True

    def _after(self, projects: list[Project]) -> HttpResponseRedirect:
        if len(projects) == 1:
            return redirect(self.page_url("change", projects[0].pk))
        return redirect(f"admin:{self.page_name('changelist')}")

    def rule_view(self, request: HttpRequest, object_id: str, rule: str) -> HttpResponse:
        """Override a rule of the call for this application, or let it bind again."""
        if not request.user.has_perm(CHECK):
            raise PermissionDenied
        obj = self.record_or_404(request, object_id)
        project = Project.objects.for_rules().get(pk=obj.pk)
        finding = next((found for found in rules.check(project) if found.rule.key == rule), None)
        if finding is None:
            raise Http404
        is_waived = finding.verdict == rules.Verdict.WAIVED
        data = request.POST if request.method == "POST" else None
        form = forms.Form(data) if is_waived else WaiverForm(data)
        if request.method == "POST" and form.is_valid():
            if is_waived:
                steps.restore_rule(project, rule, request.user)
                done = _("The rule binds this application again.")
            else:
                steps.waive(project, rule, request.user, form.cleaned_data["reason"])
                done = _("The rule is overridden for this application.")
            self.message_user(request, done, messages.SUCCESS)
            return redirect(self.page_url("change", obj.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Rule of the call: %(rule)s") % {"rule": RuleKey(rule).label},
            "opts": self.opts,
            "original": obj,
            "form": form,
            "finding": finding,
            "is_waived": is_waived,
            "version": self.version_of(obj),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/projects/workflow/rule.html", context)


def next_of(offered: list[str], projects: list[Project]) -> str:
    """The step that comes next of those offered; "" if all go back, end early or need more."""
    onward = [to for to in offered if to != ProjectStatus.NOT_ELIGIBLE]
    return next(
        (to for to in onward if not any(needs_reason(one.status, to) for one in projects)), ""
    )


def steps_of(request: HttpRequest, projects: list[Project]) -> list[str]:
    """The steps that this person can take with at least one of these applications."""
    found = {
        to
        for project in projects
        for to in following(project.status)
        if not steps.missing_permissions([project], to, request.user)
    }
    return [status for status in WORDS if status in found]
