"""Finds or creates the organisation of a draft row, and adds names to it."""

from django.contrib.auth.models import User

from partners.matching.duplicates import mark_as_different
from partners.matching.lookup import recognise
from partners.models import Country, NameKind, Partner, PartnerName
from partners.slugs import is_slug_taken
from projects.announcements.drafts import PartnerDraft
from projects.announcements.new_records import save_valid
from projects.announcements.organisation_names import language_of
from psf.database.record_version import bump_version
from psf.text.folding import fold
from psf.text.slugs import free_slug


class DraftOrganisations:
    """Finds or creates the organisations of a draft. `source` is recorded with new names.

    `created` are the new organisations.
    """

    def __init__(self, by: User | None, source: str) -> None:
        self.by, self.source = by, source
        self.created: list[Partner] = []

    def meant_by(self, row: PartnerDraft, country: str) -> Partner | None:
        if row.partner is not None:
            partner = Partner.objects.get(pk=row.partner)
        elif not row.name:
            return None
        else:
            partner = recognise(row.name, Country(pk=country)) or self._new(row, country)
        self._add_names(partner, row)
        return partner

    def _add_names(self, partner: Partner, row: PartnerDraft) -> None:
        """Add the published name, and the single names chosen by staff."""
        names = [(name, language_of(name), NameKind.OFFICIAL) for name in row.split]
        names += [(row.name or "", "", NameKind.AS_PUBLISHED)]
        recorded = {partner.folded, *partner.names.values_list("folded", flat=True)}
        for text, language, kind in names:
            if fold(text) not in {*recorded, ""}:
                recorded.add(fold(text))
                save_valid(
                    PartnerName(
                        partner=partner,
                        text=text,
                        language=language,
                        kind=NameKind.ENGLISH if language == "en" else kind,
                        source=self.source,
                    )
                )
                bump_version(Partner, [partner.pk])

    def _new(self, row: PartnerDraft, country: str) -> Partner:
        name = row.whole_name or _to_show(row.split) or row.name or ""
        language = language_of(name) if row.split else ""
        partner = Partner(name=name, name_language=language, country_id=country, kind=row.kind)
        partner.slug = free_slug(is_slug_taken, name, country, "organisation")
        self.created.append(save_valid(partner))
        for candidate in Partner.objects.filter(pk__in=row.unlike):
            assert self.by  # an account decided that the candidate is different
            mark_as_different(candidate, partner, self.by)
        return partner


def _to_show(names: list[str]) -> str:
    """Return the English name, or else the first."""
    english = [name for name in names if language_of(name) == "en"]
    return next(iter([*english, *names]), "")
