"""The two collections, as `../shared/collections/README.md` describes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Missing(Exception):
    """A collection is not there, or is not in the form that is read here."""


@dataclass(frozen=True)
class Article:
    """A long text."""

    id: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A question, and the paragraph that answers it in the words of any of `answers`."""

    question: str
    paragraph: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Squad:
    """Long articles and questions about them."""

    articles: Sequence[Article]
    questions: Sequence[Question]


@dataclass(frozen=True)
class Abstract:
    """A short text."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Query:
    """A query with what was judged about it.

    Args:
        query: as it was asked.
        gains: documents' gains, from 1 for a minimum of interest to 4 for a complete answer.
        candidates: the documents to rank, in their given order.
    """

    query: str
    gains: dict[str, int]
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class Cranfield:
    """Abstracts and queries with graded judgements."""

    abstracts: dict[str, Abstract]
    queries: Sequence[Query]


def squad(folder: Path, questions: int = 0) -> Squad:
    """Read the collection of long articles.

    Args:
        folder: the one that holds `squad`.
        questions: how many are taken, evenly from all of them; 0 for all.

    Raises:
        Missing: it is not there.
    """
    articles = {
        line["id"]: Article(line["id"], line["title"], tuple(line["paragraphs"]))
        for line in _lines(folder / "squad/documents.jsonl")
    }
    asked = [
        Question(
            line["question"],
            articles[line["document"]].paragraphs[line["paragraph"]],
            tuple(line["answers"]),
        )
        for line in _lines(folder / "squad/questions.jsonl")
    ]
    return Squad(tuple(articles.values()), _sample(asked, questions, "squad"))


def cranfield(folder: Path, queries: int = 0) -> Cranfield:
    """Read the collection of abstracts.

    Args:
        folder: the one that holds `cranfield`.
        queries: how many are taken, evenly from all of them; 0 for all.

    Raises:
        Missing: it is not there.
    """
    abstracts = {
        line["id"]: Abstract(line["id"], line["title"], line["text"])
        for line in _lines(folder / "cranfield/documents.jsonl")
    }
    gains: dict[str, dict[str, int]] = {}
    for line in _lines(folder / "cranfield/judgements.jsonl"):
        gains.setdefault(line["query"], {})[line["document"]] = line["gain"]
    candidates = {
        line["query"]: tuple(line["documents"])
        for line in _lines(folder / "cranfield/candidates.jsonl")
    }
    asked = [
        Query(line["query"], gains[line["id"]], candidates[line["id"]])
        for line in _lines(folder / "cranfield/queries.jsonl")
        if line["id"] in gains
    ]
    return Cranfield(abstracts, _sample(asked, queries, "cranfield"))


def _sample(items: Sequence[T], count: int, name: str) -> Sequence[T]:
    if not items:
        raise Missing(f"{name}: it has no question")
    if not 0 < count < len(items):
        return items
    return [items[at * len(items) // count] for at in range(count)]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except OSError as error:
        raise Missing(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise Missing(f"{path}: is not JSON lines: {error}") from None
