"""Google Drive v3: files.list, get, export and download, about.get, drives.list and get."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from sandbox import field_mask
from sandbox.answers import json_answer, sign_in_page
from sandbox.drive_data import SharedDrive, root_of
from sandbox.drive_export import all_formats, export, export_formats
from sandbox.drive_file import FOLDER, SHORTCUT, DriveFile
from sandbox.drive_list import FileSearch, page_size, truth
from sandbox.drive_resource import DEFAULT, FILE_SCHEMA, person, resource, rfc3339
from sandbox.google_auth import CONTENT, METADATA, Caller, authenticate
from sandbox.google_errors import GoogleError, invalid, not_found
from sandbox.tokens import DRIVE_FILE
from sandbox.world import World

_LIST_SCHEMA: field_mask.Mask = {
    "kind": {},
    "nextPageToken": {},
    "incompleteSearch": {},
    "files": FILE_SCHEMA,
}
_LIST_DEFAULT = "kind,nextPageToken,incompleteSearch,files({})".format(",".join(DEFAULT))


class DriveApi:
    """The routes below /drive/v3/."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Add the routes to the app."""
        for path, name in (
            ("/drive/v3/files", "list_files"),
            ("/drive/v3/files/<file_id>", "get_file"),
            ("/drive/v3/files/<file_id>/export", "export_file"),
            ("/drive/v3/about", "about"),
            ("/drive/v3/drives", "list_drives"),
            ("/drive/v3/drives/<drive_id>", "get_drive"),
            ("/feeds/download/Export", "export_link"),
        ):
            app.add_url_rule(path, f"drive_{name}", getattr(self, name), methods=["GET", "POST"])

    def list_files(self) -> Response:
        """files.list."""
        caller = authenticate(self._world, request)
        caller.need(METADATA, "DriveFiles.List")
        parameters = _parameters()
        search = FileSearch(self._world, caller.who, app_files_only=caller.app_files_only)
        page = search.page(parameters)
        body: dict[str, Any] = {
            "kind": "drive#fileList",
            "incompleteSearch": page.incomplete or "sandbox.incomplete" in request.environ,
            "files": [resource(self._world, file, caller.who) for file in page.files],
        }
        if page.next_token:
            body["nextPageToken"] = page.next_token
        return _masked(body, parameters, _LIST_SCHEMA, _LIST_DEFAULT)

    def get_file(self, file_id: str) -> Response:
        """files.get, and the content with alt=media."""
        caller = authenticate(self._world, request)
        parameters = _parameters()
        if parameters.get("alt", "json") == "media":
            caller.need(CONTENT, "DriveFiles.Get")
            file = self._file(caller, file_id, parameters)
            return _download(file)
        caller.need(METADATA, "DriveFiles.Get")
        file = self._file(caller, file_id, parameters)
        body = resource(self._world, file, caller.who)
        return _masked(body, parameters, FILE_SCHEMA, ",".join(DEFAULT))

    def export_file(self, file_id: str) -> Response:
        """files.export."""
        caller = authenticate(self._world, request)
        caller.need(CONTENT, "DriveFiles.Export")
        parameters = _parameters()
        # Export takes no supportsAllDrives, and works on shared drives all the same.
        file = self._file(caller, file_id, {**parameters, "supportsAllDrives": "true"})
        mime_type = parameters.get("mimeType", "")
        if not mime_type:
            raise GoogleError(400, "required", "Required parameter: mimeType", location="mimeType")
        _refuse_export(file, mime_type)
        if file.export_too_large:
            raise GoogleError(403, "exportSizeLimitExceeded")
        return Response(export(file, mime_type), content_type=mime_type)

    def export_link(self) -> Response:
        """What a file's exportLinks lead to: no limit in size, but a web page for errors."""
        try:
            caller = authenticate(self._world, request)
            caller.need(CONTENT, "DriveFiles.Export")
            parameters = {**_parameters(), "supportsAllDrives": "true"}
            file = self._file(caller, parameters.get("id", ""), parameters)
            _refuse_export(file, parameters.get("mimeType", ""))
        except GoogleError:
            return sign_in_page()
        mime_type = parameters["mimeType"]
        return Response(export(file, mime_type), content_type=mime_type)

    def about(self) -> Response:
        """about.get."""
        caller = authenticate(self._world, request)
        parameters = _parameters()
        if not parameters.get("fields"):
            raise GoogleError(
                400,
                "required",
                "The 'fields' parameter is required for this method.",
                location="fields",
            )
        body = {
            "kind": "drive#about",
            "user": person(self._world, caller.who, caller.who),
            "exportFormats": all_formats(),
            "storageQuota": {"usage": "0", "usageInDrive": "0", "usageInDriveTrash": "0"},
            "canCreateDrives": False,
        }
        return _masked(body, parameters, {name: {} for name in body}, "*")

    def list_drives(self) -> Response:
        """drives.list."""
        caller = authenticate(self._world, request)
        caller.need(METADATA, "DriveDrives.List")
        parameters = _parameters()
        mine = [drive for drive in self._world.drive.drives.values() if caller.who in drive.members]
        token = parameters.get("pageToken", "")
        try:
            start = int(base64.urlsafe_b64decode(token)) if token else 0
        except (binascii.Error, ValueError):
            raise invalid("pageToken") from None
        end = start + page_size(parameters | {"pageSize": parameters.get("pageSize", "10")}, 100)
        body: dict[str, Any] = {
            "kind": "drive#driveList",
            "drives": [_drive(drive) for drive in mine[start:end]],
        }
        if end < len(mine):
            body["nextPageToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
        return _masked(body, parameters, {}, "kind,nextPageToken,drives(kind,id,name)")

    def get_drive(self, drive_id: str) -> Response:
        """drives.get."""
        caller = authenticate(self._world, request)
        caller.need(METADATA, "DriveDrives.Get")
        drive = self._world.drive.drives.get(drive_id)
        if drive is None or caller.who not in drive.members:
            raise not_found(drive_id, what="Shared drive", location="driveId")
        return _masked(_drive(drive), _parameters(), {}, "kind,id,name")

    def _file(self, caller: Caller, file_id: str, parameters: dict[str, str]) -> DriveFile:
        """Return a file this caller may open, or say that there is none."""
        file = self._world.drive.files.get(root_of(caller.who) if file_id == "root" else file_id)
        if file is None or not file.opens(caller.who, _resource_keys()):
            raise not_found(file_id)
        if file.drive_id and not truth(parameters, "supportsAllDrives"):
            raise not_found(file_id)
        if caller.app_files_only and caller.who not in file.opened_with_app:
            raise GoogleError(
                403,
                "appNotAuthorizedToFile",
                f"The user has not granted the app {DRIVE_FILE} access to the file {file_id}.",
            )
        return file


def _parameters() -> dict[str, str]:
    """Return the parameters; a long GET comes as a POST that says so, with a form."""
    found = request.args.to_dict()
    if request.method == "POST":
        if request.headers.get("X-HTTP-Method-Override", "").upper() != "GET":
            raise GoogleError(403, "forbidden", "The sandbox is read-only.")
        found |= request.form.to_dict()
    return found


def _masked(
    body: dict[str, Any], parameters: dict[str, str], schema: field_mask.Mask, default: str
) -> Response:
    text = parameters.get("fields") or default
    try:
        mask = field_mask.parse(text)
        field_mask.check(mask, schema)
    except field_mask.MaskError as error:
        raise GoogleError(
            400, "invalidParameter", f"Invalid field selection {error}", location="fields"
        ) from None
    return json_answer(field_mask.apply(mask, body))


def _resource_keys() -> dict[str, str]:
    pairs = request.headers.get("X-Goog-Drive-Resource-Keys", "").split(",")
    return {name.strip(): key for name, _, key in (pair.partition("/") for pair in pairs)}


def _download(file: DriveFile) -> Response:
    if file.native:
        raise GoogleError(
            403,
            "fileNotDownloadable",
            "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
            location="alt",
        )
    if not file.can_download:
        raise GoogleError(403, "cannotDownloadFile")
    response = Response(file.content, content_type=file.mime_type)
    response.headers["Accept-Ranges"] = "bytes"
    return response.make_conditional(request, accept_ranges=True, complete_length=len(file.content))


def _refuse_export(file: DriveFile, mime_type: str) -> None:
    if not file.native or file.mime_type in {FOLDER, SHORTCUT}:
        raise GoogleError(403, "fileNotExportable", "Export only supports Docs Editors files.")
    if not file.can_download:
        raise GoogleError(403, "cannotDownloadFile")
    if mime_type not in export_formats(file.mime_type):
        raise GoogleError(
            400, "badRequest", "The requested conversion is not supported.", location="convertTo"
        )


def _drive(drive: SharedDrive) -> dict[str, Any]:
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": rfc3339(drive.created),
    }
