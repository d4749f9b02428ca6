"""Hits of an answer, with what is fetched for each, as documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connector_sdk import ConnectorError, DeadlineExceeded, Document, ProviderError, Unauthorized
from connector_sdk.documents import stringify

from .calls import Context, fetch_call, fetch_content
from .positions import Unplaceable
from .source import KNOWN_FIELDS, Fetch, Step
from .template import Expression, ExpressionFailed, Scope

# Before the deadline, so that what is there still goes into the answer when the rest hangs.
SECONDS_TO_YIELD = 0.25


class _Skipped(Exception):
    """A fetch failed that its hit is not shown without."""


@dataclass(frozen=True)
class Hits:
    """The hits of one step's answer.

    Args:
        step: the step that was asked.
        context: the request.
        request_scope: `query`, `env`, `options` and `limit`.
        answer: the whole answer.
        items: the hits in it.
    """

    step: Step
    context: Context
    request_scope: Scope
    answer: Any
    items: list[Any]

    def documents(self) -> Iterator[Document]:
        """Yield a document for each hit.

        Their texts fetch for themselves where no other field waits for a fetch; otherwise all
        fetches start now, side by side, and each document comes when its own are there.

        Raises:
            Unauthorized: a fetch was refused the token.
        """
        if not self.step.needs_fetch_first:
            yield from filter(None, map(self._lazy, range(len(self.items))))
            return
        calls = [partial(self._fetched, index) for index in range(len(self.items))]
        for index, future in enumerate(self.context.side_by_side(*calls)):
            document = self._eager(index, future)
            if document is not None:
                yield document

    def _lazy(self, index: int) -> Document | None:
        scope = self._scope(index)
        document = self._document(scope)
        if document is None or not self.step.fetch:
            return document
        return replace(document, text=lambda: self._text({**scope, **self._fetched(index)}))

    def _eager(self, index: int, future: Future[dict[str, Any]]) -> Document | None:
        left = self.context.deadline.remaining() - SECONDS_TO_YIELD
        fetched: Mapping[str, Any] = {}
        try:
            fetched = future.result(timeout=max(0.0, left))
        except _Skipped:
            return None
        except (TimeoutError, DeadlineExceeded):
            self._warn(index, "deadline", "what belongs to it had not come by the deadline")
            if any(fetch.on_error == "skip" for fetch in self.step.fetch.values()):
                return None
        return self._document({**self._scope(index), **fetched})

    def _fetched(self, index: int) -> dict[str, Any]:
        """Fetch what belongs to a hit, one after another, so that a later one may use an earlier.

        Raises:
            _Skipped: one failed, and the hit goes with it.
            Unauthorized: the token was refused.
            DeadlineExceeded: the time is over.
        """
        scope = self._scope(index)
        fetched: dict[str, Any] = {}
        allowed = self.context.settings.loaded.source.limits.fetches
        for number, (name, fetch) in enumerate(self.step.fetch.items()):
            try:
                if index * len(self.step.fetch) + number >= allowed:
                    raise ProviderError(f"only {allowed} fetches are made for a search")
                fetched[name] = self._fetch(fetch, {**scope, **fetched})
            except (Unauthorized, DeadlineExceeded):
                raise
            except (ConnectorError, Unplaceable, ExpressionFailed) as error:
                reason = error.reason if isinstance(error, ConnectorError) else "fetch_failed"
                left_out = "; it is left out" if fetch.on_error == "skip" else ""
                self._warn(index, reason, f"its '{name}' is missing: {error}{left_out}")
                if fetch.on_error == "skip":
                    raise _Skipped from None
        return fetched

    def _fetch(self, fetch: Fetch, scope: Scope) -> Any:
        call = fetch_call(self.context.settings.loaded, fetch, scope, self.request_scope)
        return fetch_content(call, fetch, self.context)

    def _scope(self, index: int) -> dict[str, Any]:
        """What an expression sees: the hit's fields, and beside them what has an underscore."""
        hit = self.items[index]
        return {
            **(hit if isinstance(hit, dict) else {}),
            **{f"_{name}": value for name, value in self.request_scope.items()},
            "_hit": hit,
            "_response": self.answer,
            "_base_url": self.context.settings.loaded.base_url,
        }

    def _document(self, scope: Scope) -> Document | None:
        values = {name: self._value(name, scope) for name in self.step.document}
        identity = stringify(values.pop("id"))
        if not identity:
            self.context.warn(
                "no_id", f"Hits are left out that have nothing at {self._place('id')}."
            )
            return None
        known = {name: values.pop(name) for name in KNOWN_FIELDS if name in values}
        known["text"] = stringify(known.get("text"))
        if not isinstance(known.get("timestamp"), str | int | float | None):
            known["timestamp"] = None
        return Document(id=identity, **known, extra={**self._rest(scope), **values})

    def _rest(self, scope: Scope) -> dict[str, Any]:
        """The scalars of the hit that the file does not place, where it asks for the rest."""
        hit = scope["_hit"]
        if self.step.rest == "none" or not isinstance(hit, dict):
            return {}
        placed = {selector.text for selector in self.step.document.values()}
        return {
            name: value
            for name, value in hit.items()
            if not isinstance(value, dict | list) and name not in placed
        }

    def _text(self, scope: Scope) -> str:
        return stringify(self._value("text", scope)) if "text" in self.step.document else ""

    def _value(self, name: str, scope: Scope) -> Any:
        try:
            return self.step.document[name].value(scope)
        except ExpressionFailed as error:
            self.context.warn("mapping_failed", f"{self._place(name)}: {error}.")
            return None

    def _place(self, name: str) -> str:
        return f"document.{name}: {self.step.document[name].text}"

    def _warn(self, index: int, reason: str, detail: str) -> None:
        scope = self._scope(index)
        title = self._value("title", scope) if "title" in self.step.document else None
        self.context.warn(reason, f"{stringify(title or self._value('id', scope))}: {detail}")


def hits_at(results: Expression, answer: Any) -> list[Any]:
    """Return the hits that an answer holds.

    Raises:
        ProviderError: there is nothing where the file looks for them. Nothing is not the empty
            list: an API that changed would else look like one that finds nothing.
    """
    try:
        found = results.search(answer)
    except ExpressionFailed as error:
        raise ProviderError(f"The provider's answer has another shape: results: {error}.") from None
    if not isinstance(found, list):
        what = "nothing" if found is None else "no list"
        raise ProviderError(
            f"The provider's answer has {what} at `results: {results.text}`, where the source file "
            "looks for the hits."
        )
    return found
