"""What a question is about, for providers that search by keyword."""

from __future__ import annotations

import pytest

from connector_sdk import content_words, words
from connector_sdk.queries import MAX_TERMS


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("What is the travel policy for meals?", ["travel", "policy", "meals"]),
        ("Wie hoch ist die Pauschale für Reisen?", ["hoch", "Pauschale", "Reisen"]),
        ("Quelle est la politique de l'entreprise ?", ["politique", "entreprise"]),
        ("Does the IT policy die?", ["IT", "policy", "die"]),
        ("WHERE IS THE POLICY", ["POLICY"]),
        ("system date problem", ["system", "date", "problem"]),
        ("the of a", ["the", "of", "a"]),
        ("Quinn's paper\\essay", ["Quinn", "paper", "essay"]),
        ('in:#general -secret "x" from:@bob*', ["general", "secret", "x", "bob"]),
        ("meals meals MEALS", ["meals"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("re\u0301sume\u0301 हिन्दी", ["résumé", "हिन्दी"]),
        ("travel OR meals AND NOT gifts", ["travel", "meals", "gifts"]),
        ("😀 ' \" \\ ^", []),
        ("", []),
    ],
)
def test_content_words(query: str, expected: list[str]) -> None:
    """Stop words go by the question's own language; nothing but letters and digits stays."""
    assert content_words(query) == expected


def test_a_long_query_keeps_its_longest_words_in_order() -> None:
    """A provider's query language has limits."""
    kept = content_words(" ".join(f"{'x' * (i % 40 + 2)}{i}" for i in range(300)))
    assert len(kept) == MAX_TERMS
    assert kept == sorted(kept, key=lambda word: int(word.lstrip("x")))


def test_words_keep_everything_once() -> None:
    """For a source with a language of its own."""
    assert words("The the cat_sat") == ["The", "cat", "sat"]
