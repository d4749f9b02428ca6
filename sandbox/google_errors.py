"""Google's error answers, in its exact JSON shapes."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from sandbox.answers import json_answer

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_USAGE_LIMITS = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "dailyLimitExceeded",
    "accessNotConfigured",
    "quotaExceeded",
}
_MESSAGES = {
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "rateLimitExceeded": "Rate Limit Exceeded",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "backendError": "Backend Error",
    "exportSizeLimitExceeded": "This file is too large to be exported.",
    "cannotDownloadFile": "This file cannot be downloaded by the user.",
    "domainPolicy": "The domain administrators have disabled Drive apps.",
    "insufficientFilePermissions": "The user does not have sufficient permissions for this file.",
    "accessNotConfigured": "Google Drive API has not been used in project 1 before.",
}


class GoogleError(Exception):
    """An answer that is an error."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str = "",
        *,
        location: str = "",
        location_type: str = "parameter",
        status: str = "",
        details: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(reason)
        self.code = code
        message = message or _MESSAGES.get(reason, reason)
        entry = {
            "message": message,
            "domain": "usageLimits" if reason in _USAGE_LIMITS else "global",
            "reason": reason,
        }
        if location:
            entry |= {"location": location, "locationType": location_type}
        self.body: dict[str, Any] = {"code": code, "message": message, "errors": [entry]}
        if status:
            self.body["status"] = status
        if details:
            self.body["details"] = details

    def answer(self) -> Response:
        """Return it as HTTP."""
        response = json_answer({"error": self.body}, self.code)
        if self.code == 401:
            response.headers["WWW-Authenticate"] = (
                'Bearer realm="https://accounts.google.com/", error="invalid_token"'
            )
        return response


def invalid(parameter: str, message: str = "Invalid Value") -> GoogleError:
    """A parameter's value is wrong."""
    return GoogleError(400, "invalid", message, location=parameter)


def not_found(identifier: str, *, what: str = "File", location: str = "fileId") -> GoogleError:
    """It is not there, or this caller may not know that it is."""
    return GoogleError(404, "notFound", f"{what} not found: {identifier}.", location=location)


def unauthenticated() -> GoogleError:
    """The token is missing, unknown, expired or revoked."""
    error = GoogleError(
        401,
        "authError",
        "Invalid Credentials",
        location="Authorization",
        location_type="header",
        status="UNAUTHENTICATED",
    )
    error.body["message"] = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login"
        " cookie or other valid authentication credential."
    )
    return error


def scope_missing(method: str) -> GoogleError:
    """The token is good, but not for this."""
    error = GoogleError(
        403,
        "insufficientPermissions",
        "Insufficient Permission",
        status="PERMISSION_DENIED",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": "drive.googleapis.com", "method": method},
            }
        ],
    )
    error.body["message"] = "Request had insufficient authentication scopes."
    return error


def injected(code: int, reason: str | None) -> GoogleError:
    """Build the error that a fault asks for."""
    if code == 401:
        return unauthenticated()
    if reason in {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}:
        return scope_missing("google.apps.drive.v3.DriveFiles.List")
    fallback = {
        403: "rateLimitExceeded",
        429: "rateLimitExceeded",
        404: "notFound",
        400: "badRequest",
    }
    return GoogleError(
        code, reason or fallback.get(code, "backendError"), status=_STATUS.get(code, "")
    )
