"""Files of all kinds, as the connector finds them: read, placed, named or left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import yaml

from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.world import DATA
from tests.conftest import Start as StartAny
from tests.connectors.gdrive.contract import NAME, PROVIDER
from tests.shared.files import hostile
from tests.shared.files.reading import SAMPLES
from tests.support.connectors import Connector

Start = Callable[..., Connector]
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
TYPES = {
    "writer.docx": f"{_OPEN_XML}wordprocessingml.document",
    "impress.pptx": f"{_OPEN_XML}presentationml.presentation",
    "calc.xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    "writer.odt": f"{_OPEN}text",
    "impress.odp": f"{_OPEN}presentation",
    "calc.ods": f"{_OPEN}spreadsheet",
    "writer.pdf": "application/pdf",
    "writer.rtf": "application/rtf",
    "writer.html": "text/html",
    "git.eml": "message/rfc822",
    "calc.csv": "text/csv",
    "locked.pdf": "application/pdf",
    "writer.doc": "application/msword",
    "bomb.docx": f"{_OPEN_XML}wordprocessingml.document",
}


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A Drive of the sample files, each of which has the word `sample` in its name."""
    data = tmp_path_factory.mktemp("drive") / "data"
    shutil.copytree(DATA, data)
    files: list[dict[str, Any]] = [
        {"id": f"1{name}", "name": f"sample {name}", "type": mime_type, "owner": "alice"}
        for name, mime_type in TYPES.items()
    ]
    for file, name in zip(files, TYPES, strict=True):
        made = {"bomb.docx": hostile.zip_bomb}.get(name, (SAMPLES / name).read_bytes)
        (data / "drive" / name).write_bytes(made())
        file["path"] = name
    (data / "drive" / "index.yaml").write_text(yaml.safe_dump({"files": files}))
    with Sandbox(data) as started:
        yield started


@pytest.fixture(scope="module")
def sampler(drive: Sandbox, start_connector: StartAny) -> Start:
    """Start a connector to that Drive."""
    return partial(start_connector, NAME, **PROVIDER.settings(drive))


def passages(
    connector: Connector, sandbox: Sandbox, query: str, **body: Any
) -> tuple[dict[str, list[dict[str, str]]], list[dict[str, str]]]:
    """Return what Alice finds, by file, and the warnings."""
    response = connector.search(query, sandbox.gdrive_token("alice"), **body)
    assert response.status_code == 200, response.text
    found: dict[str, list[dict[str, str]]] = {}
    for row in response.json()["results"]:
        found.setdefault(row["id"].partition("#")[0], []).append(row)
    return found, response.json().get("warnings", [])


@pytest.mark.parametrize(
    ("query", "file", "text"),
    [
        ("sample writer.docx meals", "1writer.docx", "Meals up to 45 EUR"),
        ("sample impress.pptx glasses", "1impress.pptx", "Say that visitors need glasses too"),
        ("sample calc.xlsx LX-200 supplier", "1calc.xlsx", "Acme Robotics"),
        ("sample writer.odt meals", "1writer.odt", "Meals up to 45 EUR"),
        ("sample impress.odp glasses", "1impress.odp", "Say that visitors need glasses too"),
        ("sample calc.ods LX-200 supplier", "1calc.ods", "Acme Robotics"),
        ("sample writer.pdf meals", "1writer.pdf", "Meals up to 45 EUR"),
        ("sample writer.rtf meals", "1writer.rtf", "Meals up to 45 EUR"),
        ("sample writer.html meals", "1writer.html", "Meals up to 45 EUR"),
        ("sample git.eml meals", "1git.eml", "Meals up to 45 EUR"),
        ("sample calc.csv team", "1calc.csv", "Entwicklung für Zürich"),
    ],
)
def test_a_file_of_each_type_is_read(
    sampler: Start, drive: Sandbox, query: str, file: str, text: str
) -> None:
    """Each was written by another program than reads it."""
    found, _ = passages(sampler(), drive, query)
    assert text in "\n".join(row.get("text", "") for row in found[file])


def test_a_pdf_opens_at_its_page(sampler: Start, drive: Sandbox) -> None:
    found, _ = passages(sampler(), drive, "sample writer.pdf meals")
    assert found["1writer.pdf"][0]["url"].endswith("#page=1")


def test_an_uploaded_document_opens_at_its_beginning(sampler: Start, drive: Sandbox) -> None:
    """Nobody knows what opens Drive's viewer at a place of a Word document."""
    found, _ = passages(sampler(), drive, "sample writer.docx meals")
    assert "#" not in found["1writer.docx"][0]["url"]


def test_what_cannot_be_read_is_named_and_marked(sampler: Start, drive: Sandbox) -> None:
    """A locked file has no text; a type that is not read says so in its text."""
    found, warnings = passages(sampler(), drive, "sample writer.doc locked.pdf")
    assert "text" not in found["1locked.pdf"][0]
    assert {"reason": "password_protected"}.items() <= next(
        w for w in warnings if "locked.pdf" in w["detail"]
    ).items()
    assert found["1writer.doc"][0]["text"].startswith("[A file, whose content is not read.]")


def test_a_hostile_file_costs_the_others_nothing(sampler: Start, drive: Sandbox) -> None:
    """It has its title and a warning; what is found beside it has its text."""
    found, warnings = passages(sampler(), drive, "sample bomb.docx writer.rtf meals")
    assert "text" not in found["1bomb.docx"][0]
    assert "too_large" in [w["reason"] for w in warnings if "bomb.docx" in w["detail"]]
    assert "Meals up to 45 EUR" in "".join(row["text"] for row in found["1writer.rtf"])


def test_a_google_sheet_is_read_whole(connector: Start, sandbox: Sandbox) -> None:
    """A word that stands on the third sheet alone finds that sheet."""
    found, warnings = passages(connector(), sandbox, "budget 2026 flights hotels by quarter")
    text = "\n".join(row["text"] for row in found["1Budget2026"])
    assert "Q1 | 61200 | 48900 | 19400" in text
    assert "Quarter | Flights (EUR) | Hotels (EUR) | Meals (EUR)" in text
    assert not [w for w in warnings if w["reason"] == "first_sheet_only"]
    (export,) = [r for r in sandbox.requests if r.path.endswith("1Budget2026/export")]
    assert export.params["mimeType"].endswith("spreadsheetml.sheet")


def test_a_google_document_opens_at_its_heading(connector: Start, sandbox: Sandbox) -> None:
    """By the bookmarks that Google's export has."""
    found, _ = passages(connector(), sandbox, "travel policy 2026 meals limit 45 EUR a day")
    assert "/edit?usp=drivesdk#heading=h." in found["1TravelPolicy2026"][0]["url"]


def test_google_slides_open_at_their_slide(connector: Start, sandbox: Sandbox) -> None:
    """By the slide's id, which the names of Google's shapes have."""
    response = connector().search(
        "architecture review: what does it cost, eleven weeks", sandbox.gdrive_token("bob")
    )
    rows = [r for r in response.json()["results"] if r["id"].startswith("1ArchitectureReview")]
    assert next(r for r in rows if "Eleven weeks" in r["text"])["url"].endswith("#slide=id.p4")


def test_a_document_too_large_to_export_whole_comes_as_plain_text(
    connector: Start, sandbox: Sandbox
) -> None:
    """Images make an export large; its text is small."""
    sandbox.inject(
        Fault(
            path="/drive/v3/files/1TravelPolicy2026/export",
            status=403,
            reason="exportSizeLimitExceeded",
            times=1,
        )
    )
    found, warnings = passages(connector(), sandbox, "travel policy 2026 meals 45 EUR a day")
    assert "45 EUR" in "".join(row["text"] for row in found["1TravelPolicy2026"])
    assert not [w for w in warnings if "Travel and expenses" in w["detail"]]


def test_a_sheet_too_large_to_export_whole_is_its_first_with_a_warning(
    connector: Start, sandbox: Sandbox
) -> None:
    sandbox.inject(
        Fault(
            path="/drive/v3/files/1Budget2026/export",
            status=403,
            reason="exportSizeLimitExceeded",
            times=1,
        )
    )
    found, warnings = passages(connector(), sandbox, "budget 2026")
    assert found["1Budget2026"][0]["text"]
    assert "Budget 2026" in next(w["detail"] for w in warnings if w["reason"] == "first_sheet_only")


def test_an_image_is_named_with_its_description(connector: Start, sandbox: Sandbox) -> None:
    """Drive finds it by the words that it sees in it; nothing is downloaded."""
    found, warnings = passages(connector(), sandbox, "booth Hannover")
    (row,) = found["1BoothPhoto"]
    assert row["type"] == "image"
    assert row["text"].startswith("[An image, whose content is not read.] Booth Hannover 2026.png")
    assert [w for w in warnings if w["reason"] == "unsupported_type"]
    assert not [r for r in sandbox.requests if "1BoothPhoto" in r.path]


def test_an_image_is_left_out_where_the_operator_says_so(
    connector: Start, sandbox: Sandbox
) -> None:
    """That is no omission: nobody asked for it."""
    found, warnings = passages(connector(GDRIVE_UNREADABLE="skip"), sandbox, "booth Hannover")
    assert "1BoothPhoto" not in found
    assert not [w for w in warnings if w["reason"] == "unsupported_type"]


def test_no_more_files_are_read_than_a_search_may_read(connector: Start, sandbox: Sandbox) -> None:
    """The others have their title and link; a limit is no omission."""
    few = connector(GDRIVE_MAX_DOWNLOADS="2")
    found, warnings = passages(few, sandbox, "travel policy meals")
    assert len(found) > 2
    assert all(row["title"] and row["url"] for rows in found.values() for row in rows)
    reads = [r for r in sandbox.requests if "export" in r.path or r.params.get("alt") == "media"]
    assert len(reads) == 2
    assert not warnings
