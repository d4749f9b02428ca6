"""Every row of the error table, over every connector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.faults import Fault
from scripts.processes import package_of
from tests.contract.conftest import KEY, TIMEOUT, Subject
from tests.support.connectors import running


def _problem(response: requests.Response, status: int) -> dict[str, Any]:
    """RFC 9457: the media type, the members, and the request's id."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert list(problem) == ["type", "title", "status", "detail", "request_id"]
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert len(problem["detail"]) > 10
    return problem


BAD_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"query=x",
    "not UTF-8": b'{"query": "\xff"}',
    "an array": b'["x"]',
    "a string": b'"x"',
    "no query": b"{}",
    "null": b'{"query": null}',
    "a number": b'{"query": 1}',
    "a list": b'{"query": ["x"]}',
    "empty": b'{"query": ""}',
    "white space": b'{"query": " \\n\\t "}',
    "control characters": b'{"query": "\\u0000\\u0001"}',
    "unpaired surrogate": b'{"query": "\\ud800"}',
    "2,001 characters": json.dumps({"query": "x" * 2001}).encode(),
    "nested too deep": b"[" * 30_000,
    "options a list": b'{"query": "x", "options": [1]}',
    "limit a string": b'{"query": "x", "options": {"limit": "5"}}',
    "limit zero": b'{"query": "x", "options": {"limit": 0}}',
    "limit too large": b'{"query": "x", "options": {"limit": 101}}',
    "limit true": b'{"query": "x", "options": {"limit": true}}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_wrong_body_is_400(subject: Subject, body: bytes) -> None:
    """It says what a search takes, and nothing is sent to the provider."""
    response = requests.post(
        f"{subject.relay.url}/search",
        data=body,
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {subject.token()}",
        },
        timeout=10,
    )
    _problem(response, 400)
    assert not subject.search_calls()


def test_an_unknown_option_is_400_and_names_the_known_ones(subject: Subject) -> None:
    """A misspelled option would otherwise widen the search in silence."""
    response = subject.relay.search("x", subject.token(), options={"limt": 3})
    detail = _problem(response, 400)["detail"]
    assert "limt" in detail
    assert "limit" in detail.replace("limt", "")


def test_unknown_keys_beside_query_are_ignored(subject: Subject) -> None:
    """The platform may send more than a connector knows."""
    response = subject.relay.search(subject.provider.query, subject.token(), more={"x": 1})
    assert response.status_code == 200


def test_an_unknown_format_is_400(subject: Subject) -> None:
    """It names the known ones."""
    response = subject.relay.search("x", subject.token(), params={"format": "v3"})
    assert "v2" in _problem(response, 400)["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_another_content_type_is_415(subject: Subject, kind: str | None) -> None:
    """Also where it is missing."""
    headers = {"Authorization": f"Bearer {subject.token()}"}
    if kind:
        headers["Content-Type"] = kind
    response = requests.post(
        f"{subject.relay.url}/search", data=b'{"query": "x"}', headers=headers, timeout=10
    )
    _problem(response, 415)


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_that_is_too_large_is_413(subject: Subject, *, chunked: bool) -> None:
    """By its announced length, and by what is read of one that announces none."""
    body = json.dumps({"query": "x", "padding": "y" * 70_000}).encode()
    response = requests.post(
        f"{subject.relay.url}/search",
        data=iter([body]) if chunked else body,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {subject.token()}"},
        timeout=10,
    )
    _problem(response, 413)


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/search", 405)])
def test_an_unknown_path_or_method_is_a_problem_too(
    subject: Subject, path: str, status: int
) -> None:
    """The shape is the same for what the framework refuses."""
    _problem(requests.get(f"{subject.relay.url}{path}", timeout=10), status)


@pytest.mark.parametrize("end", ["expire", "revoke"])
def test_a_token_that_ended_is_401(subject: Subject, end: str) -> None:
    """So that the caller refreshes it; never an empty list."""
    token = subject.sandbox.issue_token(provider=subject.provider.plays, user="alice")
    assert subject.relay.search(subject.provider.query, token).status_code == 200
    getattr(subject.sandbox, end)(token)
    response = subject.relay.search(subject.provider.query, token)
    _problem(response, 401)
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_missing_scope_is_403_and_names_it(subject: Subject) -> None:
    """The person who must act knows what to grant."""
    token = subject.provider.unscoped_token(subject.sandbox)
    problem = _problem(subject.relay.search(subject.provider.query, token), 403)
    assert "scope" in problem["detail"]


def test_the_providers_rate_limit_is_429_with_its_retry_after(subject: Subject) -> None:
    """And is not waited for, when the wait is longer than the request lives."""
    subject.sandbox.inject(Fault(path=subject.provider.search_path, status=429, retry_after="30"))
    response = subject.relay.search(subject.provider.query, subject.token())
    _problem(response, 429)
    assert response.headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"status": 400, "reason": "badRequest", "slack_error": "invalid_arguments"}, 502),
        ({"status": 500, "reason": "backendError"}, 502),
        ({"status": 502, "body": "<html>Bad gateway</html>", "content_type": "text/html"}, 502),
        ({"status": 503, "body": "", "content_type": "text/plain"}, 503),
        ({"drop": True}, 503),
        ({"html": True}, 502),
        ({"truncate": True}, 503),
        ({"redirect": "http://127.0.0.1:9/elsewhere"}, 502),
        ({"huge": 20_000_000, "gzip": True}, 502),
    ],
    ids=lambda value: next(iter(value.items()))[1] if isinstance(value, dict) else str(value),
)
def test_a_provider_that_fails(subject: Subject, fault: dict[str, Any], status: int) -> None:
    """502 where it failed or refused us, 503 where it cannot be reached."""
    subject.sandbox.inject(Fault(path=subject.provider.search_path, **fault))
    response = subject.relay.search(subject.provider.query, subject.token())
    problem = _problem(response, status)
    assert "<html>" not in problem["detail"]


@pytest.mark.parametrize("fault", [{"latency": 30.0}, {"trickle": 0.05}], ids=str)
def test_a_provider_that_does_not_answer_in_time_is_504(
    subject: Subject, fault: dict[str, Any]
) -> None:
    """At the deadline, and not after it."""
    subject.sandbox.inject(Fault(path=subject.provider.search_path, **fault))
    response = subject.relay.search(subject.provider.query, subject.token())
    _problem(response, 504)
    assert TIMEOUT - 0.1 <= response.elapsed.total_seconds() <= TIMEOUT + 0.5


def test_a_refused_service_credential_is_502(subject: Subject) -> None:
    """It is the operator's problem: 401 would have callers refresh tokens in vain."""
    connector = subject.connector(key=True, service=True)
    subject.sandbox.inject(
        Fault(
            path=subject.provider.search_path,
            status=401,
            reason="authError",
            slack_error="token_revoked",
        )
    )
    problem = _problem(connector.search(subject.provider.query, KEY), 502)
    assert "service credential" in problem["detail"]


def test_our_own_fault_is_500_and_logged_with_its_request_id(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer has the id, the log has the rest."""
    package = package_of(subject.name)
    (tmp_path / f"{package}_broken.py").write_text(
        "from connector_sdk import create_app\n"
        f"from {package}.settings import Settings\n"
        "def search(query, context):\n"
        "    raise RuntimeError('canary of a bug')\n"
        f"app = create_app('{subject.name}', search, Settings)\n"
    )
    settings = {**subject.settings(), "PYTHONPATH": str(tmp_path)}
    with running(subject.name, settings, app=f"{package}_broken:app") as connector:
        response = connector.search("x", subject.token(), headers={"X-Request-Id": "abc-1"})
        problem = _problem(response, 500)
        assert problem["request_id"] == "abc-1"
        assert "canary" not in response.text
        entries = [e for e in connector.log_entries() if e.get("request_id") == "abc-1"]
        assert "canary of a bug" in json.dumps(entries)
        assert entries[-1]["status"] == 500


def test_one_log_line_says_which_provider_refused_what(subject: Subject) -> None:
    """Whoever reads it at three in the morning needs no other line."""
    subject.sandbox.inject(Fault(path=subject.provider.search_path, status=500))
    headers = {"X-Request-Id": "three-in-the-morning"}
    subject.relay.search(subject.provider.query, subject.token(), headers=headers)
    entries = [e for e in subject.relay.log_entries() if e.get("status") == 502]
    entry = next(e for e in entries if e["request_id"] == "three-in-the-morning")
    assert entry["severity"] == "ERROR"
    assert entry["connector"] == subject.name
    assert entry["failed_calls"][0].endswith(" 500")
    assert subject.sandbox.url.removeprefix("http://") in entry["failed_calls"][0]
