"""The organisations of an announcement: those that are known already, or new ones."""

from django.contrib.auth.models import User

from partners.duplicates import tell_apart
from partners.matching import recognise
from partners.models import Country, NameKind, Partner, PartnerName
from psf.slugs import free_slug
from psf.text import fold
from psf.versions import raise_version

from .drafts import DraftRow
from .made import made


class Organisations:
    """Finds or makes the organisation of each row; `new` are those that it made.

    `source` says where a name comes from; `by` is who was asked about look-alikes.
    """

    def __init__(self, source: str, by: User | None) -> None:
        self.source, self.by = source, by
        self.new: list[Partner] = []

    def of(self, row: DraftRow, country: str) -> Partner | None:
        """The organisation of that row, with the row's name among its names."""
        if row.partner is not None:
            partner = Partner.objects.get(pk=row.partner)
        elif not row.name:
            return None
        else:
            partner = recognise(row.name, Country(pk=country)) or self._make(row, country)
        if row.name:
            self._keep_name(partner, row.name)
        return partner

    def _keep_name(self, partner: Partner, name: str) -> None:
        known = {partner.folded, *partner.names.values_list("folded", flat=True)}
        if fold(name) in known:
            return
        kind = NameKind.AS_PUBLISHED
        made(PartnerName(partner=partner, text=name, kind=kind, source=self.source))
        raise_version(Partner, [partner.pk])

    def _make(self, row: DraftRow, country: str) -> Partner:
        name = row.name or ""
        partner = Partner(name=name, country_id=country, kind=row.kind)
        partner.slug = free_slug(Partner.objects.all(), name, country, "organisation")
        self.new.append(made(partner))
        for other in Partner.objects.filter(pk__in=row.unlike):
            assert self.by  # somebody was asked
            tell_apart(other, partner, self.by)
        return partner
