from django.db import models

from partners.similarity.profile import keys_of, profile_of
from psf.text.folding import FoldedField


class MatchWordsField(FoldedField):
    """By what names like this one are found: `keys_of()` it, a space before each.

    Filled as `FoldedField` is. Short enough for an index.
    """

    LONGEST = 400

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = " ".join(getattr(model_instance, name) for name in self.of)
        words = "".join(f" {key}" for key in sorted(keys_of(profile_of(text))))
        words = words[: self.LONGEST]
        setattr(model_instance, self.attname, words)
        return words
