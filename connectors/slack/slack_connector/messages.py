"""search.messages and search.files: search by keyword, for tokens with `search:read`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from datetime import timedelta
from functools import partial
from itertools import zip_longest

from connector_sdk import ConnectorError, DeadlineExceeded, Document, Unauthorized

from . import access
from .hits import modifiers
from .messages_hits import Hit, Kind, Reader
from .question import keywords
from .slack import Answer, Context, Slack

_MAX_COUNT = 100  # of one page; Slack counts calls, not hits
_MAX_PAGES = 3  # where hits are compared with the options; each one counts against the rate limit
_MAX_WORDS = 3  # searched for alone


def search(query: str, context: Context, slack: Slack) -> Iterator[Document]:
    """Yield the messages and files that hold the words of the query.

    All of the words are asked for first. Where that finds less than half of the limit, the
    telling ones are asked for one by one, and who holds most of the words comes first: whether OR
    works here is not documented. That takes three calls of search.all, whose rate limit (20 a
    minute in a workspace, for all users together) is its own.

    Args:
        query: as it was asked.
        context: the request.
        slack: the caller's view of Slack.

    Raises:
        ConnectorError: as Slack's answer says.
    """
    words = keywords(query)
    narrowing = [*modifiers(context.options), *_days(context)]
    reader = Reader(context)
    exact = _Pages(reader, context, " ".join([*words, *narrowing]))
    futures = context.side_by_side(
        lambda: exact.hits("message", slack.search_messages),
        lambda: exact.hits("file", slack.search_files),
    )
    found: set[str] = set()
    for document in _interleaved(futures, reader, context):
        found.add(document.id)
        yield document
    if len(found) * 2 >= context.limit or len(words) == 1:
        return
    for document in _widened(words, narrowing, reader, context, slack):
        if document.id not in found:
            yield document


def _days(context: Context) -> list[str]:
    """The options' times in whole days, wider than asked for: what is outside is dropped later."""
    # `after:` leaves its own day out, and a day is the user's, in whatever time zone.
    after, before = context.options.modified_after, context.options.modified_before
    wide = timedelta(days=2)
    return [
        *([f"after:{(after - wide).date()}"] if after else []),
        *([f"before:{(before + wide).date()}"] if before else []),
    ]


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


def _interleaved(
    futures: Sequence[Future[list[Hit]]], reader: Reader, context: Context
) -> Iterator[Document]:
    """Yield messages and files in turn, each in Slack's order.

    Half of the time that is left is waited for both; then the one does without the other.
    """
    wait(futures, timeout=context.deadline.remaining() / 2)
    done = [future for future in futures if future.done()]
    failed = [future for future in done if future.exception() is not None]
    lists = [future.result() for future in done if future not in failed]
    reader.learn(hit for hits in lists for hit in hits)
    for hits in zip_longest(*lists):
        yield from (reader.document(hit) for hit in hits if hit is not None)
    for future in futures:
        if future not in done or future in failed:
            yield from _late(future, reader, context, only_files=future is futures[-1])


def _late(
    future: Future[list[Hit]], reader: Reader, context: Context, *, only_files: bool
) -> Iterator[Document]:
    try:
        hits = future.result()
    except (Unauthorized, DeadlineExceeded):
        raise
    except ConnectorError as error:
        if not only_files:
            raise
        context.warn(error.reason, f"Files were not searched: {error.detail}")
        return
    reader.learn(hits)
    yield from map(reader.document, hits)


def _widened(
    words: list[str], narrowing: list[str], reader: Reader, context: Context, slack: Slack
) -> Iterator[Document]:
    """Yield what holds any of the most telling words, those with most of all words first."""
    futures = context.side_by_side(
        *(
            partial(slack.search_all, " ".join([word, *narrowing]), _MAX_COUNT)
            for word in sorted(words, key=_commonness)[:_MAX_WORDS]
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
                ranked[hit.id] = (-hit.count(words), rank, hit)
    ordered = [hit for _, _, hit in sorted(ranked.values(), key=lambda entry: entry[:2])]
    reader.learn(ordered[: context.limit])
    yield from map(reader.document, ordered)
    if errors and not ordered:
        raise errors[0]
    for failure in errors:
        context.warn(failure.reason, f"Not every word was searched for alone: {failure.detail}")


def _commonness(word: str) -> tuple[bool, int]:
    """Names, codes and long words tell most; the least common comes first."""
    is_name = word[0].isupper() or any(character.isdigit() for character in word)
    return not is_name, -len(word)
