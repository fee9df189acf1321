"""The page of a project, with its published documents and sources."""

from collections.abc import Iterable
from heapq import nlargest
from typing import Any

from django.db.models import Count, F
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from projects.amounts import project_amount
from projects.list_index.facet_sets import public_sets
from projects.list_index.index import projects_of
from projects.models import DocumentKind, Partnership, Priority, Project, Source, Topic
from projects.models.choices import ACTIVE_STATUSES, AWARDS
from projects.publication.events import PROJECT, last_change
from psf.database.keysets import keyset, newest_keys
from psf.public_changes.change_log import changes_of_page
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import number_word

# Related projects that are shown, and that are compared for each topic and for the partners.
RELATED, COMPARED = 3, 150


def by_source(rows: Iterable[Source]) -> list[dict[str, Any]]:
    """Each source once, with everything that it is cited for."""
    citations: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        statement = {"what": capfirst(row.get_about_display()), "note": row.note}
        citations.setdefault((row.citation, row.url), []).append(statement)
    return [
        {"text": text, "url": url, "says": statements}
        for (text, url), statements in citations.items()
    ]


NEWEST_FIRST: list[Any] = [F("day").desc(nulls_last=True), "pk"]


def project_context(project: Project) -> dict[str, Any]:
    """The context of the page of a project, for readers and for the preview of staff.

    `project` comes from `for_page()`. A lead partner may be missing.
    """
    topics, published = list(project.topics.all()), published_of(project)
    priorities = list(project.priorities.all())
    changes = changes_of_page(PROJECT, project.pk)
    return {
        "project": project,
        "priorities": priorities,
        "topics": topics,
        "places": list(project.activity_countries.all()),
        "sources": project.sources.all(),
        "published": published,
        "amount": project_amount(project),
        "lead": project.lead(),
        "partnerships": project.partnerships.all(),
        "missing": missing_facts(project, priorities),
        "disagreement": project.disagreement(),
        "related": related_projects(project, topics),
        "status_label": status_label(project, is_extended=published["is_extended"]),
        "closed_on": project.call.closing_day(),
        "changes": changes,
        "changed_at": last_change(project, changes),
    }


def status_label(project: Any, is_extended: bool | None = None) -> str:
    """The status for readers, with a capital. A row of a list says itself whether it is extended.

    A funded or running project reads "Planned to end …" after its period. Without a known end it
    may have ended, and says so.
    """
    is_active, label = project.status in ACTIVE_STATUSES, capfirst(project.get_status_display())
    if is_active and not project.ends_on:
        return _("%(status)s (end not known)") % {"status": label}
    if not is_active or project.ends_on >= timezone.localdate():
        return label
    text = _("Planned to end in %(day)s")
    if project.is_extended if is_extended is None else is_extended:
        text = _("Extended to %(day)s")
    elif project.ends_precision == Precision.DAY:
        text = _("Planned to end on %(day)s")
    return text % {"day": describe(project.ends_on, project.ends_precision)}


def related_projects(project: Project, topics: Iterable[Topic]) -> list[Project]:
    """The projects with most organisations, then most topics in common, as rows of lists.

    Of equal projects the newest record comes first.
    """
    partners = {row.partner_id for row in project.partnerships.all()} - {None}
    shared = Partnership.objects.public().filter(partner__in=partners).exclude(project=project)
    numbers = (
        shared.order_by().values_list("project").annotate(number=Count("partner", distinct=True))
    )
    common = {
        key: [number, 0] for key, number in numbers.order_by("-number", "-project")[:COMPARED]
    }
    sets, itself = public_sets(), keyset([project.pk])
    for topic in topics:
        others = sets.of("topic", topic.pk) & ~itself
        for key in newest_keys(others, COMPARED):
            common.setdefault(key, [0, 0])[1] += 1
    return projects_of(nlargest(RELATED, common, key=lambda key: [*common[key], key]))


def missing_facts(project: Project, priorities: list[Priority]) -> list[str]:
    """What was not published about a project, as parts of one sentence."""
    lead, unnamed = project.lead(), [row for row in project.others() if row.partner is None]
    partners = ngettext("the name of one partner", "the names of %(word)s partners", len(unnamed))
    facts = [
        (lead and lead.partner is None, _("the name of the lead partner")),
        (unnamed, partners % {"word": number_word(len(unnamed))}),
        (not project.period(), _("when it ran")),
        (project.amount_kind not in AWARDS, _("the sum awarded")),
        (project.total_budget_eur is None, _("the total budget")),
        (not priorities, _("its priority")),
    ]
    return [words for is_missing, words in facts if is_missing]


def published_of(project: Project) -> dict[str, Any]:
    """The outputs and documents of a project, newest first, and its end as announced.

    The document of an output is listed with the output only. `announced_end` is the end of the
    project before the first prolongation, in words, and "" if it is not known.
    """
    rows = project.outputs.filter(published_at__isnull=False).order_by(*NEWEST_FIRST)
    outputs = list(rows.select_related("document__project"))
    documents = project.documents.filter(published_at__isnull=False).order_by(*NEWEST_FIRST)
    of_outputs = {output.document_id for output in outputs}
    pictures = [document for document in documents if document.kind == DocumentKind.PICTURE]
    first = project.first_prolongation()
    return {
        "outputs": outputs,
        "picture": next(iter(pictures), None),
        "documents": [row for row in documents if row not in pictures and row.pk not in of_outputs],
        "announced_end": first.end_before() if first else "",
        "is_extended": first is not None,
    }
