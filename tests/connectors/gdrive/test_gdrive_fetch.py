"""A whole file, by its id, within what a search could have found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.support.connectors import Connector

Start = Callable[..., Connector]


def fetched(
    connector: Connector, sandbox: Sandbox, result_id: str, user: str = "alice", **params: Any
) -> requests.Response:
    """GET a document as a user."""
    return requests.get(
        f"{connector.url}/documents/{result_id.replace('#', '%23')}",
        headers={"Authorization": f"Bearer {sandbox.gdrive_token(user)}"},
        params=params,
        timeout=30,
    )


def test_a_document_is_read_whole(connector: Start, sandbox: Sandbox) -> None:
    """Beyond the 300 words of a passage, by two calls."""
    response = fetched(connector(), sandbox, "1TravelPolicy2026#p2")
    document = response.json()
    assert response.status_code == 200
    assert document["id"] == "1TravelPolicy2026"
    assert document["title"] == "Travel and expenses policy 2026"
    assert len(document["text"].split()) > 300
    assert "Meals" in document["text"]
    assert "What is never covered" in document["text"]
    assert [r.path.rpartition("/")[2] for r in sandbox.requests] == ["1TravelPolicy2026", "export"]


def test_the_passages_of_a_search_are_those_of_the_document(
    connector: Start, sandbox: Sandbox
) -> None:
    """By the number in the id, with a link that opens it there."""
    alone = fetched(connector(), sandbox, "1TravelPolicy2026#p2", around=0).json()
    found = connector().search("fines minibar spa upgrades", sandbox.gdrive_token("alice")).json()
    (same,) = [row for row in found["results"] if row["id"] == "1TravelPolicy2026#p2"]
    assert alone["text"] == same["text"]
    assert "#heading=h." in alone["url"]
    both = fetched(connector(), sandbox, "1TravelPolicy2026#p2", around=1).json()
    assert "Meals" in both["text"]
    assert alone["text"] in both["text"]


@pytest.mark.parametrize(
    ("document", "settings"),
    [
        ("1TravelPolicy2024", {}),  # in the bin
        ("1FolderPolicies", {}),
        ("1ShortcutTravel", {}),
        ("1FieldTravel", {}),  # of Engineering
        ("1TravelPolicy2026", {"GDRIVE_FOLDER_ID": "1FolderOnboarding"}),
        ("1ExecutiveTravel", {"GDRIVE_SHARED_DRIVE_ID": "0ADriveCompany"}),
    ],
)
def test_what_no_search_would_find_is_404(
    connector: Start, sandbox: Sandbox, document: str, settings: dict[str, str]
) -> None:
    """Though the caller's token may read most of it."""
    assert fetched(connector(**settings), sandbox, document).status_code == 404


def test_what_lies_in_the_folder_is_found(connector: Start, sandbox: Sandbox) -> None:
    """However deep."""
    set_up = connector(GDRIVE_FOLDER_ID="1FolderOnboarding")
    assert fetched(set_up, sandbox, "1VpnAccess").status_code == 200


def test_a_file_that_is_not_given_out_has_its_title_and_says_why(
    connector: Start, sandbox: Sandbox
) -> None:
    """Partial: the document is there, its text is not."""
    sandbox.inject(Fault(path="*/export", status=403, reason="cannotExportFile"))
    response = fetched(connector(), sandbox, "1TravelPolicy2026")
    assert response.status_code == 200
    assert response.headers["X-Search-Status"] == "partial"
    assert "text" not in response.json()
    assert [w["reason"] for w in response.json()["warnings"]] == ["download_refused"]
