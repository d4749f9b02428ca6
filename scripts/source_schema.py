"""Write the JSON Schema of source files, by which editors complete them: `make source-schema`."""

from __future__ import annotations

import json
from typing import Any

from generic_rest_connector.source import Source
from scripts.processes import ROOT

SCHEMA = ROOT / "connectors" / "generic-rest" / "source.schema.json"


def schema() -> str:
    """Return the schema of a source file."""
    found: dict[str, Any] = Source.model_json_schema()
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "A source of generic-rest"
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
