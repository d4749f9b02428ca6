"""The answer to a search: the passages of its hits that say most about the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .context import SearchContext
from .documents import Document, row, stringify
from .passages import Passage, Text, size, split
from .ranking import File, Ranked, as_given, rank
from .selection import choose


@dataclass
class Hit:
    """A document that was found.

    Args:
        document: as the connector yielded it.
        text: its text, as far as it has come.
        settled: whether its text came, or failed.
        failed: whether it failed.
    """

    document: Document
    text: Text = ""
    settled: bool = False
    failed: bool = False


def answer(
    query: str, hits: Sequence[Hit], context: SearchContext[Any, Any]
) -> list[dict[str, str]]:
    """Return the best passages of all hits, as rows of strings.

    A hit whose text failed, or had not come in time, stays with its title and its url.

    Args:
        query: as it was asked.
        hits: in the provider's order.
        context: the request, whose settings say how long passages are, and how many of one
            document there may be.
    """
    settings = context.settings
    texts = [split(hit.text, settings.passage_words) or [Passage("")] for hit in hits]
    files = [
        File(
            title=stringify(hit.document.title),
            passages=[passage.text for passage in passages],
            words=sum(size(passage.text) for passage in passages if passage.text),
        )
        for hit, passages in zip(hits, texts, strict=True)
    ]
    chosen = choose(
        rank(query, files) if settings.passage_ranking else as_given(files),
        files,
        limit=context.limit,
        per_file=settings.passages_per_file,
        kept={
            number
            for number, hit in enumerate(hits[: context.limit])
            if hit.failed or not hit.settled
        },
    )
    return [_row(place, hits[place.file].document, texts[place.file]) for place in chosen]


def _row(place: Ranked, document: Document, passages: Sequence[Passage]) -> dict[str, str]:
    passage = passages[place.passage]
    return row(
        document,
        passage.text,
        passage=place.passage + 1 if len(passages) > 1 else 0,
        fragment=passage.fragment(place.place),
    )
