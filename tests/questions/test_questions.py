"""Thirty questions in three languages to the sample company, through the connectors, over HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.server import Sandbox
from sandbox.slack_message import Message
from tests.conftest import Start
from tests.connectors.gdrive.contract import PROVIDER as GDRIVE
from tests.connectors.slack.contract import PROVIDER as SLACK

WANTED = 28
FIRST = 3
MOST_CALLS = {"gdrive": 5, "messages": 15, "realtime": 3}  # of a search of the provider's


@dataclass(frozen=True)
class Asked:
    """A question with the documents that answer it."""

    question: str
    language: str
    user: str
    drive: str
    slack: str


QUESTIONS = [
    Asked(**entry)
    for entry in yaml.safe_load(Path(__file__).with_name("questions.yaml").read_text())
]


def rows(connector: Any, token: str, asked: Asked) -> list[dict[str, str]]:
    response = connector.search(asked.question, token)
    assert response.status_code == 200, response.text
    results: list[dict[str, str]] = response.json()["results"]
    return results


def message(sandbox: Sandbox, expected: str) -> Message:
    """Return the message that was sent in a channel at a time."""
    channel, _, at = expected.partition(":")
    sent = datetime.fromisoformat(at)
    return next(
        m for m in sandbox.world.slack.messages[channel] if m.at.replace(microsecond=0) == sent
    )


def holds(row: dict[str, str], expected: Message) -> bool:
    """Say whether a document is a message, a thread or a conversation with it, or a file in it."""
    name = row["id"].partition("#")[0]
    if name in {file.id for file in expected.files}:
        return True
    channel, _, ts = name.partition(":")
    if channel != expected.channel.id:
        return False
    thread = {expected.ts, expected.thread_ts} - {""}
    return ts in thread or f"({expected.at:%Y-%m-%d %H:%M} UTC)" in row["text"]


def test_there_are_thirty_in_three_languages() -> None:
    """Ten and more in English, the rest in two others."""
    assert len(QUESTIONS) == 30
    assert Counter(asked.language for asked in QUESTIONS) == {"en": 15, "de": 8, "fr": 7}


def test_drive_answers_them(start_connector: Start, sandbox: Sandbox) -> None:
    """The expected file is among the first three results, and a search is few calls."""
    connector = start_connector("gdrive", **GDRIVE.settings(sandbox))
    missed = {}
    for asked in QUESTIONS:
        sandbox.clear()
        found = [row["id"] for row in rows(connector, sandbox.gdrive_token(asked.user), asked)]
        files = list(dict.fromkeys(name.partition("#")[0] for name in found[:FIRST]))
        if asked.drive not in files:
            missed[asked.question] = (asked.drive, found)
        calls = [r for r in sandbox.requests if r.path == "/drive/v3/files"]
        assert len(calls) <= MOST_CALLS["gdrive"], asked.question
    assert len(QUESTIONS) - len(missed) >= WANTED, missed


@pytest.mark.parametrize("method", ["messages", "realtime"])
def test_slack_answers_them(start_connector: Start, sandbox: Sandbox, method: str) -> None:
    """By either way to search: the conversation that is expected is among the first three."""
    connector = start_connector("slack", **SLACK.settings(sandbox))
    missed = {}
    for asked in QUESTIONS:
        sandbox.clear()
        token = sandbox.slack_token(asked.user, granular=method == "realtime")
        found = rows(connector, token, asked)
        expected = message(sandbox, asked.slack)
        if not any(holds(row, expected) for row in found[:FIRST]):
            missed[asked.question] = (asked.slack, [row["id"] for row in found])
        assert len(sandbox.requests) <= MOST_CALLS[method], asked.question
    assert len(QUESTIONS) - len(missed) >= WANTED, missed
