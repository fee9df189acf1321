"""Other projects of the same partnership, and projects that are like this one.

Both are found by the indexes on partners and topics, at most so many of each, so that the page
of a project costs the same however many projects there are.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F

from projects.models import Partnership, Project
from projects.models.public import is_public
from psf.addresses import address_of
from psf.text import fold
from psf.words import foreign

# Fewer organisations in common are a coincidence; this many are a partnership.
A_PARTNERSHIP = 2
BY_PARTNERS, BY_TOPICS = 40, 150
SHOWN = 5
SHORTEST_WORD = 4
# What one thing in common says about how alike two projects are.
PARTNER, TOPIC, WORD = 3, 1, 1


class Kin(NamedTuple):
    """Another public project, and what it has in common with the one whose page it is."""

    title: str
    language: str
    slug: str
    call: str
    closes_at: Any
    partners: int
    topics: int
    words: int

    @property
    def url(self) -> str:
        return address_of("projects:project-detail", self.slug)

    @property
    def likeness(self) -> int:
        return PARTNER * self.partners + TOPIC * self.topics + WORD * self.words


class Family(NamedTuple):
    """Earlier and later projects of the same partnership, and other projects like it."""

    earlier: list[Kin]
    later: list[Kin]
    similar: list[Kin]


FIELDS = {
    "title": "title",
    "language": "title_language",
    "slug": "slug",
    "called": "call__title",
    "closes_at": "call__closes_at",
}


def family_of(project: Project, topics: list[int]) -> Family:
    """`project` comes from `for_page()`; `topics` are the keys of its own."""
    by_partners, by_topics = _by_partners(project), _by_topics(project, topics)
    words = _words(project.title)
    kin = [
        Kin(
            title=found["title"],
            language=foreign(found["language"]),
            slug=found["slug"],
            call=found["called"],
            closes_at=found["closes_at"],
            partners=by_partners.get(key, {}).get("shared", 0),
            topics=by_topics.get(key, {}).get("shared", 0),
            words=len(words & _words(found["title"])),
        )
        for key, found in (by_topics | by_partners).items()
    ]
    return _family(kin, project.call.closes_at)


def _family(kin: list[Kin], closed: datetime | None) -> Family:
    """Those of the same partnership before and after a call, and of the others the most alike."""
    earlier: list[Kin] = []
    later: list[Kin] = []
    others: list[Kin] = []
    for each in kin:
        dated = closed and each.closes_at and each.closes_at != closed
        if each.partners < A_PARTNERSHIP or not dated:
            others.append(each)
        else:
            (earlier if each.closes_at < closed else later).append(each)
    return Family(
        sorted(earlier, key=_by_date, reverse=True)[:SHOWN],
        sorted(later, key=_by_date)[:SHOWN],
        sorted(others, key=lambda each: (-each.likeness, each.slug))[:SHOWN],
    )


def _by_date(kin: Kin) -> tuple[Any, str]:
    return kin.closes_at, kin.slug


def _words(title: str) -> set[str]:
    return {word for word in fold(title).split() if len(word) >= SHORTEST_WORD}


def _by_partners(project: Project) -> dict[int, dict[str, Any]]:
    """The projects that share most organisations with this one, by key."""
    partners = [row.partner_id for row in project.partnerships.all() if row.partner_id]
    parts = Partnership.objects.public().filter(partner__in=partners).exclude(project=project)
    counted = (
        parts.order_by()
        .values("project", **_fields())
        .annotate(shared=Count("partner", distinct=True))
    )
    rows = counted.order_by("-shared", "-project")[:BY_PARTNERS] if partners else []
    return {row["project"]: dict(row) for row in rows}


def _by_topics(project: Project, topics: list[int]) -> dict[int, dict[str, Any]]:
    """The projects that share topics with this one, among those entered last, by key."""
    links = Project.topics.through._default_manager.all()
    # The keys first, by the index alone: the projects behind all links would be many.
    newest = links.filter(topic__in=topics).exclude(project=project).order_by("-pk").values("pk")
    rows = links.filter(is_public(through="project__listing__"), pk__in=newest[:BY_TOPICS])
    found: dict[int, dict[str, Any]] = {}
    for row in rows.values("project", **_fields()) if topics else []:
        found.setdefault(row["project"], row | {"shared": 0})["shared"] += 1
    return found


def _fields() -> dict[str, F]:
    return {name: F(f"project__{field}") for name, field in FIELDS.items()}
