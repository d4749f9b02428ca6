"""YAML with the line of every key, so that a mistake can be pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

Place = tuple[str | int, ...]


class BadKey(Exception):
    """A key that stands twice in its block, or that is no plain word."""


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: `2025-09-03` stays a string, and so does `no`."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("true|True|false|False"), list("tTfF")
)


class YamlDocument:
    """Parsed YAML, and the line of everything in it.

    Args:
        text: the file.

    Raises:
        BadKey: a key stands twice, or is no plain word; the message begins with its line.
        yaml.YAMLError: it is not YAML.
    """

    def __init__(self, text: str) -> None:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            self._lines = dict(_lines(node, ())) if node is not None else {}
            self.data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()

    def line(self, place: Place) -> int:
        """Return the line of the deepest part of a place that the file has."""
        return self._lines.get(self._known(place), 1)

    def key(self, place: Place) -> str:
        """Return a place as a person writes it: `search[0].params.limit`."""
        known = self._known(place)
        shown = known if place[-1:] == known[-1:] else (*known, *place[-1:])
        text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in shown)
        return text.lstrip(".") or "the file"

    def _known(self, place: Place) -> Place:
        """Leave out what pydantic puts between the keys: the kind of a union's member."""
        known: Place = ()
        for part in place:
            if (*known, part) in self._lines:
                known = (*known, part)
        return known


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise BadKey(f"{line}: a key must be a plain word")
            if key.value in seen:
                raise BadKey(f"{line}: {key.value}: stands here twice")
            seen.add(key.value)
            yield (*place, key.value), line
            yield from _lines(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield (*place, position), item.start_mark.line + 1
            yield from _lines(item, (*place, position))
