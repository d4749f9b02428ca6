"""files.list and files.get: who sees what, where a search looks, and how it is described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Sandbox

Client = Callable[[str], Any]
MEALS = "fullText contains 'meals' and trashed = false"


def reason(error: HttpError) -> str:
    return str(error.error_details[0]["reason"])


def test_each_sees_the_policy_and_what_else_is_theirs(drive: Client) -> None:
    alice, bob, service = (set(drive(who).ids(MEALS)) for who in ("alice", "bob", "service"))
    assert {"1TravelPolicy2026", "1ExecutiveTravel"} <= alice
    assert {"1TravelPolicy2026", "1FieldTravel"} <= bob
    assert "1FieldTravel" not in alice
    assert "1ExecutiveTravel" not in bob
    assert service == {"1TravelPolicy2026"}
    assert drive("gita").ids(MEALS) == []


def test_a_file_one_may_not_see_is_not_there(drive: Client) -> None:
    with pytest.raises(HttpError) as caught:
        drive("bob").get("1ExecutiveTravel")
    assert caught.value.status_code == 404
    assert reason(caught.value) == "notFound"


def test_folders_pass_their_readers_on(drive: Client) -> None:
    assert drive("frieda").get("1HiringPlan")["name"] == "Hiring plan 2026"
    assert "1HiringPlan" not in drive("bob").ids("fullText contains 'referral'")


def test_the_default_corpus_leaves_out_shared_drives(drive: Client) -> None:
    alice = drive("alice")
    own = alice.ids(MEALS, everywhere=False)
    assert "1OkrPeople" in own
    assert "1ExecutiveTravel" not in own
    flags = {"includeItemsFromAllDrives": True, "supportsAllDrives": True}
    with_flags = alice.ids(MEALS, everywhere=False, **flags)
    assert "1TravelPolicy2026" in with_flags  # she has opened it
    assert "1ExecutiveTravel" not in with_flags


def test_one_drive_needs_its_corpus_and_both_flags(drive: Client) -> None:
    alice = drive("alice")
    found = alice.ids(MEALS, corpora="drive", driveId="0ADriveFinance")
    assert found == ["1Budget2026", "1ExecutiveTravel"]
    for wrong in (
        {"driveId": "0ADriveFinance"},
        {"corpora": "drive"},
        {"corpora": "drive", "driveId": "0ADriveFinance", "includeItemsFromAllDrives": True},
        {"corpora": "drive", "driveId": "0ADriveFinance"},
        {"corpora": "allDrives"},
    ):
        with pytest.raises(HttpError) as caught:
            alice.page(MEALS, everywhere=False, **wrong)
        assert caught.value.status_code == 400
    for unseen in ("0ADriveEngineering", "0ANothing"):
        with pytest.raises(HttpError) as caught:
            alice.page(MEALS, corpora="drive", driveId=unseen)
        assert caught.value.status_code == 404


def test_get_needs_the_flag_for_a_shared_drive(drive: Client) -> None:
    with pytest.raises(HttpError) as caught:
        drive("alice").get("1TravelPolicy2026", supportsAllDrives=False)
    assert caught.value.status_code == 404


def test_trash_is_listed_unless_it_is_excluded(drive: Client) -> None:
    alice = drive("alice")
    assert "1TravelPolicy2024" in alice.ids("fullText contains 'meals'")
    assert "1TravelPolicy2024" not in alice.ids(MEALS)


def test_full_text_orders_by_words_found_then_newest(drive: Client) -> None:
    q = "(fullText contains 'travel' or fullText contains 'premium') and trashed = false"
    found = drive("alice").ids(q)
    assert found[0] == "1ExecutiveTravel"
    others = [drive("alice").get(one, fields="modifiedTime") for one in found[1:]]
    times = [other["modifiedTime"] for other in others]
    assert times == sorted(times, reverse=True)


def test_full_text_cannot_be_sorted(drive: Client) -> None:
    with pytest.raises(HttpError) as caught:
        drive("alice").page(MEALS, orderBy="modifiedTime desc")
    assert caught.value.status_code == 400
    assert reason(caught.value) == "badRequest"


def test_order_by(drive: Client) -> None:
    names = [
        file["name"]
        for file in drive("bob").page("trashed = false", orderBy="folder,name desc")["files"]
    ]
    folders = [name for name in names if name in {"Post-mortems", "Policies", "Onboarding", "IT"}]
    assert names[: len(folders)] == folders == sorted(folders, reverse=True)


def test_pages_follow_one_another(drive: Client) -> None:
    alice = drive("alice")
    every = alice.ids("trashed = false", pageSize=1000)
    found: list[str] = []
    token = None
    while True:
        page = alice.page("trashed = false", pageSize=7, pageToken=token)
        found += [file["id"] for file in page["files"]]
        token = page.get("nextPageToken")
        if token is None:
            break
    assert found == every
    assert len(found) > 20


def test_a_page_token_of_another_search_is_refused(drive: Client) -> None:
    token = drive("alice").page("trashed = false", pageSize=1)["nextPageToken"]
    for who, q, sent in (
        ("alice", "starred = true", token),
        ("bob", "trashed = false", token),
        ("alice", "trashed = false", "bm9uc2Vuc2U="),
        ("alice", "trashed = false", "ü"),
    ):
        with pytest.raises(HttpError) as caught:
            drive(who).page(q, pageToken=sent)
        assert caught.value.status_code == 400


def test_an_unsearchable_drive_makes_the_search_incomplete(drive: Client) -> None:
    page = drive("dana").page("fullText contains 'travel'")
    assert page["incompleteSearch"] is True
    assert "1ArchiveTravel" not in [file["id"] for file in page["files"]]
    assert drive("alice").page(MEALS)["incompleteSearch"] is False
    assert drive("dana").ids("", corpora="drive", driveId="0ADriveArchive") == ["1ArchiveTravel"]


def test_fields(drive: Client) -> None:
    alice = drive("alice")
    assert alice.page("name = 'todo.txt'") == {
        "kind": "drive#fileList",
        "incompleteSearch": False,
        "files": [
            {
                "kind": "drive#file",
                "id": "1AliceTodo",
                "name": "todo.txt",
                "mimeType": "text/plain",
            }
        ],
    }
    masked = alice.page("name = 'todo.txt'", fields="files(id,owners(displayName),parents)")
    assert masked == {
        "files": [
            {
                "id": "1AliceTodo",
                "owners": [{"displayName": "Alice Moreau"}],
                "parents": ["0AMyDrive-alice"],
            }
        ]
    }
    slashes = alice.page("name = 'todo.txt'", fields="files/id, files/owners/me")
    assert slashes == {"files": [{"id": "1AliceTodo", "owners": [{"me": True}]}]}
    whole = alice.get("1AliceTodo", fields="*")
    assert {"webViewLink", "size", "md5Checksum", "capabilities"} <= whole.keys()


@pytest.mark.parametrize("mask", ["files(id", "files(nonsense)", "id", "files(owners(age))", ","])
def test_a_wrong_mask_is_refused(drive: Client, mask: str) -> None:
    with pytest.raises(HttpError) as caught:
        drive("alice").page("", fields=mask)
    assert reason(caught.value) == "invalidParameter"


def test_parents_lead_up_to_the_drive(drive: Client) -> None:
    bob = drive("bob")
    above = bob.get("1VpnAccess", fields="parents,driveId")
    assert above == {"parents": ["1FolderOnboardingIt"], "driveId": "0ADriveCompany"}
    assert bob.get("1FolderOnboardingIt", fields="parents")["parents"] == ["1FolderOnboarding"]
    assert bob.get("1FolderOnboarding", fields="parents")["parents"] == ["0ADriveCompany"]
    assert "parents" not in bob.get("0ADriveCompany", fields="parents")
    assert "parents" not in bob.get("1OkrPeople", fields="parents")  # Alice's folder is hers


def test_shortcuts_name_their_target(drive: Client) -> None:
    bob = drive("bob")
    found = bob.get("1ShortcutPartner", fields="mimeType,shortcutDetails")
    assert found["shortcutDetails"] == {
        "targetId": "1PartnerCoating",
        "targetMimeType": "application/vnd.google-apps.document",
        "targetResourceKey": "0-CoatingKey2026",
    }
    with pytest.raises(HttpError):
        bob.get("1PartnerCoating")
    call = bob.service.files().get(fileId="1PartnerCoating")
    call.headers["X-Goog-Drive-Resource-Keys"] = "1Other/x,1PartnerCoating/0-CoatingKey2026"
    assert bob.run(call)["name"] == "Coating process for partners"
    assert bob.ids("fullText contains 'vacuum'") == []


def test_a_link_only_file_is_found_by_those_who_opened_it(drive: Client) -> None:
    assert drive("alice").ids("fullText contains 'flammkuchen'") == ["1LinkInDomain"]
    assert drive("bob").ids("fullText contains 'flammkuchen'") == []
    assert drive("bob").get("1LinkInDomain")["id"] == "1LinkInDomain"
    with pytest.raises(HttpError):
        drive("gita").get("1LinkInDomain")


def test_a_long_query_comes_as_a_post(drive: Client, sandbox: Sandbox) -> None:
    words = " or ".join(f"fullText contains 'word{number}'" for number in range(120))
    found = drive("alice").ids(f"({words} or fullText contains 'premium') and trashed = false")
    assert found == ["1ExecutiveTravel"]
    received = sandbox.requests[-1]
    assert received.method == "POST"
    assert received.headers["x-http-method-override"] == "GET"
    assert received.params["q"].endswith("trashed = false")


def test_drives_and_about(drive: Client) -> None:
    alice = drive("alice")
    names = [one["name"] for one in alice.run(alice.service.drives().list())["drives"]]
    assert names == ["Company", "Finance"]
    about = alice.run(alice.service.about().get(fields="user(emailAddress),exportFormats"))
    assert about["user"] == {"emailAddress": "alice@lindner-optics.example"}
    assert "text/csv" in about["exportFormats"]["application/vnd.google-apps.spreadsheet"]
    with pytest.raises(HttpError):
        alice.run(alice.service.about().get())


def test_one_connection_serves_many_calls(drive: Client, sandbox: Sandbox) -> None:
    bob = drive("bob")
    for _ in range(5):
        bob.ids(MEALS)
    assert len({received.peer for received in sandbox.requests}) == 1
