"""Documents become flat rows of strings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from connector_sdk import Document, decode_text
from connector_sdk.documents import rfc3339, row, stringify
from connector_sdk.text import clean


def test_a_row_has_strings_only_in_the_contracts_order() -> None:
    """Empty values are left out, lists are joined, further fields come last."""
    document = Document(
        id="1",
        extra={"labels": ["a", None, "b"], "open": False, "count": 0, "id": "no", "none": None},
        author=["Dana Kim", "Ben Ode"],
        timestamp=datetime(2026, 11, 2, 10, 14, tzinfo=timezone(timedelta(hours=1))),
        title="Travel policy",
        container="",
    )
    assert list(row(document, "Meals.").items()) == [
        ("id", "1"),
        ("title", "Travel policy"),
        ("text", "Meals."),
        ("timestamp", "2026-11-02T09:14:00Z"),
        ("author", "Dana Kim, Ben Ode"),
        ("labels", "a, b"),
        ("open", "false"),
        ("count", "0"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (date(2026, 1, 2), "2026-01-02T00:00:00Z"),
        (1508804330.000296, "2017-10-24T00:18:50Z"),
        (0, "1970-01-01T00:00:00Z"),
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
        ("2026-01-02", "2026-01-02T00:00:00Z"),
        ("yesterday", ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (1e300, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_times_are_rfc_3339_in_utc(value: object, expected: str) -> None:
    """What is no time is left out rather than guessed."""
    assert rfc3339(value) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (2.5, "2.5"),
        ({"a": "ü"}, '{"a": "ü"}'),
        ([["a"], {"b"}], "a, b"),
        ("a\x00b\ud800\r\nc", "ab?\nc"),
        ("\ufeffText", "Text"),
    ],
)
def test_every_value_has_a_string(value: object, expected: str) -> None:
    """Numbers and objects as JSON has them, and no character that JSON cannot carry."""
    assert stringify(value) == expected


def test_a_short_text_stays_as_it_is() -> None:
    """Lines are kept, runs of empty ones are not."""
    assert clean("a\r\n\r\n\r\n\r\nb\n") == "a\n\nb"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("utf-8-sig"), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        ("Grüße".encode("utf-32"), "Grüße"),
        ("Grüße €".encode("cp1252"), "Grüße €"),
        (b"", ""),
    ],
)
def test_plain_text_is_read_in_its_encoding(content: bytes, expected: str) -> None:
    """By its mark, as UTF-8, or as Windows' Western script."""
    assert decode_text(content) == expected
