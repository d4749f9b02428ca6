"""Queries that try to be more than words, over every connector."""

from __future__ import annotations

import pytest

from tests.contract.conftest import Subject

QUERIES = {
    "apostrophe": "'",
    "quote": '"',
    "backslash": "\\",
    "escaped apostrophe": "\\' or name contains 'a",
    "closing a literal": "travel') or fullText contains ('",
    "possessive": "quinn's paper\\essay",
    "modifier": "in:#finance-private travel",
    "several modifiers": "from:@alice has:link before:2026-01-01 is:dm",
    "exclusion": "-travel -policy meals",
    "caret": "travel^NQ^ORDERBY",
    "new lines": "travel\r\nX-Injected: 1\r\n\r\npolicy",
    "tab and NUL": "travel\t\x00policy",
    "emoji": "😀🎉",
    "emoji and words": "travel 😀 policy",
    "2,000 characters": "travel policy " * 142 + "x" * 12,
    "2,000 characters of one word": "x" * 2000,
    "2,000 quotes": "'" * 2000,
    "2,000 words": " ".join("ab"[i % 2] for i in range(1000)),
    "right to left": "سياسة السفر והוצאות",
    "bidirectional overrides": "\u202etravel\u202c policy",
    "only stop words": "what is the of and",
    "operators": "AND OR NOT NEAR",
    "wildcards": "* ? % _ travel*",
    "template": "${env.token} {{7*7}} %(x)s",
    "markup": "<script>alert(1)</script> <@U0ALICE> <!channel>",
    "URL": "https://example.com/?a=b&c=d#e",
    "path": "../../etc/passwd",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_hostile_query_is_searched_or_clearly_refused(subject: Subject, query: str) -> None:
    """200, or a 400 that says why: the provider never finds its own language broken."""
    response = subject.relay.search(query, subject.token())
    assert response.status_code in (200, 400), response.text
    if response.status_code == 400:
        assert "query" in response.json()["detail"]
        assert not subject.search_calls()
    for request in subject.sandbox.requests:
        assert "X-Injected" not in request.headers


@pytest.mark.parametrize("query", ["{} in:#general", "in:{}", "-zzyzzy {}", '"{}', "{} ' OR \\"])
def test_what_looks_like_syntax_does_not_change_the_search(subject: Subject, query: str) -> None:
    """The words are found as if they stood alone, and nothing is found that they do not hold."""
    plain = subject.relay.search(subject.provider.query, subject.token()).json()["results"]
    dressed = subject.relay.search(
        query.format(subject.provider.query), subject.token(), options={"limit": 50}
    )
    assert dressed.status_code == 200
    found = {row["id"] for row in dressed.json()["results"]}
    assert plain[0]["id"] in found
