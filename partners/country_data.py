"""The countries of the world, names of countries, and the memberships of the CBSS."""

import json
from pathlib import Path
from typing import Any

from babel import Locale

from partners.models import Country, CountryName, Membership
from psf.history import recording
from psf.history.models import Channel

DATA = Path(__file__).parent / "data"


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def countries_are_complete() -> bool:
    """Whether every country of ISO 3166-1 is in the database."""
    codes = _read("countries.json")["codes"]
    return Country.objects.filter(code__in=codes).count() == len(codes)


def load_countries() -> None:
    """Update countries and names from ISO 3166-1 and CLDR.

    Names added by staff stay. Memberships are loaded into an empty table only, because staff edit
    memberships afterwards.
    """
    data = _read("countries.json")
    with recording.change_set(None, channel=Channel.COMMAND, reason="countries.json"):
        english = Locale("en").territories
        countries = [
            Country(code=code, name=english[code], slug=code.lower()) for code in data["codes"]
        ]
        for country in countries:
            country.clean_fields()
        Country.objects.bulk_create(
            countries,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "slug"],
        )
        _load_other_names(countries, data["languages"], data["other_names"])
        for record in [] if Membership.objects.exists() else _read("memberships.json"):
            membership = Membership(country_id=record.pop("country", None), **record)
            membership.full_clean()
            membership.save()


def _load_other_names(
    countries: list[Country], languages: list[str], other_names: list[dict[str, str]]
) -> None:
    names = [
        CountryName(country_id=country.code, text=territories[country.code], language=language)
        for language in languages
        for territories in [Locale(language).territories]
        for country in countries
    ]
    names += [
        CountryName(country_id=name["code"], text=name["text"], language=name["language"])
        for name in other_names
    ]
    for name in names:
        name.clean_fields(exclude=["country"])  # needs one query for each name
    CountryName.objects.bulk_create(names, ignore_conflicts=True)
