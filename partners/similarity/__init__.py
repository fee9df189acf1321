"""How alike the names of two organisations are; knows names and no records."""

from partners.similarity.profile import Profile, exact_keys_of, keys_of, profile_of
from partners.similarity.score import ALIKE, CERTAIN, Likeness, Reason, likeness

__all__ = [
    "ALIKE",
    "CERTAIN",
    "Likeness",
    "Profile",
    "Reason",
    "exact_keys_of",
    "keys_of",
    "likeness",
    "profile_of",
]
