"""Matches: the reasons why records may be the same organisation, with scores."""

from collections import defaultdict
from typing import TypeVar

from partners.similarity.profile import Profile
from partners.similarity.score import SIMILAR, Reason, compare_profiles

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
