"""Calls, with their projects and organisations, from the files of `projects/data/`.

A call that is already here is left alone with everything that belongs to it, and so is an
organisation, whatever staff made of them since; only names that it lacks are added to an
organisation of which a new call tells.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from partners.country_data import countries_are_complete, load_countries
from partners.models import Country, Partner, PartnerName
from projects.models import Call, Decision, Partnership, Priority, Project, Role, Source, Topic
from projects.publication.services import publish_project
from psf.history import recording
from psf.history.models import Channel
from psf.search.maintenance import catch_up
from psf.text.slugs import slug_of

DATA = Path(__file__).parent / "data"
SAMPLE = DATA / "psf-2019.json"
HISTORY = DATA / "history.json"

Record = dict[str, Any]
Row = TypeVar("Row", bound=models.Model)
Term = TypeVar("Term", Priority, Topic)


class Loaded(NamedTuple):
    """What was loaded, in numbers, and the titles of the calls that were here before."""

    calls: list[str]
    calls_left_alone: list[str]
    projects: int
    partnerships: int
    organisations: int

    def __str__(self) -> str:
        sentences = []
        if self.calls:
            sentences.append(
                f"Loaded {', '.join(self.calls)}: {self.projects} projects with "
                f"{self.partnerships} partner rows, and {self.organisations} organisations that "
                "were not here before."
            )
        if self.calls_left_alone:
            sentences.append(f"Already here and left alone: {', '.join(self.calls_left_alone)}.")
        return " ".join(sentences)


def load_calls(file: Path) -> Loaded:
    """Load the calls of the file that are not here yet: all of them, or nothing on an error."""
    with recording.change_set(None, channel=Channel.COMMAND, reason=file.name):
        return _load_calls(file)


def _load_calls(file: Path) -> Loaded:
    data = json.loads(file.read_text(encoding="utf-8"))
    slugs = [record["fields"]["slug"] for record in data["calls"]]
    present = dict(Call.objects.filter(slug__in=slugs).values_list("slug", "title"))
    missing = [record for record in data["calls"] if record["fields"]["slug"] not in present]
    if missing and not countries_are_complete():
        load_countries()
    organisations = Partner.objects.count()
    loader = _Loader(data["organisations"])
    calls = [loader.load_call(record) for record in missing]
    catch_up()
    projects = Project.objects.filter(call__in=calls)
    return Loaded(
        calls=[call.title for call in calls],
        calls_left_alone=[present[slug] for slug in slugs if slug in present],
        projects=projects.count(),
        partnerships=Partnership.objects.filter(project__in=projects).count(),
        organisations=Partner.objects.count() - organisations,
    )


class _Loader:
    """Makes rows of the records of one file, each checked as a form would check it."""

    def __init__(self, organisations: list[Record]) -> None:
        self.organisations = {record["fields"]["slug"]: record for record in organisations}
        self.countries: dict[str, Country] = Country.objects.in_bulk()

    def load_call(self, record: Record) -> Call:
        """A call, its decision and its projects, public since the day that its record gives.

        Without such a day they are public from now on.
        """
        at = parse_datetime(record["published_at"]) if "published_at" in record else None
        at = at or timezone.now()
        call = _save(Call(published_at=at, **_with_description(record)))
        _save(Decision(call=call, published_at=at, **record["decision"]))
        _set_terms(call, record)
        for source in record["sources"]:
            _save(Source(call=call, **source))
        for project in record["projects"]:
            self.load_project(call, project, at)
        return call

    def load_project(self, call: Call, record: Record, at: datetime) -> None:
        project = _save(Project(call=call, **_with_description(record)))
        _set_terms(project, record)
        project.activity_countries.set(record.get("activity_countries", []))
        project.announced_countries.set(record.get("announced_countries", []))
        for position, row in enumerate(record["partnerships"], start=1):
            self.load_partnership(project, row, position)
        for source in record["sources"]:
            _save(Source(project=project, **source))
        if record.get("public", True):
            publish_project(project, at)

    def load_partnership(self, project: Project, record: Record, position: int) -> None:
        """A part in a project; a record without an organisation names the country only."""
        slug = record.get("organisation")
        _save(
            Partnership(
                project=project,
                partner=self.organisation(slug) if slug else None,
                country=self.countries[record["country"]],
                role=record.get("role", Role.PARTNER),
                position=position,
                name_as_published=record.get("name_as_published", ""),
            )
        )

    def organisation(self, slug: str) -> Partner:
        """The organisation of that address, made from its record if it is not here yet."""
        record = self.organisations[slug]
        partner = Partner.objects.filter(slug=slug).first() or _save(
            Partner(country=self.countries[record["country"]], **record["fields"])
        )
        for name in record["names"]:
            same = {key: name[key] for key in ("text", "language", "kind")}
            if not partner.names.filter(**same).exists():
                _save(PartnerName(partner=partner, **name))
        return partner


def _save(row: Row) -> Row:
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError(
            [f"{row._meta.verbose_name} “{row}”: {message}" for message in error.messages]
        ) from error
    row.save()
    return row


def _with_description(record: Record) -> Record:
    return {**record["fields"], "description": "\n\n".join(record.get("paragraphs", []))}


def _set_terms(row: Call | Project, record: Record) -> None:
    row.priorities.set([_term(Priority, name) for name in record.get("priorities", [])])
    row.topics.set([_term(Topic, name) for name in record.get("topics", [])])


def _term(model: type[Term], name: str) -> Term:
    return model.objects.filter(name=name).first() or _save(model(name=name, slug=slug_of(name)))
