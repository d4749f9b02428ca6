"""Places for values in a request; the place, not the author, decides how a value is encoded."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from .expressions import Expression, Scope, Template, TemplateField, Unfit, as_text

_PATH_LITERAL = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")  # RFC 3986 §3.3
# What may stand in a header without changing it: visible ASCII, and spaces within (RFC 9110 §5.5).
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_ABSENT = object()


class Path(Template):
    """The path of a request below `base_url`; a value in it is percent-encoded whole.

    Args:
        text: as it stands in the source file: `/wiki/${id}`.

    Raises:
        ValueError: it is not a path, or could leave `base_url`.
    """

    def __init__(self, text: Any) -> None:
        super().__init__(text)
        if not self.text.startswith("/"):
            raise ValueError("must be a path below base_url, beginning with '/'")
        self._segments: list[list[str | Expression]] = [[]]
        for part in self.parts:
            if isinstance(part, Expression):
                self._segments[-1].append(part)
            elif _PATH_LITERAL.fullmatch(part):
                first, *others = part.split("/")
                self._segments[-1].extend([first] if first else [])
                self._segments.extend([other] if other else [] for other in others)
            else:
                raise ValueError(
                    "has a character that no path holds; a query string belongs into `params`"
                )
        del self._segments[0]  # what is before the first slash: nothing
        # The last may be empty: a path may end with a slash.
        if [] in self._segments[:-1] or ["."] in self._segments or [".."] in self._segments:
            raise ValueError("must not have '//', '.' or '..' in it")

    def render(self, scope: Scope) -> str:
        """Return the path with its values.

        Raises:
            Unfit: a value is missing, or would make it another path.
        """
        return "".join(f"/{self._segment(segment, scope)}" for segment in self._segments)

    def _segment(self, segment: list[str | Expression], scope: Scope) -> str:
        values = [part if isinstance(part, str) else part.search(scope) for part in segment]
        if any(value is None or isinstance(value, list | dict) for value in values):
            raise Unfit(f"there is no value for its path {self.text}")
        if segment and "".join(map(as_text, values)) in ("", ".", ".."):
            raise Unfit(f"a value cannot stand in its path {self.text}")
        pairs = zip(segment, values, strict=True)
        return "".join(v if isinstance(p, str) else quote(as_text(v), safe="") for p, v in pairs)


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
    values = {name: template.value(scope) for name, template in params.items()}
    return {
        name: [as_text(item) for item in value if item is not None]
        if isinstance(value, list)
        else as_text(value)
        for name, value in values.items()
        if value is not None
    }


def render_headers(headers: Mapping[str, Template], scope: Scope) -> dict[str, str]:
    """Return headers; one without a value is left out.

    Raises:
        Unfit: as `check_header` does.
    """
    values = {name: template.value(scope) for name, template in headers.items()}
    rendered = {name: as_text(value) for name, value in values.items() if value is not None}
    for name, value in rendered.items():
        check_header(name, value)
    return rendered


def check_header(name: str, value: str) -> None:
    """Check that a header can hold a value.

    Raises:
        Unfit: it is empty, or has a line break or a letter beyond ASCII.
    """
    if not _HEADER_VALUE.fullmatch(value):
        raise Unfit(
            f"the header {name} is empty or has a line break, a space at its end or a letter "
            "beyond ASCII, none of which a header can hold"
        )


PathField = Annotated[Path, PlainValidator(Path, json_schema_input_type=str)]
JsonField = Annotated[Any, PlainValidator(compile_json, json_schema_input_type=Any)]
ParameterName = Annotated[str, Field(min_length=1)]
Params = dict[ParameterName, TemplateField]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
Headers = dict[HeaderName, TemplateField]


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Model(BaseModel):
    """A block of a source file: immutable, and without keys that nothing reads."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in value if isinstance(value, dict) else ():
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                raise PydanticCustomError(
                    "unknown_key", "unknown key; {hint}", {"key": key, "hint": hint}
                )
        return value
