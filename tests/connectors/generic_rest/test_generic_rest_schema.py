"""The JSON Schema that editors complete source files by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generic_rest_connector.loader import SOURCES
from generic_rest_connector.yaml_document import YamlDocument
from scripts.source_schema import SCHEMA, schema


def test_the_schema_is_that_of_the_language() -> None:
    """After a change of the language: make source-schema."""
    assert SCHEMA.read_text() == schema()


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_source_fits_the_schema(path: Path) -> None:
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(YamlDocument(path).data)


def test_the_schema_refuses_what_the_connector_refuses() -> None:
    good: Any = YamlDocument(SOURCES / "linear.yaml").data
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    wrong: dict[str, Any]
    for wrong in ({"nmae": "x"}, {"version": 2}, {"search": []}, {"auth": {"type": "magic"}}):
        assert not validator.is_valid({**good, **wrong})
