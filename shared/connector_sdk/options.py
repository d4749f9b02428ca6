"""The request's body: a query, and options that narrow the search."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from .errors import BadRequest

MAX_QUERY = 2_000  # characters
MAX_LIMIT = 100  # documents
MAX_BODY_BYTES = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _in_utc(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_in_utc)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class SearchOptions(BaseModel):
    """The options that every connector understands; a connector adds its own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int | None = Field(
        default=None, ge=1, le=MAX_LIMIT, strict=True, description="Passages in the answer."
    )


class ModifiedOptions(SearchOptions):
    """Options of a source that knows when its documents changed."""

    modified_after: Time | None = Field(
        default=None, description="Only what changed after this time (RFC 3339; UTC if unzoned)."
    )
    modified_before: Time | None = Field(
        default=None, description="Only what changed before this time (RFC 3339; UTC if unzoned)."
    )


Options = TypeVar("Options", bound=SearchOptions)


def parse_body(body: bytes, options_model: type[Options]) -> tuple[str, Options]:
    """Return the query and the options of a request.

    Args:
        body: the JSON text as it was sent.
        options_model: the options that this connector knows.

    Raises:
        BadRequest: the body is not what a search takes; the message says what it takes.
    """
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest('The body is not JSON. Send {"query": "…"}.') from None
    if not isinstance(parsed, dict):
        raise BadRequest('The body must be a JSON object: {"query": "…"}.')
    return _query(parsed.get("query")), _options(parsed.get("options"), options_model)


def _query(value: Any) -> str:
    if value is None:
        raise BadRequest('\'query\' is missing. Send {"query": "…"}.')
    if not isinstance(value, str):
        raise BadRequest("'query' must be a string.")
    if len(value) > MAX_QUERY:
        raise BadRequest(f"'query' has {len(value)} characters; at most {MAX_QUERY} are searched.")
    if _SURROGATE.search(value):
        raise BadRequest("'query' holds an unpaired surrogate, which is not a character.")
    query = _CONTROL.sub(" ", value).strip()
    if not query:
        raise BadRequest("'query' is empty. Send what to search for.")
    return query


def _options(value: Any, options_model: type[Options]) -> Options:
    fields = options_model.model_fields.items()
    known = ", ".join(field.alias or name for name, field in fields)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise BadRequest(f"'options' must be an object. Known options: {known}.")
    try:
        return options_model.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(problem["loc"][0])[:60] if problem["loc"] else "options"
        if problem["type"] == "extra_forbidden":
            raise BadRequest(f"Unknown option '{name}'. Known options: {known}.") from None
        message = problem["msg"].removeprefix("Value error, ")
        raise BadRequest(f"Option '{name}': {message}. Known options: {known}.") from None
