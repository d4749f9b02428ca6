"""Dates in a question: "last week", "im März 2026", "depuis mai", as a span of time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from .calendars import (
    DAYS_BEFORE,
    LAST_AFTER,
    LAST_BEFORE,
    MONTHS,
    NUMBERS,
    RELATIONS,
    SINCE,
    THIS,
    UNITS,
    WEEKDAYS,
)

_Match = re.Match[str]


@dataclass(frozen=True)
class Span:
    """A span of time, in UTC.

    Args:
        start: its first moment; None where it has no beginning.
        end: the first moment after it; None where it has no end.
    """

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Dated:
    """A question with its date taken out.

    Args:
        span: what the date means; None where the question names none.
        rest: the question without it.
        words: the date as it was written.
    """

    span: Span | None
    rest: str
    words: str = ""


def find_date(query: str, now: datetime, language: str = "en") -> Dated:
    """Find the date of a question.

    A month or day without its year is the latest that has begun. A month, a day or a year is a
    date only behind a word like "in" or "since", so that "the March outage" stays what it is.

    Args:
        query: in any of the languages whose months are known.
        now: the moment that "last week" is relative to.
        language: the question's own, for words that are dates in one language only.
    """
    now = now.astimezone(UTC)
    for pattern, meaning in _PATTERNS:
        for match in pattern.finditer(query):
            if match[0].lower() == "hier" and language != "fr":
                continue  # German for "here"
            try:
                span = meaning(match, now)
            except (ValueError, OverflowError):  # the 31st of June; two thousand years ago
                continue
            rest = f"{query[: match.start()]} {query[match.end() :]}"
            return Dated(span, rest, match[0])
    return Dated(None, query)


def _begin(unit: str, moment: datetime) -> datetime:
    """The first moment of the day, week, month, quarter or year that holds a moment."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _moved(unit: str, moment: datetime, count: int) -> datetime:
    """A moment so many units later, or earlier."""
    if unit in ("day", "week"):
        return moment + timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, 28))


def _whole(unit: str, begin: datetime) -> Span:
    return Span(begin, _moved(unit, begin, 1))


def _unit(match: _Match) -> str:
    return UNITS[match["unit"].lower()]


def _count(match: _Match) -> int:
    count = match["count"].lower()
    return NUMBERS[count] if count in NUMBERS else int(count)


def _since(match: _Match, span: Span) -> Span:
    return Span(span.start, None) if match["since"] else span


def _days_before(match: _Match, now: datetime) -> Span:
    days = DAYS_BEFORE[" ".join(match["day"].lower().replace("’", "'").split())]
    return _since(match, _whole("day", _begin("day", now) - timedelta(days=days)))


def _last(match: _Match, now: datetime) -> Span:
    unit = _unit(match)
    return _since(match, _whole(unit, _moved(unit, _begin(unit, now), -1)))


def _this(match: _Match, now: datetime) -> Span:
    return Span(_begin(_unit(match), now), None)


def _last_weekday(match: _Match, now: datetime) -> Span:
    today = _begin("day", now)
    back = (today.weekday() - WEEKDAYS[match["weekday"].lower()] - 1) % 7 + 1
    return _since(match, _whole("day", today - timedelta(days=back)))


def _last_many(match: _Match, now: datetime) -> Span:
    return Span(_begin("day", _moved(_unit(match), now, -_count(match))), None)


def _ago(match: _Match, now: datetime) -> Span:
    unit = _unit(match)
    return _whole(unit, _begin(unit, _moved(unit, now, -_count(match))))


def _named(unit: str, match: _Match, now: datetime) -> Span:
    """A day, month, quarter or year that is written out, behind a word such as "since"."""
    parts = match.groupdict()
    year = int(parts.get("year") or 0)
    month = parts.get("month") or "1"
    number = int(month) if month.isdigit() else MONTHS[month.lower()]
    if quarter := parts.get("quarter"):
        number = int(quarter) * 3 - 2
    begin = datetime(year or now.year, number, int(parts.get("day") or 1), tzinfo=UTC)
    if not year and begin > now:
        begin = begin.replace(year=now.year - 1)
    span = _whole(unit, begin)
    relation = RELATIONS[" ".join(match["relation"].lower().replace("’", "'").split())]
    return {
        "within": span,
        "since": Span(span.start, None),
        "after": Span(span.end, None),
        "before": Span(None, span.start),
        "until": Span(None, span.end),
    }[relation]


def _any(words: Iterable[str]) -> str:
    # The longest first, as the first alternative that fits is taken.
    escaped = (re.escape(word) for word in sorted(words, key=len, reverse=True))
    return "|".join(escaped).replace(r"\ ", r"\s+").replace("'", "['’]")


_COUNT = rf"(?P<count>\d{{1,3}}|{_any(NUMBERS)})"
_UNIT = rf"(?P<unit>{_any(UNITS)})\b"
_MAYBE_SINCE = rf"\b(?:(?P<since>{_any(SINCE)})\s+(?:the\s+|la\s+|le\s+)?)?"
_WEEKDAY = rf"(?P<weekday>{_any(WEEKDAYS)})\b"
_LAST_BEFORE, _LAST_AFTER = rf"(?:{_any(LAST_BEFORE)})", rf"(?:{_any(LAST_AFTER)})\b"
_ARTICLE = (
    r"(?:the\s+|den\s+|der\s+|dem\s+|la\s+|le\s+|les\s+|ces\s+|los\s+|las\s+|gli\s+|os\s+|de\s+)?"
)
_WITHIN = r"(?:\b(?:within|in|over|during|im|au\s+cours\s+(?:de\s+la|du|des)|pendant|en)\s+)?"
_RELATION = rf"\b(?P<relation>{_any(RELATIONS)})\s+(?:the\s+)?(?:year\s+|jahr\s+|année\s+|año\s+)?"
_MONTH = rf"(?P<month>{_any(MONTHS)})\b\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|\.|º)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_MAYBE_YEAR = rf"(?:,?\s+(?:of\s+|de\s+|del\s+|do\s+)?{_YEAR})?"
_OF = r"\s+(?:of\s+|de\s+)?"

_Meaning = Callable[[_Match, datetime], Span]


def _pattern(text: str, meaning: _Meaning) -> tuple[re.Pattern[str], _Meaning]:
    return re.compile(text, re.IGNORECASE), meaning


# The first that matches is taken, so what says more comes first.
_PATTERNS: list[tuple[re.Pattern[str], _Meaning]] = [
    _pattern(rf"{_WITHIN}{_ARTICLE}{_LAST_BEFORE}\s+{_COUNT}\s+{_UNIT}", _last_many),
    _pattern(rf"{_WITHIN}{_ARTICLE}{_COUNT}\s+{_LAST_BEFORE}\s+{_UNIT}", _last_many),
    _pattern(rf"\b{_COUNT}\s+{_UNIT}\s+ago\b", _ago),
    _pattern(rf"\b(?:vor|il\s+y\s+a|hace|há)\s+{_COUNT}\s+{_UNIT}", _ago),
    _pattern(rf"{_MAYBE_SINCE}\b(?P<day>{_any(DAYS_BEFORE)})\b", _days_before),
    _pattern(rf"{_WITHIN}{_MAYBE_SINCE}\b{_LAST_BEFORE}\s+{_UNIT}", _last),
    _pattern(rf"{_WITHIN}{_MAYBE_SINCE}{_ARTICLE}{_UNIT}\s+{_LAST_AFTER}", _last),
    _pattern(rf"{_WITHIN}{_MAYBE_SINCE}l['’]{_UNIT}\s+{_LAST_AFTER}", _last),
    _pattern(rf"{_WITHIN}{_MAYBE_SINCE}\b{_LAST_BEFORE}\s+{_WEEKDAY}", _last_weekday),
    _pattern(rf"{_WITHIN}{_MAYBE_SINCE}{_ARTICLE}{_WEEKDAY}\s+{_LAST_AFTER}", _last_weekday),
    _pattern(rf"\b(?P<since>{_any(SINCE)})\s+{_WEEKDAY}", _last_weekday),
    _pattern(rf"{_WITHIN}\b(?:{_any(THIS)})\s+{_UNIT}(?:-ci)?", _this),
    _pattern(
        rf"{_RELATION}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)\b", partial(_named, "day")
    ),
    _pattern(
        rf"{_RELATION}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})\b",
        partial(_named, "day"),
    ),
    _pattern(rf"{_RELATION}{_DAY}{_OF}{_MONTH}{_MAYBE_YEAR}", partial(_named, "day")),
    _pattern(rf"{_RELATION}{_MONTH}\s+{_DAY}\b(?!\d){_MAYBE_YEAR}", partial(_named, "day")),
    _pattern(rf"{_RELATION}{_MONTH}{_MAYBE_YEAR}", partial(_named, "month")),
    _pattern(rf"{_RELATION}q(?P<quarter>[1-4])\b{_MAYBE_YEAR}", partial(_named, "quarter")),
    _pattern(rf"{_RELATION}{_YEAR}", partial(_named, "year")),
]
