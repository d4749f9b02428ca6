"""A Drive for the sandbox to serve: the articles as files of four kinds, and the abstracts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import office
from bench.collection import Article, Cranfield, Squad

ABSTRACTS = "cranfield"  # who owns the abstracts; the articles of a kind belong to its name


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Args:
        type: as the sandbox's index has it.
        suffix: of the file's name.
        write: makes the file; None for a Google Doc, which the sandbox keeps as Markdown.
    """

    type: str
    suffix: str = ""
    write: Callable[[Article], bytes] | None = None


KINDS = {
    "google-doc": Kind("document"),
    "docx": Kind(office.DOCX, ".docx", office.docx),
    "pdf": Kind(office.PDF, ".pdf", office.pdf),
    "pptx": Kind(office.PPTX, ".pptx", office.pptx),
}


def write_data(folder: Path, squad: Squad, cranfield: Cranfield) -> None:
    """Write a data folder as `sandbox/README.md` describes it.

    Each kind of file has an owner of its own, who sees nothing else.

    Args:
        folder: where; it is empty.
        squad: the articles.
        cranfield: the abstracts.
    """
    drive, slack = folder / "drive", folder / "slack"
    for made in (drive, slack):
        made.mkdir()
    files = [*_articles(squad, drive), *_abstracts(cranfield, drive)]
    # JSON is YAML too.
    _write_json(drive / "index.yaml", {"files": files})
    _write_json(slack / "channels.yaml", {"channels": []})
    _write_json(folder / "users.yaml", _people([*KINDS, ABSTRACTS]))


def _articles(squad: Squad, drive: Path) -> Iterator[dict[str, Any]]:
    for article in squad.articles:
        text = "\n\n".join([article.title, *article.paragraphs])
        drive.joinpath(f"{article.id}.txt").write_text(text, encoding="utf-8")
        drive.joinpath(f"{article.id}.md").write_text(f"# {text}\n", encoding="utf-8")
        for name, kind in KINDS.items():
            path = f"{article.id}{kind.suffix or '.md'}"
            if kind.write is not None:
                drive.joinpath(path).write_bytes(kind.write(article))
            yield {
                "id": f"{name}-{article.id}",
                "name": f"{article.title}{kind.suffix}",
                "type": kind.type,
                "owner": name,
                "path": path,
                "indexed_as": f"{article.id}.txt",
            }


def _abstracts(cranfield: Cranfield, drive: Path) -> Iterator[dict[str, Any]]:
    for number, abstract in enumerate(cranfield.abstracts.values()):
        path = f"{abstract.id}-abstract.txt"
        drive.joinpath(path).write_text(abstract.text, encoding="utf-8")
        yield {
            "id": abstract.id,
            "name": abstract.title or abstract.id,
            "type": "document" if number % 2 else "text/plain",
            "owner": ABSTRACTS,
            "path": path,
        }


def _people(names: list[str]) -> dict[str, Any]:
    return {
        "domain": "bench.example",
        "workspace": {"id": "T0BENCH", "name": "Bench", "url": "https://bench.slack.com/"},
        "users": {
            name: {
                "name": f"Owner of {name}",
                "email": f"{name}@bench.example",
                "slack": f"U0BENCH{number}",
            }
            for number, name in enumerate(names)
        },
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
