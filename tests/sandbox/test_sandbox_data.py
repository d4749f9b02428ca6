"""The data folder's checks, and the program itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox.sections import DataError
from sandbox.server import Sandbox
from sandbox.words import WordIndex
from sandbox.world import DATA, load_world

USERS = """
domain: example.com
workspace: {id: T1, name: W, url: https://w.example/}
users:
  ann: {name: Ann, email: ann@example.com, slack: U1}
"""
INDEX = """
files:
  - {id: f1, name: One, type: document, owner: ann, path: one.md}
"""
CHANNELS = "channels: [{id: C1, name: one, type: public, members: [ann]}]"
MESSAGES = "channel: C1\nmessages: [{at: 2026-01-01T00:00:00Z, user: ann, text: hello}]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drive").mkdir()
    (tmp_path / "slack" / "messages").mkdir(parents=True)
    (tmp_path / "users.yaml").write_text(USERS)
    (tmp_path / "drive" / "index.yaml").write_text(INDEX)
    (tmp_path / "drive" / "one.md").write_text("# One\n\nhello")
    (tmp_path / "slack" / "channels.yaml").write_text(CHANNELS)
    (tmp_path / "slack" / "messages" / "one.yaml").write_text(MESSAGES)
    return tmp_path


def test_the_smallest_folder(folder: Path) -> None:
    world = load_world(folder)
    assert [file.id for file in world.drive.findable("ann")] == ["f1"]
    assert [message.text for message in world.slack.messages["C1"]] == ["hello"]


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        (
            "users.yaml",
            "email: ann@example.com, ",
            "",
            r"users\.yaml: users\.ann: email: is missing",
        ),
        ("users.yaml", "slack: U1", "slack: 1", r"users\.ann: slack: must be a text"),
        ("users.yaml", "domain:", "domian:", r"users\.yaml: domian: unknown key"),
        ("drive/index.yaml", "owner: ann", "owner: bo", r"index\.yaml: files\[f1\]: owner: nobody"),
        ("drive/index.yaml", "one.md", "two.md", r"files\[f1\]: path: cannot read two\.md"),
        ("drive/index.yaml", "one.md", "../users.yaml", r"path: \.\./users\.yaml lies outside"),
        ("drive/index.yaml", "document", "docment", r"files\[f1\]: type: must be a MIME type"),
        ("drive/index.yaml", "owner: ann", "parent: f1", r"parent: 'f1' is no folder"),
        ("drive/index.yaml", "owner: ann", "readers: [ann]", r"owner: is missing"),
        ("drive/index.yaml", "document,", "folder, parent: f1,", r"parent: the folders form a"),
        ("slack/channels.yaml", "public", "open", r"channels\[C1\]: type: must be one of"),
        ("slack/messages/one.yaml", "C1", "C2", r"one\.yaml: channel: channels\.yaml has no"),
        ("slack/messages/one.yaml", "user: ann", "user: bo", r"user: nobody"),
        ("slack/messages/one.yaml", "2026-01-01T00:00:00Z", "soon", r"at: must be a time"),
    ],
)
def test_mistakes_are_named(folder: Path, file: str, old: str, new: str, named: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=named):
        load_world(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "slack")
    with pytest.raises(DataError, match=r"channels\.yaml: no such file"):
        load_world(folder)


def test_the_default_data_is_used_to_the_last_file() -> None:
    index = (DATA / "drive" / "index.yaml").read_text()
    for path in DATA.joinpath("drive").rglob("*.*"):
        if path.name != "index.yaml":
            assert path.relative_to(DATA / "drive").as_posix() in index


def test_words() -> None:
    index = WordIndex("Hello_world: l'été, STRASSE 45")
    assert index.has_phrase(("hello", "world"))
    assert index.has_phrase(("été", "strasse"))
    assert not index.has_phrase(("hell",))
    assert index.has_prefix("hel")
    assert not index.has_prefix("ello")


def test_only_loopback(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")


def test_stop_hangs_up() -> None:
    with Sandbox() as sandbox, requests.Session() as session:
        assert session.get(sandbox.url, timeout=5).ok
        sandbox.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(sandbox.url, timeout=5)


def test_the_program(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--ready-file", str(ready)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            limit = time.monotonic() + 20
            while not ready.exists():
                assert process.poll() is None
                assert time.monotonic() < limit
                os.sched_yield()
            told = json.loads(ready.read_text())
            assert ready.stat().st_mode & 0o777 == 0o600
            header = {"Authorization": f"Bearer {told['users']['bob']['gdrive_token']}"}
            answer = requests.get(
                told["gdrive_api_endpoint"] + "files/1BobNotes", headers=header, timeout=5
            )
            assert answer.json()["name"] == "notes.md"
            assert told["service_account_info"]["token_uri"] == told["url"] + "/google/token"
        finally:
            process.send_signal(signal.SIGTERM)
            printed, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert f"GDRIVE_API_ENDPOINT={told['gdrive_api_endpoint']}" in printed
    assert told["users"]["alice"]["slack_token"] in printed


def test_the_program_names_what_is_wrong_with_the_data(folder: Path) -> None:
    (folder / "users.yaml").write_text(USERS.replace("example.com\n", "7\n"))
    command = [sys.executable, "-m", "sandbox", "--data", str(folder)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "users.yaml: domain: must be a text" in done.stderr
