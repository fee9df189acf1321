from partners.models.duplicates import Merger, Resemblance
from partners.models.lead_partners import LeadPartner

from .choices import NameKind, PartnerKind
from .countries import Country, CountryName, Membership, MembershipStatus
from .names import PartnerName
from .organisations import Partner

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
