"""Validates a source file: `python -m generic_rest_connector.check path.yaml`."""

from __future__ import annotations

import argparse
import sys

from connector_sdk import ConfigurationError

from .loader import find, read
from .source import Source


def describe(source: Source) -> str:
    """Return what a source file says, for the person who wrote it."""
    lines = [f"{source.name}: {source.base_url.text}, auth {source.auth.type}"]
    for variable in source.env.values():
        need = "required" if variable.is_required else f"default {variable.default}"
        lines.append(f"  variable {variable.var} ({variable.type}, {need})")
    lines += [f"  option {name} ({option.type})" for name, option in source.options.items()]
    for step in source.search:
        body = step.json_ is not None or step.form is not None or step.graphql is not None
        method = step.method or ("POST" if body else "GET")
        lines.append(f"  {method} {step.path.template.text} -> {step.results.text}")
        lines += [f"    fetch {name} per hit" for name in step.fetch]
        lines.append(f"    documents with {', '.join(step.document)}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: those of the process when not given.

    Returns:
        The exit status: 0 when the file is right.
    """
    parser = argparse.ArgumentParser(description="Validate a source file of generic-rest.")
    parser.add_argument("source", help="path of a file, or the name of one that ships")
    try:
        found = describe(read(find(parser.parse_args(arguments).source)))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
