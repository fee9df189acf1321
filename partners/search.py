"""The search index of organisations, with the names of their countries."""

from pathlib import Path

from psf.facts.declaration import read_declaration, text_columns, text_sources
from psf.search.index import Index
from psf.search.triggers import Watch

FACTS = read_declaration(Path(__file__).parent / "facts.toml").facts
PARTNER, NAME = "partners.Partner", "partners.PartnerName"

PARTNERS = Index(
    kind="partner",
    model=PARTNER,
    sources=[
        *text_sources(PARTNER, "pk", FACTS["partners"]),
        *text_sources(NAME, "partner", FACTS["name"]),
    ],
    countries=(PARTNER, "pk", "country"),
    watches=[
        Watch(
            "partners_partner",
            ["id", *text_columns(FACTS["partners"]), "country_id"],
            "SELECT {row}.id AS record",
        ),
        Watch("partners_partnername", ["partner_id", "text"], "SELECT {row}.partner_id AS record"),
        Watch(
            "partners_countryname",
            ["country_id", "text"],
            "SELECT id AS record FROM partners_partner WHERE country_id = {row}.country_id",
        ),
    ],
)
