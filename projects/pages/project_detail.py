"""The page of a project, with its published documents and sources."""

from collections.abc import Iterable
from datetime import date
from heapq import nlargest
from typing import Any, NamedTuple

from django.db.models import Count, F
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from projects.amounts import project_amount
from projects.list_index.facet_sets import public_sets
from projects.list_index.index import projects_of
from projects.models import (
    Amendment,
    Document,
    DocumentKind,
    Output,
    OutputKind,
    Partnership,
    Priority,
    Project,
    Source,
    SourceAbout,
    Topic,
)
from projects.models.choices import AWARDS
from projects.models.documents import download_name
from projects.models.partnerships import disagreement_between
from projects.models.post_award import IN_EFFECT
from projects.pages.status_labels import status_in_words
from psf.database.keysets import keyset, newest_keys
from psf.text.dates import describe
from psf.text.numbers import number_word

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
# In the order of the fields of `PublishedDocument`, from `key` on.
COLUMNS = ["pk", "kind", "day", "title", "language", "licence"]
DOCUMENT_COLUMNS = [*COLUMNS, "pk", "title", "stored_name", "size"]
OUTPUT_COLUMNS = [*COLUMNS, "document", "document__title", "document__stored_name"]
OUTPUT_COLUMNS += ["document__size", "url"]


def load_project_page(slug: str) -> dict[str, Any] | None:
    """The context of the page of a public project; None if no public project has this slug."""
    project = Project.objects.public().for_page().filter(slug=slug).first()
    return project_context(project) if project else None


def project_context(project: Project) -> dict[str, Any]:
    """The context of the page of a project, for readers and for the preview of staff.

    `project` comes from `for_page()`. A lead partner may be missing.
    """
    countries, sources = project.countries(), list(project.sources.all())
    topics, published = list(project.topics.all()), published_documents(project)
    priorities = list(project.priorities.all())
    return {
        "project": project,
        "priorities": priorities,
        "topics": topics,
        "places": list(project.activity_countries.all()),
        "sources": sources,
        "published": published,
        "amount": project_amount(project),
        "lead": project.lead(),
        "partnerships": project.partnerships.all(),
        "missing": missing_facts(project, priorities),
        "countries": countries,
        "disagreement": disagreement_between(list(project.announced_countries.all()), countries),
        "related": related_projects(project, topics),
        "title_sources": [row for row in sources if row.about == SourceAbout.TITLE],
        "status_label": status_in_words(
            project.status,
            project.ends_on,
            project.ends_precision,
            is_extended=published.is_extended,
        ),
        "closed_on": project.call.closing_day(),
        "closes_precision": project.call.closes_precision,
    }


def related_projects(project: Project, topics: Iterable[Topic]) -> list[Project]:
    """The projects with most organisations, then most topics in common, as rows of lists.

    Of equal projects the newest record comes first.
    """
    partners = {row.partner_id for row in project.partnerships.all()} - {None}
    shared = Partnership.objects.public().filter(partner__in=partners).exclude(project=project)
    numbers = shared.order_by().values_list("project").annotate(number=Count("partner"))
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
    missing = []
    if lead and lead.partner is None:
        missing.append(_("the name of the lead partner"))
    if unnamed:
        words = ngettext("the name of one partner", "the names of %(word)s partners", len(unnamed))
        missing.append(words % {"word": number_word(len(unnamed))})
    if not project.period():
        missing.append(_("when it ran"))
    if project.amount_kind not in AWARDS:
        missing.append(_("the sum awarded"))
    if project.total_budget_eur is None:
        missing.append(_("the total budget"))
    if not priorities:
        missing.append(_("its priority"))
    return missing


class PublishedDocument(NamedTuple):
    """A published document or output of a project.

    `record_type` is "Output" or "Document". `file` is the key of the document with the file; an
    output may have none.
    """

    record_type: str
    project: str
    key: int
    kind: str
    day: date | None
    title: str
    language: str
    licence: str
    file: int | None
    file_title: str
    stored_name: str
    size: int | None
    url: str = ""

    @property
    def kind_label(self) -> str:
        kinds = OutputKind if self.record_type == "Output" else DocumentKind
        return str(kinds(self.kind).label)

    @property
    def extension(self) -> str:
        return self.stored_name.rpartition(".")[2].upper()

    @property
    def address(self) -> str:
        """The address of the file; only for a document or an output with a file."""
        name = download_name(self.file_title, self.stored_name)
        return reverse("projects:document", args=[self.project, self.file, name])


class PublishedDocuments(NamedTuple):
    """The outputs and documents of a project, newest first.

    The document of an output is listed with the output only. `announced_end` is the end of the
    project before the first prolongation, in words, and "" if it is not known.
    """

    outputs: list[PublishedDocument]
    documents: list[PublishedDocument]
    announced_end: str
    is_extended: bool


def published_documents(project: Project) -> PublishedDocuments:
    own = {"project": project, "published_at__isnull": False}
    outputs = Output.objects.filter(**own).order_by(*NEWEST_FIRST).values_list(*OUTPUT_COLUMNS)
    documents = Document.objects.filter(**own).order_by(*NEWEST_FIRST)
    output_list = [PublishedDocument("Output", project.slug, *row) for row in outputs]
    document_list = [
        PublishedDocument("Document", project.slug, *row)
        for row in documents.values_list(*DOCUMENT_COLUMNS)
    ]
    files_of_outputs = {output.file for output in output_list}
    prolongations = Amendment.objects.filter(IN_EFFECT, project=project).order_by("pk")
    first = prolongations.values_list("ends_before", "ends_before_precision").first()
    end, precision = first or (None, "")
    return PublishedDocuments(
        output_list,
        [document for document in document_list if document.key not in files_of_outputs],
        describe(end, precision) if end else "",
        is_extended=first is not None,
    )
