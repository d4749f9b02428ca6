"""What a search function is given besides the query."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from .auth import Credential
from .deadline import Deadline
from .documents import Document
from .errors import ConnectorError
from .http import HttpClient
from .options import Options
from .response import Response
from .settings import Settings

CANDIDATES = 10  # documents at least, whatever the limit

T = TypeVar("T")


@dataclass(frozen=True)
class Omission:
    """Something that was left out of an answer: a warning of the response.

    Args:
        reason: a stable word for programs: `too_large`.
        detail: for people: what was left out, and why.
    """

    reason: str
    detail: str


@dataclass
class SearchContext(Generic[Settings, Options]):
    """One request, as a search function sees it.

    Args:
        credential: what to call the provider with.
        settings: the connector's settings.
        options: the request's options, checked and typed.
        limit: how many passages the answer may have.
        deadline: when the request must be answered; every call through `request` ends with it.
        http: the process's client.
        executor: where `side_by_side` runs its calls; bounded, shared by all requests.
    """

    credential: Credential
    settings: Settings
    options: Options
    limit: int
    deadline: Deadline
    http: HttpClient
    executor: Executor
    warnings: list[Omission] = field(default_factory=list, init=False)
    answered: bool = field(default=False, init=False)
    calls: int = field(default=0, init=False)
    failed_calls: list[str] = field(default_factory=list, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def candidates(self) -> int:
        """How many documents a search should yield, if it finds as many.

        More than a small limit: which of them answer best is known when their texts are ranked.
        No more are taken.
        """
        return max(self.limit, CANDIDATES)

    def request(self, method: str, url: str, **arguments: Any) -> Response:
        """Call the provider, as `HttpClient.request` does, within this request's deadline.

        Raises:
            ConnectorError: as `HttpClient.request` does; a status is the caller's to read.
        """
        outcome = ""
        try:
            response = self.http.request(method, url, deadline=self.deadline, **arguments)
            outcome = str(response.status) if response.status >= 400 else ""
        except ConnectorError as error:
            outcome = error.reason
            raise
        else:
            return response
        finally:
            with self._lock:
                self.calls += 1
                if outcome:
                    parts = urlsplit(url)
                    self.failed_calls.append(f"{method} {parts.netloc}{parts.path} {outcome}")

    def warn(self, reason: str, detail: str) -> None:
        """Say that something was left out; the answer is then marked partial.

        Args:
            reason: a stable word for programs: `too_large`.
            detail: for people: what was left out, and why.
        """
        omission = Omission(reason, detail)
        with self._lock:
            if omission not in self.warnings:
                self.warnings.append(omission)

    def mark_answered(self) -> None:
        """Say that a search call has answered, be it with no hit.

        From then on the deadline ends in a partial answer, not in 504. A document that is yielded
        says so by itself.
        """
        self.answered = True

    def side_by_side(self, *calls: Callable[[], T]) -> list[Future[T]]:
        """Start calls beside each other; take each one's `result()` where it is needed."""
        return [self.executor.submit(copy_context().run, call) for call in calls]


class SearchFunction(Protocol):
    """A connector: yields documents in the provider's order, as soon as they are known."""

    def __call__(self, query: str, context: SearchContext[Any, Any], /) -> Iterable[Document]:
        """Search the provider for `query` with `context.credential`."""


class FetchFunction(Protocol):
    """A connector's second function: the document that a result's id stands for."""

    def __call__(self, document_id: str, context: SearchContext[Any, Any], /) -> Document:
        """Return the document `document_id`, as `context.credential` may see it.

        Its text is whole; it may be a callable.

        Raises:
            NotFound: there is none for this caller.
            ConnectorError: as the provider says.
        """
