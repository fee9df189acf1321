"""Words and texts of synthetic projects."""

from itertools import accumulate, product
from random import Random

WORDS = 5000
RARE = "phytobenthos"


class Vocabulary:
    """Words with their frequencies, and random texts made of these words."""

    def __init__(self, words: dict[str, list[str]], random: Random) -> None:
        self.random = random
        stems = words["stems"]
        endings = list(product(words["prefixes"], words["suffixes"]))
        derived = [start + stem + end for start, end in endings[1:] for stem in stems]
        random.shuffle(derived)
        self.content = list(dict.fromkeys([*stems, *derived]))[:WORDS]
        self.all = words["frequent"] + self.content
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.all))))

    def text(self, words: int, rare: bool) -> str:
        """Sentences with the given number of words, with the rare word on request."""
        chosen = self.random.choices(self.all, cum_weights=self._weights, k=words)
        if rare:
            chosen[self.random.randrange(words)] = RARE
        sentences = []
        while chosen:
            length = self.random.randrange(9, 24)
            sentence, chosen = chosen[:length], chosen[length:]
            sentences.append(f"{' '.join(sentence).capitalize()}.")
        return " ".join(sentences)

    def title(self) -> list[str]:
        """The words of a title, four to eight."""
        weights = self._weights[: len(self.content)]
        return self.random.choices(self.content, cum_weights=weights, k=self.random.randrange(4, 9))
