"""Hostile, damaged and locked files: each ends in a clear word, and harms nobody."""

from __future__ import annotations

import io
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared.files import hostile
from tests.shared.files.reading import SAMPLES, read, sample

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = _OPEN_XML + "wordprocessingml.document"
XLSX = _OPEN_XML + "spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
PDF = "application/pdf"
CUT = sorted(path.name for path in SAMPLES.glob("writer.*") if path.suffix != ".doc")


@pytest.mark.parametrize(
    ("make", "content_type", "reasons"),
    [
        (hostile.zip_bomb, DOCX, {"too_large"}),
        (hostile.lying_zip, DOCX, {"damaged"}),
        (hostile.many_members, DOCX, {"too_large"}),
        (hostile.billion_laughs, DOCX, {"damaged"}),
        (hostile.deep_xml, DOCX, {"too_complex"}),
        (hostile.circular_pdf, PDF, {"damaged", "no_text", "too_complex"}),
        (hostile.endless_pdf_stream, PDF, {"no_text", "too_complex"}),
        (hostile.far_apart_cells, XLSX, {"too_complex"}),
        (hostile.repeated_rows, ODS, {"damaged", "too_complex"}),
        (hostile.nested_mail, "message/rfc822", {"too_complex", ""}),
        (hostile.nested_multipart, "message/rfc822", {"too_complex", ""}),
        (lambda: b"{\\rtf1" + b"{" * 2_000_000, "application/rtf", {"damaged", "too_complex", ""}),
        (lambda: b"{\\rtf1\\bin99999999999 x}", "application/rtf", {"damaged", "too_complex", ""}),
        (lambda: b"<a b=" * 40_000, "text/html", {""}),
        (lambda: b"<div>" * 20_000 + b"deep", "text/html", {""}),
        (lambda: b"<table><tr><td>" * 50_000, "text/html", {""}),
        (lambda: b"a," * 2_500_000, "text/csv", {""}),
        (lambda: b'"' + b"a" * 5_000_000, "text/csv", {"damaged"}),
        (lambda: b"| - " * 500_000 + b"\n" + b"#" * 1_000_000, "text/markdown", {""}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_hostile_file_is_stopped(
    make: Callable[[], bytes], content_type: str, reasons: set[str]
) -> None:
    """Its text is left out with a reason, or is its own beginning; the next file is read."""
    reading = read(make(), content_type, seconds=4)
    assert reading.failure in reasons, reading.details
    assert len(reading.text) < 3_000_000
    assert "Meals up to 45 EUR" in sample("writer.docx", DOCX).text


def test_this_process_stays_small() -> None:
    """What a bomb unpacks to is never in the connector's own memory."""
    content = hostile.far_apart_cells()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(content, XLSX)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 20 * 1024  # KB


def test_no_entity_brings_a_file_of_this_machine(tmp_path: Path) -> None:
    """XXE: the document names a file, whose content must not come."""
    secret = tmp_path / "secret"
    secret.write_text("canary-of-this-machine")
    reading = read(hostile.external_entity(str(secret)), DOCX)
    assert reading.failure == "damaged"
    assert "canary" not in f"{reading.text}{reading.details}"


def test_a_document_type_in_another_encoding_is_refused_too() -> None:
    """UTF-16 hides the letters of `<!DOCTYPE` from whoever looks for bytes."""
    xml = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY a "x">]><d {hostile.W}/>'
    assert read(hostile.docx(xml.encode("utf-16")), DOCX).failure == "damaged"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("locked.pdf", PDF),
        ("locked.docx", DOCX),
        ("locked.xlsx", XLSX),
        ("locked.odt", "application/vnd.oasis.opendocument.text"),
    ],
)
def test_a_password_is_said_to_be_needed(name: str, content_type: str) -> None:
    """Each is locked by LibreOffice."""
    reading = sample(name, content_type)
    assert reading.failure == "password_protected"
    assert reading.details == [f"{name}: is protected by a password."]


def test_an_encrypted_zip_is_said_to_be_locked() -> None:
    """Its flag is set, as zip programs do."""
    content = bytearray((SAMPLES / "writer.docx").read_bytes())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        offsets = [info.header_offset for info in archive.infolist()]
        directory = archive.start_dir
    for at in offsets:
        content[at + 6] |= 1
    content[directory + 8] |= 1
    assert read(bytes(content), DOCX).failure == "password_protected"


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_file_that_was_cut_off(name: str, kept: float) -> None:
    """It is damaged, or what is there of it is read; never a failure of ours."""
    content = (SAMPLES / name).read_bytes()
    reading = read(content[: int(len(content) * kept)], "application/octet-stream", name)
    assert reading.failure in {"damaged", "no_text", "too_complex", ""}, reading.details


@pytest.mark.parametrize(
    "name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx", "a.odt", "a.rtf", "a.eml", "a.xls"]
)
def test_noise_is_no_file(name: str) -> None:
    """Whatever it is called."""
    assert read(hostile.noise(), "application/octet-stream", name).failure == "damaged"


def test_a_file_that_is_another_than_its_name_says() -> None:
    """Its first bytes decide: a PDF called .docx is read, a web page called .docx is not."""
    pdf = (SAMPLES / "writer.pdf").read_bytes()
    assert "Meals up to 45 EUR" in read(pdf, DOCX, "policy.docx").text
    docx = (SAMPLES / "writer.docx").read_bytes()
    assert "Meals up to 45 EUR" in read(docx, PDF, "policy.pdf").text
    sign_in = b"<!doctype html><title>Sign in</title><p>Please sign in"
    assert read(sign_in, DOCX, "policy.docx").failure == "damaged"


def test_a_type_of_before_2007_is_not_read() -> None:
    """An honest word, and what to do."""
    reading = sample("writer.doc", "application/octet-stream")
    assert reading.failure == "unsupported_type"
    assert read((SAMPLES / "writer.doc").read_bytes(), DOCX).failure == "unsupported_type"
