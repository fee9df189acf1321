"""Everything on the page of a project, loaded in few queries."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, Func, JSONField, QuerySet, SlugField, Value

from partners.models import Country
from partners.pages.countries import countries_by_code
from projects.amounts import project_amount
from projects.models import Partnership, Priority, Project, Source, SourceAbout, Topic
from projects.models.announced_countries import disagreement_between
from projects.pages.project_documents import (
    PublishedDocuments,
    document_queries,
    published_documents,
)
from projects.pages.related_projects import related_projects
from projects.pages.status_labels import status_in_words
from psf.database.parameters import NOW, Parameter
from psf.database.prepared import Prepared, attach

SLUG = Parameter("slug", SlugField())
PUBLIC_PROJECT = Prepared(
    lambda: Project.objects.public(NOW).select_related("call").filter(slug=SLUG)
)
PARTS = Prepared(
    lambda: Partnership.objects.select_related("partner").filter(
        project=Parameter("project", BigIntegerField())
    )
)

# The columns of each related record.
TERM, COUNTRY = ["pk", "name", "slug"], ["code", "name", "slug"]
SOURCE = ["id", "about", "citation", "url", "note"]


class LinkedTerm(NamedTuple):
    """A priority or a topic with its name and the slug of its link."""

    key: int
    name: str
    slug: str


class RelatedRecords(NamedTuple):
    """The related records of a project: terms and countries by name, sources in order.

    Countries have only code, name and slug. `announced` are the countries in the headline of the
    announcement.
    """

    priorities: list[LinkedTerm]
    topics: list[LinkedTerm]
    places: list[Country]
    announced: list[Country]
    sources: list[Source]
    published: PublishedDocuments


def load_project_page(slug: str) -> dict[str, Any] | None:
    """The context of the page of a public project; None if no public project has this slug."""
    project = load_public_project(slug)
    return project_context(project) if project else None


def load_public_project(slug: str) -> Project | None:
    """The public project with its call, its partnerships and their countries."""
    countries = countries_by_code()
    project: Project | None = PUBLIC_PROJECT.one(slug=slug)
    if project is None:
        return None
    partnerships: list[Partnership] = PARTS(project=project.pk)
    attach(project, "partnerships", partnerships)
    for partnership in partnerships:
        partnership.project = project
    set_countries(partnerships, countries)
    return project


def set_countries(partnerships: Iterable[Partnership], countries: dict[str, Country]) -> None:
    """Set the countries of the partnerships and of their organisations.

    Django loads a country that was added after `countries`.
    """
    for partnership in partnerships:
        rows: list[Any] = [partnership, partnership.partner]
        for row in rows:
            if row and row.country_id in countries:
                row._meta.get_field("country").set_cached_value(row, countries[row.country_id])


def project_context(project: Project) -> dict[str, Any]:
    """The context of the page of a project, for readers and for the preview of staff.

    `project` comes from `load_public_project()` or `for_page()`. A lead partner may be missing.
    """
    related = load_related_records(project)
    countries = project.countries()
    return {
        **related._asdict(),
        "project": project,
        "amount": project_amount(project),
        "lead": project.lead(),
        "partnerships": project.partnerships.all(),
        "countries": countries,
        "disagreement": disagreement_between(related.announced, countries),
        "related": related_projects(project, [topic.key for topic in related.topics]),
        "title_sources": [row for row in related.sources if row.about == SourceAbout.TITLE],
        "status_label": status_in_words(
            project.status,
            project.ends_on,
            project.ends_precision,
            is_extended=related.published.is_extended,
        ),
        "closed_on": project.call.closing_day(),
        "closes_precision": project.call.closes_precision,
    }


class JsonArray(Func):
    """A JSON array of columns.

    The function of Django asks SQLite in each thread whether JSON is supported. The question takes
    the write lock, so a page would wait for a writer.
    """

    function = "JSON_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_BUILD_ARRAY", **context)


@Prepared
def _related_rows() -> QuerySet:
    project = Parameter("project", BigIntegerField())
    relations: dict[str, tuple[QuerySet, list[Any]]] = {
        "priorities": (Priority.objects.filter(projects=project), TERM),
        "topics": (Topic.objects.filter(projects=project), TERM),
        "places": (Country.objects.filter(activities=project), COUNTRY),
        "announced": (Country.objects.filter(announced_in=project), COUNTRY),
        "sources": (Source.objects.filter(project=project), SOURCE),
        **document_queries(project),
    }
    first, *queries = (
        _labelled_rows(records, relation, columns)
        for relation, (records, columns) in relations.items()
    )
    return first.union(*queries, all=True).order_by("name")


def _labelled_rows(records: QuerySet, relation: str, columns: list[Any]) -> QuerySet:
    """Rows of the relation's name, the name to sort by, and the columns of each record."""
    label, empty = (Value(text, output_field=CharField()) for text in [relation, ""])
    name = "name" if "name" in columns else empty
    return records.order_by().values_list(label, name, JsonArray(*columns))


def load_related_records(project: Project) -> RelatedRecords:
    """The public related records of a project, in one query."""
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for relation, _name, values in _related_rows(project=project.pk):
        rows[relation].append(values)
    priorities, topics = (
        [LinkedTerm(*row) for row in rows[name]] for name in ["priorities", "topics"]
    )
    places, announced = (
        [Country(**dict(zip(COUNTRY, row, strict=True))) for row in rows[name]]
        for name in ["places", "announced"]
    )
    sources = [Source(**dict(zip(SOURCE, row, strict=True))) for row in rows["sources"]]
    sources.sort(key=lambda source: (source.about, source.pk))
    published = published_documents(
        project.slug, rows["outputs"], rows["documents"], rows["prolongations"]
    )
    return RelatedRecords(priorities, topics, places, announced, sources, published)
