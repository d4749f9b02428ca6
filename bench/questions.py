"""Long articles: does the answer to a question stand in the first passages?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.collection import Question, Squad
from bench.drive import KINDS
from bench.measures import mean, rank_of_answer
from bench.running import Connector, Rows

DEPTHS = (1, 3, 10)


def measure(squad: Squad, connector: Connector) -> dict[str, dict[str, Any]]:
    """Ask every question of each kind of file.

    Returns:
        By the kind of file `recall@…`, the mean of a query's `words`, and the words of the
        `longest` document.

    Raises:
        Failed: a search was not answered.
    """
    asked = [question.question for question in squad.questions]
    return {kind: _figures(squad.questions, list(connector.answers(kind, asked))) for kind in KINDS}


def _figures(questions: Sequence[Question], answers: Sequence[Rows]) -> dict[str, Any]:
    texts = [[row.get("text", "") for row in rows] for rows in answers]
    ranks = [rank_of_answer(*pair) for pair in zip(questions, texts, strict=True)]
    lengths = [[len(text.split()) for text in found] for found in texts]
    return {
        **{
            f"recall@{depth}": mean([rank is not None and rank <= depth for rank in ranks])
            for depth in DEPTHS
        },
        "words": round(mean([sum(found) for found in lengths])),
        "longest": max((length for found in lengths for length in found), default=0),
    }
