"""The text of a message: its own, or that of what it consists of where it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .text import (
    Names,
    date,
    first_string,
    joined,
    link,
    mappings,
    mention,
    readable,
    string,
    unescaped,
)

_MAX_DEPTH = 12  # of elements within elements; Slack's own go five deep
_INSTEAD_OF_BLOCKS = {"This content can't be displayed."}

Element = dict[str, Any]


def body(message: Element, names: Names) -> str:
    """Return what a message says.

    Args:
        message: with `text` (or `content`), `blocks`, `attachments` and `files`, each of which
            may be missing.
        names: for mentions without a label.
    """
    text = readable(first_string(message, "text", "content"), names).strip()
    if text and text not in _INSTEAD_OF_BLOCKS:
        return text
    return (
        _joined_blocks(message.get("blocks"), names, 0)
        or joined(_attachment(item, names) for item in mappings(message.get("attachments")))
        or joined(first_string(item, "title", "name") for item in mappings(message.get("files")))
        or text
    )


def _joined_blocks(blocks: object, names: Names, depth: int) -> str:
    return joined(_block(block, names, depth) for block in mappings(blocks))


def _attachment(attachment: Element, names: Names) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#attachments-fields."""
    fields = [
        joined([string(item.get("title")), string(item.get("value"))], ": ")
        for item in mappings(attachment.get("fields"))
    ]
    told = [string(attachment.get(key)) for key in ("pretext", "title", "text")]
    text = joined(readable(part, names) for part in (*told, *fields))
    return (
        text
        or _joined_blocks(attachment.get("blocks"), names, 0)
        or readable(string(attachment.get("fallback")), names)
    )


def _block(block: Element, names: Names, depth: int) -> str:
    """https://docs.slack.dev/reference/block-kit/blocks."""
    if depth > _MAX_DEPTH:
        return ""
    if str(block.get("type")).startswith("rich_text"):
        return _rich(block, names, depth)
    if block.get("type") == "table":
        return _table(block, names, depth)
    parts = [_text_object(block.get("title"), names), _text_object(block.get("text"), names)]
    parts += [_text_object(item, names) for item in mappings(block.get("fields"))]
    parts += [_block(item, names, depth + 1) for item in mappings(block.get("elements"))]
    if block.get("type") == "image":
        parts = parts if joined(parts) else [string(block.get("alt_text"))]
    return joined(parts, " " if block.get("type") == "context" else "\n")


def _text_object(value: object, names: Names) -> str:
    """A text object, or the plain string that a few blocks have in its place."""
    text = value.get("text") if isinstance(value, dict) else value
    return readable(string(text), names)


def _table(block: Element, names: Names, depth: int) -> str:
    rows = block.get("rows")
    return joined(
        joined((_block(cell, names, depth + 1) for cell in mappings(row)), " | ")
        for row in (rows if isinstance(rows, list) else [])
    )


def _rich(block: Element, names: Names, depth: int) -> str:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""
    if depth > _MAX_DEPTH:
        return ""
    elements = mappings(block.get("elements"))
    if block.get("type") == "rich_text":
        return joined(_rich(element, names, depth + 1) for element in elements)
    if block.get("type") == "rich_text_list":
        return joined(
            f"{_bullet(block, number)} {_rich(item, names, depth + 1)}"
            for number, item in enumerate(elements, start=1)
        )
    return "".join(_inline(element, names) for element in elements)


def _bullet(block: Element, number: int) -> str:
    indent = block.get("indent")
    return "  " * min(indent if isinstance(indent, int) else 0, _MAX_DEPTH) + (
        f"{number}." if block.get("style") == "ordered" else "-"
    )


def _inline(element: Element, names: Names) -> str:
    kind = string(element.get("type"))
    if kind in _INLINE:
        return _INLINE[kind](element, names)
    return unescaped(string(element.get("text")))


def _user(element: Element, names: Names) -> str:
    user_id = string(element.get("user_id"))
    return mention("@", names.user(user_id, user_id))


def _channel(element: Element, names: Names) -> str:
    channel_id = string(element.get("channel_id"))
    return mention("#", names.channel(channel_id, channel_id))


_INLINE: dict[str, Callable[[Element, Names], str]] = {
    "user": _user,
    "channel": _channel,
    "usergroup": lambda element, _: mention("@", string(element.get("usergroup_id"))),
    "broadcast": lambda element, _: mention("@", string(element.get("range"))),
    "link": lambda element, _: link(string(element.get("url")), string(element.get("text"))),
    "emoji": lambda element, _: f":{string(element.get('name'))}:",
    "date": lambda element, _: string(element.get("fallback")) or date(element.get("timestamp")),
}
