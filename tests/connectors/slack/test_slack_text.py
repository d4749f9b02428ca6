"""Slack's message format as readable text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from slack_connector.blocks import body
from slack_connector.conversations import document
from slack_connector.hits import Channel, held, seconds
from slack_connector.text import Names, readable
from slack_connector.turns import Conversation, MessageHit, Turn, conversations, thread_in

NAMES = Names(users={"U1": "Dana Kim"}, channels={"C1": "general"})

MRKDWN = {
    "a mention with its label": ("<@U2|bob> look", "@bob look"),
    "a mention of somebody who is named in the hits": ("<@U1> look", "@Dana Kim look"),
    "a mention of somebody unknown": ("<@U2> look", "@U2 look"),
    "a channel with its label": ("see <#C2|help>", "see #help"),
    "a channel without label": ("see <#C1> and <#C1|>", "see #general and #general"),
    "a channel that is unknown": ("see <#C2>", "see #C2"),
    "a group": ("<!subteam^S1|@ops> and <!subteam^S1>", "@ops and @S1"),
    "everybody": ("<!here> <!channel> <!everyone|everyone>", "@here @channel @everyone"),
    "a date": ("<!date^1700000000^{date_short}|14 Nov 2023>", "14 Nov 2023"),
    "a date without fallback": ("<!date^1700000000^{date_short}>", "2023-11-14"),
    "a date that is none": ("<!date^x^{date}>", ""),
    "a link": ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
    "a link with its label": ("<https://x.example|the page>", "the page (https://x.example)"),
    "a link that Slack made": ("<http://x.example|x.example>", "http://x.example"),
    "an address": ("<mailto:a@x.example|a@x.example>", "a@x.example"),
    "escaped characters": ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
    "an escaped escape": ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    "an escaped token": ("&lt;@U1&gt;", "<@U1>"),
    "what is no token": ("a <b> c < d", "a <b> c < d"),
    "an open token": ("<@U1 and <", "<@U1 and <"),
    "highlighted words": ("the \ue000travel\ue001 policy", "the travel policy"),
}


@pytest.mark.parametrize(("text", "expected"), MRKDWN.values(), ids=MRKDWN.keys())
def test_mrkdwn_is_readable(text: str, expected: str) -> None:
    """Tokens are resolved before escaped characters, `&amp;` last."""
    assert readable(text, NAMES) == expected


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"blocks": [{"type": "rich_text", "elements": list(elements)}]}


def _section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "its own text wins": (
        {"text": "hello", "blocks": [{"type": "header", "text": _text("other")}]},
        "hello",
    ),
    "Slack's excuse is no text": (
        {
            "text": "This content can't be displayed.",
            "blocks": [{"type": "markdown", "text": "# Hi"}],
        },
        "# Hi",
    ),
    "header, section, fields and context": (
        {
            "text": "",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Alert"}},
                {"type": "divider"},
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "ask <@U1>"},
                    "fields": [{"type": "mrkdwn", "text": "*a*"}, {"type": "mrkdwn", "text": "b"}],
                },
                {
                    "type": "context",
                    "elements": [
                        {"type": "image", "image_url": "https://x.example", "alt_text": "a cat"},
                        {"type": "mrkdwn", "text": "in <#C1>"},
                    ],
                },
            ],
        },
        "Alert\nask @Dana Kim\n*a*\nb\na cat in #general",
    ),
    "rich text": (
        _rich(
            _section(
                _text("ask "),
                {"type": "user", "user_id": "U1"},
                _text(" in "),
                {"type": "channel", "channel_id": "C1"},
                _text(" "),
                {"type": "emoji", "name": "wave"},
                {"type": "broadcast", "range": "here"},
                _text(" "),
                {"type": "usergroup", "usergroup_id": "S1"},
                _text(" a &lt; b "),
                {"type": "link", "url": "https://x.example", "text": "page"},
                _text(" "),
                {"type": "link", "url": "https://x.example"},
                _text(" "),
                {"type": "date", "timestamp": 1700000000},
            )
        ),
        "ask @Dana Kim in #general :wave:@here @S1 a < b page (https://x.example) "
        "https://x.example 2023-11-14",
    ),
    "lists, quotes and code": (
        _rich(
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [_section(_text("one")), _section(_text("two"))],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [_section(_text("deep"))],
            },
            {"type": "rich_text_quote", "elements": [_text("said")]},
            {"type": "rich_text_preformatted", "elements": [_text("x = 1")]},
        ),
        "1. one\n2. two\n  - deep\nsaid\nx = 1",
    ),
    "a table": (
        {
            "blocks": [
                {
                    "type": "table",
                    "rows": [
                        [{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}],
                        [
                            {"type": "rich_text", "elements": [_section(_text("c"))]},
                            {"type": "raw_text", "text": "d"},
                        ],
                    ],
                }
            ]
        },
        "a | b\nc | d",
    ),
    "an attachment": (
        {
            "text": "",
            "attachments": [
                {
                    "pretext": "New",
                    "title": "Release",
                    "text": "by <@U1>",
                    "fields": [{"title": "Env", "value": "prod"}, {"value": "only"}],
                    "fallback": "never shown",
                }
            ],
        },
        "New\nRelease\nby @Dana Kim\nEnv: prod\nonly",
    ),
    "an attachment with a fallback alone": (
        {"attachments": [{"fallback": "a &amp; b"}]},
        "a & b",
    ),
    "an attachment made of blocks": (
        {"attachments": [{"blocks": [{"type": "section", "text": _text("inside")}]}]},
        "inside",
    ),
    "nothing but files": (
        {"text": "", "files": [{"title": "Plan"}, {"name": "b.txt"}]},
        "Plan\nb.txt",
    ),
    "nothing": ({}, ""),
}


@pytest.mark.parametrize(("message", "expected"), BODIES.values(), ids=BODIES.keys())
def test_a_message_without_text_is_read_from_what_it_consists_of(
    message: dict[str, Any], expected: str
) -> None:
    """Text, then blocks, then attachments, then the names of files."""
    assert body(message, NAMES) == expected


@pytest.mark.parametrize("junk", [None, 7, "x", [], [None], [[]], {"a": 1}, [{"type": 7}]])
def test_fields_of_another_kind_do_no_harm(junk: Any) -> None:
    """No field of a hit is promised by Slack's schema."""
    for message in (
        {"text": junk, "blocks": junk, "attachments": junk, "files": junk},
        {"blocks": [{"type": "section", "text": junk, "fields": junk, "elements": junk}]},
        {"blocks": [{"type": "rich_text", "elements": junk}, {"type": "table", "rows": junk}]},
        {"attachments": [{"text": junk, "fields": junk, "blocks": junk}]},
    ):
        assert isinstance(body(message, NAMES), str)


def test_elements_within_elements_end_somewhere() -> None:
    """However deep an answer is nested."""
    deep: dict[str, Any] = {"type": "context", "elements": []}
    rich: dict[str, Any] = {"type": "rich_text", "elements": []}
    for _ in range(2000):
        deep = {"type": "context", "elements": [deep]}
        rich = {"type": "rich_text", "elements": [rich]}
    assert body({"blocks": [deep, rich]}, NAMES) == ""


@pytest.mark.parametrize(
    ("channel", "label"),
    [
        (Channel("C1", "general"), "#general"),
        (Channel("C1", ""), "#C1"),
        (Channel("D1", "U1"), "Direct message"),
        (Channel("C2", "U1", direct=True), "Direct message"),
        (Channel("G1", "mpdm-ann--bob--carl-1"), "Group message (ann, bob, carl)"),
    ],
)
def test_a_channel_is_called_as_people_call_it(channel: Channel, label: str) -> None:
    """Slack's own names of direct conversations are ids."""
    assert channel.label == label


def turn(number: int, text: str, author: str = "ann") -> Turn:
    return Turn(f"17000000{number:02}.000100", {"text": text}, author=author)


def hit(number: int, text: str, thread: str = "", **parts: Any) -> MessageHit:
    url = f"https://x.example/p{number}" + (f"?thread_ts={thread}&cid=C1" if thread else "")
    return MessageHit(
        Channel("C1", "general"), turn(number, text), url, thread_ts=thread_in(url), **parts
    )


def test_the_messages_around_a_hit_come_after_its_own_text() -> None:
    """On one line each, so that a model can tell them apart; empty ones are left out."""
    before = (turn(1, "a\nb", "bob"), turn(2, " ", "bob"))
    found = document(
        Conversation([hit(3, "the hit", before=before, after=(turn(4, "c", ""),))]), Names()
    )
    assert found.text == "the hit\n\n[before] bob: a b\n[after] somebody: c"
    assert found.id == "C1:1700000003.000100"
    assert found.title == "#general – ann"


def test_hits_next_to_each_other_are_one_conversation() -> None:
    """With authors and times, in the order it was said, named after the best hit."""
    found = conversations(
        [
            hit(5, "found first", before=(turn(4, "found second"),)),
            hit(20, "elsewhere"),
            hit(4, "found second", before=(turn(3, "around"),), after=(turn(5, "found first"),)),
        ]
    )
    assert [[h.turn.ts[8:10] for h in c.hits] for c in found] == [["05", "04"], ["20"]]
    row = document(found[0], Names())
    assert row.id == "C1:1700000005.000100"
    assert row.text == (
        "ann (2023-11-14 22:13 UTC): found second\n\n"
        "ann (2023-11-14 22:13 UTC): found first\n\n"
        "[before] ann: around"
    )


def test_hits_of_one_thread_are_one_conversation() -> None:
    """However far apart they are, and whichever of them was found first."""
    thread = "1700000001.000100"
    replies = [hit(40, "a reply", thread), hit(9, "another channel's"), hit(30, "more", thread)]
    assert [len(c.hits) for c in conversations([*replies, hit(1, "its beginning")])] == [3, 1]
    both = conversations([hit(1, "its beginning"), hit(40, "a reply", thread)])
    row = document(both[0], Names())
    assert row.url == "https://x.example/p1?thread_ts=1700000001.000100&cid=C1"


def test_a_hit_can_join_two_conversations() -> None:
    """What stood between them was found last."""
    first, last = hit(1, "a", after=(turn(2, "b"),)), hit(3, "c", before=(turn(2, "b"),))
    between = hit(2, "b", before=(turn(1, "a"),), after=(turn(3, "c"),))
    assert [len(c.hits) for c in conversations([first, last, between])] == [3]


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("https://x.example/p1?thread_ts=1700000000.000100&cid=C1", "1700000000.000100"),
        ("https://x.example/p1", ""),
        ("https://x.example/p1?thread_ts=<script>", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_a_permalink_names_the_thread_of_a_reply(url: str, thread: str) -> None:
    """And nothing else that an answer could hold there."""
    assert thread_in(url) == thread


def test_the_files_of_a_message_are_part_of_it() -> None:
    """With what Slack shows of their text."""
    files = [{"title": "Notes", "preview": "98.6 %"}, {"name": "b.png"}]
    found = replace(hit(1, "see"), turn=Turn("1.1", {"text": "see", "files": files}))
    assert (
        document(Conversation([found]), Names()).text == "see\n[file] Notes: 98.6 %\n[file] b.png"
    )


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("meals", "Meal vouchers", 1),
        ("IT", "with it", 1),
        ("IT", "with us", 0),
        ("day", "days", 0),
        ("差旅", "公司差旅政策", 1),
        ("LX", "LX-200", 1),
        ("outage", "routage", 0),
    ],
)
def test_a_text_holds_a_word_with_another_ending(word: str, text: str, expected: int) -> None:
    """But no word within another, except where a script puts no spaces."""
    assert held(text, [word]) == expected


@pytest.mark.parametrize(
    "value", ["1700000000.000100", 1700000000, 1700000000000, 1700000000000000]
)
def test_times_in_any_unit_are_seconds(value: Any) -> None:
    """The schema of files speaks of microseconds, the examples of seconds."""
    assert seconds(value) == pytest.approx(1700000000, abs=1)


@pytest.mark.parametrize("value", [None, "", "x", 0, -1, "nan", "inf", [], 1e300])
def test_what_is_no_time_is_none(value: Any) -> None:
    """And is left out of the answer."""
    assert seconds(value) is None
