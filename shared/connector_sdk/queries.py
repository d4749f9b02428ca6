"""The words of a question, for providers that search by keyword."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from .stopwords import LANGUAGES, SIGNS
from .unspaced import is_unspaced, pieces

MAX_TERMS = 24  # a provider's query language has limits, and no question has more content words

_APOSTROPHES = "'’"
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
OPERATORS = {"AND", "OR", "NOT"}  # in capitals they are somebody's query language, not a name


def words(query: str) -> list[str]:
    """Return the words of a query in order: letters and digits with their marks, each word once.

    Of a word with an apostrophe its longest piece stays: `Quinn's` is `Quinn`, `l'accord` is
    `accord`. A query without a letter or digit has none.
    """
    return unique(all_words(query))


def all_words(text: str) -> list[str]:
    """Return the words of a text as `words` does, repeated ones too."""
    kept = [c if _is_of_a_word(c) else " " for c in unicodedata.normalize("NFC", text)]
    found = (max(_APOSTROPHE.split(piece), key=len) for piece in "".join(kept).split())
    return [word for word in found if any(character.isalnum() for character in word)]


def unique(terms: Iterable[str]) -> list[str]:
    """Return each term once, whatever its case, in order."""
    found: dict[str, str] = {}
    for term in terms:
        found.setdefault(term.casefold(), term)
    return list(found.values())


def _is_of_a_word(character: str) -> bool:
    # A mark belongs to its letter: without it, Hindi falls apart into consonants.
    return (
        character.isalnum()
        or character in _APOSTROPHES
        or unicodedata.category(character).startswith("M")
    )


def content_words(query: str) -> list[str]:
    """Return the words that say what a query is about, at most `MAX_TERMS`.

    Stop words are dropped by the language that the question is in, so that an English "die" stays
    and a German one goes; a word in capitals (IT, US) is a name. Where a script puts no spaces,
    what only asks or joins is cut out. When all are stop words, all stay.
    """
    everything = words(query)
    stop = LANGUAGES[language(query)]
    shouting = query.isupper()
    kept = [
        word
        for word in everything
        if word.casefold() not in stop or (not shouting and is_acronym(word))
    ]
    parts = [part for word in kept for part in (pieces(word) if is_unspaced(word) else [word])]
    return most_telling(unique(parts) or everything, MAX_TERMS)


def most_telling(terms: list[str], count: int) -> list[str]:
    """Return so many terms in their order: those that are longest."""
    if len(terms) <= count:
        return terms
    longest = set(sorted(terms, key=len, reverse=True)[:count])
    return [term for term in terms if term in longest][:count]


def is_acronym(word: str) -> bool:
    """Say whether a word is in capitals, and no operator of a query language."""
    return word.isupper() and len(word) > 1 and word not in OPERATORS


def language(query: str) -> str:
    """Return the language of a question, of those in `stopwords.LANGUAGES`; English in doubt.

    It is the one with the most stop words in it. Letters and endings that are a language's own
    count as well, so that "die casting" is English and "die Meldung" is German.
    """
    text = unicodedata.normalize("NFC", query)
    folded = {word.casefold() for word in words(text)}
    return max(
        LANGUAGES,
        key=lambda name: len(folded & LANGUAGES[name]) + len(set(SIGNS[name].findall(text))),
    )
