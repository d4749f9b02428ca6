"""Small helpers to answer with."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Response


def json_answer(body: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=UTF-8")


def html_answer(body: str, status: int = 200) -> Response:
    """Answer with a page."""
    page = f"<!doctype html><html lang=en><meta charset=utf-8>{body}</html>"
    return Response(page, status, content_type="text/html; charset=utf-8")


def sign_in_page() -> Response:
    """Answer 200 with a page to sign in at: what both providers show instead of a file."""
    return html_answer("<title>Sign in</title><h1>Sign in to continue</h1><form><input></form>")
