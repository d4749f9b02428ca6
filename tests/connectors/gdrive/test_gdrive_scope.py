"""Searches limited to a folder or a shared drive, and searches as the service account."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.server import Sandbox
from tests.connectors.gdrive.contract import NAME
from tests.connectors.gdrive.test_gdrive_search import found, queries
from tests.support.connectors import Connector, refused_start

Start = Callable[..., Connector]
KEY = "k" * 32
EVERYTHING = "travel policy onboarding VPN outage budget hiring plan OKRs"


def account(sandbox: Sandbox, **more: str) -> dict[str, str]:
    """Return the settings of a connector with the service account."""
    info = json.dumps(sandbox.service_account_info())
    return {"GDRIVE_SERVICE_ACCOUNT_INFO": info, "GDRIVE_CONNECTOR_API_KEY": KEY, **more}


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("1FolderOnboarding", {"1OnboardingGuide", "1VpnAccess"}),  # VPN lies one folder deeper
        ("1FolderOnboardingIt", {"1VpnAccess"}),
        ("1FolderPeople", {"1HiringPlan"}),  # holds a shortcut to itself
        ("1ShortcutPeople", {"1HiringPlan"}),
    ],
)
def test_a_folder_is_searched_with_all_that_lies_below_it(
    connector: Start, sandbox: Sandbox, folder: str, expected: set[str]
) -> None:
    """As setting and as option; shortcuts are followed, cycles end."""
    set_up = connector(GDRIVE_FOLDER_ID=folder)
    assert expected <= found(set_up, sandbox, EVERYTHING).keys()
    asked = found(connector(), sandbox, EVERYTHING, options={"folder_id": folder}).keys()
    assert asked == found(set_up, sandbox, EVERYTHING).keys()
    assert "1TravelPolicy2026" not in asked
    assert not [q for q in queries(sandbox) if "fullText" in q and "in parents" in q]


def test_a_folder_of_the_request_lies_within_the_folder_of_the_settings(
    connector: Start, sandbox: Sandbox
) -> None:
    """A caller can narrow the operator's choice, not leave it."""
    set_up = connector(GDRIVE_FOLDER_ID="1FolderOnboarding")
    inside = found(set_up, sandbox, EVERYTHING, options={"folder_id": "1FolderOnboardingIt"})
    outside = found(set_up, sandbox, EVERYTHING, options={"folder_id": "1FolderPolicies"})
    assert inside.keys() == {"1VpnAccess"}
    assert not outside


def test_a_folder_that_the_caller_may_not_see_is_said(connector: Start, sandbox: Sandbox) -> None:
    """Bob is not in leadership: nothing is found, and the answer says why."""
    set_up = connector(GDRIVE_FOLDER_ID="1FolderPeople")
    response = set_up.search(EVERYTHING, sandbox.gdrive_token("bob"))
    assert response.status_code == 200
    assert response.json()["results"] == []
    assert [w["reason"] for w in response.json()["warnings"]] == ["folder_not_visible"]


def test_what_lies_in_a_folder_is_kept_for_each_token_apart(
    connector: Start, sandbox: Sandbox
) -> None:
    """Alice's second search walks no folders; Bob's answer knows nothing of hers."""
    set_up = connector(GDRIVE_FOLDER_ID="1FolderPeople")
    found(set_up, sandbox, "hiring plan", "alice")
    sandbox.clear()
    assert found(set_up, sandbox, "hiring plan", "alice")
    assert not [q for q in queries(sandbox) if "in parents" in q]
    assert not found(set_up, sandbox, "hiring plan", "bob")


def test_one_shared_drive(connector: Start, sandbox: Sandbox) -> None:
    """Asked for as Drive advises, for speed; nothing else is found."""
    set_up = connector(GDRIVE_SHARED_DRIVE_ID="0ADriveEngineering")
    hits = found(set_up, sandbox, "travel outage", "bob")
    assert {"1FieldTravel", "1PostmortemMarch"} <= hits.keys()
    assert "1TravelPolicy2026" not in hits
    listed = [r.params for r in sandbox.requests if r.path == "/drive/v3/files"]
    assert {(p["corpora"], p["driveId"]) for p in listed} == {("drive", "0ADriveEngineering")}


def test_a_shared_drive_of_others_is_403(connector: Start, sandbox: Sandbox) -> None:
    """Alice is no member: the answer says so instead of finding nothing."""
    set_up = connector(GDRIVE_SHARED_DRIVE_ID="0ADriveEngineering")
    response = set_up.search("travel", sandbox.gdrive_token("alice"))
    assert response.status_code == 403
    assert "GDRIVE_SHARED_DRIVE_ID" in response.json()["detail"]
    other = set_up.search(
        "travel", sandbox.gdrive_token("bob"), options={"drive_id": "0ADriveCompany"}
    )
    assert other.status_code == 400


def test_the_service_account_sees_what_is_shared_with_it(
    connector: Start, sandbox: Sandbox
) -> None:
    """And gets one token for many searches."""
    set_up = connector(**account(sandbox))
    sandbox.clear()
    for _ in range(3):
        response = set_up.search("travel meals", KEY)
        ids = {row["id"].partition("#")[0] for row in response.json()["results"]}
        assert "1TravelPolicy2026" in ids
        assert ids.isdisjoint({"1ExecutiveTravel", "1FieldTravel"})
    assert len([r for r in sandbox.requests if r.path == "/google/token"]) <= 1


def test_the_service_account_can_act_as_a_user(connector: Start, sandbox: Sandbox) -> None:
    """Domain-wide delegation: the view is Alice's."""
    subject = "alice@lindner-optics.example"
    set_up = connector(**account(sandbox, GDRIVE_DELEGATED_SUBJECT=subject))
    response = set_up.search("travel meals", KEY)
    assert "1ExecutiveTravel" in {row["id"] for row in response.json()["results"]}


def test_a_delegation_that_google_refuses_is_502_and_says_what_to_do(
    connector: Start, sandbox: Sandbox
) -> None:
    """It is the operator who must act."""
    set_up = connector(**account(sandbox, GDRIVE_DELEGATED_SUBJECT="nobody@example.com"))
    response = set_up.search("travel", KEY)
    assert response.status_code == 502
    assert "GDRIVE_DELEGATED_SUBJECT" in response.json()["detail"]


def _with(sandbox: Sandbox, **changes: str | None) -> str:
    info: dict[str, str | None] = {**sandbox.service_account_info(), **changes}
    return json.dumps({key: value for key, value in info.items() if value is not None})


def test_wrong_settings_stop_the_start_with_the_variables_name(sandbox: Sandbox) -> None:
    """In one line, without a traceback and without the value."""
    wrong = {
        "not JSON canary": "GDRIVE_SERVICE_ACCOUNT_INFO is not JSON",
        '"canary"': "GDRIVE_SERVICE_ACCOUNT_INFO",
        _with(sandbox, private_key="canary"): "private_key",
        _with(sandbox, token_uri=None): "token_uri",
        _with(sandbox, token_uri="http://example.com/canary"): "its token_uri is plain http",
    }
    for value, expected in wrong.items():
        settings = {"GDRIVE_SERVICE_ACCOUNT_INFO": value, "CONNECTOR_API_KEY": KEY}
        log = refused_start(NAME, settings)
        assert "Traceback" not in log
        assert expected in log
        assert "canary" not in log
    for variable, value, expected in (
        ("GDRIVE_DELEGATED_SUBJECT", "a@b.example", "GDRIVE_SERVICE_ACCOUNT_INFO"),
        ("GDRIVE_API_ENDPOINT", "http://example.com", "GDRIVE_API_ENDPOINT"),
    ):
        assert expected in refused_start(NAME, {variable: value})
