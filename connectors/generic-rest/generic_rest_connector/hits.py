"""Hits of an answer, with what is fetched for each, as documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any

from connector_sdk import (
    BadRequest,
    ConnectorError,
    DeadlineExceeded,
    Document,
    ProviderError,
    TextUnavailable,
    Unauthorized,
    content_words,
)
from connector_sdk.documents import stringify

from .calls import Context, build, send
from .expressions import Scope, Template, Unfit
from .source import Step

# Before the deadline, so that what is there still goes into the answer when the rest hangs.
SECONDS_TO_YIELD = 0.25
_KNOWN_FIELDS = ("id", "title", "text", "url", "timestamp", "author", "type", "container")


class _Skipped(Exception):
    """A fetch failed that its hit is not shown without."""


class Hits:
    """The hits of one step's answer.

    Args:
        step: the step that was asked.
        context: the search.
        request_scope: what its request saw.
        answer: the whole answer.

    Raises:
        ProviderError: there is nothing where the file looks for them. Nothing is not the empty
            list: an API that changed would else look like one that finds nothing.
        BadRequest: hits are to be matched, and the query has no word to match them by.
    """

    def __init__(self, step: Step, context: Context, request_scope: Scope, answer: Any) -> None:
        self._step, self._context, self._request_scope = step, context, request_scope
        loaded = context.settings.loaded
        before = {name: request_scope[name] for name in loaded.source.before}
        # What every hit has beside its fields, told by the underscore.
        beside = {f"_{name}": request_scope[name] for name in ("query", "env", "options", "limit")}
        beside |= {"_before": before, "_response": answer, "_base_url": loaded.base_url}
        groups = [answer] if step.each is None else _list_at("each", step.each, answer)
        self._scopes = [
            {**(hit if isinstance(hit, dict) else {}), **beside, "_hit": hit, "_each": group}
            for group in groups
            for hit in _list_at("results", step.results, group)
        ]
        if step.keep is not None:
            self._scopes = [s for s in self._scopes if self._value("keep", step.keep, s)]
        if step.match:
            self._scopes = self._matching()
        self._scopes = self._scopes[: request_scope["limit"]]

    def _matching(self) -> list[dict[str, Any]]:
        """Return the hits with a word of the query, those with most of them first."""
        found = content_words(self._request_scope["query"].casefold())
        if not found:
            raise BadRequest("The query has no word to search for: send letters or digits.")
        # A word is the beginning of one in the text; a short one is a word of its own there.
        ends = {word: "(?![a-z0-9])" if len(word) < 3 and word.isascii() else "" for word in found}
        patterns = [re.compile(rf"(?<![a-z0-9]){re.escape(w)}{end}") for w, end in ends.items()]

        def score(scope: Scope) -> list[int]:
            texts = [stringify(self._value("match", m, scope)).casefold() for m in self._step.match]
            texts.insert(0, "\n".join(texts))  # in all of them together, then in the first …
            return [sum(p.search(text) is not None for p in patterns) for text in texts]

        scored = [(score(scope), scope) for scope in self._scopes]
        scored.sort(key=lambda pair: pair[0], reverse=True)
        return [scope for points, scope in scored if points[0]]

    def documents(self) -> Iterator[Document]:
        """Yield a document for each hit; fetches start now, side by side.

        Raises:
            Unauthorized: a fetch was refused the token.
        """
        if not self._step.fetch:
            yield from filter(None, map(self._document, self._scopes))
            return
        calls = [partial(self._fetch, *hit) for hit in enumerate(self._scopes)]
        futures = self._context.side_by_side(*calls)
        for scope, future in zip(self._scopes, futures, strict=True):
            document = self._fetched(scope, future)
            if document is not None:
                yield document

    def _fetched(self, scope: Scope, future: Future[dict[str, Any]]) -> Document | None:
        left = self._context.deadline.remaining() - SECONDS_TO_YIELD
        try:
            return self._document({**scope, **future.result(timeout=max(0.0, left))})
        except _Skipped:
            return None
        except (TimeoutError, DeadlineExceeded):
            self._warn(scope, "deadline", "what belongs to it had not come by the deadline")
        if any(fetch.on_error == "skip" for fetch in self._step.fetch.values()):
            return None
        return self._document(scope)

    def _fetch(self, index: int, scope: Scope) -> dict[str, Any]:
        """Fetch what belongs to a hit, one after another, so that a later one may use an earlier.

        Raises:
            _Skipped: one failed, and the hit goes with it.
            Unauthorized: the token was refused.
            DeadlineExceeded: the time is over.
        """
        fetched: dict[str, Any] = {}
        allowed = self._context.settings.loaded.source.limits.fetches
        for number, (name, fetch) in enumerate(self._step.fetch.items()):
            try:
                if index * len(self._step.fetch) + number >= allowed:
                    raise ProviderError(f"only {allowed} fetches are made for a search")
                call = build(fetch, {**scope, **fetched}, self._request_scope, self._context)
                fetched[name] = send(call, fetch, self._context, one_hit=True)
            except (Unauthorized, DeadlineExceeded):
                raise
            except (ConnectorError, TextUnavailable, Unfit) as error:
                reason = "fetch_failed" if isinstance(error, Unfit) else error.reason
                left_out = "; it is left out" if fetch.on_error == "skip" else ""
                self._warn(scope, reason, f"its '{name}' is missing: {error}{left_out}")
                if fetch.on_error == "skip":
                    raise _Skipped from None
        return fetched

    def _document(self, scope: Scope) -> Document | None:
        selectors = self._step.document
        values = {n: self._value(f"document.{n}", s, scope) for n, s in selectors.items()}
        identity = stringify(values.pop("id"))
        if not identity:
            place = f"document.id: {selectors['id'].text}"
            self._context.warn("no_id", f"Hits are left out that have nothing at {place}.")
            return None
        known = {name: values.pop(name) for name in _KNOWN_FIELDS if name in values}
        known["text"] = stringify(known.get("text"))
        if not isinstance(known.get("timestamp"), str | int | float | None):
            known["timestamp"] = None
        return Document(id=identity, **known, extra={**self._rest(scope), **values})

    def _rest(self, scope: Scope) -> dict[str, Any]:
        """The scalars of the hit that the file does not place, where it asks for the rest."""
        hit = scope["_hit"]
        if self._step.rest == "none" or not isinstance(hit, dict):
            return {}
        placed = {selector.text for selector in self._step.document.values()}
        return {
            name: value
            for name, value in hit.items()
            if not isinstance(value, dict | list) and name not in placed
        }

    def _value(self, place: str, selector: Template, scope: Scope) -> Any:
        try:
            return selector.value(scope)
        except Unfit as error:
            self._context.warn("mapping_failed", f"{place}: {selector.text}: {error}.")
            return None

    def _warn(self, scope: Scope, reason: str, detail: str) -> None:
        title = self._step.document.get("title", self._step.document["id"])
        named = self._value("title", title, scope) or self._value(
            "id", self._step.document["id"], scope
        )
        self._context.warn(reason, f"{stringify(named)}: {detail}")


def _list_at(key: str, selector: Template, answer: Any) -> list[Any]:
    try:
        found = selector.value(answer)
    except Unfit as error:
        raise ProviderError(f"The provider's answer has another shape: {key}: {error}.") from None
    if not isinstance(found, list):
        what = "nothing" if found is None else "no list"
        raise ProviderError(
            f"The provider's answer has {what} at `{key}: {selector.text}`, where the source file "
            "looks for the hits."
        )
    return found
