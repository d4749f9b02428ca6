"""The whole document behind a search's result, or the passages beside one."""

from __future__ import annotations

import re
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from .context import FetchFunction, SearchContext
from .documents import Document, parse_id, row
from .errors import BadRequest, NotFound, TextUnavailable
from .execution import Pools
from .passages import Text, split, whole

MAX_CHARACTERS = 200_000  # of a text; some 30,000 words
MAX_AROUND = 20  # passages on either side
MAX_ID = 2_000  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Args:
        document_id: the document's id.
        passage: the number of the passage that a result was, from 1, or 0 for the only one.
        around: how many passages on either side of it are wanted; None for the whole text.
    """

    document_id: str
    passage: int = 0
    around: int | None = None


def parse_wanted(result_id: str, around: str | None) -> Wanted:
    """Return what a request asks for.

    Args:
        result_id: as an answer had it.
        around: the request's parameter, as it was sent.

    Raises:
        BadRequest: one of them is not what it must be.
    """
    if len(result_id) > MAX_ID or _CONTROL.search(result_id):
        raise BadRequest("This is no id. Send one of a search's results, percent-encoded.")
    if around is None:
        number = None
    elif re.fullmatch(r"\d{1,4}", around, re.ASCII) and int(around) <= MAX_AROUND:
        number = int(around)
    else:
        raise BadRequest(f"'around' is a number of passages on either side, 0 to {MAX_AROUND}.")
    return Wanted(*parse_id(result_id), number)


def fetch_row(
    fetch: FetchFunction, wanted: Wanted, context: SearchContext[Any, Any], pools: Pools
) -> dict[str, str]:
    """Return a document with its whole text, or with some of its passages, as a row of strings.

    What is missing is in the context's warnings.

    Args:
        fetch: the connector's function.
        wanted: what is asked for.
        context: the request.
        pools: the process's threads.

    Raises:
        NotFound: there is no such document or passage.
        DeadlineExceeded: the text had not come in time.
        ConnectorError: as the connector says.
    """
    work = pools.searches.submit(copy_context().run, _fetched, fetch, wanted, context)
    try:
        document, text = _result(work, context)
    finally:
        context.deadline.close()  # whatever is still under way has nobody waiting for it
    if wanted.around is None or not wanted.passage:
        return row(document, _bounded(whole(text), document, context))
    passages = split(text, context.settings.passage_words)
    at = wanted.passage - 1
    if at >= len(passages):
        raise NotFound(
            f"The document has {len(passages)} passages by now; it may have changed. Search again, "
            "or ask for it without the passage."
        )
    near = passages[max(at - wanted.around, 0) : at + wanted.around + 1]
    joined = "\n\n".join(passage.text for passage in near)
    return row(
        document,
        _bounded(joined, document, context),
        passage=wanted.passage,
        fragment=passages[at].fragment(),
    )


def _fetched(
    fetch: FetchFunction, wanted: Wanted, context: SearchContext[Any, Any]
) -> tuple[Document, Text]:
    document = fetch(wanted.document_id, context)
    try:
        text = document.text() if callable(document.text) else document.text
    except TextUnavailable as error:
        context.warn(error.reason, error.detail)
        text = None
    return document, text or ""


def _result(
    work: Future[tuple[Document, Text]], context: SearchContext[Any, Any]
) -> tuple[Document, Text]:
    try:
        return work.result(timeout=context.deadline.remaining())
    except TimeoutError:
        context.deadline.check()
        raise


def _bounded(text: str, document: Document, context: SearchContext[Any, Any]) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    context.warn(
        "text_cut",
        f"{document.title or document.id}: only the first {MAX_CHARACTERS:,} of {len(text):,} "
        "characters are given. Ask for the passages around a result with 'around'.",
    )
    end = text.rfind("\n", MAX_CHARACTERS // 2, MAX_CHARACTERS)
    return text[: end if end > 0 else MAX_CHARACTERS]
