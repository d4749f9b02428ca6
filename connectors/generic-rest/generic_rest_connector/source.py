"""The source file as it is written: one block, one model. `checks.py` looks at them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, create_model, model_validator

from connector_sdk import Name, SearchOptions
from connector_sdk.options import Time

from .auth import Auth, HeaderName
from .environment import Variable
from .model import Identifier, Model
from .oauth import OAuthBlock
from .positions import JsonField, Params, Path, PathField
from .template import Expression, ExpressionField, Selector, SelectorField, Template, TemplateField

ClientError = Annotated[int, Field(ge=400, le=499)]
KNOWN_FIELDS = ("id", "title", "text", "url", "timestamp", "author", "type", "container")


def _static(value: Any) -> Any:
    if isinstance(value, str) and "${" in value:
        raise ValueError("must not have '${' in it: values go into `variables`")
    return value


class GraphQL(Model):
    """A GraphQL request: the text stands still, values travel as variables."""

    query: Annotated[str, BeforeValidator(_static)]
    variables: JsonField = Field(default_factory=dict)


class Fetch(Model):
    """One more request for a hit, whose answer stands beside the hit's fields by its name."""

    path: PathField | None = None
    url: SelectorField | None = None
    params: Params = Field(default_factory=dict)
    as_: Literal["json", "text"] = Field(default="json", alias="as")
    on_error: Literal["keep", "skip"] = "keep"

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("needs either `path` or `url`: the link that an answer holds")
        return self


class Step(Model):
    """One search request, and how its hits become documents."""

    path: PathField
    method: Literal["GET", "POST"] | None = None
    params: Params = Field(default_factory=dict)
    json_: JsonField = Field(default=None, alias="json")
    form: Params | None = None
    graphql: GraphQL | None = None
    results: ExpressionField
    errors: ExpressionField | None = None
    fetch: dict[Identifier, Fetch] = Field(default_factory=dict)
    document: dict[Identifier, SelectorField]
    rest: Literal["scalars", "none"] = "none"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        bodies = [self.json_, self.form, self.graphql]
        if sum(body is not None for body in bodies) > 1:
            raise ValueError("has more than one of `json`, `form` and `graphql`")
        if "id" not in self.document:
            raise ValueError("`document` needs an `id`: stable, and unique within the source")
        return self

    @cached_property
    def needs_fetch_first(self) -> bool:
        """Whether a document is known only when its fetches are: more than its text needs them."""
        if any(fetch.on_error == "skip" for fetch in self.fetch.values()):
            return True
        return any(
            root[0] in self.fetch or root[0] == "@"
            for name, selector in self.document.items()
            if name != "text" and self.fetch
            for expression in selector.expressions
            for root in expression.roots
        )

    @cached_property
    def query_expressions(self) -> list[Expression]:
        """The expressions that put the query into the request."""
        parts = (self.path, self.params, self.json_, self.form, self.graphql)
        found = (expression for _, expression in walk(parts))
        return [e for e in found if any(root[0] == "query" for root in e.roots)]


class Option(Model):
    """One of the `options` that a request may carry."""

    type: Literal["str", "int", "bool", "time"] = "str"
    values: Annotated[list[str], Field(min_length=1)] | None = None
    description: str = ""

    @property
    def annotation(self) -> Any:
        """The type that a request's value is checked against."""
        if self.values is not None:
            return Literal[tuple(self.values)]
        return {"str": Name, "int": int, "bool": bool, "time": Time}[self.type]


class Limits(Model):
    """What a source may cost."""

    hits: Annotated[int, Field(ge=1, le=100)] = 100
    fetches: Annotated[int, Field(ge=0, le=100)] = 10
    bytes: Annotated[int, Field(ge=1, le=50_000_000)] = 2_000_000


class Source(Model):
    """A whole source file."""

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    base_url: TemplateField
    hosts: list[TemplateField] = Field(default_factory=list)
    env: dict[Identifier, Variable] = Field(default_factory=dict)
    auth: Auth
    unauthorized: list[ClientError] = Field(default_factory=lambda: [401], min_length=1)
    headers: dict[HeaderName, TemplateField] = Field(default_factory=dict)
    options: dict[Identifier, Option] = Field(default_factory=dict)
    search: Annotated[list[Step], Field(min_length=1)]
    oauth: OAuthBlock | None = None
    limits: Limits = Limits()

    @cached_property
    def options_model(self) -> type[SearchOptions]:
        """The options that a request may carry."""
        # By alias, so that no option's name can collide with one of pydantic's own.
        fields: dict[str, Any] = {
            f"option_{name}": (
                option.annotation | None,
                Field(default=None, alias=name, description=option.description or None),
            )
            for name, option in self.options.items()
        }
        return create_model("Options", __base__=SearchOptions, **fields)


def walk(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Expression]]:
    """Yield every expression below a value, with the place where it stands."""
    if isinstance(value, Expression):
        yield place, value
    elif isinstance(value, Template | Selector):
        yield from ((place, expression) for expression in value.expressions)
    elif isinstance(value, Path):
        yield from walk(value.template, place)
    else:
        for key, item in _items(value):
            yield from walk(item, (*place, key))


def _items(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, Model):
        fields = type(value).model_fields.items()
        return [(field.alias or name, getattr(value, name)) for name, field in fields]
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()
