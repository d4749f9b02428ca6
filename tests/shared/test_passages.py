"""Documents are cut into passages where a person would cut them."""

from __future__ import annotations

import pytest

from connector_sdk import Block
from connector_sdk.passages import split, whole

LIMIT = 300


def paragraph(name: str, words: int) -> str:
    """Return a paragraph of ten-word sentences that name themselves."""
    return " ".join(
        f"{name} sentence {number} has ten words in it and ends." for number in range(words // 10)
    )


def test_a_document_of_300_words_stays_whole() -> None:
    """With its paragraphs as they are."""
    text = f"{paragraph('One', 150)}\n\n{paragraph('Two', 150)}"
    (passage,) = split(text, LIMIT)
    assert passage.text == text


def test_a_longer_one_is_cut_between_paragraphs() -> None:
    """As many into each passage as fit, and none torn."""
    paragraphs = [paragraph(f"P{number}", 120) for number in range(5)]
    texts = [passage.text for passage in split("\n\n".join(paragraphs), LIMIT)]
    assert texts == ["\n\n".join(paragraphs[:2]), "\n\n".join(paragraphs[2:4]), paragraphs[4]]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    """And nothing of it is lost or said twice."""
    text = paragraph("Long", 1000)
    texts = [passage.text for passage in split(text, LIMIT)]
    assert " ".join(texts) == text
    assert all(passage.endswith("ends.") and len(passage.split()) <= LIMIT for passage in texts)


def test_a_passage_is_no_stub() -> None:
    """Behind a title's few words a long paragraph is cut rather than left for the next one."""
    first, *_ = split(f"A title\n\n{paragraph('Long', 290)}\n\n{paragraph('Next', 290)}", LIMIT)
    assert len(first.text.split()) > LIMIT / 2


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Kim met Mr. Ode in St. Gallen, i.e. near Art. 5, on 3.5 occasions. Then she left.",
        "Das gilt z.B. für die Fa. Halden. Dann nicht mehr.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    """Neither does an initial or a decimal point."""
    first, second = split(text, len(text.split()) - 1)
    assert first.text.endswith((". ", "occasions.", "Halden."))
    assert second.text in ("Then she left.", "Dann nicht mehr.")


def test_a_sentence_that_points_back_brings_its_predecessor() -> None:
    """Only such a one: an overlap costs room."""
    filler = paragraph("Filler", 280)
    key = "The quarterly audit was moved to Jena by the board of the company."
    text = f"{filler} {key} It starts in May and ends before the summer break begins."
    *_, last = split(text, LIMIT)
    assert last.text.startswith(key)
    assert split(text.replace("It starts", "Work starts"), LIMIT)[-1].text.startswith("Work starts")


def test_every_passage_has_its_heading() -> None:
    """The first of a section and those that follow; sections that fit stand together."""
    long = Block(paragraph("Long", 600), heading="Policy > Meals", fragment="heading=h.1")
    for passage in split([long], LIMIT):
        assert passage.text.startswith("Policy > Meals\n\nLong sentence")
        assert passage.fragment() == "heading=h.1"
    (together,) = split([Block("Two.", "Two"), Block("Three.", "Three")], LIMIT)
    assert together.text == "Two\n\nTwo.\n\nThree\n\nThree."


def test_a_table_repeats_its_header() -> None:
    """And is cut between rows."""
    rows = [f"{number} | Hotel | {number * 3} EUR | Jena and Lyon" for number in range(200)]
    header = "No | What | Price | Where"
    passages = split([Block("\n".join(rows), "Sheet 1", header, "gid=0")], LIMIT)
    assert len(passages) > 3
    seen: list[str] = []
    for passage in passages:
        heading, _, table = passage.text.partition("\n\n")
        assert heading == "Sheet 1"
        first, *rest = table.split("\n")
        assert first == header
        assert len(passage.text.split()) <= LIMIT
        seen += rest
    assert seen == rows


def test_a_place_in_a_passage_opens_the_document_there() -> None:
    """Small slides stand in one passage, each with its own link."""
    slides = [Block(f"Text of slide {n}.", f"Slide {n}", fragment=f"slide=id.p{n}") for n in (1, 2)]
    (passage,) = split(slides, LIMIT)
    assert passage.fragment() == "slide=id.p1"
    assert passage.fragment(passage.text.index("Slide 2")) == "slide=id.p2"


def test_a_paragraph_runs_on_behind_the_end_of_a_page() -> None:
    """It is one sentence, though a PDF has it on two pages."""
    pages = [
        Block("The board moved the", fragment="page=1"),
        Block("audit to Jena. More.", fragment="page=2"),
    ]
    assert whole(pages) == "The board moved the audit to Jena. More."


@pytest.mark.parametrize(
    ("sentence", "count"),
    [("这是一个关于差旅费用的句子。", 400), ("これは旅費についての文です。", 400)],
)
def test_chinese_and_japanese_are_measured_in_characters(sentence: str, count: int) -> None:
    """A passage has as much to say as one in English, and ends with a sentence."""
    passages = split(sentence * count, LIMIT)
    assert "".join(passage.text for passage in passages) == sentence * count
    for passage in passages:
        assert 300 <= len(passage.text) <= 700 or passage is passages[-1]
        assert passage.text.endswith("。")


def test_thai_is_measured_in_characters() -> None:
    """It has spaces between sentences at most."""
    passages = split("พนักงานทุกคนมีสิทธิลาพักร้อนปีละสามสิบวัน " * 200, LIMIT)
    assert all(600 <= len(passage.text) <= 1400 for passage in passages[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "word " * 10_000,
        "word\n" * 10_000,
        "word\u2009and\xa0other " * 5_000,
        "字" * 50_000,
        "a" * 10**6,
        ". A" * 50_000,
        "." * 10**6,
        "\n \n" * 50_000,
        "a\n\n" * 50_000,
        "\ud800\x00\x85" * 5_000,
        "x\r\ny\r\n\r\n" * 5_000,
        '"' * 10**5 + " ! " * 10**5,
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_a_passage_is_bounded_for_any_text(text: str) -> None:
    """Without sentences, without spaces, and where everything looks like an end."""
    passages = split(text, LIMIT)
    assert all(0 < len(passage.text.split()) <= LIMIT for passage in passages)
    assert all(len(passage.text) < 5_000 for passage in passages)


def test_a_huge_heading_leaves_room_for_the_text() -> None:
    """Nothing is longer than a passage, whatever stands in a header row."""
    block = Block("value here\n" * 100, "Heading " * 500, "column " * 5_000)
    passages = split([block], LIMIT)
    assert all(len(passage.text.split()) <= LIMIT for passage in passages)
    assert sum(passage.text.count("value here") for passage in passages) == 100


def test_without_a_limit_the_text_is_whole() -> None:
    """`PASSAGE_WORDS=0`."""
    text = "\n\n".join(paragraph(f"P{number}", 200) for number in range(20))
    assert whole(text) == text
    assert len(split(text, 0)) == 1
