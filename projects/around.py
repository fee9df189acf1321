"""What hangs on one project by several relations, asked of the database together."""

from typing import NamedTuple

from django.db.models import BigIntegerField, CharField, QuerySet, Value
from django.db.models.functions import Cast

from partners.models import Country
from psf.prepared import Prepared, Slot

from .models import Priority, Project, Topic


class Term(NamedTuple):
    """A priority or a topic, as a page names and links it."""

    key: int
    name: str
    slug: str


class Around(NamedTuple):
    """By name: its priorities and topics, where its work is done, whom its headline names."""

    priorities: list[Term]
    topics: list[Term]
    places: list[Country]
    announced: list[Country]


@Prepared
def _rows_around() -> QuerySet:
    project = Slot("project", BigIntegerField())
    relations = {
        "priorities": Priority.objects.filter(projects=project),
        "topics": Topic.objects.filter(projects=project),
        "places": Country.objects.filter(activities=project),
        "announced": Country.objects.filter(announced_in=project),
    }
    first, *others = (_rows(records, mark) for mark, records in relations.items())
    return first.union(*others, all=True).order_by("name")


def around(project: Project) -> Around:
    """All of it in one query. The countries have their code, name and address alone."""
    found = Around([], [], [], [])
    for key, name, slug, mark in _rows_around(project=project.pk):
        if mark in ("priorities", "topics"):
            getattr(found, mark).append(Term(int(key), name, slug))
        else:
            getattr(found, mark).append(Country(code=key, name=name, slug=slug))
    return found


def _rows(records: QuerySet, mark: str) -> QuerySet:
    marks = Value(mark, output_field=CharField())
    return records.order_by().values_list(Cast("pk", CharField()), "name", "slug", marks)
