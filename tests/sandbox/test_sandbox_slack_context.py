"""The Real-time Search API, through the real client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from sandbox.server import Sandbox

Client = Callable[..., WebClient]
Failure = Callable[[Callable[[], object]], dict[str, Any]]
EVERYWHERE = ["public_channel", "private_channel", "im", "mpim"]


def context(client: WebClient, query: str, **more: Any) -> list[dict[str, Any]]:
    sent = {"query": query, "channel_types": EVERYWHERE, **more}
    answer = client.api_call("assistant.search.context", json=sent)
    found: list[dict[str, Any]] = answer["results"]["messages"]
    return found


def test_context_takes_any_word_and_orders_by_how_many(slack: Client) -> None:
    found = context(slack("alice", granular=True), "What is the travel policy for meals?")
    assert "new *travel policy* is out: meals" in found[0]["content"]
    assert found[0]["reply_count"] == 4
    assert found[0]["author_name"] == "Alice Moreau"
    assert any("160 EUR" in message["content"] for message in found)
    bobs = context(slack("bob", granular=True), "What is the travel policy for meals?")
    assert not any("160 EUR" in message["content"] for message in bobs)


def test_context_defaults_to_public_messages(slack: Client) -> None:
    client = slack("alice", granular=True)
    answer = client.api_call("assistant.search.context", json={"query": "meals investors"})
    assert answer["results"].keys() == {"messages"}
    assert {message["channel_id"] for message in answer["results"]["messages"]} == {"C0GENERAL"}


def test_context_extras(slack: Client) -> None:
    client = slack("bob", granular=True)
    plain = context(client, "payday", include_bots=True)
    assert plain[0]["content"] == ""
    assert "blocks" not in plain[0]
    assert context(client, "payday") == []
    extras = {"include_message_blocks": True, "include_context_messages": True}
    full = context(client, "payday", include_bots=True, **extras)[0]
    assert full["blocks"][0]["type"] == "header"
    assert "all hands" in full["context_messages"]["before"][-1]["text"]
    files = client.api_call(
        "assistant.search.context", json={"query": "transmission", "content_types": ["files"]}
    )
    assert "98.6 %" in files["results"]["files"][0]["content"]
    assert context(client, "", term_clauses=["vpn gateway", "password"])
    assert context(client, "vpn", after=1800000000) == []


def test_context_pages(slack: Client, failure: Failure) -> None:
    client = slack("bob", granular=True)
    sent: dict[str, Any] = {"query": "the", "limit": 5}
    first = client.api_call("assistant.search.context", json=sent)
    cursor = first["response_metadata"]["next_cursor"]
    second = client.api_call("assistant.search.context", json={**sent, "cursor": cursor})
    ids = [
        message["message_ts"] for page in (first, second) for message in page["results"]["messages"]
    ]
    assert len(set(ids)) == len(ids) > 5
    sent["cursor"] = "nonsense"
    wrong = failure(lambda: client.api_call("assistant.search.context", json=sent))
    assert wrong["error"] == "invalid_cursor"


def test_context_needs_every_scope_it_is_asked_to_use(
    slack: Client, sandbox: Sandbox, failure: Failure
) -> None:
    client = slack(sandbox.special_tokens["slack_public_only"])
    answer = client.api_call("assistant.search.context", json={"query": "vpn"})
    assert answer["results"]["messages"]
    data = failure(lambda: context(client, "vpn"))
    assert data["error"] == "missing_scope"
    assert data["needed"] == "search:read.private,search:read.im,search:read.mpim"
    assert data["provided"] == "search:read.public"
    assert failure(lambda: context(slack("alice"), "vpn"))["error"] == "missing_scope"
    bot = slack(sandbox.special_tokens["slack_bot"])
    assert failure(lambda: context(bot, "vpn"))["error"] == "invalid_action_token"
    assert failure(lambda: context(client, ""))["error"] == "missing_scope"
    whole = slack("alice", granular=True)
    assert failure(lambda: context(whole, ""))["error"] == "missing_query"
    assert failure(lambda: context(whole, "x" * 501))["error"] == "query_too_long"
    assert failure(lambda: context(whole, "x", limit=21))["error"] == "invalid_arguments"
    info = whole.api_call("assistant.search.info")
    assert info["is_ai_search_enabled"] is False
