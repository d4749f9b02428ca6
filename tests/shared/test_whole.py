"""What a request for a whole document asks for, and what it gets."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from connector_sdk import (
    BadRequest,
    Block,
    Credential,
    Deadline,
    DeadlineExceeded,
    Document,
    HttpClient,
    Kind,
    NotFound,
    ProviderError,
    SearchContext,
    TextUnavailable,
)
from connector_sdk.execution import Pools
from connector_sdk.whole import MAX_CHARACTERS, Wanted, fetch_row, parse_wanted

POOLS = Pools()


def fetched(
    document: Any, wanted: Wanted, seconds: float = 5
) -> tuple[dict[str, str], SearchContext[Any, Any]]:
    """Fetch as a request does."""
    context: SearchContext[Any, Any] = SearchContext(
        credential=Credential(Kind.USER, "t"),
        settings=SimpleNamespace(passage_words=300),
        options=SimpleNamespace(),
        limit=10,
        deadline=Deadline(seconds),
        http=HttpClient([]),
        executor=POOLS.calls,
    )
    return fetch_row(document, wanted, context, POOLS), context


def slides(_: str, __: Any) -> Document:
    """A deck of ten slides, each a passage of its own."""
    return Document(
        "1",
        "Deck",
        text=[Block(f"s{n} " * 200, f"Slide {n}", fragment=f"slide=id.p{n}") for n in range(10)],
        url="https://example.com/deck#old",
    )


@pytest.mark.parametrize(
    ("result_id", "around", "wanted"),
    [
        ("1AbC", None, Wanted("1AbC")),
        ("1AbC#p2", None, Wanted("1AbC", 2)),
        ("1AbC#p12", "1", Wanted("1AbC", 12, 1)),
        ("a/b#c#p3", "0", Wanted("a/b#c", 3, 0)),
        ("a#p0", None, Wanted("a#p0")),
        ("a#part", None, Wanted("a#part")),
        ("#p1", None, Wanted("#p1")),
    ],
)
def test_an_id_names_a_document_and_its_passage(
    result_id: str, around: str | None, wanted: Wanted
) -> None:
    """What is no passage belongs to the id."""
    assert parse_wanted(result_id, around) == wanted


@pytest.mark.parametrize("around", ["-1", "21", "x", "", "١"])
def test_a_wrong_number_of_neighbours_is_refused(around: str) -> None:
    """It is a small number, in ASCII."""
    with pytest.raises(BadRequest):
        parse_wanted("1", around)


def test_a_passage_comes_with_those_beside_it() -> None:
    """Fewer at the beginning and at the end; the link opens the passage itself."""
    row, _ = fetched(slides, Wanted("1", 5, 1))
    assert [word for word in ("s3", "s4", "s5") if word in row["text"].split()] == [
        "s3",
        "s4",
        "s5",
    ]
    assert not {"s2", "s6"} & set(row["text"].split())
    assert row["id"] == "1#p5"
    assert row["url"] == "https://example.com/deck#slide=id.p4"
    row, _ = fetched(slides, Wanted("1", 1, 2))
    assert {"s0", "s1", "s2"} < set(row["text"].split())
    assert "s3" not in row["text"].split()


def test_a_passage_that_is_gone_is_404() -> None:
    """The document has changed since it was searched."""
    with pytest.raises(NotFound, match="10 passages"):
        fetched(slides, Wanted("1", 11, 0))


def test_the_whole_text_has_each_heading_once() -> None:
    """And says nothing of passages."""
    row, context = fetched(slides, Wanted("1", 3))
    assert row["id"] == "1"
    assert row["text"].count("Slide 3") == 1
    assert not context.warnings


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    """At the end of a line."""
    text = ("All work and no play makes Jack a dull boy.\n" * 10_000).strip()
    row, context = fetched(lambda *_: Document("1", "Long", text=lambda: text), Wanted("1"))
    assert 0.9 * MAX_CHARACTERS < len(row["text"]) <= MAX_CHARACTERS
    assert row["text"].endswith("boy.")
    assert [warning.reason for warning in context.warnings] == ["text_cut"]


def test_a_document_without_a_text_says_why() -> None:
    """With its title, partial."""

    def refuse() -> str:
        raise TextUnavailable("password_protected", "Locked: needs a password.")

    row, context = fetched(lambda *_: Document("1", "Locked", text=refuse), Wanted("1"))
    assert row == {"id": "1", "title": "Locked"}
    assert [warning.reason for warning in context.warnings] == ["password_protected"]


def test_what_the_provider_says_is_passed_on() -> None:
    """As the error that it stands for."""

    def fail(_: str, __: Any) -> Document:
        raise ProviderError("It failed.")

    with pytest.raises(ProviderError):
        fetched(fail, Wanted("1"))


def test_the_deadline_holds() -> None:
    """Whatever the connector waits for."""
    late = threading.Event()

    def wait(_: str, __: Any) -> Document:
        late.wait(30)
        return Document("1")

    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        fetched(wait, Wanted("1"), seconds=0.2)
    late.set()
    assert time.monotonic() - started < 0.7
