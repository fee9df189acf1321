"""How alike the names of two organisations are; knows names and no records."""

from .profiles import Profile, exact_keys_of, keys_of, profile_of
from .scores import ALIKE, CERTAIN, Likeness, Reason, likeness

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
