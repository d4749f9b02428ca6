"""What every part of the sandbox shares: the data, the tokens, the OAuth grants."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.drive_data import Drive, load_drive
from sandbox.grants import GrantBook
from sandbox.people import People, load_people
from sandbox.slack_data import Slack, load_slack
from sandbox.tokens import TokenBook

DATA = Path(__file__).parent / "data"


@dataclass(kw_only=True)
class World:
    """Everything the sandbox knows."""

    people: People
    drive: Drive
    slack: Slack
    rotation: bool = False
    url: str = ""  # known once the server listens
    tokens: TokenBook = field(default_factory=TokenBook)
    grants: GrantBook = field(default_factory=GrantBook)


def load_world(folder: Path | None = None, *, rotation: bool = False) -> World:
    """Read a data folder; DataError names the file and the key that is wrong."""
    folder = folder or DATA
    people = load_people(folder / "users.yaml")
    return World(
        people=people,
        drive=load_drive(folder / "drive", people),
        slack=load_slack(folder / "slack", people),
        rotation=rotation,
    )
