"""Recorded organisations whose names are like those of new ones: a person says which they are."""

from collections import Counter, defaultdict
from typing import NamedTuple

from partners.models import Partner, PartnerName
from partners.similarity import ALIKE, Profile, keys_of, likeness, profile_of

MOST_COMPARED = 200  # of the recorded names that share most beginnings of words
MOST_NEAR = 5  # for one new name


class Near(NamedTuple):
    """A recorded organisation that a new name may mean, and what speaks for it."""

    pk: int
    name: str
    why: str


class Nearness:
    """`partners.matching.lookup.near()` for many names; reads the names of a country once."""

    def __init__(self) -> None:
        self._profiles: dict[str, list[tuple[int, Profile]]] = {}
        self._keys: dict[str, dict[str, list[int]]] = {}

    def near(self, name: str, country: str) -> list[Near]:
        """The likeliest first."""
        profile = profile_of(name)
        self._read(country)
        keys, profiles = self._keys[country], self._profiles[country]
        shared = Counter(place for key in keys_of(profile) for place in keys.get(key, ()))
        best: dict[int, tuple[float, str]] = {}
        for place, _times in shared.most_common(MOST_COMPARED):
            pk, other = profiles[place]
            alike = likeness(profile, other)
            if alike.score >= ALIKE:
                found = (alike.score, str(alike.reason.label))
                best[pk] = max(found, best.get(pk, found))
        chosen = sorted(best, key=lambda pk: (-best[pk][0], pk))[:MOST_NEAR]
        names = dict(Partner.objects.filter(pk__in=chosen).values_list("pk", "name"))
        return [Near(pk, names[pk], best[pk][1]) for pk in chosen]

    def _read(self, country: str) -> None:
        if country in self._keys:
            return
        own = Partner.objects.filter(country=country).values_list("pk", "name")
        others = PartnerName.objects.filter(partner__country=country)
        profiles = [
            (pk, profile_of(text)) for pk, text in [*own, *others.values_list("partner_id", "text")]
        ]
        keys: dict[str, list[int]] = defaultdict(list)
        for place, (_pk, profile) in enumerate(profiles):
            for key in keys_of(profile):
                keys[key].append(place)
        self._profiles[country], self._keys[country] = profiles, keys
