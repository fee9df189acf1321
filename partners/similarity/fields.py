from django.db import models

from partners.similarity.profile import broad_keys, profile_of
from psf.text.folding import FoldedField


class MatchWordsField(FoldedField):
    """The keys by which similar names are found: `broad_keys()`, with a space before each key.

    Filled like a `FoldedField`. Short enough for an index.
    """

    LONGEST = 400

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = " ".join(getattr(model_instance, name) for name in self.of)
        words = "".join(f" {key}" for key in sorted(broad_keys(profile_of(text))))
        words = words[: self.LONGEST]
        setattr(model_instance, self.attname, words)
        return words
