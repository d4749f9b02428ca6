"""Searches and texts run side by side until the deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from connector_sdk import (
    Credential,
    Deadline,
    DeadlineExceeded,
    Document,
    Forbidden,
    HttpClient,
    Kind,
    ProviderError,
    RateLimited,
    SearchContext,
    TextUnavailable,
    Unauthorized,
)
from connector_sdk.execution import Execution, Pools

POOLS = Pools()
Rows = list[dict[str, str]]


def run(
    search: Any, *, seconds: float = 5, limit: int = 10
) -> tuple[Rows, SearchContext[Any, Any]]:
    """Run a search function as a request does."""
    context: SearchContext[Any, Any] = SearchContext(
        credential=Credential(Kind.USER, "t"),
        settings=SimpleNamespace(passage_words=300, passages_per_file=3, passage_ranking=True),
        options=SimpleNamespace(),
        limit=limit,
        deadline=Deadline(seconds),
        http=HttpClient([]),
        executor=POOLS.calls,
    )
    return Execution(search, "q", context, POOLS).rows(), context


def test_texts_are_fetched_side_by_side() -> None:
    """Ten texts that wait for one another all come; in a row none would."""
    together = threading.Barrier(10)

    def wait(number: int) -> str:
        return f"{number} {together.wait(5) >= 0}"

    def search(query: str, context: Any) -> Iterator[Document]:
        for number in range(10):
            yield Document(id=str(number), text=partial(wait, number))

    rows, context = run(search)
    assert [row["text"] for row in rows] == [f"{number} True" for number in range(10)]
    assert not context.warnings


def test_documents_come_once_in_order_and_up_to_the_limit() -> None:
    """The generator is asked for ten, as ranking may prefer a later one, and for no more."""
    asked: list[int] = []

    def search(query: str, context: Any) -> Iterator[Document]:
        for number in range(100):
            asked.append(number)
            yield Document(id=str(number // 2))

    rows, _ = run(search, limit=3)
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    assert len(asked) == 19


def test_at_the_deadline_what_is_there_is_answered() -> None:
    """The late text is missing, its hit is not, and the warning names it."""
    late = threading.Event()

    def search(query: str, context: Any) -> Iterator[Document]:
        yield Document(id="1", title="Quick", text=lambda: "here")
        yield Document(id="2", title="Late", text=lambda: str(late.wait(30)))
        yield Document(id="3", title="Empty", text=lambda: "")

    started = time.monotonic()
    rows, context = run(search, seconds=0.3)
    late.set()
    assert time.monotonic() - started < 0.8
    assert rows == [
        {"id": "1", "title": "Quick", "text": "here"},
        {"id": "2", "title": "Late"},
        {"id": "3", "title": "Empty"},
    ]
    (warning,) = context.warnings
    assert warning.reason == "deadline"
    assert warning.detail.endswith(": Late")


def test_a_search_that_never_answers_is_504() -> None:
    """Even one that blocks without looking at its deadline."""
    late = threading.Event()
    with pytest.raises(DeadlineExceeded):
        run(lambda query, context: iter([late.wait(30)]), seconds=0.2)
    late.set()


def test_a_search_that_answered_without_a_hit_is_partial_at_the_deadline() -> None:
    """Once a search call has answered, the deadline ends in 200."""

    def search(query: str, context: Any) -> Iterator[Document]:
        context.mark_answered()
        context.deadline.wait(30)
        yield Document(id="1")

    rows, context = run(search, seconds=0.2)
    assert rows == []
    assert [warning.reason for warning in context.warnings] == ["deadline"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TextUnavailable("too_large", "Too large."), "too_large"),
        (RateLimited("Slow down."), "rate_limited"),
        (ProviderError("It failed."), "provider_error"),
        (Forbidden("Not this one."), "forbidden"),
        (ValueError("canary of a bug"), "text_failed"),
    ],
)
def test_a_failed_text_leaves_its_hit_and_a_warning(error: Exception, reason: str) -> None:
    """Never the failure as text."""

    def fail() -> str:
        raise error

    rows, context = run(lambda query, context: [Document(id="1", title="T", text=fail)])
    assert rows == [{"id": "1", "title": "T"}]
    assert [warning.reason for warning in context.warnings] == [reason]
    assert "canary" not in str(context.warnings)


def test_a_token_that_ends_between_search_and_text_is_401() -> None:
    """So that the caller refreshes it."""

    def fail() -> str:
        raise Unauthorized("expired")

    with pytest.raises(Unauthorized):
        run(lambda query, context: [Document(id="1", text=fail)])


@pytest.mark.parametrize("error", [Unauthorized("x"), ValueError("x")])
def test_a_lasting_failure_is_raised_whatever_was_found(error: Exception) -> None:
    """A bad token or our own fault is never a partial answer."""

    def search(query: str, context: Any) -> Iterator[Document]:
        yield Document(id="1")
        raise error

    with pytest.raises(type(error)):
        run(search)


def test_a_provider_that_fails_midway_leaves_what_was_found() -> None:
    """As a partial answer; with nothing found it is the failure itself."""

    def search(query: str, context: Any) -> Iterator[Document]:
        if context.limit == 10:
            yield Document(id="1")
        else:
            context.mark_answered()
        raise ProviderError("It failed.")

    rows, context = run(search)
    assert len(rows) == 1
    assert [warning.reason for warning in context.warnings] == ["provider_error"]
    with pytest.raises(ProviderError):
        run(search, limit=1)


def test_a_search_may_wait_for_calls_while_every_search_does() -> None:
    """More searches at once than there are threads for calls, each waiting for two calls."""

    def search(query: str, context: Any) -> Iterator[Document]:
        for future in context.side_by_side(lambda: "a", lambda: "b"):
            yield Document(id=future.result())

    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(run(search, seconds=20)[0])))
        for _ in range(150)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [2] * 150
