"""Files that other programs wrote, read; samples/README.md says which wrote what."""

from __future__ import annotations

import email.message
import email.policy

import pytest

from sandbox.office import pdf
from tests.shared.files.reading import SAMPLES, Reading, read, sample

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
DOCX = _OPEN_XML + "wordprocessingml.document"
PPTX = _OPEN_XML + "presentationml.presentation"
XLSX = _OPEN_XML + "spreadsheetml.sheet"


def headings(reading: Reading) -> list[str]:
    return list(dict.fromkeys(block.heading for block in reading.blocks if block.heading))


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("pandoc.docx", DOCX),
        ("writer.docx", DOCX),
        ("pandoc.odt", _OPEN + "text"),
        ("writer.odt", _OPEN + "text"),
        ("pandoc.html", "text/html"),
        ("writer.html", "text/html; charset=utf-8"),
        ("pandoc.md", "text/markdown"),
    ],
)
def test_a_text_keeps_its_headings_and_tables(name: str, content_type: str) -> None:
    """Whatever program wrote it, in whatever format."""
    reading = sample(name, content_type)
    assert headings(reading) == [
        "Travel policy",
        "Travel policy > Meals",
        "Travel policy > Hotels",
        "Travel policy > Hotels > Abroad",
    ]
    assert "Applies to everybody in Jena and in Zürich." in reading.under("Travel policy")
    assert "Meals up to 45 EUR a day are paid back." in reading.under("Meals")
    assert "Receipts are needed for every meal." in reading.under("Meals")
    assert "Up to 190 EUR a night" in reading.under("Abroad")
    (table,) = [block for block in reading.blocks if block.header]
    assert (table.header, table.text) == (
        "City | Rate in EUR | Season",
        "Berlin | 120 | summer\nLyon | 95 | winter",
    )
    assert "Except when the portal is down." in reading.text
    assert not reading.details


@pytest.mark.parametrize("name", ["pandoc.rtf", "writer.rtf"])
def test_rtf_keeps_paragraphs_and_tables(name: str) -> None:
    reading = sample(name, "application/rtf")
    paragraphs = [part for block in reading.blocks for part in block.text.split("\n\n")]
    assert "Meals" in paragraphs
    assert (
        "Applies to everybody in Jena and in Zürich. Questions: people@example.com." in paragraphs
    )
    (table,) = [block for block in reading.blocks if block.header]
    assert table.text == "Berlin | 120 | summer\nLyon | 95 | winter"


@pytest.mark.parametrize("name", ["writer.pdf", "chromium.pdf"])
def test_a_pdf_has_pages_headings_and_paragraphs(name: str) -> None:
    """Its lines are joined, its larger letters are headings."""
    reading = sample(name, "application/pdf")
    assert {block.fragment for block in reading.blocks} == {"page=1"}
    assert reading.blocks[-1].heading.endswith("Abroad")
    assert (
        "Meals up to 45 EUR a day are paid back. On the day of departure the limit is 28 EUR."
        in (reading.under("Meals").split("\n\n"))
    )
    assert "Berlin 120 summer" in reading.under("Hotels")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("pandoc.pptx", PPTX),
        ("impress.pptx", PPTX),
        ("impress.odp", _OPEN + "presentation"),
    ],
)
def test_slides_stand_under_their_titles_with_notes_and_tables(
    name: str, content_type: str
) -> None:
    reading = sample(name, content_type)
    slide = reading.under("Safety training")
    assert "Glasses are worn in the coating hall." in slide
    assert "Notes: Say that visitors need glasses too." in slide
    assert reading.under("Emergency numbers") == "Who | Number\nFire | 112\nWorks nurse | 4711"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("calc.xlsx", XLSX),
        ("calc.xls", "application/vnd.ms-excel"),
        ("calc.ods", _OPEN + "spreadsheet"),
    ],
)
def test_every_sheet_is_read_under_its_headers(name: str, content_type: str) -> None:
    """The title above the table is a heading; dates and numbers are as people write them."""
    plan, parts = sample(name, content_type).blocks
    assert (plan.heading, plan.header) == ("Plan > Budget 2026", "Team | Amount (EUR) | Due")
    assert plan.text.split("\n") == [
        "Sales | 1200.5 | 2026-03-31",
        "Entwicklung für Zürich | 98000",
        "Total | 99200.5",
    ]
    assert (parts.heading, parts.header) == ("Parts", "Part | Supplier")
    assert parts.text == "LX-200 | Acme Robotics"


@pytest.mark.parametrize("name", ["calc.csv", "calc.tsv"])
def test_a_table_of_any_separator_and_encoding(name: str) -> None:
    """Semicolons in Windows' Western letters, tabs in UTF-16."""
    (table,) = sample(name, "text/csv").blocks
    assert table.header == "Team | Amount (EUR) | Due"
    assert "Entwicklung für Zürich | 98000" in table.text


def test_a_message_has_its_headers_its_body_and_the_names_of_attachments() -> None:
    reading = sample("git.eml", "message/rfc822")
    head, body = reading.blocks[0], reading.blocks[1]
    assert head.heading == "[PATCH] Grüße aus Zürich"
    assert "From: Jörg Müller <joerg@example.com>" in head.text
    assert "Date: Mon, 02 Mar 2026 10:00:00 +0100" in head.text
    assert ".patch" in head.text
    assert body.text.startswith("Meals up to 45 EUR a day are paid back.")


def test_a_message_of_html_alone_and_one_that_is_forwarded() -> None:
    """The body is read as a page, the forwarded message as a message."""
    inner = email.message.EmailMessage(policy=email.policy.SMTP)
    inner["Subject"] = "The lease"
    inner.set_content("It ends in Lyon in May.", charset="iso-8859-15")
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = "Fwd: The lease"
    message.set_content("<h2>See below</h2><p>Grüße</p>", subtype="html", charset="latin-1")
    message.add_attachment(inner)
    reading = read(message.as_bytes(), "message/rfc822")
    assert reading.under("See below") == "Grüße"
    assert "It ends in Lyon in May." in reading.under("The lease")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "Die Rückstellung für Urlaub beträgt zwölf Tage, das heißt mehr als üblich. " * 3,
            "cp1252",
        ),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy a všichni se mu smáli. " * 3, "cp1250"),
        ("Договор вступает в силу с момента подписания сторонами и действует год. " * 3, "cp1251"),
        ("Договор вступает в силу с момента подписания сторонами и действует год. " * 3, "koi8-r"),
        ("この契約は署名の日から効力を生じ、一年間有効とする。東京本社の規則。" * 3, "shift_jis"),
        ("この契約は署名の日から効力を生じ、一年間有効とする。東京本社の規則。" * 3, "euc_jp"),
        ("本合同自双方签字之日起生效，有效期为一年。请在北京办理报销手续。" * 3, "gb18030"),
        ("Η σύμβαση ισχύει από την ημερομηνία υπογραφής και διαρκεί ένα έτος. " * 3, "cp1253"),
        ("Grüße aus Zürich", "utf-16"),
        ("Grüße aus Zürich, ohne Zeichen am Anfang", "utf-16-le"),
        ("Grüße aus Zürich, ohne Zeichen am Anfang", "utf-16-be"),
        ("Grüße aus Zürich", "utf-8-sig"),
    ],
    ids=lambda value: value if value.isascii() else "",
)
def test_plain_text_in_its_encoding(text: str, encoding: str) -> None:
    """By its mark, as UTF-8, or by what is likeliest."""
    assert read(text.encode(encoding), "text/plain").text.strip() == text.strip()


def test_what_a_type_or_a_page_declares_is_believed() -> None:
    """Too little to guess by."""
    assert read("Łódź".encode("cp1250"), "text/plain; charset=windows-1250").text == "Łódź"
    page = '<meta charset="windows-1250"><p>Łódź</p>'.encode("cp1250")
    assert read(page, "text/html").text == "Łódź"


def test_a_page_has_no_scripts_styles_or_navigation() -> None:
    page = (
        b"<nav>Home</nav><script>var x</script><style>p{}</style><h1 id=top>Rules</h1>"
        b"<p>One <b>bold</b>\nline<br>two</p><ul><li>first<li>second</ul><pre>code</pre>"
    )
    (block,) = read(page, "text/html").blocks
    assert block.text == "One bold line\ntwo\n- first\n- second\n\ncode"
    assert (block.heading, block.fragment) == ("Rules", "top")


def test_a_long_pdf_is_its_beginning_with_a_warning() -> None:
    """A million characters are read; the sentence says how many pages they are."""
    lines = [f"Line {number} of a long report, and it goes on" for number in range(40_000)]
    reading = read(pdf(lines), "application/pdf", "report.pdf")
    assert reading.warnings == ["partly_read"]
    pages = len({block.fragment for block in reading.blocks})
    assert 300 < pages < 800
    assert reading.details[0].startswith(f"report.pdf: the first {pages} of 800 pages were read")
    assert len(reading.text) > 900_000


def test_a_scan_is_said_to_have_no_text() -> None:
    assert read(pdf([""]), "application/pdf").failure == "no_text"


def test_an_empty_file_is_empty() -> None:
    """Nothing was left out of it."""
    assert read(b"", "text/plain") == Reading([])


@pytest.mark.parametrize("content_type", ["image/png", "video/mp4", "application/msword"])
def test_a_type_without_a_reader_is_said(content_type: str) -> None:
    reading = read(b"x", content_type, "a.bin")
    assert reading.failure == "unsupported_type"
    assert content_type in reading.details[0]


def test_the_samples_are_all_told_of() -> None:
    """samples/README.md names each."""
    told = (SAMPLES / "README.md").read_text()
    assert not [path.name for path in SAMPLES.iterdir() if path.name not in told]
