"""Abstracts with graded judgements: are the best ones first?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.collection import Abstract, Cranfield, Query
from bench.drive import ABSTRACTS
from bench.measures import mean, ndcg, recall
from bench.running import Connector
from connector_sdk.passages import size, split
from connector_sdk.ranking import File, rank
from connector_sdk.settings import ConnectorSettings

_WORDS = ConnectorSettings.model_fields["passage_words"].default


def measure(cranfield: Cranfield, connector: Connector, *, ranked: bool) -> dict[str, Any]:
    """Rank the candidates of every query, and ask it.

    Args:
        cranfield: the abstracts and the queries.
        connector: which has the abstracts.
        ranked: whether the candidates are ranked, or stay in their given order.

    Returns:
        `rerank_ndcg@10` of the candidates; through the connector `ndcg@10`, `recall@10` and the
        most `downloads` that a query took.

    Raises:
        Failed: a search was not answered.
    """
    queries = cranfield.queries
    orders = [reranked(query, cranfield) if ranked else query.candidates for query in queries]
    # One after the other, so that the sandbox's log says which query a file was read for.
    answers = [connector.answer_and_downloads(ABSTRACTS, query.query) for query in queries]
    found = [_documents([row["id"] for row in rows]) for rows, _ in answers]
    return {
        "rerank_ndcg@10": _mean_ndcg(orders, queries),
        "ndcg@10": _mean_ndcg(found, queries),
        "recall@10": mean([recall(*pair) for pair in _with_gains(found, queries)]),
        "downloads": max(downloads for _, downloads in answers),
    }


def reranked(query: Query, cranfield: Cranfield) -> Sequence[str]:
    """Return the candidates of a query in the order that the SDK ranks them in."""
    files = [_file(cranfield.abstracts[document]) for document in query.candidates]
    ranked = rank(query.query, files)
    return list(dict.fromkeys(query.candidates[passage.file] for passage in ranked))


def _file(abstract: Abstract) -> File:
    passages = [passage.text for passage in split(abstract.text, _WORDS)] or [""]
    return File(abstract.title, passages, sum(map(size, passages)))


def _documents(ids: Sequence[str]) -> Sequence[str]:
    """The documents that passages are of, each once."""
    return list(dict.fromkeys(name.partition("#")[0] for name in ids))


def _mean_ndcg(orders: Sequence[Sequence[str]], queries: Sequence[Query]) -> float:
    return mean([ndcg(*pair) for pair in _with_gains(orders, queries)])


def _with_gains(
    orders: Sequence[Sequence[str]], queries: Sequence[Query]
) -> list[tuple[Sequence[str], dict[str, int]]]:
    return [(order, query.gains) for order, query in zip(orders, queries, strict=True)]
