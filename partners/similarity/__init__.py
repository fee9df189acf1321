"""How similar the names of two organisations are; knows names and no records."""

from partners.similarity.profile import Profile, broad_keys, is_generic, narrow_keys, profile_of
from partners.similarity.score import CERTAIN, SIMILAR, Reason, Similarity, compare_profiles

__all__ = [
    "CERTAIN",
    "SIMILAR",
    "Profile",
    "Reason",
    "Similarity",
    "broad_keys",
    "compare_profiles",
    "is_generic",
    "narrow_keys",
    "profile_of",
]
