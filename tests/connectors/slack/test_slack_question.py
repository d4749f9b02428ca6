"""Questions made harmless to Slack's query language."""

from __future__ import annotations

import re

import pytest

from connector_sdk import BadRequest
from slack_connector.hits import modifiers
from slack_connector.question import MAX_CHARACTERS, keywords, question
from slack_connector.settings import Options

QUESTIONS = {
    "a question stays one": ("What is Quinn's plan, exactly?", "What is Quinn's plan, exactly?"),
    "modifiers": ("in:#general from:@bob has::eyes: x", "in general from bob has eyes x"),
    "exclusion": ("-travel policy -in:general", "travel policy in general"),
    "inner hyphen": ("the e-mail follow-up", "the e-mail follow-up"),
    "quotes": ('"exact phrase" “other”', "exact phrase other"),
    "wildcards": ("trav* *bold* _italic_ ~gone~ `code`", "trav bold italic gone code"),
    "tokens": ("<@U1> <#C1|x> <!here>", "U1 C1 x here"),
    "operators": ("travel OR policy NOT meals AND x", "travel or policy not meals and x"),
    "words like operators": ("Oregon or ANDROID", "Oregon or ANDROID"),
    "times and numbers": ("at 10:30, 1,000 or v2.1", "at 10:30, 1,000 or v2.1"),
    "abbreviations": ("R&D and/or A/B", "R&D and/or A/B"),
    "accents apart from their letters": ("re\u0301sume\u0301", "résumé"),
    "scripts with vowel signs": ("हिन्दी भाषा", "हिन्दी भाषा"),
    "right to left": ("سياسة السفر", "سياسة السفر"),
    "overrides": ("\u202etravel\u202c", "travel"),
    "emoji": ("travel ❤️ 😀 policy", "travel policy"),
    "full-width colon": ("in：general", "in general"),
}


@pytest.mark.parametrize(("query", "expected"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_keeps_its_words_and_nothing_that_acts(query: str, expected: str) -> None:
    """A sentence, as the Real-time Search API wants it."""
    assert question(query) == expected


@pytest.mark.parametrize("query", [*(query for query, _ in QUESTIONS.values()), "OR", "AND OR"])
def test_keywords_are_bare_words(query: str) -> None:
    """Letters and digits alone cannot be a modifier, an exclusion or a phrase."""
    words = keywords(query)
    assert words
    marks = "\u0900-\u094d\u0301\ufe0f"  # of the scripts above; they belong to their letters
    assert all(re.fullmatch(rf"(?:[^\W_]|[{marks}])+", word) for word in words)
    assert not {"OR", "AND", "NOT"} & set(words)


@pytest.mark.parametrize("query", ["?!", "😀🎉", "* - :", "''", "\u0301", "___"])
def test_a_query_without_a_word_is_the_callers_mistake(query: str) -> None:
    """400 with a sentence that says what Slack finds."""
    for make in (question, keywords):
        with pytest.raises(BadRequest, match="letters and digits"):
            make(query)


@pytest.mark.parametrize("query", ["travel policy " * 142, "x" * 2000, "word" * 100 + " end"])
def test_a_long_query_is_cut_to_what_slack_takes(query: str) -> None:
    """To its content words, and those to as many as fit."""
    assert 0 < len(question(query)) <= MAX_CHARACTERS
    assert 0 < len(" ".join(keywords(query))) <= MAX_CHARACTERS


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, []),
        ({"channel": "general"}, ["in:#general"]),
        ({"channel": "#général-2"}, ["in:#général-2"]),
        ({"channel": "C0GENERAL"}, ["in:<#C0GENERAL>"]),
        ({"from": "@dana.kim"}, ["from:@dana.kim"]),
        ({"from": "U0DANA"}, ["from:<@U0DANA>"]),
        ({"from": "me", "channel": "x"}, ["in:#x", "from:me"]),
    ],
)
def test_options_become_modifiers(options: dict[str, str], expected: list[str]) -> None:
    """By id where one is given."""
    assert modifiers(Options.model_validate(options)) == expected


@pytest.mark.parametrize("value", ["a b", 'a"', "a>", "in:x", "#", "", "a\nb", "<#C1>", "x" * 90])
@pytest.mark.parametrize("option", ["channel", "from"])
def test_an_option_that_is_not_one_name_is_refused(option: str, value: str) -> None:
    """It would otherwise be a way into the query."""
    with pytest.raises(ValueError, match=option):
        Options.model_validate({option: value})
