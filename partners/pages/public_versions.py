"""The public versions of organisations; see `psf.public_changes`."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from partners.models import Partner, PartnerName
from partners.pages.public_facts import partner_facts
from partners.participation import participation
from psf.impact.facts import PublicPage
from psf.public_changes.record_kinds import PublicKind


def describe_partner(partner: Partner, at: datetime, results_since: datetime | None) -> PublicPage:
    return PublicPage(partner.name, partner.get_absolute_url(), partner_facts(partner))


PARTNERS = PublicKind(
    Partner,
    _("Organisations"),
    [PartnerName],
    lambda keys: participation().public_since(keys),
    describe_partner,
)
