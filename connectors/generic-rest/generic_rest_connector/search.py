"""The search: asks what the source file says, and yields what it finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import chain, islice
from typing import Any

from connector_sdk import (
    BadRequest,
    ConnectorError,
    DeadlineExceeded,
    Document,
    ProviderError,
    TokenCache,
    Unauthorized,
)

from .calls import Call, Context, build, send
from .expressions import Scope, Template, Unfit
from .hits import SECONDS_TO_YIELD, Hits
from .source import Request, Step, expressions

_before: TokenCache[Any] = TokenCache(seconds=600)


def search(query: str, context: Context) -> Iterator[Document]:
    """Yield what the source finds for the query.

    Several steps are asked side by side. Each gives its share of the documents in the file's
    order; what then is free goes to those that found more.

    Raises:
        BadRequest: the query has nothing in it that this source can search for.
        ConnectorError: no step could be asked; of some only, the rest is a warning.
    """
    loaded = context.settings.loaded
    limit = min(context.limit, loaded.source.limits.hits)
    options = context.options.model_dump(mode="json", by_alias=True)
    scope = {"query": query, "env": loaded.env, "options": options, "limit": limit}
    scope |= _asked_before(scope, context)
    steps = [s for s in loaded.source.search if s.when is None or _value(s.when, scope)]
    if not steps:
        raise BadRequest("The source has no search for these options.")
    calls = [_call(step, scope, context) for step in steps]
    share = math.ceil(limit / len(steps))
    found: list[Iterator[Document]] = []
    failures: list[ConnectorError] = []
    for step, answer in zip(steps, _answers(steps, calls, context), strict=True):
        try:
            hits = Hits(step, context, scope, answer())
        except Unauthorized:
            raise
        except ConnectorError as error:
            failures.append(error)
            continue
        context.mark_answered()
        found.append(hits.documents())
        yield from islice(found[-1], share)
    if not found:
        raise failures[0]
    for failure in failures:
        context.warn(failure.reason, f"A part of the search failed: {failure.detail}")
    yield from chain.from_iterable(found)


def _asked_before(scope: Scope, context: Context) -> dict[str, Any]:
    """Return the results of `before:`, each asked for once for a credential."""
    loaded, results = context.settings.loaded, dict[str, Any]()
    for name, request in loaded.source.before.items():
        key = (loaded.source.name, loaded.base_url, name)
        result = _before.get(context.credential, key)
        if result is None:
            call = _call(request, {**scope, **results}, context)
            result = _value(request.result, send(call, request, context))
            if result is None:
                raise ProviderError(
                    f"The provider's answer has nothing at `before.{name}.result: "
                    f"{request.result.text}`."
                )
            _before.put(context.credential, key, result)
        results[name] = result
    return results


def _value(template: Template, scope: Any) -> Any:
    try:
        return template.value(scope)
    except Unfit as error:
        raise ProviderError(f"The provider's answer has another shape: {error}.") from None


def _call(request: Request, scope: Scope, context: Context) -> Call:
    parts = (request.path, request.params, request.json_, request.form, request.graphql)
    try:
        for _, expression in expressions(list(parts)):
            reads_query = any(read.name == "query" for read in expression.reads)
            if reads_query and expression.search(scope) in ("", []):
                raise BadRequest(
                    "The query has no word that this source can search for: send letters or digits."
                )
        return build(request, scope, scope, context)
    except Unfit as error:
        raise BadRequest(f"The source cannot be asked this: {error}.") from None


def _answers(steps: list[Step], calls: list[Call], context: Context) -> list[Callable[[], Any]]:
    """Return, for each call, how to wait for its answer; several are under way together."""
    asks = [partial(send, c, step, context) for step, c in zip(steps, calls, strict=True)]
    if len(asks) == 1:
        return [asks[0]]
    return [partial(_wait, future, context) for future in context.side_by_side(*asks)]


def _wait(future: Future[Any], context: Context) -> Any:
    try:
        return future.result(timeout=max(0.0, context.deadline.remaining() - SECONDS_TO_YIELD))
    except TimeoutError:
        raise DeadlineExceeded("a request had not been answered by the deadline.") from None
