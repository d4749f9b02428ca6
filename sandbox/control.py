"""Steering the sandbox over HTTP: faults, and what was received."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flask import Flask, request
from werkzeug.wrappers import Response

from sandbox.answers import json_answer
from sandbox.faults import Fault, FaultBook
from sandbox.received import RequestLog


class EndConsent(Protocol):
    """What ends a user's consent."""

    def __call__(self, user: str, *, revoke: bool) -> None:
        """End it."""


class Control:
    """The routes below /sandbox/, and the front page."""

    def __init__(
        self,
        faults: FaultBook,
        requests: RequestLog,
        about: Callable[[], str],
        end_consent: EndConsent,
    ) -> None:
        self._faults = faults
        self._requests = requests
        self._about = about
        self._end_consent = end_consent

    def register(self, app: Flask) -> None:
        """Add the routes to the app."""
        methods = ["GET", "POST", "DELETE"]
        app.add_url_rule("/sandbox/faults", "control_faults", self.faults, methods=methods)
        methods = ["GET", "DELETE"]
        app.add_url_rule("/sandbox/requests", "control_requests", self.requests, methods=methods)
        app.add_url_rule("/sandbox/consents", "control_consents", self.consents, methods=["POST"])
        app.add_url_rule("/", "control_about", self.about)

    def faults(self) -> Response:
        """List, add or clear faults."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            # get_json insists on application/json, which no other web page can send here.
            try:
                self._faults.add(Fault.from_json(request.get_json()))
            except ValueError as error:
                return json_answer({"error": str(error)}, 400)
        return json_answer({"faults": self._faults.to_json()})

    def requests(self) -> Response:
        """List or forget what was received."""
        if request.method == "DELETE":
            self._requests.clear()
        return json_answer({"requests": [item.to_json() for item in self._requests.all()]})

    def consents(self) -> Response:
        """End a user's: `{"user": "alice", "state": "expired"}`, or `"revoked"`."""
        sent = request.get_json()
        try:
            revoke = {"expired": False, "revoked": True}[sent["state"]]
            self._end_consent(sent["user"], revoke=revoke)
        except (KeyError, TypeError) as error:
            return json_answer({"error": f"no such user or state: {error}"}, 400)
        return json_answer({})

    def about(self) -> Response:
        """Say who can be who."""
        return Response(self._about() + "\n", content_type="text/plain; charset=utf-8")
