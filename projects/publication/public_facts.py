"""What readers see of calls and projects, fact by fact: see `psf.seen`."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.amounts import project_amount, summed_amount, summed_amounts
from projects.eligibility.rules import rules_of
from projects.models import Call, Partnership, Project, Source
from psf.impact.facts import PublicFact, PublicPage, field_facts, list_facts

OF_A_PROJECT = ["title", "acronym", "status", "summary", "description", "website"]
OF_A_PROJECT += ["total_budget_eur", "as_published"]
OF_A_CALL = ["title", "summary", "description", "budget_eur"]
OF_A_DECISION = ["body", "decided_on", "announced_on", "mode", "meeting", "reference"]
LISTS = ["priorities", "topics", "activity_countries", "announced_countries"]


def of_projects(keys: list[str]) -> dict[str, PublicPage]:
    public = Project.objects.public().for_page().prefetch_related(*LISTS)
    pages = {
        str(row.pk): PublicPage(_name_of(row), row.get_absolute_url(), _of_project(row))
        for row in public.filter(pk__in=keys)
    }
    for row in Project.objects.unpublished().filter(pk__in=keys):
        pages[str(row.pk)] = _gone(_name_of(row), row)
    return pages


def _gone(name: str, record: Call | Project) -> PublicPage:
    return PublicPage(
        name, _("unpublished: “%(reason)s”") % {"reason": record.unpublished_reason}, {}
    )


def _name_of(project: Project) -> str:
    return f"{project.reference} {project.title}"


def _of_project(project: Project) -> dict[str, PublicFact]:
    return {
        **field_facts(project, OF_A_PROJECT),
        "call": PublicFact(_("Call"), str(project.call)),
        "period": PublicFact(_("Period"), project.period()),
        "amount": PublicFact(_("Grant"), str(project_amount(project))),
        **{f"part-{row.pk}": _of_part(row) for row in project.partnerships.all()},
        **list_facts(
            {
                "priorities": (_("Priorities"), project.priorities.all()),
                "topics": (_("Topics"), project.topics.all()),
                "places": (_("Places of activity"), project.activity_countries.all()),
            }
        ),
        "disagreement": PublicFact(_("Headline and list of partners"), _disagreement(project)),
        **_of_sources(project.sources.all()),
    }


def _of_part(part: Partnership) -> PublicFact:
    label = _("Lead partner") if part.is_lead() else _("Partner")
    words = [part.partner, part.country, part.name_as_published, part.joined_on, part.left_on]
    told = list(dict.fromkeys(str(word) for word in words if word))
    return PublicFact(label, ", ".join(told))


def _disagreement(project: Project) -> str:
    """Where they disagree, and why, as the note on the page says it; "" if they agree."""
    found = project.disagreement()
    if not found:
        return ""
    parts = [
        (found.only_announced, _("only in the headline: %(countries)s")),
        (found.only_listed, _("only in the list: %(countries)s")),
    ]
    told = [
        sentence % {"countries": get_text_list([str(one) for one in countries], _("and"))}
        for countries, sentence in parts
        if countries
    ]
    return "; ".join(filter(None, [*told, project.disagreement_explained]))


def _of_sources(sources: Iterable[Source]) -> dict[str, PublicFact]:
    return {
        f"source-{row.pk}": PublicFact(
            _("Source"), ", ".join(filter(None, [row.citation, row.url, row.note]))
        )
        for row in sources
    }


def of_calls(keys: list[str]) -> dict[str, PublicPage]:
    rows = Call.objects.public().for_page().filter(pk__in=keys)
    pages = {
        str(row.pk): PublicPage(row.title, row.get_absolute_url(), _of_call(row)) for row in rows
    }
    for row in Call.objects.unpublished().filter(pk__in=keys):
        pages[str(row.pk)] = _gone(row.title, row)
    return pages


def _of_call(call: Call) -> dict[str, PublicFact]:
    decision: Any = call.public_decision()
    announced = call.announced_counts()
    decided = field_facts(decision, OF_A_DECISION) if decision else {}
    amounts = summed_amounts(call.projects.public().money())
    return {
        **field_facts(call, OF_A_CALL),
        "received": _of_count(_("Applications received"), announced.received),
        "eligible": _of_count(_("Applications eligible"), announced.eligible),
        "funded": _of_count(_("Projects funded"), announced.funded),
        "announcement": PublicFact(
            _("Announcement and entry of the feed"), _("published") if decision else ""
        ),
        "opens": PublicFact(_("Opens"), call.opens()),
        "closes": PublicFact(_("Closes"), call.closes()),
        "phase": PublicFact(_("Phase"), str(call.phase().label)),
        **{type(r).__name__: PublicFact(str(r.label), r.in_words()) for r in rules_of(call)},
        **{f"decision-{name}": fact for name, fact in decided.items()},
        "projects": PublicFact(_("Projects of this call"), str(call.number_of_projects)),  # type: ignore[attr-defined]
        "amounts": PublicFact(_("Amounts"), "; ".join(map(str, amounts))),
        **list_facts(
            {
                "priorities": (_("Priorities"), call.priorities.all()),
                "topics": (_("Topics"), call.topics.all()),
            }
        ),
        **_of_sources(call.sources.all()),
    }


def _of_count(label: str, count: int | None) -> PublicFact:
    return PublicFact(label, "" if count is None else str(count))


def figures() -> dict[str, PublicFact]:
    """What all public records count up to, each kind of amount for itself."""
    public = Project.objects.public()
    return {
        "calls": PublicFact(_("Calls"), str(Call.objects.public().count())),
        "projects": PublicFact(_("Projects"), str(public.count())),
        **{kind.kind: PublicFact(_("Grants"), str(summed_amount(kind))) for kind in public.money()},
    }
