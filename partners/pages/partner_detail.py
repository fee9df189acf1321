"""The rows of organisations in lists, and the content of the page of an organisation."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from partners.models import Partner
from partners.participation import NEWEST_PROJECTS, ProjectRow, participation
from psf.database.keysets import KeySet


def load_partner_rows(numbers: Mapping[str, KeySet], keys: list[int]) -> list[Partner]:
    """The public organisations with the keys, as rows of a list, in the order of the keys.

    `numbers` has the organisations by number of projects, as `list_index.public_partner_sets()`.
    """
    rows: dict[int, Partner] = Partner.objects.public().with_number_led().in_bulk(keys)
    for key, row in rows.items():
        counts = (int(number) for number, partners in numbers.items() if partners >> key & 1)
        row.number_of_projects = next(counts, 0)
    return [rows[key] for key in keys if key in rows]


def partner_context(partner: Partner) -> dict[str, Any]:
    """The context of the page of an organisation, for readers and for the preview of staff.

    `partner` comes from `for_page()` and may be without public projects.
    """
    rows, are_all = participation().newest_projects(partner.pk)
    return {
        "partner": partner,
        "calls": _rows_by_call(rows, partner),
        "are_all": are_all,
        "shown": NEWEST_PROJECTS,
        "neighbours": participation().neighbours(partner),
    }


def _rows_by_call(rows: list[ProjectRow], partner: Partner) -> list[dict[str, object]]:
    """The calls, newest first, each with the projects of the organisation."""
    return [
        {
            "title": title,
            "url": url,
            "projects": [_participation_row(row, partner) for row in group],
        }
        for (title, url), group in groupby(rows, lambda row: (row.call, row.call_url))
    ]


class ParticipationRow(NamedTuple):
    """A project on the page of an organisation.

    `published_as` and `country` are empty if equal to the name and country of the organisation.
    """

    url: str
    project: str
    language: str
    reference: str
    published_as: str
    country: str
    role: str
    joined_on: date | None
    left_on: date | None


def _participation_row(row: ProjectRow, partner: Partner) -> ParticipationRow:
    return ParticipationRow(
        row.url,
        row.title,
        row.title_language,
        row.reference,
        row.name_as_published if row.name_as_published != partner.name else "",
        row.country if row.country_code != partner.country_id else "",
        row.role,
        row.joined_on,
        row.left_on,
    )
