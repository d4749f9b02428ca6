"""The source file as it is written: one block, one model. `rules.py` looks at them together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from connector_sdk import Name, SearchOptions
from connector_sdk.options import Time

from .auth import Auth
from .expressions import Expression, SelectorField, Template, TemplateField
from .languages import LANGUAGES
from .places import Headers, Identifier, JsonField, Model, Params, PathField
from .yaml_document import Place

ClientError = Annotated[int, Field(ge=400, le=499)]
_OPTION_TYPES = {"str": Name, "int": int, "bool": bool, "time": Time}


def _static(value: Any) -> Any:
    if isinstance(value, str) and "${" in value:
        raise ValueError("must not have '${' in it: values go into `variables`")
    return value


def _language(name: str) -> str:
    if name not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return name


class Variable(Model):
    """One entry of `env:`: an environment variable, and what it holds.

    Without `default` it must be set; `default: null` makes it optional.
    """

    var: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    type: Literal["str", "int", "float", "bool", "secret"] = "str"
    default: str | int | float | bool | None = None
    description: str = ""

    @model_validator(mode="after")
    def _no_secret_in_the_file(self) -> Self:
        if self.is_secret and self.default is not None:
            raise ValueError("a secret has no default but null: its value belongs in no file")
        if self.var.startswith("GENERIC_REST_"):
            raise ValueError("GENERIC_REST_ is the prefix of the connector's own variables")
        return self

    @property
    def is_secret(self) -> bool:
        """Whether it may stand in `auth:` only."""
        return self.type == "secret"

    @property
    def is_required(self) -> bool:
        """Whether the connector does not start without it."""
        return "default" not in self.model_fields_set


class GraphQL(Model):
    """A GraphQL request: the text stands still, values travel as variables."""

    query: Annotated[str, BeforeValidator(_static)]
    variables: JsonField = Field(default_factory=dict)


class Request(Model):
    """What every request to the provider can say."""

    path: PathField | None = None
    url: SelectorField | None = None
    method: Literal["GET", "POST"] | None = None
    params: Params = Field(default_factory=dict)
    json_: JsonField = Field(default=None, alias="json")
    form: Params | None = None
    graphql: GraphQL | None = None
    errors: SelectorField | None = None
    refused: SelectorField | None = None
    language: dict[str, Annotated[str, AfterValidator(_language)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if sum(body is not None for body in (self.json_, self.form, self.graphql)) > 1:
            raise ValueError("has more than one of `json`, `form` and `graphql`")
        if (self.path is None) == (self.url is None):
            raise ValueError("needs either `path` or `url`: the link that an answer holds")
        return self

    @property
    def verb(self) -> str:
        """The HTTP method: POST where there is a body."""
        has_body = (self.json_, self.form, self.graphql) != (None, None, None)
        return self.method or ("POST" if has_body else "GET")


class Fetch(Request):
    """One more request for a hit, whose answer stands beside the hit's fields by its name."""

    as_: Literal["json", "text", "file"] = Field(default="json", alias="as")
    on_error: Literal["keep", "skip"] = "keep"


class Before(Request):
    """A request that is made before the search, once for each credential."""

    result: SelectorField = Field(default_factory=lambda: Template("@", bare=True))


class Step(Request):
    """One search request, and how its hits become documents."""

    when: SelectorField | None = None
    each: SelectorField | None = None
    results: SelectorField
    keep: SelectorField | None = None
    match: list[SelectorField] = Field(default_factory=list)
    fetch: dict[Identifier, Fetch] = Field(default_factory=dict)
    document: dict[Identifier, SelectorField]
    rest: Literal["scalars", "none"] = "none"

    @model_validator(mode="after")
    def _has_what_a_search_needs(self) -> Self:
        if self.url is not None:
            raise ValueError("a search has a `path`; `url` is for a link that an answer holds")
        if "id" not in self.document:
            raise ValueError("`document` needs an `id`: stable, and unique within the source")
        return self


class Option(Model):
    """One of the `options` that a request may carry."""

    type: Literal["str", "int", "bool", "time"] = "str"
    values: Annotated[list[str], Field(min_length=1)] | None = None
    description: str = ""


class Limits(Model):
    """What a source may cost: hits of a step, fetches of a search, its time, bytes of an answer."""

    hits: Annotated[int, Field(ge=1, le=100)] = 100
    fetches: Annotated[int, Field(ge=0, le=100)] = 10
    seconds: Annotated[float, Field(gt=0, le=300)] = 300
    bytes: Annotated[int, Field(ge=1, le=50_000_000)] = 2_000_000


class OAuthBlock(Model):
    """What a platform needs for sending users through the provider's OAuth."""

    authorization_endpoint: TemplateField
    token_endpoint: TemplateField
    scopes: list[str] = Field(default_factory=list)
    extra_parameters: dict[str, str] = Field(default_factory=dict)
    scope_separator: str = " "
    console: str = ""


class Source(Model):
    """A source of generic-rest: an API's search, and what its answers mean."""

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    base_url: TemplateField
    hosts: list[TemplateField] = Field(default_factory=list)
    allow_private: bool = False
    env: dict[Identifier, Variable] = Field(default_factory=dict)
    auth: Auth
    unauthorized: list[ClientError] = Field(default_factory=lambda: [401], min_length=1)
    headers: Headers = Field(default_factory=dict)
    options: dict[Identifier, Option] = Field(default_factory=dict)
    before: dict[Identifier, Before] = Field(default_factory=dict)
    search: Annotated[list[Step], Field(min_length=1)]
    oauth: OAuthBlock | None = None
    limits: Limits = Field(default_factory=Limits)

    @cached_property
    def options_model(self) -> type[SearchOptions]:
        """The options that a request may carry."""
        # By alias, so that no option's name can collide with one of pydantic's own.
        fields: dict[str, Any] = {
            f"option_{name}": (
                (Literal[tuple(option.values)] if option.values else _OPTION_TYPES[option.type])
                | None,
                Field(default=None, alias=name, description=option.description or None),
            )
            for name, option in self.options.items()
        }
        return create_model("Options", __base__=SearchOptions, **fields)


def templates(value: Any, place: Place = ()) -> Iterator[tuple[Place, Template]]:
    """Yield every template below a value, with the place where it stands."""
    if isinstance(value, Template):
        yield place, value
        return
    items: Any = ()
    if isinstance(value, Model):
        fields = type(value).model_fields.items()
        items = [(field.alias or name, getattr(value, name)) for name, field in fields]
    elif isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from templates(item, (*place, key))


def expressions(value: Any, place: Place = ()) -> Iterator[tuple[Place, Expression]]:
    """Yield every expression below a value, with the place where it stands."""
    for where, template in templates(value, place):
        yield from ((where, expression) for expression in template.expressions)
