"""How Drive describes a file in JSON."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sandbox.drive_export import export_formats
from sandbox.drive_file import DOCUMENT, FOLDER, SHEET, SHORTCUT, SLIDES, DriveFile
from sandbox.field_mask import Mask
from sandbox.people import SERVICE
from sandbox.world import World

DEFAULT = ("kind", "id", "name", "mimeType", "resourceKey")

_PERSON = "displayName emailAddress kind me permissionId photoLink"
_NESTED = {
    "capabilities": "",
    "owners": _PERSON,
    "lastModifyingUser": _PERSON,
    "sharingUser": _PERSON,
    "trashingUser": _PERSON,
    "shortcutDetails": "targetId targetMimeType targetResourceKey",
    "permissions": "",
    "exportLinks": "",
    "labelInfo": "labels",
    "contentHints": "indexableText thumbnail",
    "linkShareMetadata": "securityUpdateEligible securityUpdateEnabled",
    "imageMediaMetadata": "",
    "videoMediaMetadata": "durationMillis height width",
    "clientEncryptionDetails": "",
    "contentRestrictions": "",
    "downloadRestrictions": "",
    "properties": "",
    "appProperties": "",
}
_PLAIN = """copyRequiresWriterPermission createdTime description driveId explicitlyTrashed
fileExtension folderColorRgb fullFileExtension hasAugmentedPermissions hasThumbnail headRevisionId
iconLink id inheritedPermissionsDisabled isAppAuthorized kind md5Checksum mimeType modifiedByMe
modifiedByMeTime modifiedTime name originalFilename ownedByMe parents permissionIds quotaBytesUsed
resourceKey sha1Checksum sha256Checksum shared sharedWithMeTime size spaces starred teamDriveId
thumbnailLink thumbnailVersion trashed trashedTime version viewedByMe viewedByMeTime
viewersCanCopyContent webContentLink webViewLink writersCanShare"""


def _schema() -> Mask:
    nested: Mask = {name: {part: {} for part in parts.split()} for name, parts in _NESTED.items()}
    return {**{name: {} for name in _PLAIN.split()}, **nested}


FILE_SCHEMA: Mask = _schema()
_LINKS = {
    DOCUMENT: "https://docs.google.com/document/d/{}/edit?usp=drivesdk",
    SHEET: "https://docs.google.com/spreadsheets/d/{}/edit?usp=drivesdk",
    SLIDES: "https://docs.google.com/presentation/d/{}/edit?usp=drivesdk",
    FOLDER: "https://drive.google.com/drive/folders/{}?usp=drivesdk",
}


def rfc3339(at: datetime) -> str:
    """Write a time as Google does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def person(world: World, key: str, who: str) -> dict[str, Any]:
    """Describe a user to another."""
    if key == SERVICE:
        name, email = world.people.service_name, world.people.service_email
    else:
        name, email = world.people.users[key].name, world.people.users[key].email
    return {
        "kind": "drive#user",
        "displayName": name,
        "me": key == who,
        "permissionId": hashlib.sha256(key.encode()).hexdigest()[:20],
        "emailAddress": email,
    }


def resource(world: World, file: DriveFile, who: str) -> dict[str, Any]:
    """Return every field of a file, as one person sees it."""
    link = _LINKS.get(file.mime_type, "https://drive.google.com/file/d/{}/view?usp=drivesdk")
    key = f"&resourcekey={file.resource_key}" if file.resource_key else ""
    body: dict[str, Any] = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "starred": who in file.starred,
        "trashed": file.in_trash,
        "explicitlyTrashed": file.trashed,
        "spaces": ["drive"],
        "version": "1",
        "webViewLink": link.format(file.id) + key,
        "createdTime": rfc3339(file.created),
        "modifiedTime": rfc3339(file.modified),
        "viewedByMe": who in file.viewed,
        "ownedByMe": who == file.owner,
        "shared": len(file.allowed) > 1 or bool(file.link),
        "capabilities": {
            "canDownload": file.can_download,
            "canCopy": file.can_download,
            "canEdit": who == file.owner or who in file.writers,
            "canListChildren": file.mime_type == FOLDER,
        },
    }
    body |= _ownership(world, file, who) | _content(world, file)
    if who in file.viewed:
        body["viewedByMeTime"] = rfc3339(file.viewed[who])
    if file.shared_with(who):
        body["sharedWithMeTime"] = rfc3339(file.created)
    if file.description:
        body["description"] = file.description
    if file.properties:
        body["properties"] = dict(file.properties)
    if file.resource_key:
        body["resourceKey"] = file.resource_key
    if file.target is not None:
        body["shortcutDetails"] = {
            "targetId": file.target.id,
            "targetMimeType": file.target.mime_type,
        }
        if file.target.resource_key:
            body["shortcutDetails"]["targetResourceKey"] = file.target.resource_key
    return body


def _ownership(world: World, file: DriveFile, who: str) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if file.drive_id:
        body |= {"driveId": file.drive_id, "teamDriveId": file.drive_id}
    elif file.owner:
        body["owners"] = [person(world, file.owner, who)]
        body["lastModifyingUser"] = body["owners"][0]
    parent = world.drive.files.get(file.parent)
    if parent is not None and who in parent.allowed:  # a folder one cannot see is not told
        body["parents"] = [parent.id]
    return body


def _content(world: World, file: DriveFile) -> dict[str, Any]:
    if file.mime_type in {FOLDER, SHORTCUT}:
        return {}
    size = len(file.content) or sum(len(content) for _, content in file.sheets)
    body: dict[str, Any] = {"size": str(size), "quotaBytesUsed": str(size)}
    if file.native:
        base = f"{world.url}/feeds/download/Export?id={file.id}&mimeType="
        body["exportLinks"] = {
            mime: base + quote(mime, safe="") for mime in export_formats(file.mime_type)
        }
        return body
    body |= {
        "originalFilename": file.name,
        "md5Checksum": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
        "webContentLink": f"https://drive.google.com/uc?id={file.id}&export=download",
    }
    if "." in file.name:
        body["fileExtension"] = body["fullFileExtension"] = file.name.rpartition(".")[2]
    return body
