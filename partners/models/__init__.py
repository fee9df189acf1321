from .choices import NameKind, PartnerKind
from .countries import Country, CountryName, Membership, MembershipStatus
from .organisations import LeadPartner, Partner, PartnerName
from .resemblances import Merger, Resemblance

__all__ = [
    "Country",
    "CountryName",
    "LeadPartner",
    "Membership",
    "MembershipStatus",
    "Merger",
    "NameKind",
    "Partner",
    "PartnerKind",
    "PartnerName",
    "Resemblance",
]
