"""Which recorded organisation a name may mean. It proposes; a person decides.

`recognise()` and `Recogniser` find the one whose name it is; `near()` those whose name is like
it, within one country.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import NamedTuple

from django.db.models import IntegerField, Q, QuerySet, Value
from django.db.models.functions import Least, StrIndex

from partners.models import Country, Partner, PartnerName
from partners.similarity import ALIKE, CERTAIN, Profile, Reason, keys_of, likeness, profile_of
from psf.text.folding import fold

_HOST = re.compile(r"https?://(?:www\.)?([^/:?#]+)")
MOST_COMPARED = 200  # of the names that share most beginnings of words
MOST_CANDIDATES = 10
# Hosts on which many have their pages: sharing one says nothing.
SHARED_HOSTS = ("facebook.com", "linkedin.com", "instagram.com", "wordpress.com", "blogspot.com")


class Candidate(NamedTuple):
    """An organisation that a name may mean: how much so, between 0 and 1, and why."""

    partner: Partner
    score: float
    reasons: list[Reason]


class Recogniser:
    """Knows every name of every organisation, read once: for many names, as in an import."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], set[int]] = defaultdict(set)
        named = PartnerName.objects.values_list("partner__country_id", "folded", "partner_id")
        for country, folded, key in [
            *Partner.objects.values_list("country_id", "folded", "pk"),
            *named,
        ]:
            self._known[country, folded].add(key)

    def key_of(self, name: str, country: Country) -> int | None:
        """The key of the one organisation in the country with that name, as `recognise()`."""
        found = self._known.get((country.pk, fold(name)), set())
        return next(iter(found)) if len(found) == 1 and fold(name) else None


def recognise(name: str, country: Country) -> Partner | None:
    """The organisation in the country one of whose names, folded, this is.

    None if there is none, and if there are several: then only a person can tell.
    """
    folded = fold(name)
    if not folded:
        return None
    has_name = PartnerName.objects.filter(folded=folded, partner__country=country)
    found = Partner.objects.filter(country=country).filter(
        Q(folded=folded) | Q(pk__in=has_name.values("partner"))
    )
    partners = list(found[:2])
    return partners[0] if len(partners) == 1 else None


def near(
    name: str,
    country: Country,
    website: str = "",
    registry_number: str = "",
    other_than: Partner | None = None,
) -> list[Candidate]:
    """The organisations in the country that the name may mean, the likeliest first.

    Also those with that website, or that number in the country's register. `other_than` is the
    one that the name is of.
    """
    profile = profile_of(name)
    found: dict[int, dict[Reason, float]] = defaultdict(dict)
    for key, text in _names_like(profile, country):
        alike = likeness(profile, profile_of(text))
        if alike.score >= ALIKE:
            found[key][alike.reason] = max(alike.score, found[key].get(alike.reason, 0))
    for key in _with_host(host_of(website), country):
        found[key][Reason.WEBSITE] = ALIKE
    if registry_number:
        registered = Partner.objects.filter(country=country, registry_number=registry_number)
        for key in registered.values_list("pk", flat=True):
            found[key][Reason.REGISTRY] = CERTAIN
    if other_than:
        found.pop(other_than.pk, None)
    return _as_candidates(found)


def in_order(reasons: dict[Reason, float]) -> list[Reason]:
    """The reasons, what speaks most for it first."""
    return sorted(reasons, key=lambda reason: -reasons[reason])


def _as_candidates(found: dict[int, dict[Reason, float]]) -> list[Candidate]:
    partners = Partner.objects.select_related("country").in_bulk(list(found))
    candidates = [
        Candidate(
            partners[key],
            max(reasons.values()),
            in_order(reasons),
        )
        for key, reasons in found.items()
    ]
    return sorted(candidates, key=lambda found: (-found.score, found.partner.name))[
        :MOST_CANDIDATES
    ]


def _names_like(profile: Profile, country: Country) -> Iterable[tuple[int, str]]:
    """The names in the country that share most beginnings of words, with whose they are."""
    keys = sorted(keys_of(profile))
    if not keys:
        return []
    own = _sharing_most(Partner.objects.filter(country=country), keys)
    others = _sharing_most(PartnerName.objects.filter(partner__country=country), keys)
    return [*own.values_list("pk", "name"), *others.values_list("partner_id", "text")]


def _sharing_most(rows: QuerySet, keys: list[str]) -> QuerySet:
    """Ordered by an expression that an index alone can answer: only the first are read whole."""
    shared = [
        Least(StrIndex("match_words", Value(f" {key}")), 1, output_field=IntegerField())
        for key in keys
    ]
    most = rows.order_by(reduce(add, shared).desc(), "pk").values_list("pk", flat=True)
    return rows.model._base_manager.filter(pk__in=list(most[:MOST_COMPARED]))


def host_of(website: str) -> str:
    """The host of a web address without its "www."; "" for one that many share."""
    found = _HOST.match(website.lower())
    host = found[1] if found else ""
    return "" if host.endswith(SHARED_HOSTS) else host


def _with_host(host: str, country: Country) -> list[int]:
    if not host:
        return []
    rows = Partner.objects.filter(country=country, website__icontains=host)
    return [key for key, website in rows.values_list("pk", "website") if host_of(website) == host]
