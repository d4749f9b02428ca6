"""Logs: one JSON object a line on standard output, with every secret masked."""

from __future__ import annotations

import json
import logging
import re
import sys
import uuid
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
_request_secrets: ContextVar[tuple[str, ...]] = ContextVar("request_secrets", default=())
_process_secrets: set[str] = set()

_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,128}")
_MASK = "[redacted]"
_MIN_SECRET = 8  # anything shorter would mask ordinary words
_PATTERNS = re.compile(
    r"(?i:bearer\s+)[A-Za-z0-9\-._~+/]{8,}=*"
    r"|(?i:basic\s+)[A-Za-z0-9+/]{8,}=*"
    r"|ya29\.[\w\-.]+"  # Google access tokens
    r"|1//[\w\-]{20,}"  # Google refresh tokens
    r"|xox[a-z](?:\.xox[a-z])?-[\w\-]+"  # Slack tokens
    r"|eyJ[\w\-]+\.[\w\-]+\.[\w\-]+"  # JSON web tokens
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    re.DOTALL,
)
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def protect(*secrets: str) -> None:
    """Mask these for the life of the process: keys and service credentials."""
    _process_secrets.update(secret for secret in secrets if len(secret) >= _MIN_SECRET)


def protect_in_request(secrets: Iterable[str]) -> None:
    """Mask these in what this request logs: what came in its credential headers."""
    _request_secrets.set(tuple(secret for secret in secrets if len(secret) >= _MIN_SECRET))


def begin_request(given: str) -> None:
    """Give the request in hand its id: the one that it came with, if that is one, else a new one."""
    request_id.set(given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex)


def end_request() -> None:
    """Forget the request in hand, as its thread goes on to the next."""
    request_id.set("")
    protect_in_request([])


def redact(text: str) -> str:
    """Return text without any secret that is known, or that looks like one."""
    for secret in (*_request_secrets.get(), *_process_secrets):
        text = text.replace(secret, _MASK)
    return _PATTERNS.sub(_MASK, text)


class JsonFormatter(logging.Formatter):
    """Formats a record as Cloud Logging reads it: `severity`, `message`, `time` and the extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if request_id.get():
            entry["request_id"] = request_id.get()
        entry |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(entry, ensure_ascii=False, default=str))


def configure(level: str) -> None:
    """Send the logs of this process to standard output; libraries speak from WARNING on.

    Their finer messages name URLs with their parameters, which may hold a key.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("connector_sdk").setLevel(level)
