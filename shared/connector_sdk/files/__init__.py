"""Files as text: PDF, Office, OpenDocument, HTML, Markdown, tables, RTF, e-mail, plain text.

Files are hostile until they are read, so they are read in other processes (`worker.py`), which
have little time and memory and nothing of ours. The libraries come with `connector-sdk[files]`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..blocks import Block
from ..deadline import Deadline
from ..errors import TextUnavailable
from .charset import charset_of
from .errors import Unreadable, too_complex
from .pool import Broken, Pool
from .types import file_type, readable

__all__ = ["MAX_BYTES", "read_file", "readable"]

MAX_BYTES = 20 * 1024 * 1024
_SECONDS = 5.0  # for one file; what is read by then is its text
_GRACE = 2.0  # seconds a reader gets beside that, for the page it is at
_SHARE = 0.7  # of the time that is left, as other files wait
_HEADROOM = 0.2  # seconds before the deadline, in which the answer takes what there is

_log = logging.getLogger(__name__)
_pool = Pool()  # of the process; starts nothing before the first file


def read_file(
    content: bytes,
    content_type: str,
    name: str,
    *,
    deadline: Deadline,
    warn: Callable[[str, str], None],
) -> list[Block]:
    """Return the text of a file, in another process and within limits of time and memory.

    Args:
        content: the file, at most `MAX_BYTES`.
        content_type: its MIME type, with its charset where it names one.
        name: what people call it: it begins every message, and its suffix decides where the type
            says nothing.
        deadline: the request's; the reading ends with it.
        warn: told (`SearchContext.warn`) where only a part was read.

    Raises:
        TextUnavailable: there is no text to be had: `unsupported_type`, `too_large`, `damaged`,
            `password_protected`, `no_text`, `too_complex`.
        DeadlineExceeded: the request's time was over before the reading began.
    """
    kind = file_type(content_type, name)
    if kind is None:
        raise TextUnavailable(
            "unsupported_type", f"{name}: the text of a file of type {content_type} is not read."
        )
    if len(content) > MAX_BYTES:
        raise TextUnavailable("too_large", f"{name}: has more than {MAX_BYTES // 1024 // 1024} MB.")
    try:
        blocks, cut = _read(content, kind, content_type, deadline)
    except Unreadable as error:
        raise TextUnavailable(error.reason, f"{name}: {error.detail}") from None
    if cut:
        warn("partly_read", f"{name}: {cut}")
    return blocks


def _read(
    content: bytes, kind: str, content_type: str, deadline: Deadline
) -> tuple[list[Block], str]:
    worker = _pool.take(deadline)
    try:
        with deadline.on_close(worker.end):
            left = deadline.check()
            seconds = min(_SECONDS, left * _SHARE)
            job = {"type": kind, "charset": charset_of(content_type), "seconds": seconds}
            hard = max(min(seconds + _GRACE, left - _HEADROOM), 0.01)
            blocks, end = worker.read(job, content, hard)
    except Broken as broken:
        deadline.check()
        if not broken.blocks:
            raise too_complex() from None
        return broken.blocks, f"only its beginning was read; the rest {too_complex().detail}"
    finally:
        _pool.give_back(worker)
    if "failed" in end:
        _log.warning("a %s could not be read: %s", kind, str(end["failed"])[:200])
        raise Unreadable("damaged", "cannot be read: it may be damaged or cut off.")
    if "reason" in end:
        if not blocks:
            raise Unreadable(str(end["reason"]), str(end["detail"]))
        return blocks, f"only its beginning was read; the rest {end['detail']}"
    if "cut" in end:
        return blocks, f"{end['cut']}: that is what one file's time and size are enough for."
    return blocks, ""
