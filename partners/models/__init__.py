from .countries import Country, CountryName, Membership, MembershipStatus
from .organisations import LeadPartner, NameKind, Partner, PartnerKind, PartnerName

__all__ = [
    "Country",
    "CountryName",
    "LeadPartner",
    "Membership",
    "MembershipStatus",
    "NameKind",
    "Partner",
    "PartnerKind",
    "PartnerName",
]
