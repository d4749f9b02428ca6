"""Two collections of a few documents, in the form of the real ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ANSWERS = {
    "Lighthouse": ("Which oil did the keepers burn?", "colza oil", "From 1840 the keepers of it"),
    "Salt mine": ("What do the visitors ride on?", "wooden slide", "Today the visitors ride on a"),
}
_FILLER = (
    "The {title} is described at length in chapter {number}. Its plan was drawn, altered and drawn "
    "again; nobody kept the first one. What remains is a letter about the cost, and a bill."
)


def paragraphs(title: str) -> list[str]:
    """Fifteen passages of nothing much, and the answer in the last paragraph."""
    filler = [" ".join([_FILLER.format(title=title, number=n)] * 3) for n in range(40)]
    _, answer, before = ANSWERS[title]
    return [*filler, f"{before} {answer}, which was paid for “in kind”."]


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collections")
    squad, cranfield = folder / "squad", folder / "cranfield"
    for made in (squad, cranfield):
        made.mkdir()
    _write(
        squad / "documents.jsonl",
        ({"id": t, "title": t, "paragraphs": paragraphs(t)} for t in ANSWERS),
    )
    _write(
        squad / "questions.jsonl",
        (
            {"question": question, "document": title, "paragraph": 40, "answers": [answer]}
            for title, (question, answer, _) in ANSWERS.items()
        ),
    )
    texts = {
        "1": ("notes on the flow past a plate .", "nothing is said about heat or a wing here ."),
        "2": ("heat transfer to a wing .", "the heat transfer to a swept wing was measured ."),
        "3": ("", ""),
    }
    _write(
        cranfield / "documents.jsonl",
        ({"id": key, "title": title, "text": text} for key, (title, text) in texts.items()),
    )
    _write(cranfield / "queries.jsonl", [{"id": "1", "query": "heat transfer to a swept wing"}])
    _write(cranfield / "judgements.jsonl", [{"query": "1", "document": "2", "gain": 4}])
    _write(cranfield / "candidates.jsonl", [{"query": "1", "documents": ["1", "2", "3"]}])
    return folder


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
