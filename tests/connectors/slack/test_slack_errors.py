"""Slack's errors, which come with status 200, as the statuses of the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from slack_connector.errors import ERRORS
from tests.connectors.slack.test_slack_search import GENERAL, Start

SHORT = {"SLACK_SEARCH_TIMEOUT_SECONDS": "1"}
STATUS = {
    401: "not_authed invalid_auth token_expired token_revoked account_inactive "
    "two_factor_setup_required",
    403: "missing_scope not_allowed_token_type no_permission access_denied accesslimited "
    "ekm_access_denied enterprise_is_restricted is_bot org_login_required invalid_action_token",
    429: "ratelimited rate_limited",
    400: "query_too_long",
    502: "feature_not_enabled method_deprecated deprecated_endpoint unknown_method no_query "
    "missing_query invalid_cursor invalid_arguments invalid_arg_name fatal_error internal_error "
    "assistant_search_context_disabled something_new",
    503: "service_unavailable request_timeout team_added_to_org",
}
CODES = [(code, status) for status, codes in STATUS.items() for code in codes.split()]


@pytest.mark.parametrize("method", ["messages", "realtime"])
@pytest.mark.parametrize(("code", "status"), CODES)
def test_every_code_has_its_status(
    connector: Start, sandbox: Sandbox, code: str, status: int, method: str
) -> None:
    """The facts' table; the code itself is told, so that it can be looked up."""
    sandbox.inject(Fault(path="/slack/api/*", slack_error=code))
    slack = connector(SLACK_SEARCH_METHOD=method, **SHORT)
    response = slack.search("policy", sandbox.slack_token("alice", granular=True))
    assert response.status_code == status, response.text
    if code not in ("ratelimited", "rate_limited", "missing_scope"):
        assert code in response.json()["detail"]


def test_no_code_of_ours_goes_untested() -> None:
    """Whoever adds one says here what becomes of it."""
    assert ERRORS.keys() <= {code for code, _ in CODES}


def test_an_expired_token_is_401_and_never_an_empty_list(
    connector: Start, sandbox: Sandbox
) -> None:
    """So that the caller refreshes it."""
    for granular in (True, False):
        scopes = ["search:read.public"] if granular else ["search:read"]
        token = sandbox.issue_token(provider="slack", user="alice", scopes=scopes)
        assert connector().search("policy", token).status_code == 200
        sandbox.expire(token)
        response = connector().search("policy", token)
        assert response.status_code == 401
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
        assert "token_expired" in response.json()["detail"]


def test_a_missing_scope_tells_what_is_needed_and_what_is_there(
    connector: Start, sandbox: Sandbox
) -> None:
    """From Slack's own answer."""
    body = {"ok": False, "error": "missing_scope", "needed": "search:read", "provided": "a:b,c"}
    sandbox.inject(_said(body))
    response = connector(SLACK_SEARCH_METHOD="messages").search("policy", "xoxp-canary")
    assert response.status_code == 403
    assert "search:read is needed, a:b, c is there" in response.json()["detail"]


def _said(body: Any, **fault: Any) -> Fault:
    return Fault(
        path="/slack/api/*",
        **{"status": 200, "body": json.dumps(body), "content_type": "application/json", **fault},
    )


@pytest.mark.parametrize(
    "body",
    [
        {"ok": False},
        {"ok": False, "error": None},
        {"ok": False, "error": 7},
        {"ok": False, "error": "canary Canary <b>"},
        {"ok": False, "error": "missing_scope", "needed": 'x", canary="', "provided": ["canary"]},
        {"error": "canary-token"},
        {},
        [],
        None,
        "canary",
        7,
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["messages", "realtime"])
def test_an_answer_of_another_shape_is_an_error_that_repeats_nothing(
    connector: Start, sandbox: Sandbox, body: Any, method: str
) -> None:
    """Neither in the answer nor in the log."""
    sandbox.inject(_said(body))
    slack = connector(SLACK_SEARCH_METHOD=method, **SHORT)
    response = slack.search("policy", "xoxp-some-token")
    assert response.status_code in (403, 502), response.text
    assert "canary" not in response.text + str(response.headers)
    assert "canary" not in slack.log()


@pytest.mark.parametrize("method", ["messages", "realtime"])
@pytest.mark.parametrize("results", [None, 7, [], "absent"], ids=str)
def test_an_answer_without_results_is_not_an_empty_one(
    connector: Start, sandbox: Sandbox, method: str, results: Any
) -> None:
    """An empty list never stands for a failure."""
    names = ("results", "messages", "files")
    sandbox.inject(
        _said({"ok": True, **({} if results == "absent" else dict.fromkeys(names, results))})
    )
    response = connector(SLACK_SEARCH_METHOD=method).search("policy", "xoxp-canary")
    assert response.status_code == 502, response.text


def test_hits_of_another_shape_are_no_hits(connector: Start, sandbox: Sandbox) -> None:
    """Slack promises hardly a field of them."""
    hits = [None, 7, {}, {"ts": 1}, {"id": 2}]
    section = {"matches": hits}
    results = {"messages": hits, "files": hits}
    sandbox.inject(_said({"ok": True, "results": results, "messages": section, "files": section}))
    for method in ("messages", "realtime"):
        response = connector(SLACK_SEARCH_METHOD=method).search("policy", "xoxp-canary")
        assert response.status_code == 200
        assert response.json() == {"results": []}


@pytest.mark.parametrize("status", [200, 429])
def test_the_rate_limit_is_passed_on_with_its_retry_after(
    connector: Start, sandbox: Sandbox, status: int
) -> None:
    """With status 429 as Slack sends it, and with 200."""
    sandbox.inject(
        Fault(path="/slack/api/*", slack_error="ratelimited", status=status, retry_after="30")
    )
    response = connector().search("policy", sandbox.slack_token("alice"))
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "30"


def test_a_failure_that_passes_is_tried_again(connector: Start, sandbox: Sandbox) -> None:
    """`internal_error` comes with status 200, too."""
    sandbox.inject(Fault(path="/slack/api/*", slack_error="internal_error", times=1))
    response = connector().search("policy", sandbox.slack_token("alice"))
    assert response.status_code == 200


def test_files_that_fail_are_a_warning_beside_the_messages(
    connector: Start, sandbox: Sandbox
) -> None:
    """The messages are an answer; but a token that is refused is refused."""
    slack, token = connector(SLACK_SEARCH_METHOD="messages"), sandbox.slack_token("alice")
    sandbox.inject(Fault(path="/slack/api/search.files", slack_error="no_permission"))
    response = slack.search("policy", token)
    assert GENERAL in response.text
    assert response.headers["X-Search-Status"] == "partial"
    assert response.json()["warnings"][0]["reason"] == "forbidden"
    sandbox.clear()
    sandbox.inject(Fault(path="/slack/api/search.files", slack_error="token_revoked"))
    assert slack.search("policy", token).status_code == 401


def test_messages_that_fail_are_a_warning_beside_the_files(
    connector: Start, sandbox: Sandbox
) -> None:
    """And an error where there is no file."""
    slack, token = connector(SLACK_SEARCH_METHOD="messages"), sandbox.slack_token("alice")
    sandbox.inject(Fault(path="/slack/api/search.messages", slack_error="accesslimited"))
    response = slack.search("budget", token)
    assert [row["type"] for row in response.json()["results"]] == ["file"]
    assert response.headers["X-Search-Status"] == "partial"
    assert slack.search("sommerfest", token).status_code == 403


def test_words_that_cannot_be_searched_for_alone_are_a_warning(
    connector: Start, sandbox: Sandbox
) -> None:
    """What all words have found stays."""
    sandbox.inject(Fault(path="/slack/api/search.all", slack_error="ratelimited", retry_after="60"))
    slack = connector(SLACK_SEARCH_METHOD="messages")
    response = slack.search("travel policy", sandbox.slack_token("alice"))
    assert GENERAL in response.text
    assert response.json()["warnings"][0]["reason"] == "rate_limited"
    assert slack.search("sommerfest budget", sandbox.slack_token("alice")).status_code == 429
