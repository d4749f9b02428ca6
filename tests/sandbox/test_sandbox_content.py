"""Exports and downloads, and every refusal Drive knows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

from sandbox.drive_export import DOCX, XLSX
from sandbox.server import Sandbox

# What the client shows when an answer has both `errors` and `details`: the latter.
SCOPE = "ACCESS_TOKEN_SCOPE_INSUFFICIENT"

Client = Callable[[str], Any]


def details(error: HttpError) -> dict[str, Any]:
    found: dict[str, Any] = error.error_details[0]
    return found


def test_a_document_as_text_begins_with_a_mark_and_ends_lines_as_windows_does(
    drive: Client,
) -> None:
    content = drive("alice").export("1TravelPolicy2026")
    assert content.startswith(b"\xef\xbb\xbfTravel and expenses policy 2026\r\n\r\n")
    text = content.decode("utf-8-sig")
    assert "* Meals on a business trip are reimbursed up to 45 EUR a day" in text
    assert "\n" not in text.replace("\r\n", "")


def test_other_forms_of_a_document(drive: Client) -> None:
    alice = drive("alice")
    assert alice.export("1TravelPolicy2026", "text/markdown").startswith(b"# Travel")
    assert b"<p>3. Meals</p>" in alice.export("1TravelPolicy2026", "text/html")
    assert alice.export("1TravelPolicy2026", "application/pdf").startswith(b"%PDF-1.4")
    with zipfile.ZipFile(io.BytesIO(alice.export("1TravelPolicy2026", DOCX))) as archive:
        assert b"45 EUR a day" in archive.read("word/document.xml")


def test_csv_is_the_first_sheet_and_the_workbook_has_all(drive: Client) -> None:
    alice = drive("alice")
    assert alice.export("1Budget2026", "text/csv").startswith(b"Line,Plan 2026 (EUR),Actual")
    assert b"Meals" not in alice.export("1Budget2026", "text/csv")
    assert b"Line\tPlan" in alice.export("1Budget2026", "text/tab-separated-values")
    with zipfile.ZipFile(io.BytesIO(alice.export("1Budget2026", XLSX))) as archive:
        assert 'name="Travel"' in archive.read("xl/workbook.xml").decode()
        assert "Meals (EUR)" in archive.read("xl/worksheets/sheet3.xml").decode()


def test_slides_as_text(drive: Client) -> None:
    text = drive("erik").export("1AllHandsQ3").decode("utf-8-sig")
    assert "Second coating line in Jena starts in October" in text


def test_plain_files_come_as_they_are(drive: Client, sandbox: Sandbox) -> None:
    bob = drive("bob")
    content = bob.run(bob.service.files().get_media(fileId="1Schichtplan"))
    assert "Süheyla" in content.decode("latin-1")
    alice = drive("alice")
    flagged = alice.service.files().get_media(
        fileId="1Urlaubsrueckstellung", supportsAllDrives=True
    )
    assert "Rückstellung" in alice.run(flagged).decode("utf-16")


def test_part_of_a_file(sandbox: Sandbox, http: requests.Session) -> None:
    address = sandbox.gdrive_api_endpoint + "files/1BoothPhoto?alt=media"
    token = {"Authorization": f"Bearer {sandbox.gdrive_token('bob')}"}
    answer = http.get(address, headers={**token, "Range": "bytes=1-3"}, timeout=5)
    assert answer.status_code == 206
    assert answer.content == b"PNG"
    size = int(answer.headers["Content-Range"].removeprefix("bytes 1-3/"))
    whole = http.get(address, headers=token, timeout=5)
    assert len(whole.content) == size
    beyond = http.get(address, headers={**token, "Range": f"bytes={size}-"}, timeout=5)
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("who", "file_id", "mime_type", "status", "reason"),
    [
        ("bob", "1TelemetryLog", "text/plain", 403, "exportSizeLimitExceeded"),
        ("bob", "1OrgChart", "text/plain", 400, "badRequest"),
        ("alice", "1AuditReport", "text/plain", 403, "fileNotExportable"),
        ("bob", "1ExecutiveTravel", "text/plain", 404, "notFound"),
        ("gdrive_metadata_only", "1TravelPolicy2026", "text/plain", 403, SCOPE),
        ("gdrive_drive_file", "1HiringPlan", "text/plain", 403, "appNotAuthorizedToFile"),
    ],
)
def test_refused_exports(
    drive: Client,
    sandbox: Sandbox,
    who: str,
    file_id: str,
    mime_type: str,
    status: int,
    reason: str,
) -> None:
    client = drive(sandbox.special_tokens.get(who, who))
    with pytest.raises(HttpError) as caught:
        client.export(file_id, mime_type)
    assert caught.value.status_code == status
    assert details(caught.value)["reason"] == reason


def test_refused_downloads(drive: Client) -> None:
    alice = drive("alice")
    with pytest.raises(HttpError) as caught:
        alice.run(
            alice.service.files().get_media(fileId="1TravelPolicy2026", supportsAllDrives=True)
        )
    assert details(caught.value)["reason"] == "fileNotDownloadable"
    assert details(caught.value)["location"] == "alt"
    with pytest.raises(HttpError) as caught:
        alice.run(alice.service.files().get_media(fileId="1AuditReport", supportsAllDrives=True))
    assert details(caught.value)["reason"] == "cannotDownloadFile"
    about = alice.get("1AuditReport", fields="capabilities(canDownload)")
    assert about == {"capabilities": {"canDownload": False}}


def test_export_links_have_no_limit_but_web_pages_for_errors(
    drive: Client, sandbox: Sandbox, http: requests.Session
) -> None:
    links = drive("bob").get("1TelemetryLog", fields="exportLinks")["exportLinks"]
    token = {"Authorization": f"Bearer {sandbox.gdrive_token('bob')}"}
    assert "Tromsø" in http.get(links["text/plain"], headers=token, timeout=5).content.decode()
    page = http.get(links["text/plain"], timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("name", ["gdrive_expired", "gdrive_revoked", "unknown"])
def test_a_token_that_is_no_good(sandbox: Sandbox, http: requests.Session, name: str) -> None:
    token = sandbox.special_tokens.get(name, "ya29.nonsense")
    answer = http.get(
        sandbox.gdrive_api_endpoint + "files",
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    error = answer.json()["error"]
    assert error["status"] == "UNAUTHENTICATED"
    assert error["errors"] == [
        {
            "message": "Invalid Credentials",
            "domain": "global",
            "reason": "authError",
            "location": "Authorization",
            "locationType": "header",
        }
    ]


def test_a_token_without_the_scope(sandbox: Sandbox, http: requests.Session) -> None:
    token = sandbox.special_tokens["gdrive_no_scope"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = http.get(sandbox.gdrive_api_endpoint + "files", headers=headers, timeout=5)
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["status"] == "PERMISSION_DENIED"
    assert error["errors"][0]["reason"] == "insufficientPermissions"
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_an_app_token_lists_what_was_opened_with_the_app(drive: Client, sandbox: Sandbox) -> None:
    found = drive(sandbox.special_tokens["gdrive_drive_file"]).ids("trashed = false")
    assert set(found) == {"1AliceTodo", "1TravelPolicy2026"}


def test_tokens_end_when_they_are_told_to(drive: Client, sandbox: Sandbox) -> None:
    token = sandbox.issue_token(provider="gdrive", user="bob", expires_in=3600)
    assert drive(token).get("1BobNotes")["name"] == "notes.md"
    sandbox.expire(token)
    with pytest.raises(HttpError):
        drive(token).get("1BobNotes")
    other = sandbox.issue_token(provider="gdrive", user="bob")
    sandbox.revoke(other)
    with pytest.raises(HttpError):
        drive(other).get("1BobNotes")
