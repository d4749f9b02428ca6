"""E-mail messages (.eml), by RFC 5322 and MIME."""

from __future__ import annotations

from collections.abc import Iterator
from email import errors, policy
from email.message import EmailMessage
from email.parser import BytesParser

from ..blocks import Block
from . import html, plain
from .errors import Unreadable, damaged

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_MAX_DEPTH = 10


def read(content: bytes) -> Iterator[Block]:
    """Yield who wrote what to whom, the body, and the names of what is attached.

    Messages that are forwarded as attachments are read too.

    Raises:
        Unreadable: it is no message.
    """
    try:
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
        if not any(message.get(name) for name in _HEADERS):
            raise damaged("e-mail message")
        yield from _message(message, 0)
    except RecursionError:
        raise Unreadable("too_complex", "holds messages in messages, too deep to read.") from None


def _message(message: EmailMessage, depth: int) -> Iterator[Block]:
    subject = _header(message, "Subject")
    head = "\n".join(f"{name}: {text}" for name in _HEADERS if (text := _header(message, name)))
    attached = [name for part in _attachments(message) if (name := part.get_filename(""))]
    if attached:
        head += f"\nAttachments: {', '.join(attached)}"
    yield Block(head, subject)
    for block in _body(message):
        yield Block(block.text, block.heading or subject, block.header)
    for part in _attachments(message):
        if part.get_content_type() == "message/rfc822" and depth < _MAX_DEPTH:
            for inner in part.iter_parts():
                if isinstance(inner, EmailMessage):
                    yield from _message(inner, depth + 1)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, IndexError, AttributeError, errors.MessageError):
        return ""  # what the standard library's parser of headers trips over


def _attachments(message: EmailMessage) -> list[EmailMessage]:
    try:
        return [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]
    except (AttributeError, KeyError, TypeError):  # a malformed multipart
        return []


def _body(message: EmailMessage) -> Iterator[Block]:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return
    content = body.get_payload(decode=True)
    charset = body.get_content_charset("")
    if isinstance(content, bytes):
        reader = html if body.get_content_type() == "text/html" else plain
        yield from reader.read(content, charset)
