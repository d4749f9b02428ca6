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
    Unauthorized,
)

from .calls import Call, Context, ask, search_call
from .hits import SECONDS_TO_YIELD, Hits, hits_at
from .positions import Unplaceable
from .source import Step
from .template import Expression, ExpressionFailed, Scope


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
    steps = loaded.source.search
    calls = [_call(step, scope, context) for step in steps]
    share = math.ceil(limit / len(steps))
    found: list[Iterator[Document]] = []
    failures: list[ConnectorError] = []
    for step, answer in zip(steps, _answers(calls, context), strict=True):
        try:
            hits = _hits(step, answer(), scope, context)
        except Unauthorized:
            raise
        except ConnectorError as error:
            failures.append(error)
            continue
        found.append(hits.documents())
        yield from islice(found[-1], share)
    if not found:
        raise failures[0]
    for failure in failures:
        context.warn(failure.reason, f"A part of the search failed: {failure.detail}")
    yield from chain.from_iterable(found)


def _call(step: Step, scope: Scope, context: Context) -> Call:
    try:
        if any(expression.search(scope) in ("", []) for expression in step.query_expressions):
            raise BadRequest(
                "The query has no word that this source can search for: send letters or digits."
            )
        return search_call(context.settings.loaded, step, scope)
    except (Unplaceable, ExpressionFailed) as error:
        raise BadRequest(f"The source cannot be asked this: {error}.") from None


def _answers(calls: list[Call], context: Context) -> list[Callable[[], Any]]:
    """Return, for each call, how to wait for its answer; several are under way together."""
    asks = [partial(ask, call, context) for call in calls]
    if len(asks) == 1:
        return [asks[0]]
    return [partial(_wait, future, context) for future in context.side_by_side(*asks)]


def _wait(future: Future[Any], context: Context) -> Any:
    try:
        return future.result(timeout=max(0.0, context.deadline.remaining() - SECONDS_TO_YIELD))
    except TimeoutError:
        raise DeadlineExceeded("a request had not been answered by the deadline.") from None


def _hits(step: Step, answer: Any, scope: Scope, context: Context) -> Hits:
    if step.errors is not None and _says_error(step.errors, answer):
        raise ProviderError(
            f"The provider answered 200 with an error in it, at `errors: {step.errors.text}`."
        )
    items = hits_at(step.results, answer)[: scope["limit"]]
    return Hits(step, context, scope, answer, items)


def _says_error(errors: Expression, answer: Any) -> bool:
    try:
        return bool(errors.search(answer))
    except ExpressionFailed:
        return False  # an answer without what the file looks at has no error there
