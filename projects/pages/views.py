from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.amounts import summed_amounts
from projects.announcements.writer import announcement_of
from projects.eligibility.rules import rules_of
from projects.list_index.facet_sets import money_of, public_calls, public_sets
from projects.list_index.index import frequent_topics, projects_of
from projects.models import Call, Decision, Document, Project, SourceAbout
from projects.pages.coverage import (
    applications_of,
    applications_title,
    funded_applications,
    load_coverage,
)
from projects.pages.filters import CallFilterSet, ProjectFilterSet
from projects.pages.form_versions import form_versions
from projects.pages.open_call import call_block
from projects.pages.project_detail import project_context
from projects.pages.withdrawn import withdrawal_of, withdrawn_page
from projects.publication.events import CALL, last_changes
from psf.files.store import attachment
from psf.lists.public_list import FilteredList
from psf.public_changes.change_log import changes_of_page
from psf.public_changes.views import version_page
from psf.text.phrases import permanent_address

PROJECTS_ON_A_CALL = 25
PROJECTS_IN_AN_ANNOUNCEMENT = 50
AUTHOR = "Council of the Baltic Sea States, Project Support Facility"  # of cited projects


class CallList(FilteredList):
    filterset_class = CallFilterSet
    template_name = "projects/call_list.html"

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """The calls of the page with their numbers of public projects."""
        paginator, page, calls, is_paginated = super().paginate_queryset(queryset, page_size)
        numbers = public_sets().numbers_by_call()
        for call in cast(Any, calls):
            call.number_of_projects = numbers.get(call.pk, 0)
        return paginator, page, calls, is_paginated


class ProjectList(FilteredList):
    filterset_class = ProjectFilterSet
    template_name = "projects/project_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filters = cast(ProjectFilterSet, self.filterset)
        money = money_of(filters.remaining) if filters.is_valid() else []
        dated = filters.snapshot.sets["dated"].get("yes", 0)
        sums = {
            "amounts": summed_amounts(money),
            "coverage": load_coverage().title(),
            "topics": [] if filters.remaining else frequent_topics(),
            "dated": (dated & filters.remaining).bit_count() if filters.is_valid() else 0,
        }
        return super().get_context_data(**kwargs, **sums)


def call_context(call: Call) -> dict[str, Any]:
    """The context of the page of a call, for readers and for the preview of staff.

    `call` comes from `for_page()`.
    """
    sets, projects = public_sets(), Project.objects.public().filter(call=call)
    keys = projects.values_list("pk", flat=True)[:PROJECTS_ON_A_CALL]
    labels = [_("Applications received"), _("Applications eligible"), _("Projects funded")]
    figures = zip(labels, call.announced_counts(), strict=True)
    recorded, calls = call.recorded_decision(), public_calls()
    funded = funded_applications(calls)
    return {
        "call": call,
        "phase": call.phase(),
        "decision": call.public_decision(),
        "withdrawal": withdrawal_of(recorded) if recorded else {},
        "figures": [(label, value) for label, value in figures if value is not None],
        "rules": rules_of(call),
        "form_versions": form_versions(call) if call.offers_workbook() else [],
        "block": call_block(call),
        "funded": funded,
        "funded_title": applications_title(*applications_of(funded)),
        "used_terms": sets.values,
        "money": summed_amounts(money_of(sets.of("call", call.pk))),
        "projects": projects_of([*keys]),
        "has_other_calls": len(calls) > 1,
    }


@require_safe
def call_detail(request: HttpRequest, slug: str) -> HttpResponse:
    call = Call.objects.public().for_page().filter(slug=slug).first()
    if call is None:
        return withdrawn_page(Call.objects.unpublished(), slug=slug)
    context = call_context(call) | {"changes": changes_of_page(CALL, call.pk)}
    return render(request, "projects/call_detail.html", context)


@require_safe
def record_version(request: HttpRequest, model: Any, slug: str, number: int) -> HttpResponse:
    """An earlier public version of the page of a call or a project."""
    record = model.objects.public().filter(slug=slug).first()
    if record is None:
        return withdrawn_page(model.objects.unpublished(), slug=slug)
    return version_page(request, record, number)


@require_safe
def announcement(request: HttpRequest, slug: str) -> HttpResponse:
    """The announcement of the results of a call, once they are public."""
    call = Call.objects.announced().select_related("decision").filter(slug=slug).first()
    if call is None:
        return withdrawn_page(Decision.objects.unpublished(), call__slug=slug)
    projects = call.projects.public()
    keys = list(projects.order_by("reference").values_list("pk", flat=True))
    shown = projects.filter(pk__in=keys[:PROJECTS_IN_AN_ANNOUNCEMENT])
    context = {
        **announcement_of(call, shown),
        "call": call,
        "number_of_projects": len(keys),
        "originals": list(call.sources.filter(about=SourceAbout.ANNOUNCEMENT)),
    }
    return render(request, "projects/call_announcement.html", context)


@require_safe
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a public project, or the reason why the project was withdrawn (410)."""
    project = Project.objects.public().for_page().filter(slug=slug).first()
    if project is None:
        return withdrawn_page(Project.objects.unpublished(), slug=slug)
    return render(request, "projects/project_detail.html", project_context(project))


@require_safe
def document(request: HttpRequest, slug: str, key: int, file_name: str) -> HttpResponseBase:
    """Download a public document; an address with a former title redirects to the current one.

    All addresses below a withdrawn project return 410.
    """
    documents = Document.objects.public().select_related("project")
    record = documents.filter(pk=key, project__slug=slug).first()
    if record is None:
        return withdrawn_page(Project.objects.unpublished(), slug=slug)
    if file_name != record.file_name:
        return redirect(record, permanent=True)
    return attachment(request, record.stored_name, record.file_name, record.sha256)


def bibtex(project: Project, changed: datetime) -> str:
    """An entry of BibTeX. Braces would end a field, and a backslash begins a command."""
    title = project.title.translate({ord(sign): " " for sign in "{}\\"})
    return (
        f"@misc{{{project.slug},\n"
        f"  author = {{{{{AUTHOR}}}}},\n"
        f"  title = {{{{{title}}}}},\n"
        f"  year = {{{changed.year}}},\n"
        f"  note = {{{project.reference}, as of {changed:%Y-%m-%d}}},\n"
        f"  url = {{{permanent_address(project)}}}\n"
        "}\n"
    )


def ris(project: Project, changed: datetime) -> str:
    """A record of RIS."""
    lines = [
        ("TY", "ELEC"),
        ("AU", AUTHOR),
        ("TI", " ".join(project.title.split())),
        ("PY", str(changed.year)),
        ("DA", f"{changed:%Y/%m/%d}"),
        ("M1", project.reference),
        ("UR", permanent_address(project)),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


CITATIONS = {
    "bib": (bibtex, "application/x-bibtex"),
    "ris": (ris, "application/x-research-info-systems"),
}


@require_safe
def citation(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    project, (write, kind) = (
        get_object_or_404(Project.objects.public(), slug=slug),
        CITATIONS[suffix],
    )
    changed = timezone.localtime(last_changes([project])[project.pk])
    return HttpResponse(write(project, changed), content_type=f"{kind}; charset=utf-8")
