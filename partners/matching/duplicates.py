"""Organisations recorded twice, perhaps, and pairs marked as different by staff.

A `DuplicateCandidate` is kept until staff merge the organisations or mark the pair as different.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, product

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from partners.matching.lookup import Matches, similar_partners, strongest_first, website_host
from partners.models import Country, DuplicateCandidate, Partner, PartnerName
from partners.similarity.profile import Profile, narrow_keys, profile_of
from partners.similarity.score import CERTAIN, SIMILAR, Reason

MOST_SHARING = 150  # organisations: a word or website of more organisations is no reason
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
def find_duplicates_of(partner: Partner) -> None:
    """Compare a saved organisation with the others in its country."""
    matches = Matches[Pair]()
    names = [partner.name, *partner.names.values_list("text", flat=True)]
    for name in names:
        for candidate in similar_partners(
            name, partner.country, partner.website, partner.registry_number, exclude=partner
        ):
            for reason in candidate.reasons:
                matches.add(_pair(partner.pk, candidate.partner.pk), reason, candidate.score)
    _save(matches, DuplicateCandidate.objects.of(partner))


def mark_as_different(one: Partner, other: Partner, by: User) -> None:
    """Record the decision: two different organisations."""
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


def _save(matches: Matches[Pair], recorded: Iterable[DuplicateCandidate]) -> None:
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


def _matches_within(country: Country) -> Matches[Pair]:
    """The pairs of similar organisations in a country."""
    partners = Partner.objects.filter(country=country)
    profiles: dict[int, list[Profile]] = defaultdict(list)
    by_host: dict[str, set[int]] = defaultdict(set)
    by_number: dict[str, set[int]] = defaultdict(set)
    rows = partners.values_list("pk", "name", "website", "registry_number")
    for key, name, website, number in rows:
        profiles[key].append(profile_of(name))
        by_host[website_host(website)].add(key)
        by_number[number].add(key)
    names = PartnerName.objects.filter(partner__country=country)
    for key, text in names.values_list("partner_id", "text"):
        profiles[key].append(profile_of(text))
    by_host.pop("", None)
    by_number.pop("", None)
    matches = Matches[Pair]()
    for pair in _pairs_sharing_keys(profiles):
        for first, second in product(profiles[pair[0]], profiles[pair[1]]):
            matches.compare(pair, first, second)
    for keys in by_host.values():
        if len(keys) <= MOST_SHARING:
            for pair in combinations(sorted(keys), 2):
                matches.add(pair, Reason.WEBSITE, SIMILAR)
    for keys in by_number.values():
        for pair in combinations(sorted(keys), 2):
            matches.add(pair, Reason.REGISTRY, CERTAIN)
    return matches


def _pairs_sharing_keys(profiles: dict[int, list[Profile]]) -> Iterator[Pair]:
    """Each pair of organisations with a common key, if few organisations have the key."""
    by_key: dict[str, set[int]] = defaultdict(set)
    for partner, names in profiles.items():
        for profile in names:
            for key in narrow_keys(profile):
                by_key[key].add(partner)
    few = [sorted(partners) for partners in by_key.values() if len(partners) <= MOST_SHARING]
    yield from {pair for partners in few for pair in combinations(partners, 2)}
