"""Runs a search function and its texts side by side until the deadline."""

from __future__ import annotations

import logging
import queue
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from .answer import Hit, answer
from .context import SearchContext, SearchFunction
from .documents import Document
from .errors import BadRequest, ConnectorError, DeadlineExceeded, TextUnavailable, Unauthorized
from .passages import Text

SEARCHES = 64  # one thread of gunicorn's waits for each
_CALLS = 96
_TEXTS_AT_ONCE = 10  # of one request, so that a long answer does not starve the short ones

_log = logging.getLogger(__name__)

Context = SearchContext[Any, Any]


class Pools:
    """The process's threads: searches in one pool, the calls that searches wait for in another.

    Two, because a search that waits for a call in its own pool could wait for ever.
    """

    def __init__(self) -> None:
        self.searches = ThreadPoolExecutor(SEARCHES, "search")
        self.calls = ThreadPoolExecutor(_CALLS, "call")


@dataclass
class _Event:
    """Something a thread tells the request: a document, a text, or an end."""

    document: Document | None = None
    hit: Hit | None = None
    text: Text = ""
    error: BaseException | None = None


@dataclass
class Execution:
    """One search under way.

    Args:
        search: the connector's function.
        query: what to search for.
        context: the request.
        pools: the process's threads.
    """

    search: SearchFunction
    query: str
    context: Context
    pools: Pools
    _hits: list[Hit] = field(default_factory=list, init=False)
    _waiting: deque[Hit] = field(default_factory=deque, init=False)
    _fetching: int = field(default=0, init=False)
    _events: queue.SimpleQueue[_Event] = field(default_factory=queue.SimpleQueue, init=False)

    def rows(self) -> list[dict[str, str]]:
        """Return the best passages of what was found by the deadline, as rows of strings.

        What is missing is in the context's warnings.

        Raises:
            ConnectorError: the search failed before it had found anything, or the token is bad.
        """
        self.pools.searches.submit(copy_context().run, self._search)
        try:
            self._collect()
        finally:
            self.context.deadline.close()  # whatever is still under way has nobody waiting for it
        return answer(self.query, self._hits, self.context)

    def _collect(self) -> None:
        searching = True
        while searching or self._fetching:
            try:
                event = self._events.get(timeout=self.context.deadline.remaining())
            except queue.Empty:
                self._cut_short(searching)
                return
            if event.document is not None:
                self._add(event.document)
            elif event.hit is not None:
                self._text_came(event.hit, event)
            else:
                searching = False
                self._search_ended(event.error)

    def _search(self) -> None:
        """In a thread of its own: yield what the connector finds, each document once."""
        seen: set[str] = set()
        error: BaseException | None = None
        try:
            for document in self.search(self.query, self.context):
                if document.id in seen:
                    continue
                seen.add(document.id)
                self._events.put(_Event(document=document))
                if len(seen) >= self.context.candidates:
                    break
        except BaseException as caught:  # noqa: BLE001 - it is raised again where somebody waits
            error = caught
        self._events.put(_Event(error=error))

    def _add(self, document: Document) -> None:
        hit = Hit(document)
        self._hits.append(hit)
        if callable(document.text):
            self._waiting.append(hit)
            self._fetch_next()
        else:
            hit.text, hit.settled = document.text or "", True

    def _fetch_next(self) -> None:
        while self._waiting and self._fetching < _TEXTS_AT_ONCE:
            hit = self._waiting.popleft()
            self._fetching += 1
            self.pools.calls.submit(copy_context().run, self._fetch, hit)

    def _fetch(self, hit: Hit) -> None:
        text: Callable[[], Text] = hit.document.text  # type: ignore[assignment]
        event = _Event(hit=hit)
        try:
            self.context.deadline.check()
            event.text = text()
        except BaseException as caught:  # noqa: BLE001 - it is told to the request, which judges it
            event.error = caught
        self._events.put(event)

    def _text_came(self, hit: Hit, event: _Event) -> None:
        self._fetching -= 1
        hit.settled = True
        self._fetch_next()
        error = event.error
        hit.failed = error is not None
        title = hit.document.title or hit.document.id
        if error is None:
            hit.text = event.text
        elif isinstance(error, TextUnavailable):
            self.context.warn(error.reason, error.detail)
        elif isinstance(error, Unauthorized):
            raise error  # so that the caller refreshes the token
        elif isinstance(error, DeadlineExceeded):
            self.context.warn("deadline", f"{title}: its text had not come by the deadline.")
        elif isinstance(error, ConnectorError):
            self.context.warn(error.reason, f"{title}: {error.detail}")
        else:
            _log.error("the text of a document failed", exc_info=error)
            self.context.warn("text_failed", f"{title}: its text could not be read.")

    def _search_ended(self, error: BaseException | None) -> None:
        if error is None:
            return
        if isinstance(error, DeadlineExceeded) and (self._hits or self.context.answered):
            self._warn_stopped()
            return
        lasting = not isinstance(error, ConnectorError) or isinstance(
            error, Unauthorized | BadRequest
        )
        if lasting or not self._hits:
            raise error
        assert isinstance(error, ConnectorError)  # noqa: S101 - for the type checker
        self.context.warn(error.reason, f"The search stopped early: {error.detail}")

    def _cut_short(self, searching: bool) -> None:
        if searching:
            if not (self._hits or self.context.answered):
                self.context.deadline.check()
            self._warn_stopped()
        late = [hit.document for hit in self._hits if not hit.settled]
        if late:
            names = ", ".join(str(document.title or document.id) for document in late)
            self.context.warn("deadline", f"No text had come by the deadline for: {names}")

    def _warn_stopped(self) -> None:
        self.context.warn(
            "deadline",
            f"The search stopped at its deadline of {self.context.deadline.seconds:g} s.",
        )
