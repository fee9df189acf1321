"""The pages of calls and projects, previewed for staff, and with their earlier versions."""

from collections.abc import Collection

from django.utils.translation import gettext as _, gettext_lazy

from projects.amounts import summed_amount, summed_amounts
from projects.facts import CALL, PROJECT
from projects.models import Call, Decision, Project
from projects.models.publication import public_since
from psf.impact.preview import PublicFact, PublicPage
from psf.public_changes.versions import Publication, PublicKind


def project_name(project: Project) -> str:
    return f"{project.reference} {project.title}"


def project_pages(keys: list[str]) -> dict[str, PublicPage]:
    """The pages of public and unpublished projects, by key."""
    public = Project.objects.public().for_page().prefetch_related(*PROJECT.relations())
    pages = {
        str(row.pk): PublicPage(project_name(row), row.get_absolute_url(), PROJECT.tell(row))
        for row in public.prefetch_related("outputs__document").filter(pk__in=keys)
    }
    for row in Project.objects.unpublished().filter(pk__in=keys):
        pages[str(row.pk)] = _withdrawn_page(project_name(row), row)
    return pages


def _withdrawn_page(name: str, record: Call | Project) -> PublicPage:
    return PublicPage(
        name, _("unpublished: “%(reason)s”") % {"reason": record.unpublished_reason}, {}
    )


def call_pages(keys: list[str]) -> dict[str, PublicPage]:
    rows = Call.objects.public().for_page().filter(pk__in=keys)
    pages = {
        str(row.pk): PublicPage(row.title, row.get_absolute_url(), _call_facts(row)) for row in rows
    }
    for row in Call.objects.unpublished().filter(pk__in=keys):
        pages[str(row.pk)] = _withdrawn_page(row.title, row)
    return pages


def _call_facts(call: Call) -> dict[str, PublicFact]:
    """The facts of the call, with those that follow from the projects and from the time."""
    amounts = summed_amounts(call.projects.public().money())
    return {
        **CALL.tell(call),
        "phase": PublicFact(_("Phase"), str(call.phase().label)),
        "projects": PublicFact(_("Projects of this call"), str(call.number_of_projects)),  # type: ignore[attr-defined]
        "amounts": PublicFact(_("Amounts"), "; ".join(map(str, amounts))),
    }


def project_figures() -> dict[str, PublicFact]:
    """The numbers of public calls and projects, and the sums of each kind of amount."""
    return {
        "calls": PublicFact(_("Calls"), str(Call.objects.public().count())),
        "projects": PublicFact(_("Projects"), str(Project.objects.public().count())),
        **{
            money.kind: PublicFact(_("Grants"), str(summed_amount(money)))
            for money in Project.objects.public().money()
        },
    }


def moment_of(kind: str, key: int) -> tuple[str, object, str]:
    """The column that says since when a record is public, as in the history."""
    return f"projects.{kind}", key, "published_at"


def _publications_of_projects(keys: Collection[str]) -> list[Publication]:
    projects = Project.objects.public().filter(pk__in=map(int, keys))
    return [
        Publication(str(key), at, [moment_of("project", key), moment_of("call", call)])
        for key, at, call in projects.values_list("pk", public_since(), "call")
    ]


def _publications_of_calls(keys: Collection[str]) -> list[Publication]:
    calls = Call.objects.public().filter(pk__in=map(int, keys)).values_list("pk", "published_at")
    return [Publication(str(key), at, [moment_of("call", key)]) for key, at in calls if at]


def _publications_of_results(keys: Collection[str]) -> list[Publication]:
    """The results of the calls with these keys; perhaps published before their calls."""
    decisions = Decision.objects.public().filter(call__in=map(int, keys))
    rows = decisions.values_list("call", "published_at", "pk")
    return [
        Publication(str(call), at, [moment_of("decision", key)]) for call, at, key in rows if at
    ]


PROJECTS = PublicKind(PROJECT, gettext_lazy("Projects"), _publications_of_projects, project_name)
CALLS = PublicKind(
    CALL,
    gettext_lazy("Calls"),
    _publications_of_calls,
    results=Decision,
    publications_of_results=_publications_of_results,
    results_sentence=gettext_lazy("The results were published."),
    is_rare=True,
)
