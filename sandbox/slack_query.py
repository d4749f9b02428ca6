"""The words and modifiers of a Slack search, turned into a test of messages."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sandbox.slack_message import Message
from sandbox.words import WordIndex, words
from sandbox.world import World

Test = Callable[[Message], bool]

_PART = re.compile(r'(-?)(?:([A-Za-z]+):)?("[^"]*"|[^\s"]+)')
_MODIFIERS = {"in", "from", "with", "to", "before", "after", "on", "during", "has", "hasmy", "is"}
_MENTION = re.compile(r"<[@#](\w+)(?:\|[^>]*)?>")
_MONTHS = {name.casefold(): at for at, name in enumerate(calendar.month_name) if name}
_SHORTEST_PREFIX = 3


@dataclass(frozen=True)
class Term:
    """One word, phrase or beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False

    def within(self, index: WordIndex) -> bool:
        """Say whether a text holds it."""
        return index.has_prefix(self.words[0]) if self.prefix else index.has_phrase(self.words)


@dataclass
class SlackQuery:
    """A parsed search: alternatives of terms, and what every hit must also be."""

    alternatives: list[list[Term]] = field(default_factory=lambda: [[]])
    excluded: list[Term] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)

    @property
    def terms(self) -> list[Term]:
        """Every term that is looked for."""
        return list(dict.fromkeys(term for group in self.alternatives for term in group))

    @property
    def asks(self) -> bool:
        """Whether it asks for anything at all; punctuation alone does not."""
        return bool(self.terms or self.excluded or self.tests)

    def allows(self, message: Message) -> bool:
        """Say whether a message satisfies the modifiers."""
        return all(test(message) for test in self.tests)

    def every_word(self, index: WordIndex) -> bool:
        """Say whether a text holds all terms of one alternative, and none that is excluded."""
        if any(term.within(index) for term in self.excluded):
            return False
        return any(all(term.within(index) for term in group) for group in self.alternatives)

    def count(self, index: WordIndex) -> int:
        """Count the terms that a text holds."""
        return sum(term.within(index) for term in self.terms)


def parse(text: str, who: str, world: World) -> SlackQuery:
    """Read a search as one person means it (`from:me`)."""
    query = SlackQuery()
    modifiers = _Modifiers(who, world)
    for minus, name, raw in _PART.findall(text):
        value = raw.strip('"')
        if name.lower() in _MODIFIERS:
            test = modifiers.test(name.lower(), value)
            query.tests.append(_not(test) if minus else test)
            continue
        if raw == "OR" and not name and not minus:
            query.alternatives.append([])
            continue
        term = _term(f"{name} {value}" if name else value)
        if term is not None and minus:
            query.excluded.append(term)
        elif term is not None:
            query.alternatives[-1].append(term)
    query.alternatives = [group for group in query.alternatives if group] or [[]]
    return query


def _not(test: Test) -> Test:
    return lambda message: not test(message)


def _term(value: str) -> Term | None:
    found = tuple(words(value))
    if not found:
        return None
    prefix = value.endswith("*") and len(found) == 1 and len(found[0]) >= _SHORTEST_PREFIX
    return Term(found, prefix)


class _Modifiers:
    """Makes the test for one modifier; a value that means nothing matches nothing."""

    def __init__(self, who: str, world: World) -> None:
        self._who = who
        self._world = world

    def test(self, name: str, value: str) -> Test:
        if name in {"before", "after", "on", "during"}:
            return _date_test(name, value)
        read: Callable[[str], Test] = getattr(self, f"_{name}")
        return read(value)

    def _user(self, value: str) -> str | None:
        value = _MENTION.sub(r"\1", value).lstrip("@")
        if value.casefold() == "me":
            return self._who
        if value in self._world.people.by_slack_id:
            return self._world.people.by_slack_id[value].key
        for user in self._world.people.users.values():
            if value.casefold() in {user.key.casefold(), user.name.casefold()}:
                return user.key
        return None

    def _in(self, value: str) -> Test:
        if value.startswith(("@", "<@")):
            other = self._user(value)
            pair = {self._who, other}
            return lambda message: message.channel.kind == "im" and message.channel.members == pair
        name = _MENTION.sub(r"\1", value).lstrip("#")
        return lambda message: name in {message.channel.id, message.channel.name}

    def _from(self, value: str) -> Test:
        user = self._user(value)
        name = value.lstrip("@").casefold()
        if user is None:
            return lambda message: not message.user and message.username.casefold() == name
        return lambda message: message.user == user

    def _with(self, value: str) -> Test:
        user = self._user(value)
        return lambda message: (
            message.channel.kind in {"im", "mpim"} and user in message.channel.members
        )

    def _to(self, value: str) -> Test:
        user = self._user(value)
        return lambda message: (
            message.channel.kind in {"im", "mpim"}
            and user in message.channel.members
            and message.user != user
        )

    @staticmethod
    def _has(value: str) -> Test:
        tests: dict[str, Test] = {
            "link": lambda message: message.has_link,
            "pin": lambda message: message.pinned,
            "file": lambda message: bool(message.files),
            "reaction": lambda message: bool(message.reactions),
        }
        emoji = value.strip(":")
        return tests.get(
            value, lambda message: value.startswith(":") and emoji in message.reactions
        )

    def _hasmy(self, value: str) -> Test:
        return lambda message: self._who in message.reactions.get(value.strip(":"), ())

    def _is(self, value: str) -> Test:
        tests: dict[str, Test] = {
            "thread": lambda message: bool(message.thread_ts),
            "dm": lambda message: message.channel.kind == "im",
            "saved": lambda message: self._who in message.saved,
        }
        return tests.get(value, lambda _: False)


def _date_test(name: str, value: str) -> Test:
    span = _span(value.casefold())
    if span is None:
        return lambda _: False
    first, last = span

    def test(message: Message) -> bool:
        day = message.at.date()
        if name == "before":
            return day < first
        if name == "after":  # exclusive: the day itself is not after itself
            return day > last
        return first <= day <= last

    return test


def _span(value: str) -> tuple[date, date] | None:
    """Return the first and last day that a date, month, year or name of one means."""
    today = datetime.now(UTC).date()
    names = {"today": today, "yesterday": today - timedelta(days=1)}
    if value in names:
        return names[value], names[value]
    if value in _MONTHS:
        month = _MONTHS[value]
        return _month(today.year - (month > today.month), month)
    numbers = value.split("-")
    if not all(number.isdecimal() for number in numbers):
        return None
    try:
        parts = [int(number) for number in numbers]
        if len(parts) == 3:
            day = date(*parts)
            return day, day
        if len(parts) == 2:
            return _month(parts[0], parts[1])
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    except (ValueError, calendar.IllegalMonthError):
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
