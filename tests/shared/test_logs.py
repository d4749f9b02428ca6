"""Logs are JSON lines without a secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from connector_sdk import logs


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = set(logs._process_secrets)
    yield
    logs._process_secrets.clear()
    logs._process_secrets.update(before)
    logs.protect_in_request([])


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def-123",
        "bearer   abcdefgh=",
        "Basic dXNlcjpwYXNzd29yZA==",
        "ya29.a0AfH6SMBx",
        "1//0gabcdefghijklmnopqrstuvwxyz",
        "xoxp-123-456-abc",
        "xoxe.xoxp-1-Mi0yLTE",
        "xoxe-1-My0xLTE",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str) -> None:
    """Whoever logs it."""
    assert logs.redact(f"before {secret} after").count("[redacted]") == 1
    assert secret.split()[-1] not in logs.redact(f"before {secret} after")


def test_known_secrets_are_masked_wherever_they_stand() -> None:
    """Those of the process and those that came with the request."""
    logs.protect("process-secret-1")
    logs.protect_in_request(["request-secret-1", "short"])
    text = logs.redact("xprocess-secret-1y request-secret-1 short")
    assert text == "x[redacted]y [redacted] short"


def test_a_record_is_one_line_of_json_with_its_traceback_masked() -> None:
    """Extra fields stand beside the message."""
    logs.protect("process-secret-1")
    try:
        int("process-secret-1\nsecond line")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed %s", ("Bearer abcdefgh",), None
        )
        record.exc_info = (type(error), error, error.__traceback__)
    record.status = 502
    line = logs.JsonFormatter().format(record)
    entry = json.loads(line)
    assert "\n" not in line
    assert "process-secret" not in line
    assert (entry["severity"], entry["message"], entry["status"]) == (
        "ERROR",
        "failed [redacted]",
        502,
    )
    assert "second line" in entry["exception"]
