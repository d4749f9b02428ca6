"""Dates in questions, as spans of time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector_sdk.dates import find_date

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)  # a Saturday

SPANS = {
    "what changed today": ("2026-11-21", "2026-11-22"),
    "yesterday's notes": ("2026-11-20", "2026-11-21"),
    "was gab es gestern": ("2026-11-20", "2026-11-21"),
    "aujourd’hui": ("2026-11-21", "2026-11-22"),
    "what changed last week?": ("2026-11-09", "2026-11-16"),
    "Was wurde letzte Woche geändert?": ("2026-11-09", "2026-11-16"),
    "la réunion de la semaine dernière": ("2026-11-09", "2026-11-16"),
    "el mes pasado": ("2026-10-01", "2026-11-01"),
    "vorige week": ("2026-11-09", "2026-11-16"),
    "this month": ("2026-11-01", None),
    "dieses Jahr": ("2026-01-01", None),
    "ce mois-ci": ("2026-11-01", None),
    "last quarter": ("2026-07-01", "2026-10-01"),
    "l’année dernière": ("2025-01-01", "2026-01-01"),
    "in the last two weeks": ("2026-11-07", None),
    "in den letzten 3 Tagen": ("2026-11-18", None),
    "ces trois derniers jours": ("2026-11-18", None),
    "3 weeks ago": ("2026-10-26", "2026-11-02"),
    "vor zwei Wochen": ("2026-11-02", "2026-11-09"),
    "il y a 3 mois": ("2026-08-01", "2026-09-01"),
    "last Monday": ("2026-11-16", "2026-11-17"),
    "letzten Samstag": ("2026-11-14", "2026-11-15"),
    "vendredi dernier": ("2026-11-20", "2026-11-21"),
    "since last week": ("2026-11-09", None),
    "depuis hier": ("2026-11-20", None),
    "since Monday": ("2026-11-16", None),
    "in March 2026": ("2026-03-01", "2026-04-01"),
    "im März": ("2026-03-01", "2026-04-01"),
    "en mars 2026": ("2026-03-01", "2026-04-01"),
    "in December": ("2025-12-01", "2026-01-01"),  # the latest that has begun
    "in November": ("2026-11-01", "2026-12-01"),
    "since May": ("2026-05-01", None),
    "seit Mai": ("2026-05-01", None),
    "depuis mai": ("2026-05-01", None),
    "after May 2026": ("2026-06-01", None),
    "before June": (None, "2026-06-01"),
    "bis Juni": (None, "2026-07-01"),
    "avant le 3 juin": (None, "2026-06-03"),
    "on 14 March 2026": ("2026-03-14", "2026-03-15"),
    "on March 14th, 2026": ("2026-03-14", "2026-03-15"),
    "am 14. März 2026": ("2026-03-14", "2026-03-15"),
    "seit dem 1. Juni": ("2026-06-01", None),
    "am 01.06.2026": ("2026-06-01", "2026-06-02"),
    "since 2026-03-01": ("2026-03-01", None),
    "in 2025": ("2025-01-01", "2026-01-01"),
    "im Jahr 2025": ("2025-01-01", "2026-01-01"),
    "in Q1 2026": ("2026-01-01", "2026-04-01"),
}


@pytest.mark.parametrize(("query", "expected"), SPANS.items(), ids=SPANS.keys())
def test_a_date_is_a_span(query: str, expected: tuple[str | None, str | None]) -> None:
    """From its first moment to the first after it, in UTC."""
    language = "fr" if "hier" in query else "en"
    found = find_date(query, NOW, language).span
    assert found is not None
    ends = (found.start, found.end)
    assert tuple(end and end.date().isoformat() for end in ends) == expected
    assert all(end is None or end.tzinfo is UTC for end in ends)


@pytest.mark.parametrize(
    "query",
    [
        "the March outage",
        "may I go in",
        "Budget 2026",
        "wer ist hier",
        "the last page",
        "on the 31 of June",
        "on Friday",
        "from day one",
        "in 5 minutes",
        "in the summer of love",
        "",
    ],
)
def test_what_is_no_date_stays_in_the_question(query: str) -> None:
    """It says what the question is about."""
    assert find_date(query, NOW) == find_date(query, NOW - timedelta(days=400))
    assert find_date(query, NOW).rest == query


def test_the_date_is_taken_out() -> None:
    """Its words are kept beside."""
    found = find_date("What did Bob write in March 2026 about VPN?", NOW)
    assert found.words == "in March 2026"
    assert " ".join(found.rest.split()) == "What did Bob write about VPN?"


def test_the_clock_is_read_in_utc() -> None:
    """Wherever the server stands."""
    there = datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=9)))
    assert find_date("today", there) == find_date("today", NOW)


def test_a_hostile_question_takes_no_time() -> None:
    """Two thousand characters of what a pattern could trip over."""
    begun = time.process_time()
    for piece in (
        "in the last ",
        "since ",
        " ",
        "1 ",
        "in den ",
        "5. ",
        "in May, ",
        "l'",
        "ces deux ",
    ):
        find_date((piece * 2000)[:2000], NOW)
    assert time.process_time() - begun < 5  # quadratic would be minutes
