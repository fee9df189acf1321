from .choices import NameKind, PartnerKind
from .countries import Country, CountryName, Membership, MembershipStatus
from .leads import LeadPartner
from .organisations import Partner, PartnerName
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
