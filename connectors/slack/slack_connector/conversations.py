"""A conversation as a document: who said what, and when."""

from __future__ import annotations

from connector_sdk import Document

from .blocks import body
from .hits import attachments_of, moment, seconds
from .text import Names
from .turns import Conversation, Turn, opened, order

_MAX_LINE = 300  # characters of a message that only surrounds a hit


def document(conversation: Conversation, names: Names) -> Document:
    """Return a conversation as a document, named after its first message.

    Args:
        conversation: the hits, with what was read of their thread.
        names: of people and channels; what is looked up in vain is noted there.
    """
    best, first = conversation.best, conversation.first
    author = _author(first, names)
    label = best.channel.label
    return Document(
        id=f"{best.channel.id}:{first.ts}",
        title=f"{label} – {author}" if author else label,
        text=text_of(conversation, names),
        url=opened(best.url, best.channel.id, conversation.thread_ts),
        timestamp=seconds(conversation.turns[-1].ts),
        author=list(
            dict.fromkeys([author, *(_author(turn, names) for turn in conversation.turns)])
        ),
        type="message",
        container=label,
    )


def text_of(conversation: Conversation, names: Names) -> str:
    """Return a hit with what surrounds it; who said what when, where several belong together.

    Args:
        conversation: the hits, with what was read of their thread.
        names: as `document` takes them.
    """
    turns = conversation.turns
    ordered = sorted(conversation.hits, key=lambda hit: order(hit.turn.ts))
    said = {turn.ts for turn in turns}
    around = [
        f"[{when}] {_author(turn, names) or 'somebody'}: {line}"
        for when, others in (("before", ordered[0].before), ("after", ordered[-1].after))
        for turn in others
        if turn.ts not in said and (line := " ".join(_said(turn, names).split())[:_MAX_LINE])
    ]
    paragraphs = [_said(turn, names) for turn in turns]
    if len(turns) > 1:
        paragraphs = [
            f"{_author(turn, names) or 'somebody'} ({moment(turn.ts)}): {text}"
            for turn, text in zip(turns, paragraphs, strict=True)
        ]
    return "\n\n".join([*paragraphs, "\n".join(around)]) if around else "\n\n".join(paragraphs)


def _author(turn: Turn, names: Names) -> str:
    return turn.author or names.user(turn.user_id)


def _said(turn: Turn, names: Names) -> str:
    return "\n".join([body(turn.message, names), *attachments_of(turn.message)])
