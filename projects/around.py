"""What hangs on one project by several relations, asked of the database together."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import CharField, Value

from partners.models import Country

from .models import Priority, Project, Topic


class Term(NamedTuple):
    """A priority or a topic, as a page names and links it."""

    key: int
    name: str
    slug: str


def terms_of(project: Project) -> tuple[list[Term], list[Term]]:
    """Its priorities and its topics, by name, in one query."""
    priorities, topics = (
        model.objects.filter(projects=project)
        .order_by()
        .values_list("pk", "name", "slug", _mark(model.__name__))
        for model in (Priority, Topic)
    )
    found: dict[str, list[Term]] = {"Priority": [], "Topic": []}
    for key, name, slug, mark in priorities.union(topics, all=True).order_by("name"):
        found[mark].append(Term(key, name, slug))
    return found["Priority"], found["Topic"]


def countries_named_by(project: Project) -> tuple[list[Country], list[Country]]:
    """The countries where its work is done, and those that its headline names, in one query."""
    places, announced = (
        Country.objects.filter(**{relation: project}).order_by().annotate(mark=_mark(relation))
        for relation in ("activities", "announced_in")
    )
    rows = list(places.union(announced, all=True).order_by("name"))
    return _marked(rows, "activities"), _marked(rows, "announced_in")


def _mark(text: str) -> Value:
    return Value(text, output_field=CharField())


def _marked(rows: Iterable[Country], mark: str) -> list[Country]:
    return [row for row in rows if getattr(row, "mark") == mark]  # noqa: B009
