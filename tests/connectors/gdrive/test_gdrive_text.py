"""The text of files, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.connectors.gdrive.test_gdrive_search import found
from tests.support.connectors import Connector

Start = Callable[..., Connector]


@pytest.mark.parametrize(
    ("query", "user", "document", "text"),
    [
        ("travel expenses policy 2026 meals", "alice", "1TravelPolicy2026", "Meals"),
        ("budget 2026", "alice", "1Budget2026", " | "),
        ("architecture review ordering", "bob", "1ArchitectureReview", "ordering"),
        ("on-call runbook", "bob", "1OnCallRunbook", "on call"),
        ("code of conduct", "alice", "1CodeOfConduct", "35 EUR"),
        ("framework contract Acme Robotics", "alice", "1ContractAcme", "Acme"),
        ("Hausordnung Jena", "alice", "1Hausordnung", "ü"),
        ("Urlaubsrückstellung 2026", "alice", "1Urlaubsrueckstellung", "ü"),
        ("renew the lease in Lyon", "alice", "1AliceTodo", "ü"),
        ("payroll calendar", "alice", "1PayrollCalendar", "{"),
        ("retry helper", "bob", "1RetryHelper", "def "),
    ],
)
def test_text_is_exported_or_downloaded(
    connector: Start, sandbox: Sandbox, query: str, user: str, document: str, text: str
) -> None:
    """Docs, Sheets and Slides, a PDF, a Word document, and plain text in its encodings."""
    row = found(connector(), sandbox, query, user)[document]
    assert row["text"]
    assert text in row["text"]
    assert "\ufffd" not in row["text"]
    assert "\ufeff" not in row["text"]


@pytest.mark.parametrize(
    ("query", "user", "document", "reason"),
    [
        ("booth Hannover", "alice", "1BoothPhoto", "unsupported_type"),
        ("organisation chart", "alice", "1OrgChart", "unsupported_type"),
        ("telemetry field notes", "bob", "1TelemetryLog", "too_large"),
    ],
)
def test_what_cannot_be_read_stays_with_its_title_and_a_warning(
    connector: Start, sandbox: Sandbox, query: str, user: str, document: str, reason: str
) -> None:
    """The warning names the file; what stands for the text of an image says so."""
    response = connector().search(query, sandbox.gdrive_token(user))
    rows = {row["id"]: row for row in response.json()["results"]}
    title = rows[document]["title"]
    assert rows[document]["url"]
    assert ("not read" in rows[document].get("text", "")) is (reason == "unsupported_type")
    assert response.headers["X-Search-Status"] == "partial"
    warnings = response.json()["warnings"]
    assert [w for w in warnings if w["reason"] == reason and title in w["detail"]]


def test_a_file_that_may_not_be_downloaded_is_not(connector: Start, sandbox: Sandbox) -> None:
    """CanDownload is looked at before a quota unit is spent."""
    response = connector().search("audit report 2025", sandbox.gdrive_token("alice"))
    rows = {row["id"]: row for row in response.json()["results"]}
    assert "text" not in rows["1AuditReport"]
    assert not [r for r in sandbox.requests if "1AuditReport" in r.path]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 500}, "provider_error"),
        ({"status": 403, "reason": "exportSizeLimitExceeded"}, "too_large"),
        ({"status": 403, "reason": "cannotDownloadFile"}, "download_refused"),
        ({"status": 403, "reason": "appNotAuthorizedToFile"}, "download_refused"),
        ({"status": 404, "reason": "notFound"}, "gone"),
        ({"status": 429, "retry_after": "60"}, "rate_limited"),
        ({"drop": True}, "provider_unavailable"),
        ({"huge": 30_000_000, "gzip": True}, "response_too_large"),
        ({"latency": 30.0}, "deadline"),
    ],
    ids=str,
)
def test_a_failed_export_is_a_warning_and_never_text(
    connector: Start, sandbox: Sandbox, fault: dict[str, object], reason: str
) -> None:
    """The hit stays, the other texts come."""
    quick = connector(GDRIVE_SEARCH_TIMEOUT_SECONDS="3")
    path = "/drive/v3/files/1TravelPolicy2026/export"
    sandbox.inject(Fault(path=path, **fault))  # type: ignore[arg-type]
    response = quick.search("travel meals", sandbox.gdrive_token("alice"))
    assert response.status_code == 200
    rows = {row["id"]: row for row in response.json()["results"]}
    assert "text" not in rows["1TravelPolicy2026"]
    assert "text" in rows["1ExecutiveTravel"]
    assert reason in [warning["reason"] for warning in response.json()["warnings"]]


def test_a_token_that_ends_before_the_exports_is_401(connector: Start, sandbox: Sandbox) -> None:
    """So that the caller refreshes it and asks again."""
    sandbox.inject(Fault(path="/drive/v3/files/*/export", status=401, reason="authError"))
    response = connector().search("travel meals", sandbox.gdrive_token("alice"))
    assert response.status_code == 401


def test_a_token_for_metadata_alone_gives_titles_and_one_warning(
    connector: Start, sandbox: Sandbox
) -> None:
    """The warning names the scope to grant, once."""
    scope = "https://www.googleapis.com/auth/drive.metadata.readonly"
    token = sandbox.issue_token(provider="gdrive", user="alice", scopes=[scope])
    response = connector().search("travel meals", token)
    assert response.status_code == 200
    body = response.json()
    assert body["results"]
    assert not [row for row in body["results"] if "text" in row]
    missing = [w for w in body["warnings"] if w["reason"] == "scope_missing"]
    assert len(missing) == 1
    assert "drive.readonly" in missing[0]["detail"]


def test_exports_run_side_by_side(connector: Start, sandbox: Sandbox) -> None:
    """Each takes half a second; together they take little more."""
    sandbox.inject(Fault(path="/drive/v3/files/*/export", latency=0.5))
    response = connector().search("travel meals policy", sandbox.gdrive_token("alice"))
    exports = [r for r in sandbox.requests if r.path.endswith("/export")]
    assert len(exports) >= 4
    assert response.elapsed.total_seconds() < 0.5 * len(exports) / 2 + 0.5
