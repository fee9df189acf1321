"""The public facts of calls and projects, for `psf.impact`."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.amounts import project_amount, summed_amount, summed_amounts
from projects.eligibility.rules import rules_of
from projects.models import Call, Partnership, Project, Source
from psf.impact.facts import PublicFact, PublicPage, field_facts, list_facts
from psf.text.dates import Precision, describe

PROJECT_FIELDS = ["title", "acronym", "status", "summary", "description", "website"]
PROJECT_FIELDS += ["total_budget_eur", "as_published"]
CALL_FIELDS = ["title", "summary", "description", "budget_eur"]
CALL_FIELDS += ["how_to_apply", "contact", "guidelines_url", "application_form_url"]
DECISION_FIELDS = ["body", "decided_on", "announced_on", "mode", "meeting", "reference"]
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
LISTS = ["priorities", "topics", "activity_countries", "announced_countries"]


def project_pages(keys: list[str]) -> dict[str, PublicPage]:
    """The pages of public and unpublished projects, by key."""
    public = Project.objects.public().for_page().prefetch_related(*LISTS)
    pages = {
        str(row.pk): PublicPage(project_name(row), row.get_absolute_url(), project_facts(row))
        for row in public.filter(pk__in=keys)
    }
    for row in Project.objects.unpublished().filter(pk__in=keys):
        pages[str(row.pk)] = _withdrawn_page(project_name(row), row)
    return pages


def _withdrawn_page(name: str, record: Call | Project) -> PublicPage:
    return PublicPage(
        name, _("unpublished: “%(reason)s”") % {"reason": record.unpublished_reason}, {}
    )


def project_name(project: Project) -> str:
    return f"{project.reference} {project.title}"


def project_facts(project: Project) -> dict[str, PublicFact]:
    return {
        **field_facts(project, PROJECT_FIELDS),
        "call": PublicFact(gettext_lazy("Call"), str(project.call)),
        "period": PublicFact(gettext_lazy("Period"), project.period()),
        "amount": PublicFact(gettext_lazy("Grant"), str(project_amount(project))),
        # A new lead partner is a change of words, which alone are compared.
        **{
            "lead" if row.is_lead() else f"part-{row.pk}": _partner_fact(row)
            for row in project.partnerships.all()
        },
        **list_facts(
            {
                "priorities": (gettext_lazy("Priorities"), project.priorities.all()),
                "topics": (gettext_lazy("Topics"), project.topics.all()),
                "places": (gettext_lazy("Places of activity"), project.activity_countries.all()),
            }
        ),
        "disagreement": PublicFact(
            gettext_lazy("Difference between headline and partners"), _disagreement(project)
        ),
        **_source_facts(project.sources.all()),
    }


def _partner_fact(part: Partnership) -> PublicFact:
    label = gettext_lazy("Lead partner") if part.is_lead() else gettext_lazy("Partner")
    values: list[object] = [part.partner, part.country, part.name_as_published]
    if part.joined_on:
        values.append(_("from %(day)s") % {"day": describe(part.joined_on, Precision.DAY)})
    if part.left_on:
        values.append(_("until %(day)s") % {"day": describe(part.left_on, Precision.DAY)})
    texts = list(dict.fromkeys(str(value) for value in values if value))
    return PublicFact(label, ", ".join(texts))


def _disagreement(project: Project) -> str:
    """The different countries and the explanation, as on the page; "" if both lists agree."""
    disagreement = project.disagreement()
    parts = [disagreement.in_words(), project.disagreement_explained] if disagreement else []
    return "; ".join(filter(None, parts))


def _source_facts(sources: Iterable[Source]) -> dict[str, PublicFact]:
    return {
        f"source-{row.pk}": PublicFact(
            gettext_lazy("Source"), ", ".join(filter(None, [row.citation, row.url, row.note]))
        )
        for row in sources
    }


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
    """The facts of the page, with the facts that follow from the projects and from the time."""
    amounts = summed_amounts(call.projects.public().money())
    return {
        **call_facts(call, timezone.now()),
        "phase": PublicFact(_("Phase"), str(call.phase().label)),
        "projects": PublicFact(_("Projects of this call"), str(call.number_of_projects)),  # type: ignore[attr-defined]
        "amounts": PublicFact(_("Amounts"), "; ".join(map(str, amounts))),
    }


def call_facts(call: Call, at: datetime) -> dict[str, PublicFact]:
    """The facts that the records of the call and its public decision state at a moment."""
    decision = call.public_decision(at)
    announced = call.announced_counts(at)
    decision_facts = field_facts(decision, DECISION_FIELDS) if decision else {}
    return {
        **field_facts(call, CALL_FIELDS),
        "received": _count_fact(_("Applications received"), announced.received),
        "eligible": _count_fact(_("Applications eligible"), announced.eligible),
        "funded": _count_fact(_("Projects funded"), announced.funded),
        "announcement": PublicFact(
            _("Announcement and entry of the feed"), _("published") if decision else ""
        ),
        "opens": PublicFact(_("Opens"), call.opens()),
        "closes": PublicFact(_("Closes"), call.closes()),
        **{rule.key: PublicFact(str(rule.label), rule.in_words()) for rule in rules_of(call)},
        **{f"decision-{name}": fact for name, fact in decision_facts.items()},
        **list_facts(
            {
                "priorities": (_("Priorities"), call.priorities.all()),
                "topics": (_("Topics"), call.topics.all()),
            }
        ),
        **_source_facts(call.sources.all()),
    }


def _count_fact(label: str, count: int | None) -> PublicFact:
    return PublicFact(label, "" if count is None else str(count))


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
