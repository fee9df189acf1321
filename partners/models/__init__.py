"""Countries, memberships, organisations and their names, lead partners, duplicates and mergers."""

from partners.models.countries import Membership, MembershipStatus, NameKind, PartnerKind
from partners.models.mergers import DuplicateCandidate, Merger
from partners.models.organisations import LeadPartner, PartnerName

from .countries import Country, CountryName
from .organisations import Partner
