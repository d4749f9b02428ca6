"""The Drive API through Google's own client, over the SDK's pooled session."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from connector_sdk import (
    ConnectorError,
    Forbidden,
    ProviderError,
    RateLimited,
    Response,
    SearchContext,
    Unauthorized,
    error_for_status,
)

from .oauth import SCOPE
from .settings import Options, Settings

Context = SearchContext[Settings, Options]
File = Mapping[str, Any]  # a `File` resource, as far as it was asked for

_RATE_LIMITS = {"rateLimitExceeded", "userRateLimitExceeded"}
_SCOPE_MISSING = {
    "insufficientPermissions",
    "insufficientScopes",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
}
_API_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}


class NotFound(ProviderError):
    """The file, folder or drive is gone, or this caller may not see it."""


class Refused(Forbidden):
    """Drive says no for reasons of its own: a policy, or something about one file.

    Args:
        reasons: Drive's own words: `exportSizeLimitExceeded`.
    """

    def __init__(self, reasons: set[str]) -> None:
        super().__init__(f"Drive refuses ({', '.join(sorted(reasons)) or 'no reason given'}).")
        self.reasons = reasons


@lru_cache(maxsize=4)
def _files(api_endpoint: str) -> Any:
    # Built once and kept: each `files()` costs a millisecond. The http of the build is never used;
    # without one the client would look for credentials of its own.
    service = build(
        "drive",
        "v3",
        http=httplib2.Http(timeout=1),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": api_endpoint},
    )
    return service.files()


class Drive:
    """The calls that a search makes, as one caller.

    Args:
        context: the request; its credential signs every call, its deadline ends them.
    """

    def __init__(self, context: Context) -> None:
        credential = context.credential
        token = credential.value.token(context) if credential.is_service else credential.value
        self._http = _Http(context, token)
        self._files = _files(context.settings.api_endpoint)
        self._most = context.settings.max_downloads
        self._reads = itertools.count(1)  # counts for all threads of the request

    def may_read_another(self) -> bool:
        """Count one more file as read; return whether the search may read as many."""
        return next(self._reads) <= self._most

    def list(self, **parameters: Any) -> dict[str, Any]:
        """files.list: a page of the files that match `q`.

        https://developers.google.com/workspace/drive/api/reference/rest/v3/files/list

        Raises:
            ConnectorError: as Drive's answer says.
        """
        answer = self._json(
            self._files.list(supportsAllDrives=True, includeItemsFromAllDrives=True, **parameters)
        )
        if not _are_files(answer.get("files")):
            raise ProviderError("Drive's answer has no list of files.")
        return answer

    def get(self, file_id: str, fields: str) -> dict[str, Any]:
        """files.get of a file's metadata.

        Raises:
            NotFound: there is no such file for this caller.
            ConnectorError: as Drive's answer says.
        """
        file = self._json(self._files.get(fileId=file_id, fields=fields, supportsAllDrives=True))
        if not _are_files([file]):
            raise ProviderError("Drive's answer is no file.")
        return file

    def export(self, file: File, mime_type: str) -> bytes:
        """files.export: a Google document as another type, up to 10 MB.

        Raises:
            Refused: Drive does not export this file.
            ConnectorError: as Drive's answer says.
        """
        return self._content(file, self._files.export(fileId=file["id"], mimeType=mime_type))

    def download(self, file: File) -> bytes:
        """files.get with alt=media: a file's own bytes.

        Raises:
            Refused: Drive does not give out this file.
            ConnectorError: as Drive's answer says.
        """
        return self._content(file, self._files.get_media(fileId=file["id"], supportsAllDrives=True))

    def _content(self, file: File, request: Any) -> bytes:
        if file.get("resourceKey"):
            # https://developers.google.com/workspace/drive/api/guides/resource-keys
            request.headers["X-Goog-Drive-Resource-Keys"] = f"{file['id']}/{file['resourceKey']}"
        content: bytes = self._execute(request)
        return content

    def _json(self, request: Any) -> dict[str, Any]:
        answer = self._execute(request)
        if not isinstance(answer, dict):  # the client hands on what it could not parse
            raise ProviderError("Drive answered with something other than JSON.")
        return answer

    def _execute(self, request: Any) -> Any:
        try:
            return request.execute(http=self._http)
        except HttpError as error:
            raise _connector_error(error) from None
        except (ValueError, RecursionError):
            raise ProviderError("Drive answered with something that cannot be read.") from None


class _Http:
    """What the client takes for an httplib2.Http: one caller's calls over the pooled session."""

    def __init__(self, context: Context, token: str) -> None:
        self._context = context
        self._authorization = f"Bearer {token}"

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[httplib2.Response, bytes]:
        response = self._context.request(
            method,
            uri,
            headers={**(headers or {}), "Authorization": self._authorization},
            data=body,
            rate_limited=_is_rate_limited,
        )
        head = {name.lower(): value for name, value in response.headers.items()}
        return httplib2.Response({**head, "status": str(response.status)}), response.content


def _are_files(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(file, dict)
        and isinstance(file.get("id"), str)
        and isinstance(file.get("mimeType"), str)
        for file in value
    )


def _is_rate_limited(response: Response) -> bool:
    return response.status == 403 and bool(_RATE_LIMITS & _reasons(response.content))


def _reasons(content: bytes) -> set[str]:
    """The reasons of an error in its older and its newer place.

    https://developers.google.com/workspace/drive/api/guides/handle-errors
    """
    try:
        error = json.loads(content)["error"]
        entries = [*error.get("errors", []), *error.get("details", [])]
        return {str(entry["reason"]) for entry in entries if "reason" in entry}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()


def _connector_error(error: HttpError) -> ConnectorError:
    status, reasons = int(error.resp.status), _reasons(error.content)
    retry_after = error.resp.get("retry-after", "")
    seconds = float(retry_after) if retry_after.isdigit() else None
    if status == 401:
        return Unauthorized("Google says that the access token is expired or revoked.")
    if status == 404:
        return NotFound("Drive does not know it, or this caller may not see it.")
    if status == 403:
        return _refusal(reasons, seconds)
    if status == 400:
        return ProviderError("Drive refused the query of this connector (400).")
    return error_for_status(status, "Drive", retry_after=seconds)


def _refusal(reasons: set[str], retry_after: float | None) -> ConnectorError:
    if reasons & (_RATE_LIMITS | {"dailyLimitExceeded"}):
        return RateLimited("Drive limits the rate of calls.", retry_after=retry_after)
    if reasons & _SCOPE_MISSING:
        return Forbidden(f"The access token lacks the scope {SCOPE}.", scope=SCOPE)
    if reasons & _API_OFF:
        return ProviderError(
            "The Drive API is not enabled in the Google Cloud project that the token belongs to: "
            "enable it at https://console.cloud.google.com/apis/library/drive.googleapis.com."
        )
    return Refused(reasons)
