"""The facts of organisations and countries, and of their names and memberships."""

from pathlib import Path

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from partners.models import Country, Membership, Partner, PartnerName
from psf.facts.declaration import read_declaration
from psf.facts.facts import Facts
from psf.text.phrases import language_name

DECLARED = read_declaration(Path(__file__).parent / "fields_and_columns.toml")


NAME = Facts(
    DECLARED.facts["name"],
    PartnerName,
    words={
        "language": lambda name: language_name(name.language) if name.language else "",
        "period": PartnerName.period,
    },
    relation="names",
)
PARTNER = Facts(DECLARED.facts["partners"], Partner, parts=(NAME,))

MEMBERSHIP = Facts(
    DECLARED.facts["memberships"],
    Membership,
    words={
        "status": lambda row: capfirst(str(row.get_status_display())),
        "period": Membership.period,
    },
    relation="memberships",
    label=lambda row: _("Membership"),
)
COUNTRY = Facts(DECLARED.facts["countries"], Country, parts=(MEMBERSHIP,))

# The other records in lists of the data, by section.
LISTED = {
    "name": NAME,
    "organisation": Facts(DECLARED.facts["organisation"]),
    "period": Facts(DECLARED.facts["period"], Membership),
}
