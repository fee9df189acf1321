"""Countries, memberships, organisations and their names, lead partners, duplicates and mergers."""

from partners.models.duplicates import DuplicateCandidate
from partners.models.lead_partners import LeadPartner
from partners.models.memberships import Membership
from partners.models.mergers import Merger

from .choices import MembershipStatus, NameKind, PartnerKind
from .countries import Country, CountryName
from .names import PartnerName
from .organisations import Partner
