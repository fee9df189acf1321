from partners.similarity.profile import broad_keys, profile_of
from psf.text.folding import FoldedField


class MatchWordsField(FoldedField):
    """The keys by which similar names are found: `broad_keys()`, with a space before each key.

    Short enough for an index.
    """

    LONGEST = 400

    def words_in(self, text: str) -> str:
        words = "".join(f" {key}" for key in sorted(broad_keys(profile_of(text))))
        return words[: self.LONGEST]
