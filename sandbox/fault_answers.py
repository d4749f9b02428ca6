"""The answers that faults give instead of the real one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from sandbox.answers import json_answer, sign_in_page
from sandbox.faults import Fault
from sandbox.google_errors import injected

_BLOCK = b"All work and no play makes a dull sandbox here. " * 1366  # about 64 KB
_SLACK_ERRORS = {429: "ratelimited", 503: "service_unavailable"}


def fault_answer(fault: Fault, path: str) -> Response | None:
    """Return what a fault answers, or nothing when the real answer is to be given."""
    if fault.html:
        return sign_in_page()
    if fault.redirect is not None:
        return redirect(fault.redirect)
    if fault.huge is not None:
        return _huge(fault.huge, fault.content_type or "text/plain", compressed=fault.gzip)
    status = fault.status or (429 if fault.retry_after else None)
    if status is None and fault.body is None and fault.slack_error is None:
        return None
    response = _refusal(fault, path, status or 200)
    if fault.content_type:
        response.headers["Content-Type"] = fault.content_type
    if fault.retry_after:
        response.headers["Retry-After"] = fault.retry_after
    return response


def _refusal(fault: Fault, path: str, status: int) -> Response:
    if fault.body is not None:
        return Response(fault.body, status, content_type="text/plain; charset=utf-8")
    if path.startswith("/slack/"):
        error = fault.slack_error or fault.reason or _SLACK_ERRORS.get(status, "fatal_error")
        return json_answer({"ok": False, "error": error}, status)
    if path.startswith("/google/"):
        return json_answer({"error": fault.reason or "internal_failure"}, status)
    return injected(status, fault.reason).answer()


def _huge(size: int, content_type: str, *, compressed: bool) -> Response:
    if not compressed:
        response = Response(_blocks(size), content_type=content_type)
        response.headers["Content-Length"] = str(size)
        return response
    packer = zlib.compressobj(wbits=31)
    body = b"".join(map(packer.compress, _blocks(size))) + packer.flush()
    return Response(body, content_type=content_type, headers={"Content-Encoding": "gzip"})


def _blocks(size: int) -> Iterator[bytes]:
    while size > 0:
        yield _BLOCK[:size]
        size -= len(_BLOCK)
