"""A company of many people, each with secrets of their own, as a data folder for the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml


def write_crowd(folder: Path, size: int) -> list[str]:
    """Write a data folder in which every user has one document and one message of their own.

    All of them hold the words "quarterly salary review"; the user's own word tells whose it is.

    Args:
        folder: an empty one.
        size: how many users.

    Returns:
        The users' names; the word of user `u07` is `secretu07`.
    """
    names = [f"u{number:02}" for number in range(size)]
    users: dict[str, Any] = {
        name: {
            "name": f"User {name}",
            "email": f"{name}@crowd.example",
            "slack": f"U0{name.upper()}",
        }
        for name in names
    }
    _write(
        folder / "users.yaml",
        {
            "domain": "crowd.example",
            "workspace": {"id": "T0CROWD", "name": "Crowd", "url": "https://crowd.slack.com/"},
            "users": users,
            "groups": {},
            "service_account": {
                "name": "Crowd Search",
                "email": "search@crowd.iam.gserviceaccount.com",
                "slack_user": names[0],
            },
            "oauth_clients": {
                "google": {"id": "google", "secret": "google-secret"},
                "slack": {"id": "slack", "secret": "slack-secret"},
            },
        },
    )
    files = [
        {
            "id": f"1Review{name}",
            "name": f"Salary review of {name}",
            "type": "document",
            "owner": name,
            "path": f"{name}.md",
            "created": datetime(2026, 3, 1, 9, tzinfo=UTC),
        }
        for name in names
    ]
    _write(folder / "drive/index.yaml", {"drives": [], "files": files})
    channels = [
        {"id": f"G0{name.upper()}", "name": f"private-{name}", "type": "private", "members": [name]}
        for name in names
    ]
    _write(folder / "slack/channels.yaml", {"channels": channels})
    for name in names:
        text = f"The quarterly salary review of secret{name}."
        (folder / f"drive/{name}.md").write_text(text)
        message = {"at": datetime(2026, 3, 2, 10, tzinfo=UTC), "user": name, "text": text}
        _write(
            folder / f"slack/messages/{name}.yaml",
            {"channel": f"G0{name.upper()}", "messages": [message]},
        )
    return names


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
