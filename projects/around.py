"""What hangs on one project by several relations, asked of the database together."""

from collections import defaultdict
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, QuerySet, Value

from partners.models import Country
from psf.database.prepared import Parameter, Prepared
from psf.database.sql import Together

from .models import Priority, Project, Source, Topic
from .papers import Papers, papers_of, rows_of_papers


class Term(NamedTuple):
    """A priority or a topic, as a page names and links it."""

    key: int
    name: str
    slug: str


class Around(NamedTuple):
    """By name: its priorities and topics, where its work is done, whom its headline names.

    Also its sources, in their order, and its papers. The countries have their code, name and
    address alone.
    """

    priorities: list[Term]
    topics: list[Term]
    places: list[Country]
    announced: list[Country]
    sources: list[Source]
    papers: Papers


# What is read of each, besides its mark.
TERM, COUNTRY = ["pk", "name", "slug"], ["code", "name", "slug"]
SOURCE = ["id", "about", "citation", "url", "note"]


@Prepared
def _rows_around() -> QuerySet:
    project = Parameter("project", BigIntegerField())
    relations: dict[str, tuple[QuerySet, list[Any]]] = {
        "priorities": (Priority.objects.filter(projects=project), TERM),
        "topics": (Topic.objects.filter(projects=project), TERM),
        "places": (Country.objects.filter(activities=project), COUNTRY),
        "announced": (Country.objects.filter(announced_in=project), COUNTRY),
        "sources": (Source.objects.filter(project=project), SOURCE),
        **rows_of_papers(project),
    }
    first, *others = (_rows(records, mark, read) for mark, (records, read) in relations.items())
    return first.union(*others, all=True).order_by("name")


def _rows(records: QuerySet, mark: str, read: list[Any]) -> QuerySet:
    """The mark, the name by which the database puts in order, and what is read of each record."""
    marks, none = (Value(text, output_field=CharField()) for text in [mark, ""])
    name = "name" if "name" in read else none
    return records.order_by().values_list(marks, name, Together(*read))


def around(project: Project) -> Around:
    """All of it in one query, of a project that readers see, or that staff see as they would."""
    found: dict[str, list[list[Any]]] = defaultdict(list)
    for mark, _name, values in _rows_around(project=project.pk):
        found[mark].append(values)
    priorities, topics = ([Term(*row) for row in found[mark]] for mark in ["priorities", "topics"])
    places, announced = (
        [Country(**dict(zip(COUNTRY, row, strict=True))) for row in found[mark]]
        for mark in ["places", "announced"]
    )
    sources = [Source(**dict(zip(SOURCE, row, strict=True))) for row in found["sources"]]
    sources.sort(key=lambda source: (source.about, source.pk))
    papers = papers_of(project, found["outputs"], found["documents"], found["prolongations"])
    return Around(priorities, topics, places, announced, sources, papers)
