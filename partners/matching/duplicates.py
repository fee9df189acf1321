"""Organisations recorded twice, perhaps, and pairs marked as different by staff.

A `DuplicateCandidate` is kept until staff merge the organisations or mark the pair as different.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from itertools import combinations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from partners.matching.lookup import Matches, RecordedNames, strongest_first
from partners.models import Country, DuplicateCandidate, Partner
from partners.similar_names import CERTAIN, SIMILAR, Reason

_HOST = re.compile(r"https?://(?:www\.)?([^/:?#]+)")
# Hosts with the pages of many organisations: sharing such a host is no reason.
SHARED_HOSTS = ("facebook.com", "linkedin.com", "instagram.com", "wordpress.com", "blogspot.com")
MOST_SHARING = 150  # organisations: a website of more organisations is no reason
Pair = tuple[int, int]


@transaction.atomic
def find_all_duplicates() -> int:
    """Compare all organisations of each country; return how many pairs wait for a decision."""
    for country in Country.objects.filter(partners__isnull=False).distinct():
        matches = _matches_within(country)
        partners = Partner.objects.filter(country=country).values("pk")
        _save(matches, DuplicateCandidate.objects.filter(first__in=partners))
    return DuplicateCandidate.objects.waiting().count()


@transaction.atomic
def find_duplicates_of(*partners: Partner) -> None:
    """Compare saved organisations with all others in their countries."""
    for country in {partner.country for partner in partners}:
        own = {partner.pk: partner for partner in partners if partner.country_id == country.pk}
        matches = _matches_within(country, own)
        of_own = {pair: matches[pair] for pair in matches if not own.keys().isdisjoint(pair)}
        _save(of_own, DuplicateCandidate.objects.of(*own.values()))


def mark_as_different(one: Partner, other: Partner, by: User) -> None:
    first, second = _pair(one.pk, other.pk)
    decision = {"decided_at": timezone.now(), "decided_by": by}
    DuplicateCandidate.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults=decision,
        create_defaults={**decision, "score_percent": 0},
    )


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _save(
    matches: Mapping[Pair, dict[Reason, float]], recorded: Iterable[DuplicateCandidate]
) -> None:
    """Write the matches; delete undecided pairs without a match."""
    related = _related_pairs({key for pair in matches for key in pair})
    pairs = {pair: reasons for pair, reasons in matches.items() if pair not in related}
    outdated = [
        row.pk
        for row in recorded
        if (row.first_id, row.second_id) not in pairs and row.decided_at is None
    ]
    DuplicateCandidate.objects.filter(pk__in=outdated).delete()
    DuplicateCandidate.objects.bulk_create(
        [
            DuplicateCandidate(
                first_id=first,
                second_id=second,
                score_percent=round(100 * max(reasons.values())),
                reasons=",".join(strongest_first(reasons)),
            )
            for (first, second), reasons in pairs.items()
        ],
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["score_percent", "reasons"],
        batch_size=500,
    )


def _related_pairs(keys: set[int]) -> set[Pair]:
    """The pairs of parent and unit, or of predecessor and successor."""
    rows = Partner.objects.filter(Q(parent__isnull=False) | Q(successor__isnull=False))
    links = rows.values_list("pk", "parent_id", "successor_id")
    return {
        _pair(key, relative)
        for key, *relatives in links
        for relative in relatives
        if relative and key in keys
    }


def _matches_within(country: Country, of: Container[int] | None = None) -> Matches[Pair]:
    """The pairs of similar organisations in a country; by name only of some organisations."""
    matches, recorded = Matches[Pair](), RecordedNames(country.pk)
    for key, name in recorded.names[country.pk]:
        if of is None or key in of:
            for other, reasons in recorded.matches(name, country.pk).items():
                for reason, score in reasons.items() if other != key else ():
                    matches.add(_pair(key, other), reason, score)
    by_host: dict[str, set[int]] = defaultdict(set)
    by_number: dict[str, set[int]] = defaultdict(set)
    rows = Partner.objects.filter(country=country)
    for key, website, number in rows.values_list("pk", "website", "registry_number"):
        by_host[website_host(website)].add(key)
        by_number[number].add(key)
    for host, keys in by_host.items():
        for pair in combinations(sorted(keys), 2) if host and len(keys) <= MOST_SHARING else ():
            matches.add(pair, Reason.WEBSITE, SIMILAR)
    for number, keys in by_number.items():
        for pair in combinations(sorted(keys), 2) if number else ():
            matches.add(pair, Reason.REGISTRY, CERTAIN)
    return matches


def website_host(website: str) -> str:
    """The host of a web address without "www."; "" for a host with many organisations."""
    match = _HOST.match(website.lower())
    host = match[1] if match else ""
    return "" if host.endswith(SHARED_HOSTS) else host
