from __future__ import annotations

import json
import re
import time
import unicodedata
from typing import Any

import pytest
from jmespath.functions import Functions

from generic_rest_connector.expressions import Expression, Template
from generic_rest_connector.functions import SourceFunctions
from generic_rest_connector.markup import html
from scripts.processes import ROOT

README = (ROOT / "connectors" / "generic-rest" / "README.md").read_text()
EXAMPLES = re.findall(r"^(\S.*?) +->  (.*)$", README, re.MULTILINE)
OWN = set(SourceFunctions.FUNCTION_TABLE) - set(Functions.FUNCTION_TABLE)


@pytest.mark.parametrize(("call", "gives"), EXAMPLES)
def test_the_readmes_examples_are_true(call: str, gives: str) -> None:
    assert Expression(call).search({}) == json.loads(gives)


def test_the_readme_shows_every_function() -> None:
    assert {name for call, _ in EXAMPLES for name in re.findall(r"(\w+)\(", call)} >= OWN


@pytest.mark.parametrize("name", ["html", "md", "adf", "alltext", "iso", "b64", "lower", "json"])
def test_a_function_takes_what_an_answer_may_hold(name: str) -> None:
    values: tuple[Any, ...] = (
        None,
        "",
        "x",
        "\ud800",
        0,
        -1.5,
        1e308,
        True,
        [],
        [None, [1]],
        {},
        {"a": {}},
    )
    for value in values:
        result = Expression(f"{name}(x)").search({"x": value})
        assert result is None or isinstance(result, str)
        if value is None:
            assert result is None


@pytest.mark.parametrize("query", ["x", "", "😀", "a' OR \"b", "NOT (a^2)", "İI", "هل سافر؟"])
def test_words_for_query_languages_hold_letters_and_digits_only(query: str) -> None:
    scope = {"query": query}
    words = Expression("words(query)").search(scope)
    assert {unicodedata.category(c)[0] for word in words for c in word} <= {"L", "N", "M"}
    plain = Expression("plain(query)").search(scope)
    assert {unicodedata.category(c)[0] for c in plain} <= {"L", "N", "M", "Z"}
    assert plain == plain.lower()
    any_of_them = " OR ".join(f'"{word.lower()}"' for word in words)
    assert Expression("fts5(query)").search(scope) == any_of_them


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain & simple", "plain & simple"),
        ("a &lt;b&gt; &amp;amp; c&nbsp;d", "a <b> &amp; c d"),
        ("<h1>Title</h1>one\ntwo<br>three<p>four</p>five", "Title\none two\nthree\nfour\nfive"),
        ("<ul><li>a</li><li>b<b>old</b></li></ul>", "a\nbold"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("x<script>alert('</p>')</script><STYLE>p{}</STYLE >y<!-- z <p> -->", "xy"),
        (
            "Due <time datetime='2026-01-02'/> at <time datetime=x>noon</time>",
            "Due 2026-01-02 at noon",
        ),
        ("<a title=\"x > y\" href='z'>link</a>", "link"),
        ("<ac:link><ri:page ri:content-title='A'/>see</ac:link> <o:p>it</o:p>", "see it"),
        ("<code><![CDATA[if a < b:\n  &amp;]]></code>", "if a < b:\n&amp;"),
        ("<?xml version='1.0'?><!DOCTYPE html><html><title>t</title>body</html>", "body"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("cut <b", "cut <b"),
        ("<script>never closed", ""),
    ],
)
def test_html_reads_as_text(markup: str, text: str) -> None:
    assert html(markup) == text


@pytest.mark.parametrize(
    "unit",
    ["<a b=", '<a "', "<a '\"", "<!--", "<![CDATA[", "<time datetime=", "<script>", "</script ",
     "<", "&", "<div>", "<!", "<a/", "<p\n", "]]>", "<title>x</title "],
)  # fmt: skip
def test_html_takes_no_longer_for_markup_that_is_meant_to_be_slow(unit: str) -> None:
    began = time.monotonic()
    html(unit * (1_000_000 // len(unit)))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("no value", "no value"),
        ("${a}", 7),
        ("${ a }", 7),
        ("x${a}", "x7"),
        ("${a}${b}", "7true"),
        ("${none}", None),
        ("x ${none}", None),
        ("${none || 'y'}", "y"),
        ("${'}'} ${\"odd }\"}", "} 1"),
        ("${{k: a}}", {"k": 7}),
        ('${`{"k": "}"}`.k}', "}"),
        ("$a {b} $ {c}", "$a {b} $ {c}"),
        ("l ${list}", 'l ["é"]'),
    ],
)
def test_templates(text: str, value: object) -> None:
    assert Template(text).value({"a": 7, "b": True, "odd }": 1, "list": ["é"]}) == value
