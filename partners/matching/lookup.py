"""Organisations by name: the ones that are meant, and similar ones."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import NamedTuple, TypeVar

from django.db.models import IntegerField, Q, QuerySet, Value
from django.db.models.functions import Least, StrIndex

from partners.models import Country, Partner, PartnerKind, PartnerName
from partners.similarity.profile import Profile, keys_of_name, profile_of
from partners.similarity.score import CERTAIN, SIMILAR, Reason, compare_profiles
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

    def compare(self, key: Key, first: Profile, second: Profile) -> None:
        """Add the similarity of two names, from a score of `SIMILAR` on."""
        similarity = compare_profiles(first, second)
        if similarity.score >= SIMILAR:
            self.add(key, similarity.reason, similarity.score)


def strongest_first(reasons: dict[Reason, float]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: -reasons[reason])


_HOST = re.compile(r"https?://(?:www\.)?([^/:?#]+)")
MOST_COMPARED = 200  # names: the names with most common keys
MOST_CANDIDATES = 10
# Hosts with the pages of many organisations: sharing such a host is no reason.
SHARED_HOSTS = ("facebook.com", "linkedin.com", "instagram.com", "wordpress.com", "blogspot.com")


class Candidate(NamedTuple):
    """A possible meaning of a name, with a score between 0 and 1 and the reasons."""

    partner: Partner
    score: float
    reasons: list[Reason]


def recognise(name: str, country: Country) -> Partner | None:
    """The organisation in the country with this name, folded.

    None if no organisation or several organisations have the name.
    """
    folded = fold(name)
    if not folded:
        return None
    other_names = PartnerName.objects.filter(folded=folded, partner__country=country)
    partners = Partner.objects.filter(country=country).filter(
        Q(folded=folded) | Q(pk__in=other_names.values("partner"))
    )
    first_two = list(partners[:2])
    return first_two[0] if len(first_two) == 1 else None


def new_organisation(name: str, country: str) -> Partner:
    """An organisation that is not saved yet, with an address of its own."""
    slug = free_slug(is_slug_taken, name, country, "organisation")
    return Partner(name=name, country_id=country, slug=slug, kind=PartnerKind.UNKNOWN)


def similar_partners(
    name: str,
    country: Country,
    website: str = "",
    registry_number: str = "",
    exclude: Partner | None = None,
) -> list[Candidate]:
    """The organisations in the country with a similar name, the most similar first.

    Also the organisations with the same website or registry number.
    """
    profile = profile_of(name)
    matches = Matches[int]()
    for key, text in _names_sharing_keys(profile, country):
        matches.compare(key, profile, profile_of(text))
    for key in _with_host(website_host(website), country):
        matches.add(key, Reason.WEBSITE, SIMILAR)
    if registry_number:
        registered = Partner.objects.filter(country=country, registry_number=registry_number)
        for key in registered.values_list("pk", flat=True):
            matches.add(key, Reason.REGISTRY, CERTAIN)
    if exclude:
        matches.pop(exclude.pk, None)
    return _candidates(matches)


class RecordedNames:
    """Every name of every organisation, read once: a lookup for many names.

    A country is given by its code.
    """

    def __init__(self) -> None:
        self._partners: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._names: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._indexes: dict[str, SimilarNames] = {}
        own_names = Partner.objects.values_list("country_id", "folded", "name", "pk")
        other_names = PartnerName.objects.values_list(
            "partner__country_id", "folded", "text", "partner_id"
        )
        for country, folded, name, partner in [*own_names.order_by(), *other_names.order_by()]:
            self._partners[country, folded or name].add(partner)
            self._names[country].append((partner, name))

    def partners_named(self, name: str, country: str) -> list[int]:
        """The keys of the organisations in the country with this name, folded."""
        return sorted(self._partners.get((country, fold(name) or name), ()))

    def similar_partners(self, name: str, country: str) -> list[Candidate]:
        """The organisations in the country with similar names, the most similar first."""
        if country not in self._indexes:
            self._indexes[country] = SimilarNames(self._names[country])
        return _candidates(self._indexes[country].matches(profile_of(name)))


class SimilarNames:
    """The names of a country by key."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self._profiles = [(partner, profile_of(name)) for partner, name in names]
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, (_partner, profile) in enumerate(self._profiles):
            for key in keys_of_name(profile):
                self._places[key].append(place)

    def matches(self, profile: Profile) -> Matches[int]:
        matches = Matches[int]()
        shared_keys = Counter(
            place for key in keys_of_name(profile) for place in self._places.get(key, ())
        )
        for place, _number in shared_keys.most_common(MOST_COMPARED):
            partner, recorded = self._profiles[place]
            matches.compare(partner, profile, recorded)
        return matches


def _candidates(matches: Matches[int]) -> list[Candidate]:
    """The best matches; of two with the same score the older record comes first."""
    scores = {key: max(reasons.values()) for key, reasons in matches.items()}
    best = sorted(scores, key=lambda key: (-scores[key], key))[:MOST_CANDIDATES]
    partners = Partner.objects.select_related("country").in_bulk(best)
    return [Candidate(partners[key], scores[key], strongest_first(matches[key])) for key in best]


def _names_sharing_keys(profile: Profile, country: Country) -> Iterable[tuple[int, str]]:
    """The names in the country with most common keys, each with its organisation."""
    keys = sorted(keys_of_name(profile))
    if not keys:
        return []
    own_names = _sharing_most_keys(Partner.objects.filter(country=country), keys)
    other_names = _sharing_most_keys(PartnerName.objects.filter(partner__country=country), keys)
    return [*own_names.values_list("pk", "name"), *other_names.values_list("partner_id", "text")]


def _sharing_most_keys(rows: QuerySet, keys: list[str]) -> QuerySet:
    """Order by an expression in an index, so that only the first rows are read."""
    shared = [
        Least(StrIndex("match_words", Value(f" {key}")), 1, output_field=IntegerField())
        for key in keys
    ]
    most = rows.order_by(reduce(add, shared).desc(), "pk").values_list("pk", flat=True)
    return rows.model._base_manager.filter(pk__in=list(most[:MOST_COMPARED]))


def website_host(website: str) -> str:
    """The host of a web address without "www."; "" for a host with many organisations."""
    match = _HOST.match(website.lower())
    host = match[1] if match else ""
    return "" if host.endswith(SHARED_HOSTS) else host


def _with_host(host: str, country: Country) -> list[int]:
    if not host:
        return []
    rows = Partner.objects.filter(country=country, website__icontains=host)
    return [
        key for key, website in rows.values_list("pk", "website") if website_host(website) == host
    ]
