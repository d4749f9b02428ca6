"""What one search has found, completed: replies of threads, and the names of people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from dataclasses import replace
from functools import partial
from typing import Any

from connector_sdk import ConnectorError, DeadlineExceeded, Document, Unauthorized

from .conversations import document
from .directory import Directory
from .hits import is_within, seconds
from .slack import Context, Slack
from .text import Names, string
from .turns import Conversation, MessageHit, Turn, conversations

_THREADS = 3  # read for one search: each is a call
_HISTORY = {
    "C": {"channels:history", "groups:history"},
    "G": {"groups:history", "mpim:history"},
    "D": {"im:history"},
}


class Threads:
    """Makes documents of what one search has found.

    Args:
        context: the request.
        slack: the caller's view of Slack.
        names: who is who, as far as the hits tell.
    """

    def __init__(self, context: Context, slack: Slack, names: Names) -> None:
        self._context = context
        self._slack = slack
        self._names = names
        self._directory = Directory(context, slack)
        self._threads_left = _THREADS
        self._shown: set[str] = set()

    def documents(self, found: Sequence[MessageHit | Document]) -> Iterator[Document]:
        """Yield files as they are, and messages as conversations, in the order they were found."""
        new = [hit for hit in found if not isinstance(hit, MessageHit) or hit.id not in self._shown]
        together = conversations(hit for hit in new if isinstance(hit, MessageHit))
        self._read_threads(together)
        self._learn(together)
        by_best = {conversation.best.id: conversation for conversation in together}
        for hit in new:
            if isinstance(hit, Document):
                yield hit
            elif conversation := by_best.get(hit.id):
                self._shown |= {f"{hit.channel.id}:{turn.ts}" for turn in conversation.turns}
                yield document(conversation, self._names)

    def _read_threads(self, together: list[Conversation]) -> None:
        """Read the threads of the best hits, those first that are known to be in one."""
        likely = [c for c in together if c.thread_ts or any(hit.replies for hit in c.hits)]
        maybe = [c for c in together if c not in likely and c.best.replies is None]
        chosen = [c for c in (*likely, *maybe) if self._may_read(c)][: self._threads_left]
        if not chosen:
            return
        self._threads_left -= len(chosen)
        futures = self._context.side_by_side(
            *(
                partial(self._slack.replies, c.best.channel.id, c.thread_ts or c.best.turn.ts)
                for c in chosen
            )
        )
        wait(futures, timeout=self._context.deadline.remaining() / 2)
        for conversation, future in zip(chosen, futures, strict=True):
            try:
                replies = future.result(timeout=0)
            except Unauthorized:
                raise
            except TimeoutError:
                self._context.warn("deadline", "Replies had not come in time, and were left out.")
            except (ConnectorError, DeadlineExceeded) as error:
                self._context.warn(error.reason, f"Replies were left out: {error.detail}")
            else:
                self._put(conversation, replies)

    def _may_read(self, conversation: Conversation) -> bool:
        """Whether the token may read threads there, as far as its scopes are known."""
        return bool(
            self._slack.scopes & _HISTORY.get(conversation.best.channel.id[:1], frozenset())
        )

    def _put(self, conversation: Conversation, replies: list[dict[str, Any]]) -> None:
        first = string(replies[0].get("thread_ts")) if replies else ""
        if len(replies) < 2 or not first:
            return  # no thread
        turns = [
            Turn.of(reply)
            for reply in replies
            if is_within(self._context.options, seconds(reply.get("ts")))
        ]
        conversation.thread = [turn for turn in turns if turn.ts]
        conversation.hits[0] = replace(conversation.best, thread_ts=first)

    def _learn(self, together: list[Conversation]) -> None:
        """Find out the names that are missing: each is asked for once."""
        for conversation in together:
            for turn in (*conversation.turns, *conversation.best.before, *conversation.best.after):
                self._names.learn_mentions(turn.message.get("text"))
        for conversation in together:
            document(conversation, self._names)
        self._directory.complete(self._names)
