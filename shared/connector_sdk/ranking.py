"""Ranking: all passages of all files against the query, and which of them are the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

from .matching import KINSHIP, Matcher, Occurrence, fold

# BM25 (Robertson and Zaragoza, 2009, "The Probabilistic Relevance Framework").
K1 = 1.5
B = 0.75

TITLE = 2.0  # an occurrence in the title counts as so many in each passage of the file
_NEIGHBOURS = 0.4  # what two terms side by side, as in the query, count beside the terms
_TOGETHER = 0.6  # and what the terms count that stand together in one place,
_PLACE = 150  # which is so many characters long: a sentence or two
_EQUAL = 1e-9  # a sum in another order may differ by so much
_GAP = 8  # characters between neighbours: room for a small word
_BACKWARDS = 2  # characters between neighbours in the other order
_ORDER = 0.06  # of the best score: what the provider's first document has over its last,
_ORDER_OF_SHORT = 1.5  # and where texts are short as messages, whose words alone prove little
_SHORT = 100  # words of a text on average: where that ends


@dataclass(frozen=True)
class File:
    """A document to rank.

    Args:
        title: what it is called.
        passages: its text in pieces, at least one; "" where it has none.
        words: how long its whole text is.
    """

    title: str
    passages: Sequence[str]
    words: int


@dataclass(frozen=True)
class Ranked:
    """A passage, judged.

    Args:
        file: its file's number in the provider's order.
        passage: its number in the file, from 0.
        score: of the best text 1, and the order's part beside it.
        matches: whether a term of the query is in it or in the title.
        place: the character at which most of the terms stand together.
    """

    file: int
    passage: int
    score: float
    matches: bool
    place: int = 0


def rank(query: str, files: Sequence[File]) -> list[Ranked]:
    """Return all passages, the best first; where two are equal, in the provider's order.

    Args:
        query: as it was asked.
        files: in the provider's order.
    """
    matcher = Matcher(query)
    owners = [number for number, file in enumerate(files) for _ in file.passages]
    texts = [fold(passage) for file in files for passage in file.passages]
    titles = matcher.occurrences([fold(file.title) for file in files])
    scores, places = _scores(
        len(matcher), texts, matcher.occurrences(texts), [titles[o] for o in owners]
    )
    best = max(scores, default=0.0) or 1.0
    order = _order(files)
    ranked, first = [], 0
    for number, file in enumerate(files):
        for at in range(len(file.passages)):
            score = scores[first + at]
            judged = score / best + order * (1 - number / len(files))
            ranked.append(Ranked(number, at, judged, score > 0, places[first + at]))
        first += len(file.passages)
    return sorted(ranked, key=lambda r: (-r.score, r.file, r.passage))


def as_given(files: Sequence[File]) -> list[Ranked]:
    """Return all passages in the provider's order, as if each answered equally well."""
    return [
        Ranked(number, at, 0.0, matches=True)
        for number, file in enumerate(files)
        for at in range(len(file.passages))
    ]


def _order(files: Sequence[File]) -> float:
    """How much the provider's order counts."""
    lengths = [file.words for file in files if file.words]
    average = sum(lengths) / max(len(lengths), 1)
    return _ORDER + _ORDER_OF_SHORT * exp(-((average / _SHORT) ** 2))


def _scores(
    terms: int,
    texts: Sequence[str],
    occurrences: Sequence[list[Occurrence]],
    titles: Sequence[list[Occurrence]],
) -> tuple[list[float], list[int]]:
    counts = [_counts(found, title) for found, title in zip(occurrences, titles, strict=True)]
    weights = _weights(terms, texts, occurrences, titles)
    norms = length_norms([len(text) for text in texts], K1)
    best = [_best_place(found, weights) for found in occurrences]
    scores = [
        score + _TOGETHER * together
        for score, (together, _) in zip(bm25(counts, norms, weights, K1), best, strict=True)
    ]
    neighbours = [_neighbours(found) for found in occurrences]
    for pair in sorted({pair for found in neighbours for pair in found}):
        having = [number for number, found in enumerate(neighbours) if pair in found]
        weight = _NEIGHBOURS * idf(len(texts), len(having))
        for number in having:
            count = neighbours[number][pair]
            scores[number] += weight * count * (K1 + 1) / (count + norms[number])
    return scores, [place for _, place in best]


def bm25(
    counts: Sequence[Mapping[int, float]],
    norms: Sequence[float],
    weights: Sequence[float],
    k1: float,
) -> list[float]:
    """Return BM25 of each text.

    Args:
        counts: for each text how often it has each term, by the term's number.
        norms: for each text what its length makes of `k1`.
        weights: of the terms.
        k1: how soon further occurrences of a term add little.
    """
    return [
        sum(weights[term] * n * (k1 + 1) / (n + norm) for term, n in found.items())
        for found, norm in zip(counts, norms, strict=True)
    ]


def length_norms(lengths: Sequence[int], k1: float) -> list[float]:
    """Return `k1` for each text, more for long ones and less for short ones.

    Args:
        lengths: of the texts, in whatever unit.
        k1: of a text of average length.
    """
    average = sum(lengths) / max(len(lengths), 1) or 1.0
    return [k1 * (1 - B + B * length / average) for length in lengths]


def idf(total: int, having: int) -> float:
    """Return the weight of a term that is in so many texts of all."""
    return log(1 + (total - having + 0.5) / (having + 0.5))


def _counts(found: list[Occurrence], title: list[Occurrence]) -> dict[int, float]:
    counts: dict[int, float] = {}
    for occurrence in found:
        counts[occurrence.term] = counts.get(occurrence.term, 0.0) + occurrence.weight
    for occurrence in title:
        counts[occurrence.term] = counts.get(occurrence.term, 0.0) + TITLE * occurrence.weight
    return counts


def _weights(
    terms: int,
    texts: Sequence[str],
    occurrences: Sequence[list[Occurrence]],
    titles: Sequence[list[Occurrence]],
) -> list[float]:
    """How telling each term is: by the passages that have it, and by the places.

    The provider found all of these by the same terms, so that most passages have most of them;
    among the places of a sentence's length they differ.
    """
    passages: list[set[int]] = [set() for _ in range(terms)]
    places: list[set[tuple[int, int]]] = [set() for _ in range(terms)]
    for number, (found, title) in enumerate(zip(occurrences, titles, strict=True)):
        for start, _, term, weight in found:
            if weight == 1.0:
                passages[term].add(number)
                places[term].add((number, start // _PLACE))
        for occurrence in title:
            if occurrence.weight == 1.0:
                passages[occurrence.term].add(number)
    total = max(sum(map(len, texts)) // _PLACE, len(texts))
    return [
        (idf(len(texts), len(passages[term])) + idf(total, min(len(places[term]), total))) / 2
        for term in range(terms)
    ]


def _neighbours(found: list[Occurrence]) -> dict[int, float]:
    """How often a term stands beside the query's next one, by the first one's number."""
    pairs: dict[int, float] = {}
    for first, second in pairwise(found):
        gap = second.start - first.end
        if (second.term == first.term + 1 and gap <= _GAP) or (
            second.term == first.term - 1 and gap <= _BACKWARDS
        ):
            pair = min(first.term, second.term)
            pairs[pair] = pairs.get(pair, 0.0) + 1.0
    return pairs


def _best_place(found: list[Occurrence], weights: list[float]) -> tuple[float, int]:
    """The weights of the terms that stand together in the best place of a text, and where."""
    best, place, first = 0.0, 0, 0
    together = 0.0
    here: dict[int, dict[float, int]] = {}  # how often each term stands in the place, by weight
    for occurrence in found:
        together += _moved(occurrence, weights, here, 1)
        while found[first].start < occurrence.end - _PLACE and found[first] is not occurrence:
            together += _moved(found[first], weights, here, -1)
            first += 1
        if together > best + _EQUAL:
            best, place = together, found[first].start
    return best, place


def _moved(
    occurrence: Occurrence, weights: list[float], here: dict[int, dict[float, int]], by: int
) -> float:
    """What a place gains or loses with an occurrence; of a term the best one there counts."""
    counts = here.setdefault(occurrence.term, {1.0: 0, KINSHIP: 0})
    before = 1.0 if counts[1.0] else KINSHIP if counts[KINSHIP] else 0.0
    counts[occurrence.weight] += by
    after = 1.0 if counts[1.0] else KINSHIP if counts[KINSHIP] else 0.0
    return weights[occurrence.term] * (after - before)
