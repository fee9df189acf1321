from .choices import NameKind, PartnerKind
from .countries import Country, CountryName, Membership, MembershipStatus
from .leads import LeadPartner
from .names import PartnerName
from .organisations import Partner
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
