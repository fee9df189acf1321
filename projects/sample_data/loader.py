"""Load calls with projects and organisations from the files in `data/`.

Calls and organisations in the database are not changed. Only missing names are added to an
organisation of a new call.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.utils import timezone

from partners.country_data import countries_are_complete, load_countries
from partners.models import Country, Partner, PartnerName
from projects.models import Call, Decision, Partnership, Priority, Project, Role, Source, Topic
from projects.publication.publish import publish_project
from psf.database.constraints import save_valid
from psf.history import recording
from psf.history.models import Channel
from psf.search.index import update_indexes
from psf.text.slugs import slug_of

DATA = Path(__file__).parent / "data"
SAMPLE = DATA / "psf-2019.json"
HISTORY = DATA / "history.json"

Record = dict[str, Any]
Term = TypeVar("Term", Priority, Topic)


def load_calls(file: Path) -> str:
    """Load the missing calls of a file: all of them, or none after an error. Says what was done."""
    data = json.loads(file.read_text(encoding="utf-8"))
    slugs = [record["fields"]["slug"] for record in data["calls"]]
    with recording.change_set(None, channel=Channel.COMMAND, reason=file.name):
        present = dict(Call.objects.filter(slug__in=slugs).values_list("slug", "title"))
        missing = [record for record in data["calls"] if record["fields"]["slug"] not in present]
        if missing and not countries_are_complete():
            load_countries()
        loader = _Loader(data["organisations"])
        loaded = [loader.load_call(record).title for record in missing]
        update_indexes()
    kept = [present[slug] for slug in slugs if slug in present]
    sentences = [("Loaded %s.", loaded), ("Already present, not changed: %s.", kept)]
    return " ".join(words % ", ".join(titles) for words, titles in sentences if titles)


class _Loader:
    """Saves the records of one file after the same validation as in a form."""

    def __init__(self, organisations: list[Record]) -> None:
        self.organisations = {record["fields"]["slug"]: record for record in organisations}
        self.countries: dict[str, Country] = Country.objects.in_bulk()

    def load_call(self, record: Record) -> Call:
        """Save a call, its known decision and its projects, public from now on."""
        at = timezone.now()
        call = save_valid(Call(published_at=at, **_with_description(record)))
        if "decision" in record:
            save_valid(Decision(call=call, published_at=at, **record["decision"]))
        _set_terms(call, record)
        for source in record["sources"]:
            save_valid(Source(call=call, **source))
        for project in record["projects"]:
            self.load_project(call, project, at)
        return call

    def load_project(self, call: Call, record: Record, at: datetime) -> None:
        project = save_valid(Project(call=call, **_with_description(record)))
        _set_terms(project, record)
        project.activity_countries.set(record.get("activity_countries", []))
        project.announced_countries.set(record.get("announced_countries", []))
        for position, row in enumerate(record["partnerships"], start=1):
            self.load_partnership(project, row, position)
        for source in record["sources"]:
            save_valid(Source(project=project, **source))
        if record.get("public", True):
            publish_project(project, at)

    def load_partnership(self, project: Project, record: Record, position: int) -> None:
        """Save a partnership; a record without an organisation names only the country."""
        slug = record.get("organisation")
        save_valid(
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
        """The organisation with this slug, created from its record if missing."""
        record = self.organisations[slug]
        partner = Partner.objects.filter(slug=slug).first() or save_valid(
            Partner(country=self.countries[record["country"]], **record["fields"])
        )
        for name in record["names"]:
            fields = {key: name[key] for key in ("text", "language", "kind")}
            if not partner.names.filter(**fields).exists():
                save_valid(PartnerName(partner=partner, **name))
        return partner


def _with_description(record: Record) -> Record:
    return {**record["fields"], "description": "\n\n".join(record.get("paragraphs", []))}


def _set_terms(row: Call | Project, record: Record) -> None:
    row.priorities.set([_term(Priority, name) for name in record.get("priorities", [])])
    row.topics.set([_term(Topic, name) for name in record.get("topics", [])])


def _term(model: type[Term], name: str) -> Term:
    return model.objects.filter(name=name).first() or save_valid(
        model(name=name, slug=slug_of(name))
    )
