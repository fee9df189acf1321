"""The rows of organisations in lists, and the content of the page of an organisation."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from partners.models import Partner
from partners.participation import NEWEST_PROJECTS, participation
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
        # The calls, newest first, each with the projects of the organisation.
        "calls": [
            {"title": title, "url": url, "projects": list(group)}
            for (title, url), group in groupby(rows, lambda row: (row.call, row.call_url))
        ],
        "are_all": are_all,
        "shown": NEWEST_PROJECTS,
        "neighbours": participation().neighbours(partner),
    }
