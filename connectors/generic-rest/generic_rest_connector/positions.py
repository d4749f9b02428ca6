"""Places for values in a request; the place, not the author, decides how a value is encoded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import PlainValidator

from .auth import ParameterName, is_header_value
from .template import Expression, Scope, Template, TemplateField, as_text

_PATH_LITERAL = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")  # RFC 3986 §3.3
_DOTS = {"", ".", ".."}
_ABSENT = object()


class Unplaceable(Exception):
    """A value cannot stand where the source file puts it."""


class Path:
    """The path of a request below `base_url`; a value in it is percent-encoded whole.

    Args:
        text: as it stands in the source file: `/wiki/${id}`.

    Raises:
        ValueError: it is not a path, or could leave `base_url`.
    """

    def __init__(self, text: Any) -> None:
        if not isinstance(text, str) or not text.startswith("/"):
            raise ValueError("must be a path below base_url, beginning with '/'")
        self.template = Template(text)
        self._segments: list[list[str | Expression]] = [[]]
        for part in self.template.parts:
            if isinstance(part, Expression):
                self._segments[-1].append(part)
                continue
            if not _PATH_LITERAL.fullmatch(part):
                raise ValueError(
                    "has a character that no path holds; a query string belongs into `params`"
                )
            first, *others = part.split("/")
            self._segments[-1].append(first)
            self._segments.extend([other] for other in others)
        del self._segments[0]  # what is before the first slash: nothing
        fixed = ["".join(map(str, s)) for s in self._segments if _is_fixed(s)]
        # The last may be empty: a path may end with a slash.
        ends_with_slash = _is_fixed(self._segments[-1]) and fixed[-1] == ""
        if _DOTS.intersection(fixed[:-1] if ends_with_slash else fixed):
            raise ValueError("must not have '//', '.' or '..' in it")

    def render(self, scope: Scope) -> str:
        """Return the path with its values.

        Raises:
            Unplaceable: a value is missing, or would make it another path.
        """
        return "".join(f"/{self._segment(segment, scope)}" for segment in self._segments)

    def _segment(self, segment: list[str | Expression], scope: Scope) -> str:
        if _is_fixed(segment):
            return "".join(map(str, segment))
        encoded = plain = ""
        for part in segment:
            value = part if isinstance(part, str) else part.search(scope)
            if value is None or isinstance(value, list | dict):
                raise Unplaceable(f"there is no value for its path {self.template.text}")
            plain += as_text(value)
            encoded += value if isinstance(part, str) else quote(as_text(value), safe="")
        if plain in _DOTS:
            raise Unplaceable(f"'{plain}' cannot stand in its path {self.template.text}")
        return encoded


def _is_fixed(segment: list[str | Expression]) -> bool:
    return all(isinstance(part, str) for part in segment)


def compile_json(value: Any) -> Any:
    """Return a JSON body with its strings compiled; keys stay what they are.

    Raises:
        ValueError: a template in it is wrong, or stands in a key.
    """
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or "${" in key:
                raise ValueError(f"the key {key} must be a string without '${{'")
        return {key: compile_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [compile_json(item) for item in value]
    return Template(value) if isinstance(value, str) and "${" in value else value


def render_json(node: Any, scope: Scope) -> Any:
    """Return a compiled body with its values.

    A `${…}` that finds nothing takes its key with it, and every object or list that is thereby
    left empty.
    """
    rendered = _render_json(node, scope)
    return {} if rendered is _ABSENT else rendered


def _render_json(node: Any, scope: Scope) -> Any:
    if isinstance(node, Template):
        value = node.value(scope)
        return _ABSENT if value is None else value
    if not isinstance(node, dict | list) or not node:
        return node
    if isinstance(node, list):
        items = [_render_json(item, scope) for item in node]
        return [item for item in items if item is not _ABSENT] or _ABSENT
    fields = {key: _render_json(item, scope) for key, item in node.items()}
    return {key: item for key, item in fields.items() if item is not _ABSENT} or _ABSENT


def render_params(params: Mapping[str, Template], scope: Scope) -> dict[str, str | list[str]]:
    """Return parameters for requests to encode; one without a value is left out, a list repeats."""
    rendered: dict[str, str | list[str]] = {}
    for name, template in params.items():
        value = template.value(scope)
        if isinstance(value, list):
            rendered[name] = [as_text(item) for item in value if item is not None]
        elif value is not None:
            rendered[name] = as_text(value)
    return rendered


def render_headers(headers: Mapping[str, Template], scope: Scope) -> dict[str, str]:
    """Return headers; one without a value is left out.

    Raises:
        Unplaceable: a value has a control character, or a letter beyond ASCII.
    """
    rendered = render_params(headers, scope)
    for name, value in rendered.items():
        if not isinstance(value, str) or not is_header_value(value):
            raise Unplaceable(f"the header {name} cannot hold such a value")
    return {name: str(value) for name, value in rendered.items()}


PathField = Annotated[Path, PlainValidator(Path, json_schema_input_type=str)]
JsonField = Annotated[Any, PlainValidator(compile_json, json_schema_input_type=Any)]
Params = dict[ParameterName, TemplateField]
