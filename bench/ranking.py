"""What ranking costs and finds, beside the alternatives: `python -m bench.ranking`.

The articles of the collection `squad`, cut to 20 KB each and ten of them for the cost, whole for
what is found. CPU of this process alone, the least of several runs.
"""

from __future__ import annotations

import argparse
import math
import re
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

from bench.collection import Missing, Squad, squad
from bench.measures import rank_of_answer
from connector_sdk.passages import size, split
from connector_sdk.queries import content_words
from connector_sdk.ranking import File, rank
from scripts.processes import ROOT

_FILES, _BYTES, _WORDS = 10, 20_000, 300
_DEPTHS = (1, 3, 10)
_TOKEN = re.compile(r"\w+")

Order = Sequence[int]  # passages, the best first
Ranker = Callable[[str, Sequence[File]], Order]


def ours(query: str, files: Sequence[File]) -> Order:
    """Rank as the SDK does."""
    starts = [0]
    for file in files:
        starts.append(starts[-1] + len(file.passages))
    return [starts[place.file] + place.passage for place in rank(query, files)]


def fts5(query: str, files: Sequence[File]) -> Order:
    """Rank by SQLite's full-text index in memory, with its own bm25()."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create virtual table t using fts5(x, tokenize='porter unicode61')")
        database.executemany(
            "insert into t values (?)", [(text,) for file in files for text in file.passages]
        )
        match = " OR ".join(f'"{word}"' for word in content_words(query))
        rows = database.execute(
            "select rowid - 1 from t where t match ? order by bm25(t), rowid", [match]
        )
        return [row[0] for row in rows]


def plain(query: str, files: Sequence[File]) -> Order:
    """Rank by BM25 over tokens, written out: k1 1.2, b 0.75, no stems."""
    texts = [Counter(_TOKEN.findall(text.lower())) for file in files for text in file.passages]
    lengths = [text.total() for text in texts]
    norms = [1.2 * (0.25 + 0.75 * length * len(texts) / sum(lengths)) for length in lengths]
    scores = [0.0] * len(texts)
    for word in {word.lower() for word in content_words(query)}:
        having = [number for number, text in enumerate(texts) if text[word]]
        idf = math.log(1 + (len(texts) - len(having) + 0.5) / (len(having) + 0.5))
        for number in having:
            count = texts[number][word]
            scores[number] += idf * count * 2.2 / (count + norms[number])
    return sorted(range(len(texts)), key=lambda number: -scores[number])


RANKERS: dict[str, Ranker] = {"the SDK's": ours, "FTS5, its bm25()": fts5, "BM25 by tokens": plain}


def main() -> int:
    """Measure and print; 2 without the collection."""
    parser = argparse.ArgumentParser(prog="python -m bench.ranking", description=__doc__)
    parser.add_argument("--collections", type=Path, default=ROOT.parent / "shared/collections")
    parser.add_argument("--questions", type=int, default=0, help="so many; 0: all")
    given = parser.parse_args()
    try:
        collection = squad(given.collections, given.questions)
    except Missing as missing:
        print(f"The collections are not there: {missing}", file=sys.stderr)
        return 2
    _print_cost(collection)
    _print_recall(collection)
    return 0


def _print_cost(collection: Squad) -> None:
    texts = ["\n\n".join(article.paragraphs) for article in collection.articles]
    texts = [text[:_BYTES] for text in islice(cycle(texts), _FILES)]
    cut = _least(lambda: [split(text, _WORDS) for text in texts], 30)
    files = [_file("", text) for text in texts]
    passages = sum(len(file.passages) for file in files)
    print(f"{_FILES} files of {_BYTES // 1000} KB, {passages} passages, milliseconds of CPU")
    print(f"  {'cutting them':<20}{cut:6.2f}")
    queries = [question.question for question in collection.questions[::37]]
    for name, ranker in RANKERS.items():
        cost = sum(_least(lambda: ranker(query, files), 3) for query in queries) / len(queries)  # noqa: B023
        print(f"  {name:<20}{cost:6.2f}  with cutting {cut + cost:6.2f}")


def _print_recall(collection: Squad) -> None:
    files = [
        _file(article.title, "\n\n".join(article.paragraphs)) for article in collection.articles
    ]
    texts = [text for file in files for text in file.passages]
    print(f"\n{len(collection.questions)} questions, answers in the first passages")
    for name, ranker in RANKERS.items():
        ranks = [
            rank_of_answer(
                question, [texts[at] for at in ranker(question.question, files)[: _DEPTHS[-1]]]
            )
            for question in collection.questions
        ]
        found = [sum(r is not None and r <= depth for r in ranks) / len(ranks) for depth in _DEPTHS]
        print(
            f"  {name:<20}"
            + "".join(f"  @{d} {f:.3f}" for d, f in zip(_DEPTHS, found, strict=True))
        )


def _file(title: str, text: str) -> File:
    return File(title, [passage.text for passage in split(text, _WORDS)], size(text))


def _least(call: Callable[[], object], times: int) -> float:
    """The least milliseconds of this thread's processor that a call took."""
    taken = []
    for _ in range(times):
        started = time.thread_time()
        call()
        taken.append(time.thread_time() - started)
    return min(taken) * 1000


if __name__ == "__main__":
    sys.exit(main())
