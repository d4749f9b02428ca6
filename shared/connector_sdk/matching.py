"""Where the terms of a query stand in texts: by stem, whatever their case and accents.

The texts are not tokenised: a term's beginning is looked for in all of them at once, which costs a
tenth of it, and only the words that are found are looked at.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, islice
from math import ceil
from typing import NamedTuple

from .queries import content_words, language
from .unspaced import is_unspaced, pairs

KINSHIP = 0.4  # of an occurrence: a word with the term's beginning and another stem
_KIN = 0.75  # of a stem's letters are such a beginning,
_KIN_LETTERS = 4  # and so many at least
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_NUMBERED = re.compile(r"&#\d{3,7};(?:&#\d{3,7};)*")
_MOSTLY_ASCII = 1.1  # bytes for a character, in UTF-8
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Vowels and marks of Indic scripts, Hebrew and Arabic are part of a word, but not in `\w`.
_LETTERS = r"[\w\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff]"
_LETTER = re.compile(_LETTERS)
_MOST = 20_000  # places of a term in all texts: with more of them it says nothing
_SHORT = 2  # letters: of a word of no more there are no other forms
_SNOWBALL = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}


class Occurrence(NamedTuple):
    """One place where a term stands.

    Args:
        start: where it begins in the text, in characters.
        end: where it ends.
        term: its number in the query.
        weight: 1 for the term itself in any of its forms, `KINSHIP` for a related word.
    """

    start: int
    end: int
    term: int
    weight: float


def fold(text: str) -> str:
    """Return text without differences of case, accents, width and punctuation beyond ASCII."""
    if not text.isascii():
        if len(text.encode("utf-8", "replace")) < _MOSTLY_ASCII * len(text):
            # The few others by their numbers, which are found five times as fast as by a class.
            numbered = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
            text = _NUMBERED.sub(_plain_of_numbers, numbered)
        else:
            text = _FOREIGN.sub(lambda letters: _plain(letters[0]), text)
    return text.lower().replace("_", " ")


def _plain_of_numbers(run: re.Match[str]) -> str:
    numbers = [int(number) % 0x110000 for number in run[0][2:-1].split(";&#")]
    return _plain_character(numbers[0]) if len(numbers) == 1 else _plain("".join(map(chr, numbers)))


@lru_cache(maxsize=1024)
def _plain_character(number: int) -> str:
    return _plain(chr(number))


def _plain(letters: str) -> str:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", letters.casefold()))
    # Quotes and dashes are no part of a word, and without them most texts are ASCII.
    if plain and not any(map(str.isalnum, plain)):
        return " "
    return unicodedata.normalize("NFC", plain)


class Matcher:
    """The terms of one query: its content words by their stems, or pairs of characters.

    Args:
        query: as it was asked, in any language.
    """

    def __init__(self, query: str) -> None:
        self._stem = _stemmer(language(query))
        terms: dict[str, _Term] = {}
        for word in map(fold, content_words(query)):
            if is_unspaced(word):
                for pair in pairs(word) or [word]:
                    terms.setdefault(pair, _Term("", "", re.compile(re.escape(pair))))
            else:
                stem = self._stem(word)
                terms.setdefault(stem, _Term(stem, word, _beginning(stem)))
        self._terms = list(terms.values())

    def __len__(self) -> int:
        return len(self._terms)

    def occurrences(self, texts: Sequence[str]) -> list[list[Occurrence]]:
        """Return for each text where the terms stand in it, from its beginning to its end.

        Args:
            texts: as `fold` returns them.
        """
        joined = "\n".join(texts)
        starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        found: list[list[Occurrence]] = [[] for _ in texts]
        for number, term in enumerate(self._terms):
            weights = {term.word: 1.0}
            for match in islice(term.pattern.finditer(joined), _MOST):
                start, end = match.span()
                weight = 1.0
                if term.stem:
                    if start and _LETTER.match(joined, start - 1):
                        continue
                    word = match[0]
                    if word not in weights:
                        weights[word] = self._weight(word, term.stem)
                    weight = weights[word]
                if weight:
                    text = bisect_right(starts, start) - 1
                    at = starts[text]
                    found[text].append(Occurrence(start - at, end - at, number, weight))
        for occurrences in found:
            occurrences.sort()
        return found

    def _weight(self, word: str, stem: str) -> float:
        if self._stem(word) == stem:
            return 1.0
        return KINSHIP if len(stem) >= _KIN_LETTERS else 0.0


class _Term(NamedTuple):
    stem: str  # "" for a pair of characters, which is found inside of words
    word: str
    pattern: re.Pattern[str]


def _beginning(stem: str) -> re.Pattern[str]:
    """What finds the words that may have a stem; a literal beginning, which is searched fast."""
    letters = max(ceil(len(stem) * _KIN), _KIN_LETTERS)
    after = f"{_LETTERS}*" if len(stem) > _SHORT else f"(?!{_LETTERS})"
    return re.compile(re.escape(stem[:letters]) + after)


def _stemmer(name: str) -> Callable[[str], str]:
    # Imported when the first answer is ranked; and one for each request, as it has a state.
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[name]).stemWord
    return stem
