"""A question made harmless: to Slack's search, nothing in it means more than its words.

Slack's query language has no escape character. What could act in it (`in:`, `-word`, `"…"`, `*`,
`#`, `@`, `<…>`, `OR`) is therefore taken out.
"""

from __future__ import annotations

import unicodedata

from connector_sdk import BadRequest, content_words
from connector_sdk.queries import OPERATORS

# Slack takes 500 in a term clause and states no limit for a query; the rest is for modifiers.
MAX_CHARACTERS = 300
_INSIDE = "'’.-_/&@+"  # harmless between two letters or digits, as in "e-mail" and "R&D"
_BETWEEN_DIGITS = ":,"  # 10:30, 1,000
_AT_THE_END = "?,."


def question(query: str) -> str:
    """Return a query as a sentence without formatting, modifiers and operators.

    Args:
        query: as it was asked.

    Raises:
        BadRequest: it has no word.
    """
    text = unicodedata.normalize("NFC", query)
    kept = [
        character if _is_kept(text, at, character) else " " for at, character in enumerate(text)
    ]
    words = [
        word.lower() if word.rstrip(_AT_THE_END) in OPERATORS else word
        for word in "".join(kept).split()
    ]
    sentence = " ".join(words)
    if len(sentence) > MAX_CHARACTERS:
        return " ".join(keywords(query))
    if not any(character.isalnum() for character in sentence):
        raise _no_word()
    return sentence


def keywords(query: str) -> list[str]:
    """Return the words that say what a query is about, as many as Slack takes.

    Args:
        query: as it was asked.

    Raises:
        BadRequest: it has no word.
    """
    words = content_words(query)
    if not words:
        raise _no_word()
    # A query of nothing but stop words keeps them all, and these would act.
    words = [word.lower() if word in OPERATORS else word for word in words]
    kept: list[str] = []
    left = MAX_CHARACTERS
    for word in words:
        if len(word) < left:
            kept.append(word)
            left -= len(word) + 1
    return kept or [words[0][:MAX_CHARACTERS]]


def _is_kept(text: str, at: int, character: str) -> bool:
    if character.isalnum():
        return True
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if unicodedata.category(character).startswith("M"):  # an accent belongs to its letter
        return before.isalpha() or unicodedata.category(before or " ").startswith("M")
    if character in _INSIDE and before.isalnum() and after.isalnum():
        return True
    if character in _BETWEEN_DIGITS and before.isdigit() and after.isdigit():
        return True
    return character in _AT_THE_END and before.isalnum() and not after.strip()


def _no_word() -> BadRequest:
    return BadRequest("'query' has no word to search for: Slack finds letters and digits only.")
