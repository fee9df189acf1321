"""Finding organisations that may be recorded twice, and remembering those that are not.

What is found stands in `Resemblance` until somebody merges the two, or says that they are two.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from partners.matching.lookup import host_of, in_order, near
from partners.models import Country, Partner, PartnerName, Resemblance
from partners.similarity import ALIKE, CERTAIN, Profile, Reason, exact_keys_of, likeness, profile_of

MOST_SHARING = 150  # organisations with a word: one that more have tells nobody apart
Pair = tuple[int, int]
Found = dict[Pair, dict[Reason, float]]


@transaction.atomic
def look_everywhere() -> int:
    """Compare all organisations, country by country; how many pairs wait for a decision then."""
    for country in Country.objects.filter(partners__isnull=False).distinct():
        pairs = _within(country)
        partners = Partner.objects.filter(country=country).values("pk")
        _note(pairs, Resemblance.objects.filter(first__in=partners))
    return Resemblance.objects.waiting().count()


@transaction.atomic
def look_at(partner: Partner) -> None:
    """Compare one organisation, after it was saved, with the others in its country."""
    pairs: Found = defaultdict(dict)
    names = [partner.name, *partner.names.values_list("text", flat=True)]
    for name in names:
        for found in near(
            name,
            partner.country,
            partner.website,
            partner.registry_number,
            other_than=partner,
        ):
            reasons = dict.fromkeys(found.reasons, found.score)
            pairs[_pair(partner.pk, found.partner.pk)].update(reasons)
    _note(pairs, Resemblance.objects.of(partner))


def tell_apart(one: Partner, other: Partner, by: User) -> None:
    """Remember that these are two organisations."""
    first, second = _pair(one.pk, other.pk)
    Resemblance.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"decided_at": timezone.now(), "decided_by": by},
        create_defaults={
            "decided_at": timezone.now(),
            "decided_by": by,
            "score_percent": 0,
        },
    )


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _note(pairs: Found, noted: "Iterable[Resemblance]") -> None:
    """Write what was found; what was noted before and is not found any more goes."""
    known = {(row.first_id, row.second_id): row for row in noted}
    kin = _kin({key for pair in pairs for key in pair})
    pairs = {pair: reasons for pair, reasons in pairs.items() if pair not in kin}
    gone = [row.pk for pair, row in known.items() if pair not in pairs and row.decided_at is None]
    Resemblance.objects.filter(pk__in=gone).delete()
    Resemblance.objects.bulk_create(
        [
            Resemblance(
                first_id=first,
                second_id=second,
                score_percent=round(100 * max(reasons.values())),
                reasons=",".join(in_order(reasons)),
            )
            for (first, second), reasons in pairs.items()
        ],
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["score_percent", "reasons"],
        batch_size=500,
    )


def _kin(keys: set[int]) -> set[Pair]:
    """The pairs of which one is recorded as a part of the other, or became it."""
    rows = Partner.objects.filter(Q(parent__isnull=False) | Q(successor__isnull=False))
    linked = rows.values_list("pk", "parent_id", "successor_id")
    return {
        _pair(key, other) for key, *others in linked for other in others if other and key in keys
    }


def _within(country: Country) -> Found:
    """The pairs of one country that are alike."""
    profiles: dict[int, list[Profile]] = defaultdict(list)
    hosts: dict[str, set[int]] = defaultdict(set)
    partners = Partner.objects.filter(country=country)
    registered: dict[str, set[int]] = defaultdict(set)
    rows = partners.values_list("pk", "name", "website", "registry_number")
    for key, name, website, number in rows:
        profiles[key].append(profile_of(name))
        hosts[host_of(website)].add(key)
        registered[number].add(key)
    names = PartnerName.objects.filter(partner__country=country)
    for key, text in names.values_list("partner_id", "text"):
        profiles[key].append(profile_of(text))
    hosts.pop("", None)
    registered.pop("", None)
    pairs: Found = defaultdict(dict)
    for pair in _sharing(profiles):
        for one in profiles[pair[0]]:
            for other in profiles[pair[1]]:
                alike = likeness(one, other)
                if alike.score >= ALIKE:
                    best = pairs[pair].get(alike.reason, 0)
                    pairs[pair][alike.reason] = max(alike.score, best)
    for keys in hosts.values():
        if len(keys) <= MOST_SHARING:
            for pair in combinations(sorted(keys), 2):
                pairs[pair][Reason.WEBSITE] = ALIKE
    for keys in registered.values():
        for pair in combinations(sorted(keys), 2):
            pairs[pair][Reason.REGISTRY] = CERTAIN
    return pairs


def _sharing(profiles: dict[int, list[Profile]]) -> Iterator[Pair]:
    """The pairs that share the beginning of a word which few have, each once."""
    having: dict[str, set[int]] = defaultdict(set)
    for key, names in profiles.items():
        for profile in names:
            for word in exact_keys_of(profile):
                having[word].add(key)
    few = [sorted(keys) for keys in having.values() if len(keys) <= MOST_SHARING]
    yield from {pair for keys in few for pair in combinations(keys, 2)}
