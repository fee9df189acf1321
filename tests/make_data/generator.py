"""Synthetic calls and projects, to try out and measure a large site.

The same seed and numbers give the same records. Word frequencies follow Zipf's law. Countries
and organisations are as unevenly active as real ones. Every reference begins with `SYN-`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from django.core.exceptions import ValidationError
from django.db import connection

from partners.country_data import countries_are_complete, load_countries
from partners.models import NameKind, Partner, PartnerName
from projects.models import (
    AmountKind,
    Call,
    Decision,
    Partnership,
    Priority,
    Project,
    ProjectStatus,
    Role,
    Topic,
)
from projects.sample_data.loader import Term
from psf.database.sql import chunked
from psf.history import recording
from psf.history.models import Channel
from psf.search.index import update_indexes
from tests.make_data.vocabulary import Vocabulary

WORDS = Path(__file__).parent / "words.json"
PREFIX = "SYN-"
# The number of projects with the rare word, or all projects if there are fewer.
RARE_PROJECTS = 10
FIRST_YEAR, YEARS = 2008, 18
CHUNK_SIZE = 500
PART_SIZE = 5000
DRAFT_SHARE, AWARD_SHARE, REGION_SHARE = 0.05, 0.3, 0.86
REGION = ["DK", "EE", "FI", "DE", "IS", "LV", "LT", "NO", "PL", "SE"]


def make_data(projects: int, seed: int, add: bool = False) -> str:
    """Generate projects and say how many.

    Raises ValidationError if the database has projects, unless `add`.

    Each transaction saves some thousands of projects with their search documents. After an
    error the earlier transactions stay.
    """
    if Project.objects.exists() and not add:
        raise ValidationError("This database already has projects. Use --add to add more.")
    first = 1 + Project.objects.filter(reference__startswith=PREFIX).count()
    if Call.objects.filter(slug=_slug_of_call(FIRST_YEAR, first, 1)).exists():
        raise ValidationError("An earlier run was interrupted. Start with an empty database.")
    if not countries_are_complete():
        load_countries()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # The default cache (2 MB) is too small for indexes in another order than the rows.
            cursor.execute("PRAGMA cache_size = -400000")
    return Generator(first, projects, seed).generate()


@contextmanager
def _saving() -> Iterator[None]:
    """Save everything in one transaction and update the search index."""
    with recording.change_set(None, channel=Channel.COMMAND, reason="make_data"):
        yield
        update_indexes()


def _slug_of_call(year: int, first: int, number: int) -> str:
    return f"syn-{year}-{first}-{number}"


class Generator:
    """Generates the records of one run."""

    def __init__(self, first: int, projects: int, seed: int) -> None:
        self.first = first
        self.number = projects
        self.random = Random(f"{seed} {first} {projects}")
        self.words = json.loads(WORDS.read_text(encoding="utf-8"))
        self.outside_region = [code for code in self.words["cities"] if code not in REGION]
        self.kinds = list(self.words["kinds"])
        # The vocabulary depends on the seed only, so searches of different runs can be compared.
        self.vocabulary = Vocabulary(self.words, Random(seed))
        self.vocabulary.random = self.random
        numbers = range(first, first + projects)
        self.rare = set(self.random.sample(numbers, min(RARE_PROJECTS, projects)))

    def generate(self) -> str:
        with _saving():
            self.topics = [self._term(Topic, name) for name in self.words["topics"]]
            self.priorities = [self._term(Priority, name) for name in self.words["priorities"]]
            self.calls = self._make_calls()
        self.organisations: list[tuple[int, str]] = []
        for numbers in chunked(range(1, max(20, 2 * self.number) + 1), 2 * PART_SIZE):
            with _saving():
                self._make_organisations(numbers)
        partnerships = 0
        for numbers in chunked(range(self.first, self.first + self.number), PART_SIZE):
            with _saving():
                partnerships += sum(map(self._make_projects, chunked(numbers, CHUNK_SIZE)))
        return (
            f"Generated {self.number} projects in {len(self.calls)} calls, with {partnerships} "
            f"partner rows of {len(self.organisations)} organisations."
        )

    def _term(self, model: type[Term], name: str) -> Term:
        slug = name.lower().replace(" ", "-")
        return model.objects.get_or_create(name=name, defaults={"slug": slug})[0]

    def _make_calls(self) -> list[Call]:
        """Eight to sixty calls, spread over the years, all decided and public."""
        number = max(8, min(60, self.number // 500))
        years = [FIRST_YEAR + index * YEARS // number for index in range(number)]
        calls = Call.objects.bulk_create(
            Call(
                title=f"Synthetic call {year}-{self.first + index}",
                slug=_slug_of_call(year, self.first, index + 1),
                summary=self.vocabulary.text(12, rare=False),
                opens_at=datetime(year, 2, 1, tzinfo=UTC),
                closes_at=datetime(year, 4, 1 + index % 28, 12, tzinfo=UTC),
                ceiling_eur=65000,
                published_at=datetime(year, 1, 15, tzinfo=UTC),
            )
            for index, year in enumerate(years)
        )
        Decision.objects.bulk_create(
            Decision(
                call=call,
                body="Committee of Senior Officials",
                decided_on=date(year, 6, 15),
                published_at=datetime(year, 7, 1, tzinfo=UTC),
            )
            for call, year in zip(calls, years, strict=True)
        )
        return calls

    def _make_organisations(self, numbers: list[int]) -> None:
        """Save organisations, one in three with an abbreviation; remember keys and countries."""
        for chunk in chunked(numbers, 2 * CHUNK_SIZE):
            partners = Partner.objects.bulk_create(self._organisation(number) for number in chunk)
            PartnerName.objects.bulk_create(
                PartnerName(
                    partner=partner,
                    text="".join(word[0] for word in partner.name.split()).upper(),
                    kind=NameKind.ABBREVIATION,
                )
                for partner in partners[::3]
            )
            self.organisations += [(partner.pk, partner.country_id) for partner in partners]

    def _organisation(self, number: int) -> Partner:
        in_region = self.random.random() < REGION_SHARE
        country = self.random.choice(REGION if in_region else self.outside_region)
        kind = self.random.choice(self.kinds)
        city = self.random.choice(self.words["cities"][country])
        name = self.random.choice(self.words["kinds"][kind]).format(city=city)
        return Partner(
            name=f"{name} {number}",
            slug=f"syn-{self.first}-{number}",
            country_id=country,
            kind=kind,
            city=city,
        )

    def _make_projects(self, numbers: list[int]) -> int:
        """Save projects with their partners and terms; return the number of partner rows."""
        projects = Project.objects.bulk_create(self._project(number) for number in numbers)
        partnerships = Partnership.objects.bulk_create(
            row for project in projects for row in self._partnerships(project)
        )
        topics = Project.topics.through
        topics.objects.bulk_create(
            topics(project_id=project.pk, topic_id=topic.pk)
            for project in projects
            for topic in self.random.sample(self.topics, self.random.randrange(1, 4))
        )
        priorities = Project.priorities.through
        priorities.objects.bulk_create(
            priorities(project_id=project.pk, priority_id=self.random.choice(self.priorities).pk)
            for project in projects
        )
        return len(partnerships)

    def _project(self, number: int) -> Project:
        call = self.random.choice(self.calls)
        title = self.vocabulary.title()
        text = self.vocabulary.text(self.random.randrange(60, 180), number in self.rare)
        draft = number not in self.rare and self.random.random() < DRAFT_SHARE
        assert call.closes_at
        year, month = call.closes_at.year, self.random.randrange(7, 13)
        return Project(
            call=call,
            reference=f"{PREFIX}{number:07d}",
            slug=f"{PREFIX.lower()}{number:07d}",
            title=" ".join(title).capitalize(),
            acronym="".join(word[:3] for word in title[:3]).upper(),
            summary=f"{text.split('. ')[0].rstrip('.')}."[:500],
            description=text,
            status=ProjectStatus.SUBMITTED if draft else self._status(year),
            starts_on=date(year, month, 1),
            ends_on=date(year + 2, month, 28),
            published_at=None if draft else datetime(year, 7, 1, tzinfo=UTC),
            amount_eur=self.random.randrange(20, 66) * 1000,
            amount_kind=self._amount_kind(draft),
        )

    def _status(self, year: int) -> ProjectStatus:
        if self.random.random() < 0.03:
            return ProjectStatus.TERMINATED
        return ProjectStatus.COMPLETED if year < FIRST_YEAR + 14 else ProjectStatus.RUNNING

    def _amount_kind(self, draft: bool) -> AmountKind:
        awarded = not draft and self.random.random() < AWARD_SHARE
        return AmountKind.AWARDED if awarded else AmountKind.CEILING

    def _partnerships(self, project: Project) -> list[Partnership]:
        """Three to seven partners, the first as lead; few organisations have many projects."""
        count, partners = self.random.randrange(3, 8), dict[int, str]()
        while len(partners) < count:
            index = int(len(self.organisations) * self.random.random() ** 2.2)
            partners.update([self.organisations[index]])
        return [
            Partnership(
                project=project,
                partner_id=partner,
                country_id=country,
                role=Role.PARTNER if position > 1 else Role.LEAD,
                position=position,
            )
            for position, (partner, country) in enumerate(partners.items(), start=1)
        ]
