"""Passages are ranked, against SQLite's own BM25 and by what a reader would expect."""

from __future__ import annotations

import math
import random
import sqlite3
from contextlib import closing

import pytest

from connector_sdk.matching import KINSHIP, Matcher, fold
from connector_sdk.ranking import File, bm25, length_norms, rank
from connector_sdk.selection import choose

FTS5_K1 = 1.2


def files(*texts: str | tuple[str, ...], title: str = "") -> list[File]:
    """Return files of these passages."""
    passages = [(text,) if isinstance(text, str) else text for text in texts]
    return [File(title, p, sum(len(text.split()) for text in p)) for p in passages]


def best(query: str, *texts: str) -> str:
    """Return which of the texts is ranked first."""
    return texts[rank(query, files(*texts))[0].file]


@pytest.mark.parametrize("seed", range(5))
def test_bm25_is_that_of_sqlite(seed: int) -> None:
    """Its FTS5 stems, counts and scores by itself; with its weights of terms ours are the same."""
    rng = random.Random(seed)  # noqa: S311 - the same texts in every run
    words = [
        "travel",
        "travels",
        "meals",
        "meal",
        "policies",
        "policy",
        "budget",
        "audit",
        "lease",
        "hotel",
    ]
    filler = [f"filler{number}" for number in range(40)]
    texts = [
        " ".join(rng.choices([*words, *filler], [1] * len(words) + [3] * 40, k=rng.randint(5, 90)))
        for _ in range(60)
    ]
    query = "travel meals policy audit"
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create virtual table t using fts5(x, tokenize='porter unicode61')")
        database.executemany("insert into t values (?)", [(text,) for text in texts])
        match = " OR ".join(query.split())
        expected = dict(
            database.execute("select rowid - 1, -bm25(t) from t where t match ?", [match])
        )
        having = [
            database.execute("select count(*) from t where t match ?", [word]).fetchone()[0]
            for word in query.split()
        ]
    weights = [max(math.log((60 - n + 0.5) / (n + 0.5)), 1e-6) for n in having]
    counts = [
        {term: sum(o.term == term and o.weight == 1 for o in found) for term in range(4)}
        for found in Matcher(query).occurrences(texts)
    ]
    norms = length_norms([len(text.split()) for text in texts], FTS5_K1)
    scores = bm25(counts, norms, weights, FTS5_K1)
    assert len(expected) > 20
    for number, score in enumerate(scores):
        assert score == pytest.approx(expected.get(number, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("reimbursed meals", "Meals are reimbursed. A meal; REIMBURSING it.", [1, 1, 1, 1]),
        ("Genehmigungen", "Die Genehmigung wurde genehmigt.", [1, KINSHIP]),
        ("résumé", "Her RESUME, his résumés", [1, 1]),
        ("résumé", "resumption", [KINSHIP]),
        ("Straße", "STRASSE und Strasse", [1, 1]),
        ("the cat", "category concatenated cat's Cats", [1, 1]),
        ("q3 report", "q3_report-final Q3", [1, 1, 1]),
        ("差旅费用政策", "公司的差旅费用如下。", [1, 1, 1]),
        ("旅費規程について", "新しい旅費規程です", [1, 1, 1]),
        ("हिन्दी", "यह हिन्दी है", [1]),
        ("naïve Ελλάδα", "ναι η ΕΛΛΑΔΑ NAIVE", [1, 1]),
    ],
)
def test_a_term_is_found_in_all_of_its_forms(query: str, text: str, expected: list[float]) -> None:
    """By stem, whatever its case, accents and width; scripts without spaces by their pairs."""
    (found,) = Matcher(query).occurrences([fold(text)])
    assert (
        sorted(o.weight for o in found) == sorted(filter(None, expected))
        or [o.weight for o in found] == expected
    )


def test_terms_together_are_worth_more_than_apart() -> None:
    """In one place, and side by side as in the query."""
    apart = "The policy is long. " + "Something else is said here. " * 40 + "So is travel."
    near = "The policy is for travel. " + "Something else is said here. " * 40 + "It is long."
    side = "The travel policy is long. " + "Something else is said here. " * 40 + "It is."
    assert [r.file for r in rank("travel policy", files(apart, near, side))] == [2, 1, 0]


def test_a_rare_term_is_worth_more_than_a_common_one() -> None:
    """Where every file has the common one, as the provider searched for it."""
    more = " Something else is said here." * 40
    common = [f"The meals policy says much of meals and meals.{more}" for _ in range(9)]
    rare = f"Of meals, those in Jena are named once.{more}"
    assert best("meals in Jena", *common, rare) == rare


def test_the_title_counts_for_every_passage() -> None:
    """The passage itself need not repeat what the file is about."""
    text = "The limit is 45 EUR a day. " * 3
    ranked = rank(
        "travel limit", [File("Catering", [text], 200), File("Travel_policy.docx", [text], 200)]
    )
    assert ranked[0].file == 1


def test_the_providers_order_decides_between_equals() -> None:
    """And among short messages it outweighs a difference of length."""
    texts = ["The travel policy is out."] * 4
    assert [r.file for r in rank("travel policy", files(*texts))] == [0, 1, 2, 3]
    longer = "The travel policy is out, and you find it where all of our policies are."
    assert rank("travel policy", files(longer, texts[0]))[0].file == 0


def test_a_hit_without_a_word_of_the_query_stays() -> None:
    """A provider that searches by meaning knows why."""
    found = files("Cars are parked behind the house.", "The vehicles stand in the yard.")
    ranked = rank("where do automobiles go", found)
    assert {r.file for r in choose(ranked, found, limit=5, per_file=3)} == {0, 1}
    assert not any(r.matches for r in ranked)


def test_ranking_is_deterministic() -> None:
    """The same files give the same order, with the same scores."""
    rng = random.Random(1)  # noqa: S311 - the same texts in every run
    found = files(
        *(" ".join(rng.choices(["a", "travel", "policy", "of", "meals"], k=50)) for _ in range(30))
    )
    assert rank("travel meals", found) == rank("travel meals", found)


STRANGE = [
    '" OR *',
    "a* AND (b",
    "NEAR(x y)",
    "\\",
    "[^",
    "(?P<",
    "p{2}",
    ".",
    "' OR 1=1 --",
    "\x00\x00",
    "x" * 2000,
    "é" * 2000,
    "字" * 2000,
    " ".join("abcdefghijklmnopqrstuvwxyz"),
]


@pytest.mark.parametrize("query", STRANGE, ids=lambda query: ascii(query[:8]))
def test_no_query_is_too_strange(query: str) -> None:
    """Nothing of it is read as a language of its own."""
    found = files("Text (with a* and [brackets]).", "字字 more", "")
    assert len(rank(query, found)) == 3


def chosen(
    found: list[File], *, limit: int = 10, per_file: int = 3, kept: tuple[int, ...] = ()
) -> list[tuple[int, int]]:
    """Return the places of the passages that are the answer to a search for travel."""
    ranked = rank("travel", found)
    return [
        (r.file, r.passage)
        for r in choose(ranked, found, limit=limit, per_file=per_file, kept=kept)
    ]


def numbered(count: int, word: str) -> tuple[str, ...]:
    """Return passages of a file that say different things."""
    return tuple(
        f"{word} {n}: " + " ".join(f"w{word}{n}x{k}" for k in range(30)) for n in range(count)
    )


def test_no_file_takes_all_places_while_others_match() -> None:
    """What is left over is its own."""
    found = files(numbered(8, "travel travel"), numbered(2, "travel"))
    many = [file for file, _ in chosen(found, limit=4)]
    assert sorted(many) == [0, 0, 0, 1]
    assert sorted(file for file, _ in chosen(found, limit=7)) == [0, 0, 0, 0, 0, 1, 1]
    assert [file for file, _ in chosen(found, limit=4, per_file=0)] == [0, 0, 0, 0]


def test_a_copy_of_a_text_is_dropped() -> None:
    """In another file, with another line break; not where a number differs, and not a short one."""
    text = (
        "The travel policy for all employees of the company holds from May on in every country where "
        * 2
    )
    text += "we have an office, a plant or a shop, and it is explained by the people of the finance team."
    found = files(text + " 45 EUR.", text.replace(" ", "\n") + " 45 EUR.", text + " 52 EUR.")
    assert [file for file, _ in chosen(found)] == [0, 2]
    assert len(chosen(files("Travel: yes.", "Travel: yes."))) == 2


def test_files_whose_text_failed_keep_their_places() -> None:
    """Up to half of them, as nothing is known of what they say."""
    found = [*files(numbered(8, "travel")), File("Locked.pdf", [""], 0), File("Late.pdf", [""], 0)]
    places = chosen(found, limit=4, per_file=0, kept=(1, 2))
    assert sorted(file for file, _ in places) == [0, 0, 1, 2]
    assert [file for file, _ in chosen(found, limit=1, kept=(1, 2))] == [0]
