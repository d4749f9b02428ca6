"""The measures, against figures worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from bench.collection import Question
from bench.measures import ndcg, rank_of_answer, recall

PARAGRAPH = (
    "In 1066 the duke crossed the sea with his army. In 1087 the duke died, and the sea was calm."
)


def asked(*answers: str) -> Question:
    return Question("When?", PARAGRAPH, answers)


@pytest.mark.parametrize(
    ("answers", "texts", "rank"),
    [
        (["1066"], [PARAGRAPH], 1),
        (["1066"], ["something else", f"Before. {PARAGRAPH} After."], 2),
        (["1066"], ["In 1066\n the duke \t crossed th"], 1),  # 20 characters behind it are enough
        (["1066"], ["In 1066 the duke crossed t"], None),  # these are fewer
        (["1066"], ["It was in 1066."], None),  # the answer, but not in its place
        (["1087"], ["ea with his army. In 1087 the duke died, and t"], 1),
        (["1087"], ["with his army. In 1087 the duke died, and the sea was calm."], None),
        (["the sea"], ["1066 the duke crossed the sea with his army. In 1087"], 1),  # any place
        (["calm."], ["died, and the sea was calm."], 1),  # nothing stands behind it
        (
            ["1066", "1087"],
            ["the sea with his army. In 1087 the duke died, and the"],
            1,
        ),  # any answer
        (["1066"], [], None),
    ],
)
def test_an_answer_stands_in_its_place(
    answers: list[str], texts: list[str], rank: int | None
) -> None:
    assert rank_of_answer(asked(*answers), texts) == rank


def test_ndcg_is_linear_and_ideal_over_all_that_was_judged() -> None:
    gains = {"a": 4, "b": 2, "never found": 1}
    ideal = 4 + 2 / log2(3) + 1 / 2
    assert ndcg(["b", "x", "a"], gains) == pytest.approx((2 + 4 / 2) / ideal)
    assert ndcg(["a", "b", "never found"], gains) == pytest.approx(1.0)
    assert ndcg([], gains) == 0.0
    assert ndcg(["x"] * 10 + ["a"], gains) == 0.0


def test_recall_is_of_all_relevant_documents() -> None:
    gains = {"a": 4, "b": 1, "c": 1, "d": 3}
    assert recall(["a", "x", "d"], gains) == 0.5
    assert recall(["x"] * 10 + ["a"], gains) == 0.0
