"""From the narrowest query to the widest: each step is asked only while too little was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .queries import unique
from .question import Question
from .unspaced import is_unspaced, pairs

_MOST_OF = 5  # terms: a condition of "most of them" spells out every choice
_SHORTEST_VARIANT = 4  # letters
_MAX_VARIANTS = 12

# The other number of a noun: an ending, and those that may take its place. The first that fits is
# taken; a form that does not exist finds nothing, and so costs nothing.
_NUMBERS = {
    language: [
        (ending, others.split("|"))
        for ending, _, others in (rule.partition(">") for rule in rules.split())
    ]
    for language, rules in {
        "en": "ies>y sses>ss xes>x ches>ch ss>sses s> y>ies >s",
        "de": "ungen>ung ionen>ion heiten>heit keiten>keit ung>ungen ion>ionen heit>heiten "
        "keit>keiten en>e|en e>en n> er>ern s> >e|en",
        "fr": "eaux>eau aux>al s> x> al>aux eau>eaux >s",
        "es": "iones>ión ión>iones es>e| s> >s|es",
        "it": "o>i a>e e>i|a i>o|e",
        "nl": "en> s> >en|s",
        "pt": "ões>ão ão>ões s> >s",
    }.items()
}


_UMLAUTS = {"ä": "a", "ö": "o", "ü": "u"}
_WITH_UMLAUT = re.compile(r"(\w+)([äöü])(u?[^aeiouäöü]{1,3})(?:e|er|en|ern)")
_WITHOUT_UMLAUT = re.compile(r"(?!\w+(?:ung|ion|schaft)$)(\w+)([aou])(u?[^aeiouäöü]{1,3})")


@dataclass(frozen=True)
class Step:
    """One query: what a hit must hold.

    Args:
        every: the terms that must all be there.
        some: terms of which at least `least` must be there.
        least: how many of `some`.
        narrowed: whether a hit must also be of the time and the kind that the question names.
    """

    every: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    least: int = 0
    narrowed: bool = False


def ladder(question: Question) -> Iterator[Step]:
    """Yield the steps of a question, the narrowest first.

    The quoted phrases and distinctive terms together with any other word, where there are two of
    them or a phrase, as one name alone is in too many texts; else all of its words; most of them;
    any of them, in singular and plural. A time or a kind of file narrows all but the widest of
    these; then they are asked for without it, so that it never costs a hit.
    """
    steps = list(_steps(question))
    if question.narrows:
        # Not the widest as well, which would find whatever was changed that week.
        for step in dict.fromkeys([steps[0], steps[:2][-1]]) if steps else [Step()]:
            yield Step(step.every, step.some, step.least, narrowed=True)
    yield from steps or _any(question)


def _steps(question: Question) -> Iterator[Step]:
    terms = question.terms
    if not terms:
        return
    together = len(question.names) > 1 or any(" " in name for name in question.names)
    if together and question.words:
        yield Step(every=question.names, some=question.words, least=1)
    else:
        yield Step(every=terms)
    if len(terms) > 2:
        longest = sorted(question.words, key=len, reverse=True)
        chosen = (*question.names, *longest)[:_MOST_OF]
        yield Step(some=chosen, least=min(len(chosen) - 1, 3))
    if len(terms) > 1 or _any_of(question) != terms:
        yield from _any(question)


def _any(question: Question) -> Iterator[Step]:
    if some := _any_of(question):
        yield Step(some=some, least=1)


def _any_of(question: Question) -> tuple[str, ...]:
    everything = unique([*question.terms, *question.beside])
    # A name has one form; of several words, each may stand alone.
    plain = [*(name for name in question.names if " " in name), *question.words, *question.beside]
    other = [form for term in plain for form in variants(term, question.language)]
    known = {term.casefold() for term in everything}
    return (*everything, *[f for f in unique(other) if f.casefold() not in known][:_MAX_VARIANTS])


def variants(term: str, language: str) -> list[str]:
    """Return what a term may be called besides: its singular or plural, its words, its pairs.

    Args:
        term: one of a question.
        language: the question's.
    """
    if " " in term:
        return [word for word in term.split() if len(word) >= _SHORTEST_VARIANT]
    if is_unspaced(term):
        return pairs(term)
    if len(term) < _SHORTEST_VARIANT or not term.isalpha() or term.isupper():
        return []
    changed = _umlauts(term) if language == "de" else []
    for ending, others in _NUMBERS[language]:
        if term.endswith(ending):
            stem = term.removesuffix(ending)
            return [*changed, *(stem + other for other in others if stem + other != term)]
    return changed


def _umlauts(word: str) -> list[str]:
    """German plurals that change the vowel: Vertrag, Verträge; Fahrrad, Fahrräder."""
    if plural := _WITH_UMLAUT.fullmatch(word):
        return [plural[1] + _UMLAUTS[plural[2].lower()] + plural[3]]
    if singular := _WITHOUT_UMLAUT.fullmatch(word):
        vowel = next(umlaut for umlaut, plain in _UMLAUTS.items() if plain == singular[2])
        return [singular[1] + vowel + singular[3] + ending for ending in ("e", "er")]
    return []
