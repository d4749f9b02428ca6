"""Slack's searches and look-ups, through the real client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from sandbox.server import Sandbox

Client = Callable[..., WebClient]
Failure = Callable[[Callable[[], object]], dict[str, Any]]


def texts(client: WebClient, query: str, **more: Any) -> list[str]:
    answer = client.search_messages(query=query, count=100, **more)
    return [match["text"] for match in answer["messages"]["matches"]]


def test_each_finds_what_is_theirs(slack: Client) -> None:
    alice, bob = (" ".join(texts(slack(who), "travel meals")) for who in ("alice", "bob"))
    assert "up to 45 EUR a day" in alice
    assert "up to 45 EUR a day" in bob
    assert "160 EUR a person" in alice
    assert "160 EUR a person" not in bob
    assert "60 EUR a day on installation days" in bob
    assert "60 EUR a day on installation days" not in alice
    assert texts(slack("gita"), "travel meals") == []


def test_the_shape_of_a_match(slack: Client) -> None:
    answer = slack("alice").search_messages(query='"tips up to ten percent"')
    assert answer["messages"]["total"] == 1
    assert answer["messages"]["paging"] == {"count": 20, "total": 1, "page": 1, "pages": 1}
    match = answer["messages"]["matches"][0]
    assert match["channel"]["name"] == "general"
    assert match["channel"]["is_private"] is False
    assert match["username"] == "alice"
    assert match["user"] == "U0ALICE"
    assert match["previous"]["text"] == "Does the limit for meals include tips?"
    assert match["next"]["username"] == "bob"
    assert "thread_ts" not in match
    link = match["permalink"]
    assert link.startswith("https://lindner-optics.slack.com/archives/C0GENERAL/p1770114780")
    assert "?thread_ts=1770114000.000109&cid=C0GENERAL" in link


def test_an_empty_text_has_blocks(slack: Client) -> None:
    answer = slack("bob").search_messages(query="payday bank")
    match = answer["messages"]["matches"][0]
    assert match["text"] == ""
    assert match["blocks"][0]["text"]["text"] == "Payroll closes on Friday"
    assert match["user"] is None
    assert match["username"] == "Payroll reminder"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("What is the travel policy for meals?", 0),
        ("vpn", 5),
        ("vpn OR wireguard", 6),
        ("vpn -ipv6 -drops", 4),
        ("wiregu*", 2),
        ("in:#it-help vpn", 2),
        ("in:<#C0ITHELP|it-help> vpn", 2),
        ("in:it-help -in:it-help vpn", 0),
        ("in:@alice", 4),
        ("from:me in:general", 1),
        ("from:@carol in:general", 1),
        ("from:<@U0CAROL> in:general", 1),
        ("from:Deploybot", 1),
        ("in:platform before:2026-03-14", 0),
        ("in:platform on:2026-03-14", 4),
        ("in:platform after:2026-03-14 before:2026-04-20", 1),
        ("in:platform during:2026-03", 5),
        ("in:platform during:nonsense", 0),
        ("in:platform has:link", 2),
        ("in:platform has:file", 1),
        ("in:general has:pin", 1),
        ("in:general has::tada:", 1),
        ("in:general has:reaction", 2),
        ("hasmy::raised_hands:", 1),
        ("is:thread in:it-help vpn", 1),
        ("is:dm", 6),
        ("with:@dana", 2),
        ("in:nowhere vpn", 0),
        ("???", 0),
        ("note: vpn", 0),
    ],
)
def test_modifiers(slack: Client, query: str, count: int) -> None:
    assert len(texts(slack("bob"), query)) == count


def test_sorting_paging_and_highlights(slack: Client) -> None:
    bob = slack("bob")
    newest = bob.search_messages(query="meals", sort="timestamp")["messages"]["matches"]
    oldest = bob.search_messages(query="meals", sort="timestamp", sort_dir="asc")
    assert newest == oldest["messages"]["matches"][::-1]
    page = bob.search_messages(query="meals", count=2, page=2)["messages"]
    assert [match["ts"] for match in page["matches"]] == [match["ts"] for match in newest[2:4]]
    assert page["pagination"]["first"] == 3
    marked = texts(bob, "wireguard", highlight=True)
    assert all("\ue000WireGuard\ue001" in text for text in marked)


def test_files_and_all(slack: Client) -> None:
    assert slack("bob").search_files(query="revenue")["files"]["total"] == 0
    answer = slack("alice").search_all(query="revenue")
    assert answer["files"]["matches"][0]["title"] == "Budget after six months"
    assert answer["files"]["matches"][0]["plain_text"].startswith("Budget 2026")
    assert answer["messages"]["total"] == 0


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("slack_expired", "token_expired"),
        ("slack_revoked", "token_revoked"),
        ("slack_deactivated", "account_inactive"),
        ("slack_bot", "not_allowed_token_type"),
        ("slack_no_scope", "missing_scope"),
        ("slack_public_only", "missing_scope"),
        ("unknown", "invalid_auth"),
    ],
)
def test_refused_tokens(
    slack: Client, sandbox: Sandbox, name: str, error: str, failure: Failure
) -> None:
    client = slack(sandbox.special_tokens.get(name, "xoxp-unknown"))
    data = failure(lambda: client.search_messages(query="vpn"))
    assert data["error"] == error
    if error == "missing_scope":
        assert data["needed"] == "search:read"
        assert data["provided"]


def test_other_errors(
    slack: Client, sandbox: Sandbox, http: requests.Session, failure: Failure
) -> None:
    alice = slack("alice")
    assert failure(lambda: alice.search_messages(query=" "))["error"] == "no_query"
    assert failure(lambda: alice.api_call("search.nonsense"))["error"] == "unknown_method"
    assert failure(lambda: slack("hugo").auth_test())["error"] == "account_inactive"
    answer = http.get(sandbox.slack_base_url + "auth.test", timeout=5)
    assert answer.json() == {"ok": False, "error": "not_authed"}


def test_get_form_and_json_are_the_same(sandbox: Sandbox, http: requests.Session) -> None:
    address = sandbox.slack_base_url + "search.messages"
    token = sandbox.slack_token("bob")
    header = {"Authorization": f"Bearer {token}"}
    query = {"query": "wireguard"}
    answers = [
        http.get(address, params=query, headers=header, timeout=5),
        http.post(address, data=query, headers=header, timeout=5),
        http.post(address, json=query, headers=header, timeout=5),
        http.post(address, data={**query, "token": token}, timeout=5),
    ]
    assert {answer.json()["messages"]["total"] for answer in answers} == {2}
    assert answers[0].headers["X-Accepted-OAuth-Scopes"] == "search:read"
    assert "search:read" in answers[0].headers["X-OAuth-Scopes"].split(",")


def test_conversations(slack: Client, failure: Failure) -> None:
    bob = slack("bob")
    names = [one["name"] for one in bob.conversations_list(types="private_channel")["channels"]]
    assert names == ["oncall-private"]
    assert bob.conversations_info(channel="C0PLATFORM")["channel"]["num_members"] == 3
    assert bob.conversations_members(channel="G0ONCALL")["members"] == ["U0BOB", "U0DANA"]
    hidden = failure(lambda: bob.conversations_info(channel="G0FINANCE"))
    assert hidden["error"] == "channel_not_found"
    assert failure(lambda: slack("gita").conversations_info(channel="C0GENERAL"))["error"]
    thread = bob.conversations_replies(channel="C0PLATFORM", ts="1773481200.000109")["messages"]
    assert [message["user"] for message in thread] == ["U0CAROL", "U0BOB", "U0BOB", "U0BOB"]
    reply = thread[1]["ts"]
    assert len(bob.conversations_replies(channel="C0PLATFORM", ts=reply)["messages"]) == 1
    history = bob.conversations_history(channel="C0PLATFORM", limit=2)
    assert history["has_more"] is True
    assert history["messages"][0]["text"].startswith("LX-200 revision D")
    rest = bob.conversations_history(
        channel="C0PLATFORM", cursor=history["response_metadata"]["next_cursor"]
    )
    assert rest["messages"][-1]["reply_count"] == 3


def test_users_need_the_scope(slack: Client, sandbox: Sandbox, failure: Failure) -> None:
    user = slack("bob").users_info(user="U0ALICE")["user"]
    assert user["real_name"] == "Alice Moreau"
    assert user["profile"]["email"] == "alice@lindner-optics.example"
    limited = slack(sandbox.special_tokens["slack_no_scope"])
    assert "email" not in limited.users_info(user="U0ALICE")["user"]["profile"]
    searching = slack(sandbox.special_tokens["slack_search_only"])
    assert failure(lambda: searching.users_info(user="U0ALICE"))["needed"] == "users:read"
    assert len(slack("bob").users_list()["members"]) == 8


def test_a_file_is_behind_the_token(
    slack: Client, sandbox: Sandbox, http: requests.Session, failure: Failure
) -> None:
    file = slack("alice").files_info(file="F0BUDGET")["file"]
    address = file["url_private"]
    token = {"Authorization": f"Bearer {sandbox.slack_token('alice')}"}
    assert http.get(address, headers=token, timeout=5).content.startswith(b"%PDF")
    page = http.get(address, timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert failure(lambda: slack("bob").files_info(file="F0BUDGET"))["error"] == "file_not_found"
