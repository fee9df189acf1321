"""The search index of organisations, with the names of their countries."""

from psf.search.definition import TextSource
from psf.search.document import Field
from psf.search.index import Index
from psf.search.triggers import Watch

PARTNER, NAME = "partners.Partner", "partners.PartnerName"

PARTNERS = Index(
    kind="partner",
    model=PARTNER,
    sources=[
        TextSource(PARTNER, "pk", "name", Field.TITLE),
        TextSource(NAME, "partner", "text", Field.NAMES),
        TextSource(PARTNER, "pk", "city", Field.NAMES),
    ],
    countries=(PARTNER, "pk", "country"),
    watches=[
        Watch(
            "partners_partner", ["id", "name", "city", "country_id"], "SELECT {row}.id AS record"
        ),
        Watch("partners_partnername", ["partner_id", "text"], "SELECT {row}.partner_id AS record"),
        Watch(
            "partners_countryname",
            ["country_id", "text"],
            "SELECT id AS record FROM partners_partner WHERE country_id = {row}.country_id",
        ),
    ],
)
