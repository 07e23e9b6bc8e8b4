"""Makes transcripts of 3 KB that have as many words, and as many different ones, as people's speech has.

Measured on English prose of 3,000 characters: 495 to 515 words, 195 to 235 different ones. A third of the
words comes from a small stock of the conversation, as names and subjects come back in one.
"""

import itertools
import random
from collections.abc import Iterator

SIZE = 3_000
_COMMON = """
the and to of a in i that you it is for we on have be this with so are was but not at they as just
like do if what can or know one all there going think about get would well then right yeah okay our
up now will from your me go out see because how when some has had people them very time really more
he she my want need good make which also were said an say way kind sort actually mean here who been
by did than other look two let us work no thing things lot much where could should over into back
first new those take today year team call plan next week
""".split()  # noqa: SIM905
_CONSONANTS = "b c d f g h l m n p r s t v w br cl dr gr pl st tr".split()  # noqa: SIM905
_SYLLABLES = [first + vowel for first in _CONSONANTS for vowel in ("a", "e", "i", "o", "u", "ai", "ea", "ou")]
_ENDS = ("", "n", "s", "ing", "ed", "ng", "d", "l", "")


class Speech:
    """The same conversations for the same seed."""

    def __init__(self, *, seed: int = 1, words: int = 50_000) -> None:
        self._random = random.Random(seed)
        self._rare = list(itertools.islice(self._invented(), words))
        self._common_weights = _zipf(len(_COMMON), 3)
        self._rare_weights = _zipf(words, 30)

    def sentences(self, size: int = SIZE) -> list[str]:
        """One conversation of so many characters."""
        stock = self._random.choices(self._rare, cum_weights=self._rare_weights, k=80)
        weights = _zipf(len(stock), 3)
        found, length = [], 0
        while length < size:
            words = [self._word(stock, weights) for _ in range(self._random.randint(4, 18))]
            found.append(f"{' '.join(words).capitalize()}.")
            length += len(found[-1]) + 1
        return found

    def _word(self, stock: list[str], weights: list[float]) -> str:
        kind = self._random.random()
        if kind < 0.66:
            return self._random.choices(_COMMON, cum_weights=self._common_weights)[0]
        if kind < 0.90:
            return self._random.choices(stock, cum_weights=weights)[0]
        return self._random.choices(self._rare, cum_weights=self._rare_weights)[0]

    def _invented(self) -> Iterator[str]:
        known = set(_COMMON)
        while True:
            syllables = self._random.choices(_SYLLABLES, k=self._random.choice((2, 2, 2, 3, 3, 3, 4)))
            word = "".join(syllables) + self._random.choice(_ENDS)
            if word not in known:
                known.add(word)
                yield word


def _zipf(count: int, offset: int) -> list[float]:
    return list(itertools.accumulate(1 / (rank + offset) for rank in range(count)))
