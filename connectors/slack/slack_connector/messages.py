"""search.messages and search.files: search by keyword, for tokens with `search:read`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import zip_longest

from connector_sdk import ConnectorError, DeadlineExceeded, Document, Unauthorized

from . import access
from .hits import modifiers
from .messages_hits import Hit, Kind, Reader
from .question import Asked
from .slack import Answer, Context, Slack
from .threads import Threads

_MAX_COUNT = 100  # of one page; Slack counts calls, not hits
_MAX_PAGES = 3  # where hits are compared with the options; each one counts against the rate limit
_MAX_WIDER = 4  # queries of the second kind, beside each other
_CANDIDATES = 20  # hits at least: which of them answers best is known when they are read


def search(asked: Asked, context: Context, slack: Slack) -> Iterator[Document]:
    """Yield the messages and files that hold the words of the query.

    All of the words are asked for first, within the time, channel and person that the question
    names. Where that finds less than half of the limit, wider queries follow side by side: all of
    the words without these bounds, the distinctive ones together, the telling ones one by one;
    who holds most of the words comes first, as whether OR works here is not documented. They are
    calls of search.all, whose rate limit (20 a minute in a workspace, for all users together) is
    its own.

    Args:
        asked: the question, read.
        context: the request.
        slack: the caller's view of Slack.

    Raises:
        ConnectorError: as Slack's answer says.
    """
    wanted = [*modifiers(context.options), *_days(context)]
    narrowed = [*wanted, *_bounds(asked, context)]
    reader = Reader(context)
    threads = Threads(context, slack, reader.names)
    exact = _Pages(reader, context, " ".join([*asked.terms, *narrowed]))
    futures = context.side_by_side(
        lambda: exact.hits("message", slack.search_messages),
        lambda: exact.hits("file", slack.search_files),
    )
    found = 0
    for hits in _batches(futures, reader, context):
        for document in threads.documents([reader.read(hit) for hit in hits]):
            found += 1
            yield document
    if found * 2 >= context.limit:
        return
    queries = _wider(asked, bounded=narrowed != wanted)
    hits = _widened(queries, asked, wanted, _Wide(reader, context, slack)) if queries else []
    yield from threads.documents([reader.read(hit) for hit in hits])


def _days(context: Context) -> list[str]:
    """The options' times in whole days, wider than asked for: what is outside is dropped later."""
    # `after:` leaves its own day out, and a day is the user's, in whatever time zone.
    after, before = context.options.modified_after, context.options.modified_before
    wide = timedelta(days=2)
    return [
        *([f"after:{(after - wide).date()}"] if after else []),
        *([f"before:{(before + wide).date()}"] if before else []),
    ]


def _bounds(asked: Asked, context: Context) -> list[str]:
    """What the question itself names, where the options do not say otherwise."""
    options, bounds = context.options, []
    if asked.channel and not options.channel:
        bounds.append(f"in:#{asked.channel}")
    if asked.person and not options.from_:
        bounds.append(f"from:@{asked.person}")
    if asked.span and not (options.modified_after or options.modified_before):
        if asked.span.start:
            bounds.append(f"after:{(asked.span.start - timedelta(days=1)).date()}")
        if asked.span.end:
            bounds.append(f"before:{asked.span.end.date()}")
    return bounds


def _wider(asked: Asked, *, bounded: bool) -> list[str]:
    """The queries that follow, each finding what the others may miss."""
    queries = [" ".join(asked.terms)] if bounded and asked.terms else []
    if len(asked.terms) != 1:
        if 1 < len(asked.names) < len(asked.terms):
            queries.append(" ".join(asked.names))
        queries += asked.telling
    return queries[:_MAX_WIDER]


class _Pages:
    """The hits of one query, from as many pages as it takes to fill the answer.

    Args:
        reader: tells which hits may be returned.
        context: the request.
        query: in Slack's language.
    """

    def __init__(self, reader: Reader, context: Context, query: str) -> None:
        self._reader = reader
        self._context = context
        self._query = query
        self._filters = access.public_only(context) or bool(
            context.options.modified_after or context.options.modified_before
        )

    def hits(self, kind: Kind, call: Callable[[str, int, int], Answer]) -> list[Hit]:
        """Return what `call` finds."""
        limit = self._context.limit
        count = _MAX_COUNT if self._filters else min(limit, _MAX_COUNT)
        hits: list[Hit] = []
        for page in range(1, _MAX_PAGES + 1):
            section = call(self._query, count, page)
            hits += self._reader.hits(kind, section)
            if len(hits) >= limit or not self._filters or page >= _pages(section):
                return hits
        self._context.warn(
            "too_many_hits",
            f"Of the {kind}s that Slack found, only the first {_MAX_PAGES * count} were looked "
            "through.",
        )
        return hits


def _pages(section: Answer) -> int:
    paging = section.get("paging")
    pages = paging.get("pages") if isinstance(paging, dict) else None
    return pages if isinstance(pages, int) else 1


def _batches(
    futures: Sequence[Future[list[Hit]]], reader: Reader, context: Context
) -> Iterator[list[Hit]]:
    """Yield messages and files in turn, each in Slack's order, as they are known.

    Half of the time that is left is waited for both; then the one does without the other.
    """
    wait(futures, timeout=context.deadline.remaining() / 2)
    done = [future for future in futures if future.done()]
    failed = [future for future in done if future.exception() is not None]
    lists = [future.result() for future in done if future not in failed]
    reader.learn(hit for hits in lists for hit in hits)
    yield [hit for hits in zip_longest(*lists) for hit in hits if hit is not None]
    for future in futures:
        if future not in done or future in failed:
            yield _late(future, reader, context, only_files=future is futures[-1])


def _late(
    future: Future[list[Hit]], reader: Reader, context: Context, *, only_files: bool
) -> list[Hit]:
    try:
        hits = future.result()
    except (Unauthorized, DeadlineExceeded):
        raise
    except ConnectorError as error:
        if not only_files:
            raise
        context.warn(error.reason, f"Files were not searched: {error.detail}")
        return []
    reader.learn(hits)
    return hits


@dataclass(frozen=True)
class _Wide:
    reader: Reader
    context: Context
    slack: Slack


def _widened(queries: list[str], asked: Asked, wanted: list[str], wide: _Wide) -> list[Hit]:
    """Return what holds any of the queries, those hits with most of all words first."""
    reader, context = wide.reader, wide.context
    futures = context.side_by_side(
        *(
            partial(wide.slack.search_all, " ".join([query, *wanted]), _MAX_COUNT)
            for query in queries
        )
    )
    ranked: dict[str, tuple[int, int, Hit]] = {}
    errors: list[ConnectorError] = []
    for future in futures:
        try:
            messages, files = future.result()
        except (Unauthorized, DeadlineExceeded):
            raise
        except ConnectorError as error:
            errors.append(error)
            continue
        hits = [
            *enumerate(reader.hits("message", messages)),
            *enumerate(reader.hits("file", files)),
        ]
        for rank, hit in hits:
            known = ranked.get(hit.id)
            if known is None or rank < known[1]:
                ranked[hit.id] = (-hit.count(asked.words), rank, hit)
    ordered = [hit for _, _, hit in sorted(ranked.values(), key=lambda entry: entry[:2])]
    if errors and not ordered:
        raise errors[0]
    for failure in errors:
        context.warn(failure.reason, f"Not every word was searched for alone: {failure.detail}")
    kept = ordered[: max(context.limit, _CANDIDATES)]
    reader.learn(kept)
    return kept
