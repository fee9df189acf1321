"""The public pages of calls and projects: previewed for staff, and with their earlier versions."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _, gettext_lazy

from partners.models import Partner
from projects.amounts import summed_amount, summed_amounts
from projects.facts import CALL, PROJECT
from projects.models import Call, Decision, Partnership, Project
from projects.models.publication import public_since
from psf.database.sql import in_keys
from psf.impact.facts import PublicFact, PublicPage
from psf.public_changes.record_kinds import Moments, PublicKind, last_written

# The columns on which figures and the pages of other records depend, for `psf.impact.preview`.
COUNTED: dict[str, set[str]] = {
    "projects.project": {"call_id", "status", "amount_eur", "amount_kind"}
    | {"published_at", "unpublished_at"},
    "projects.partnership": {"project_id", "partner_id", "country_id", "role"}
    | {"joined_on", "left_on"},
    "projects.source": set(),
    "projects.project_priorities": set(),
    "projects.project_topics": set(),
    "projects.project_activity_countries": set(),
    "projects.project_announced_countries": set(),
}


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
    """The pages of public and unpublished calls, by key."""
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


def load_project_since(keys: list[str]) -> Moments:
    """When the present publication of the public projects among these keys began."""
    projects = Project.objects.public().filter(pk__in=map(int, keys))
    columns = projects.values_list("pk", public_since(), "call")
    rows = [(str(key), since, str(call)) for key, since, call in columns]
    written = last_written("projects.project", [row[0] for row in rows], "published_at")
    of_calls = last_written("projects.call", {row[2] for row in rows}, "published_at")
    return {
        key: max([since, *_known(written, key), *_known(of_calls, call)])
        for key, since, call in rows
    }


def _known(moments: Moments, key: str) -> list[datetime]:
    return [moments[key]] if key in moments else []


def load_call_since(keys: list[str]) -> Moments:
    calls = Call.objects.public().filter(pk__in=map(int, keys)).values_list("pk", "published_at")
    published = {str(key): at for key, at in calls if at}
    written = last_written("projects.call", list(published), "published_at")
    return {key: max([at, *_known(written, key)]) for key, at in published.items()}


def load_results_since(keys: list[str]) -> Moments:
    """When the results of the calls with these keys were published, perhaps before their calls."""
    public = Decision.objects.public().filter(call__in=map(int, keys))
    decisions = list(public.values_list("pk", "call", "published_at"))
    written = last_written(
        "projects.decision", [str(key) for key, *_row in decisions], "published_at"
    )
    return {str(call): max([at, *_known(written, str(key))]) for key, call, at in decisions if at}


def load_partner_since(keys: Collection[str]) -> Moments:
    """Since when each organisation takes part in a public project; others are missing."""
    parts = Partnership.objects.public().filter(partner__in=in_keys(Partner, keys)).order_by()
    columns = ["pk", "partner", "project", "project__call"]
    rows = list(parts.values_list(*columns, public_since("project__")))
    written = [
        last_written(kind, {str(row[place]) for row in rows}, column)
        for place, kind, column in [
            (0, "projects.partnership", "partner_id"),
            (2, "projects.project", "published_at"),
            (3, "projects.call", "published_at"),
        ]
    ]
    since: Moments = {}
    for part, partner, project, call, moment in rows:
        places = zip(written, [part, project, call], strict=True)
        at = max([moment, *(at for moments, key in places for at in _known(moments, str(key)))])
        since[str(partner)] = min(since.get(str(partner), at), at)
    return since


PROJECTS = PublicKind(PROJECT, gettext_lazy("Projects"), load_project_since, project_name)
CALLS = PublicKind(
    CALL,
    gettext_lazy("Calls"),
    load_call_since,
    results=Decision,
    load_results_since=load_results_since,
    results_sentence=gettext_lazy("The results were published."),
    is_rare=True,
)
