"""A question made harmless: to Slack's search, nothing in it means more than its words.

Slack's query language has no escape character. What could act in it (`in:`, `-word`, `"…"`, `*`,
`#`, `@`, `<…>`, `OR`) is therefore taken out; the quotes of a phrase are put there anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connector_sdk import BadRequest, content_words, read_question
from connector_sdk.dates import Span
from connector_sdk.queries import OPERATORS, unique

# Slack takes 500 in a term clause and states no limit for a query; the rest is for modifiers.
MAX_CHARACTERS = 300
_INSIDE = "'’.-_/&@+"  # harmless between two letters or digits, as in "e-mail" and "R&D"
_BETWEEN_DIGITS = ":,"  # 10:30, 1,000
_AT_THE_END = "?,."
_SHORTEST_BEGINNING = 5  # letters; Slack takes three, which finds too much
# A name is certain where its mark stands before it: "in #general", "von @dana".
_IN_CHANNEL = re.compile(
    r"\b(?:in|im|aus|auf|dans|sur|en|within)\s+(?:the\s+|dem\s+|den\s+|le\s+|el\s+)?"
    r"(?:(?:channel|kanal|canal)\s+)?#([\w\-]{1,80})(?:\s+channel\b)?",
    re.IGNORECASE,
)
_BY_PERSON = re.compile(r"\b(?:from|by|von|de|par|por)\s+@([\w.\-]{0,79}\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A question as search.messages takes it.

    Args:
        terms: what it is about, each a word or a phrase in quotes.
        names: those of `terms` that are distinctive.
        telling: all of `terms`, those first that tell most by themselves; words as `word*`.
        words: the bare words.
        span: the time that the question names.
        channel: the channel that it names, as `#general`.
        person: who wrote what it asks for, as `@dana`.
    """

    terms: tuple[str, ...]
    names: tuple[str, ...]
    telling: tuple[str, ...]
    words: tuple[str, ...]
    span: Span | None = None
    channel: str = ""
    person: str = ""


def read(query: str, now: datetime) -> Asked:
    """Return what a query asks for, as much of it as Slack takes.

    Args:
        query: as it was asked.
        now: the moment that "last week" is relative to.

    Raises:
        BadRequest: it has no word.
    """
    channel, person = _IN_CHANNEL.search(query), _BY_PERSON.search(query)
    rest = _BY_PERSON.sub(" ", _IN_CHANNEL.sub(" ", query))
    understood = read_question(rest, now, kinds=False)
    kept = _fitting(understood.terms)
    if not kept:
        # Of nothing but a time or a channel, which is enough to search in; then its words.
        words = tuple(keywords(query))
        narrows = understood.span or channel or person
        return Asked(
            terms=() if narrows else words,
            names=(),
            telling=words,
            words=words,
            span=understood.span,
            channel=channel[1] if channel else "",
            person=person[1] if person else "",
        )
    names = [name for name in kept if name in understood.names]
    longest = sorted((term for term in kept if term not in names), key=len, reverse=True)
    return Asked(
        terms=tuple(map(_rendered, kept)),
        names=tuple(map(_rendered, names)),
        telling=(*map(_rendered, names), *map(_beginning, longest)),
        words=tuple(unique(word for term in kept for word in term.split())),
        span=understood.span,
        channel=channel[1] if channel else "",
        person=person[1] if person else "",
    )


def _beginning(term: str) -> str:
    """A word as the beginning of one: its plural, what a German compound begins with."""
    word = term.removesuffix("s") if len(term) > _SHORTEST_BEGINNING else term
    return f"{word}*" if word.isalpha() and len(word) >= _SHORTEST_BEGINNING else _rendered(term)


def _rendered(term: str) -> str:
    if " " in term:
        return f'"{term}"'
    # A query of nothing but stop words keeps them all, and these would act.
    return term.lower() if term in OPERATORS else term


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
    words = list(map(_rendered, words))
    return _fitting(words) or [words[0][:MAX_CHARACTERS]]


def _fitting(terms: Iterable[str]) -> list[str]:
    """As many of the terms as fit into a query."""
    kept: list[str] = []
    left = MAX_CHARACTERS
    for term in terms:
        cost = len(_rendered(term)) + 1
        if cost <= left:
            kept.append(term)
            left -= cost
    return kept


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
