"""Organisations by name: the ones that are meant, and similar ones."""

from collections import Counter, defaultdict
from typing import NamedTuple, TypeVar

from django.db.models import Q

from partners.models import Country, Partner, PartnerKind, PartnerName
from partners.similar_names import (
    SIMILAR,
    Profile,
    Reason,
    compare_profiles,
    keys_of_name,
    profile_of,
)
from partners.slugs import is_slug_taken
from psf.text.folding import fold
from psf.text.slugs import free_slug

Key = TypeVar("Key")


class Matches(defaultdict[Key, dict[Reason, float]]):
    """The highest score of each reason, by the key of a record or of a pair of records."""

    def __init__(self) -> None:
        super().__init__(dict)

    def add(self, key: Key, reason: Reason, score: float) -> None:
        self[key][reason] = max(score, self[key].get(reason, 0))


def strongest_first(reasons: dict[Reason, float]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: -reasons[reason])


MOST_COMPARED = 200  # names: the names with most common keys
MOST_CANDIDATES = 10


class Candidate(NamedTuple):
    """A possible meaning of a name, with a score between 0 and 1 and the reasons."""

    partner: Partner
    score: float
    reasons: list[Reason]


def recognise(name: str, country: Country | None = None) -> Partner | None:
    """The organisation with this name, folded; in the country, if one is given.

    None if no organisation or several organisations have the name.
    """
    folded = fold(name)
    if not folded:
        return None
    partners = Partner.objects.filter(country=country) if country else Partner.objects.all()
    other_names = PartnerName.objects.filter(folded=folded)
    partners = partners.filter(Q(folded=folded) | Q(pk__in=other_names.values("partner")))
    first_two = list(partners[:2])
    return first_two[0] if len(first_two) == 1 else None


def new_organisation(name: str, country: str) -> Partner:
    """An organisation that is not saved yet, with an address of its own."""
    slug = free_slug(is_slug_taken, name, country, "organisation")
    return Partner(name=name, country_id=country, slug=slug, kind=PartnerKind.UNKNOWN)


class RecordedNames:
    """Every name of every organisation of one country or of all, read once for many lookups.

    A country is given by its code.
    """

    def __init__(self, country: str = "") -> None:
        self._partners: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.names: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._indexes: dict[str, tuple[list[Profile], dict[str, list[int]]]] = {}
        own_names = Partner.objects.values_list("country_id", "folded", "name", "pk").order_by()
        other_names = PartnerName.objects.values_list(
            "partner__country_id", "folded", "text", "partner_id"
        ).order_by()
        if country:
            own_names = own_names.filter(country=country)
            other_names = other_names.filter(partner__country=country)
        for code, folded, name, partner in [*own_names, *other_names]:
            self._partners[code, folded or name].add(partner)
            self.names[code].append((partner, name))

    def partners_named(self, name: str, country: str) -> list[int]:
        """The keys of the organisations in the country with this name, folded."""
        return sorted(self._partners.get((country, fold(name) or name), ()))

    def similar_partners(self, name: str, country: str) -> list[Candidate]:
        """The organisations in the country with similar names, the most similar first."""
        return _candidates(self.matches(name, country))

    def matches(self, name: str, country: str) -> Matches[int]:
        """The organisations in the country with similar names, among those that share most keys."""
        if country not in self._indexes:
            self._indexes[country] = _index(
                [profile_of(text) for _key, text in self.names[country]]
            )
        profile, matches = profile_of(name), Matches[int]()
        profiles, places = self._indexes[country]
        sharing = Counter(place for key in keys_of_name(profile) for place in places.get(key, ()))
        for place, _number in sharing.most_common(MOST_COMPARED):
            similarity = compare_profiles(profile, profiles[place])
            if similarity.score >= SIMILAR:
                matches.add(self.names[country][place][0], similarity.reason, similarity.score)
        return matches


def _index(profiles: list[Profile]) -> tuple[list[Profile], dict[str, list[int]]]:
    """The profiles of names, and the places of these by key."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, profile in enumerate(profiles):
        for key in keys_of_name(profile):
            places[key].append(place)
    return profiles, places


def _candidates(matches: Matches[int]) -> list[Candidate]:
    """The best matches; of two with the same score the older record comes first."""
    scores = {key: max(reasons.values()) for key, reasons in matches.items()}
    best = sorted(scores, key=lambda key: (-scores[key], key))[:MOST_CANDIDATES]
    partners = Partner.objects.select_related("country").in_bulk(best)
    return [Candidate(partners[key], scores[key], strongest_first(matches[key])) for key in best]
