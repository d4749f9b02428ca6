"""`make try-source` on every source of the catalogue, with the answers of its case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from scripts import try_source
from tests.connectors.generic_rest.connector import USER, Starter
from tests.connectors.generic_rest.standin import CASES, Case, comparable
from tests.connectors.generic_rest.test_catalogue import QUERY

READ = [Case.read(path) for path in CASES]
_RESULTS = '{\n  "results"'


def _printed(out: str) -> Iterator[dict[str, Any]]:
    """Yield the requests that were shown, as a case has them."""
    for block in out.partition(_RESULTS)[0].split("\n\n"):
        head, *lines = block.strip().splitlines() or [""]
        method, _, url = head.partition(" ")
        if not url.startswith("http"):
            continue
        headers = dict(line.split(": ", 1) for line in lines if re.match(r"[\w-]+: ", line))
        rest = [line for line in lines if not re.match(r"[\w-]+: ", line)]
        body: Any = None
        if rest and rest[0].startswith("{"):
            body = {"json": json.loads("\n".join(rest))}
        elif rest:
            body = {"form": sorted(list(line.split(" = ", 1)) for line in rest)}
        yield comparable({"method": method, "url": url, "headers": headers, "body": body})


def _as_sent(url: str) -> str:
    """Return a URL as the HTTP library writes it: the host in lower case."""
    return requests.Request("GET", url).prepare().url or ""


def _is_like(shown: Any, expected: Any) -> bool:
    """Say whether what was shown is what was expected, but for what is masked."""
    if isinstance(shown, list) and isinstance(expected, list):
        return len(shown) == len(expected) and all(map(_is_like, shown, expected))
    if isinstance(shown, dict) and isinstance(expected, dict):
        return all(_is_like(shown.get(name), value) for name, value in expected.items())
    pattern = re.escape(str(shown)).replace(re.escape("[redacted]"), ".*")
    return re.fullmatch(pattern, str(expected), re.DOTALL) is not None


def _try(
    case: Case, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Return the requests that are shown, those that were expected in their place, and all of it.

    Answers are given in the order in which the requests turn out to be made: a fetch is known only
    once there are hits.
    """
    answers, given, expected = case.answers(), list[Path](), list[dict[str, Any]]()
    wanted = [comparable({**asked, "url": _as_sent(asked["url"])}) for asked in case.requests]
    options = ["--options", json.dumps(case.data.get("options") or {})]
    while True:
        fixtures = ",".join(map(str, given))
        try_source.main([case.name, QUERY, "--fixture", fixtures or "/dev/null", *options])
        out = capsys.readouterr().out
        shown = list(_printed(out))
        if len(given) == len(shown):
            return shown, expected, out
        request = shown[len(given)]
        like = [n for n, one in enumerate(wanted) if _is_like(request, one)]
        assert like, request
        expected.append(wanted[like[0]])
        path = folder / f"{len(given)}.answer"
        path.write_bytes(answers[like[0]])
        given.append(path)


@pytest.mark.parametrize("case", READ, ids=lambda case: case.id)
def test_a_source_shows_its_requests_and_its_documents(
    case: Case, starter: Starter, capsys: pytest.CaptureFixture[str]
) -> None:
    """The requests are the case's; every document has an id, a title, a text and an address."""
    for name, value in (case.data.get("env") or {}).items():
        starter.monkeypatch.setenv(name, str(value))
    if case.data.get("user_token"):
        starter.monkeypatch.setenv("USER_TOKEN", USER)
    shown, expected, out = _try(case, starter.folder, capsys)
    assert len(shown) == len(case.requests)
    assert all(map(_is_like, shown, expected))
    found = json.loads(_RESULTS + out.partition(_RESULTS)[2])
    assert "warnings" not in found
    assert len(found["results"]) == len(case.data["documents"])
    for row in found["results"]:
        assert all(row.get(field) for field in ("id", "title", "text", "url")), row
        assert row["url"].startswith("http")
    for name, value in (case.data.get("env") or {}).items():
        if re.search("TOKEN|KEY|SECRET|PASSWORD", name) and len(str(value)) > 3:
            assert str(value) not in out or name.endswith(("_ID", "APP_KEY")), name
