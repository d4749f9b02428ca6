"""A question in words, for providers that search by keyword."""

from __future__ import annotations

import re
import unicodedata

from .stopwords import LANGUAGES

MAX_TERMS = 24  # a provider's query language has limits, and no question has more content words

_APOSTROPHES = "'’"
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
OPERATORS = {"AND", "OR", "NOT"}  # in capitals they are somebody's query language, not a name


def words(query: str) -> list[str]:
    """Return the words of a query in order: letters and digits with their marks, each word once.

    Of a word with an apostrophe its longest piece stays: `Quinn's` is `Quinn`, `l'accord` is
    `accord`. A query without a letter or digit has none.
    """
    kept = [c if _is_of_a_word(c) else " " for c in unicodedata.normalize("NFC", query)]
    found: dict[str, str] = {}
    for piece in "".join(kept).split():
        word = max(_APOSTROPHE.split(piece), key=len)
        if any(character.isalnum() for character in word):
            found.setdefault(word.casefold(), word)
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
    and a German one goes; a word in capitals (IT, US) is a name. When all are stop words, all stay.
    """
    everything = words(query)
    stop = _stop_words(everything)
    shouting = query.isupper()
    kept = [
        word
        for word in everything
        if word.casefold() not in stop or (not shouting and _is_name(word))
    ]
    kept = kept or everything
    if len(kept) > MAX_TERMS:
        longest = set(sorted(kept, key=len, reverse=True)[:MAX_TERMS])
        kept = [word for word in kept if word in longest][:MAX_TERMS]
    return kept


def _is_name(word: str) -> bool:
    return word.isupper() and len(word) > 1 and word not in OPERATORS


def _stop_words(words_of_query: list[str]) -> frozenset[str]:
    """The list of the language with the most of its words in the query; English when none has."""
    folded = {word.casefold() for word in words_of_query}
    return max(LANGUAGES.values(), key=lambda stop: len(folded & stop))
