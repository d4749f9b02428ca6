"""What is measured of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log2

from bench.collection import Question

CONTEXT = 20  # characters of its paragraph on either side of an answer, which must stand there too


def collapsed(text: str) -> str:
    """Return text with one space where there is any white space."""
    return " ".join(text.split())


def rank_of_answer(question: Question, texts: Sequence[str]) -> int | None:
    """Return which text is the first that holds an answer in its place, from 1; None for none.

    Args:
        question: the question.
        texts: the texts of an answer's documents, in order.
    """
    wanted = set(_answers_in_place(question))
    for rank, text in enumerate(map(collapsed, texts), start=1):
        if any(place in text for place in wanted):
            return rank
    return None


def _answers_in_place(question: Question) -> Iterator[str]:
    paragraph = question.paragraph
    for answer in question.answers:
        at = paragraph.find(answer)
        while at >= 0:
            yield collapsed(paragraph[max(at - CONTEXT, 0) : at + len(answer) + CONTEXT])
            at = paragraph.find(answer, at + 1)


def ndcg(found: Sequence[str], gains: Mapping[str, int], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain: linear, ideal over all that was judged.

    Args:
        found: documents in order, each once.
        gains: what each judged document is worth.
        depth: how many of those found count.
    """
    ideal = sorted(gains.values(), reverse=True)
    best = _discounted(ideal[:depth])
    return _discounted([gains.get(document, 0) for document in found[:depth]]) / best


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def recall(found: Sequence[str], gains: Mapping[str, int], depth: int = 10) -> float:
    """Return which part of the relevant documents is among the first found."""
    return len({*found[:depth]} & gains.keys()) / len(gains)


def mean(values: Sequence[float]) -> float:
    """Return the mean, rounded as it is reported."""
    return round(sum(values) / len(values), 4)
