"""The search index of organisations, with the names of their countries."""

from pathlib import Path

from psf.facts.declaration import read_declaration, text_sources
from psf.search.index import Index

FACTS = read_declaration(Path(__file__).parent / "fields_and_columns.toml").facts
PARTNER, NAME = "partners.Partner", "partners.PartnerName"

PARTNERS = Index(
    kind="partner",
    model=PARTNER,
    sources=[
        *text_sources(PARTNER, "pk", FACTS["partners"]),
        *text_sources(NAME, "partner", FACTS["name"]),
    ],
    countries=(PARTNER, "pk", "country"),
)
