"""`make check-source` and `make try-source`: what the author of a source file sees."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest

from scripts import try_source
from scripts.processes import ROOT
from tests.connectors.generic_rest.connector import Starter
from tests.connectors.generic_rest.provider import Answer, Provider

SECRET = "s3cr/t+canary"
TEXT = """
version: 1
name: thing
base_url: ${env.site}
env:
  site: {var: THING_SITE}
  team: {var: THING_TEAM}
  user: {var: THING_USER, default: me}
  key: {var: THING_KEY, type: secret}
auth: KIND
search:
  - path: /teams/${env.team}/search
    json: {q: "${query}", n: "${limit}"}
    results: items
    fetch: {page: {path: "/pages/${id}", as: text}}
    document: {id: id, title: title, text: page || excerpt, url: "${_base_url}/${id}"}
"""
BASIC = '{type: basic, username: "${env.user}", password: "${env.key}"}'
KINDS = {
    "bearer": '{type: bearer, token: "${env.key}"}',
    "header": '{type: header, headers: {X-Key: "${env.key}"}}',
    "basic": BASIC,
    "query": '{type: query, params: {key: "${env.key}"}}',
    "relay": '{type: relay, fallback: {type: bearer, token: "${env.key}"}}',
}


@pytest.fixture
def folder(starter: Starter) -> Path:
    """An empty working folder, and none of our variables."""
    return starter.folder


def write(folder: Path, kind: str) -> str:
    path = folder / "thing.yaml"
    path.write_text(TEXT.replace("KIND", KINDS[kind]))
    return str(path)


@pytest.mark.parametrize("kind", KINDS)
def test_without_variables_the_request_is_shown_with_stand_ins(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_source.main([write(folder, kind), 'a "b" & c/d']) == 0
    out = capsys.readouterr().out
    assert out.startswith("POST https://thing-site.example/teams/thing-team/search")
    assert '"q": "a \\"b\\" & c/d"' in out
    assert "Nothing was sent. Set THING_SITE" in out
    if kind != "basic":
        assert "[THING_KEY]" in out or "%5BTHING_KEY%5D" in out or "[redacted]" in out


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_is_shown_without_its_secrets(
    folder: Path,
    kind: str,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With credentials the provider is asked; of them nothing is shown, in no form."""
    provider.answers["/teams/t/search"] = Answer({"items": [{"id": 1, "title": "T"}]})
    provider.answers["/pages/1"] = Answer(b"whole text")
    for name, value in {"SITE": provider.url, "TEAM": "t", "KEY": SECRET}.items():
        monkeypatch.setenv(f"THING_{name}", value)
    assert try_source.main([write(folder, kind), "travel"]) == 0
    out = capsys.readouterr().out
    assert f"POST {provider.url}/teams/t/search" in out
    assert f"GET {provider.url}/pages/1" in out
    assert "[redacted]" in out
    for form in (SECRET, "s3cr%2Ft%2Bcanary", base64.b64encode(f"me:{SECRET}".encode()).decode()):
        assert form not in out
    found = json.loads(out[out.index('{\n  "results"') :])
    url = f"{provider.url}/1"
    assert found == {"results": [{"id": "1", "title": "T", "text": "whole text", "url": url}]}
    assert len(provider.received) == 2


def test_a_users_token_is_taken_from_the_environment(
    folder: Path,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    provider.answers["/teams/t/search"] = Answer({"items": []})
    for name, value in {"SITE": provider.url, "TEAM": "t", "KEY": SECRET}.items():
        monkeypatch.setenv(f"THING_{name}", value)
    monkeypatch.setenv("USER_TOKEN", "users")
    assert try_source.main([write(folder, "relay"), "travel"]) == 0
    assert provider.only.headers["Authorization"] == "Bearer users"
    assert "users" not in capsys.readouterr().out


def test_saved_answers_are_mapped_and_nothing_is_sent(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The search's first, then those of what is fetched; a fetch without one keeps its hit."""
    hits = [{"id": 1, "title": "T1", "excerpt": "x"}, {"id": 2, "title": "T2", "excerpt": "y"}]
    (folder / "hits.json").write_text(json.dumps({"items": hits}))
    (folder / "page.txt").write_text("whole")
    source = write(folder, "bearer")
    assert try_source.main([source, "travel", "--fixture", "hits.json,page.txt"]) == 0
    out = capsys.readouterr().out
    assert out.count("https://thing-site.example/pages/") == 2
    found = json.loads(out[out.index('{\n  "results"') :])
    assert [row["text"] for row in found["results"]] == ["whole", "y"]
    assert found["results"][0]["url"] == "https://thing-site.example/1"
    assert "no saved answer" in found["warnings"][0]


def test_what_is_wrong_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(folder, "bearer")
    assert try_source.main([source, "travel", "--fixture", "nowhere.json"]) == 1
    assert try_source.main(["nowhere", "travel"]) == 1
    (folder / "thing.yaml").write_text("version: 2")
    assert try_source.main([source, "travel"]) == 1
    (folder / "bad.json").write_text("{}")
    source = write(folder, "bearer")
    assert try_source.main([source, "travel", "--fixture", "bad.json"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert "502 The provider's answer has nothing at `results: items`" in lines[3]


def test_make_passes_on_what_was_typed(folder: Path) -> None:
    """Neither make nor the shell reads anything in the query."""
    query = 'who\'s "on" ${HOME} $(shell id) `id` \\ #x'
    arguments = ["make", "--no-print-directory", "try-source", "SOURCE=linear", f"QUERY={query}"]
    shown = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    body = shown[shown.index("{") : shown.index("\n\n")]
    assert query in json.loads(body)["variables"].values()
    checked = subprocess.run(
        ["make", "--no-print-directory", "check-source", "SOURCE=linear"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert checked.startswith("linear: https://api.linear.app")


def test_a_source_is_registered_without_its_searches_variables(folder: Path) -> None:
    arguments = ["make", "--no-print-directory", "register-generic-rest", "SOURCE=linear"]
    arguments.append("URL=https://linear.example.com/search")
    told = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert '"authorize_url": "https://linear.app/oauth/authorize"' in told
    assert '"name": "linear"' in told
