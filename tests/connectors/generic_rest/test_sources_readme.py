"""The walk-through of `sources/README.md`: its commands are run and its files used as written."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generic_rest_connector.expressions import Template, selector
from generic_rest_connector.loader import SOURCES, read
from scripts import catalogue, check_source, try_source
from scripts.processes import ROOT, environment, stop, wait_for
from tests.connectors.generic_rest.connector import Starter
from tests.connectors.generic_rest.provider import Answer, Provider

PAGE = catalogue.PAGE.read_text()
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_API = "https://desk.example.com"


def _blocks(text: str, *languages: str) -> list[str]:
    return [body for language, body in _FENCE.findall(text) if language in languages]


def _part(title: str) -> str:
    """Return what is below a heading."""
    _, _, rest = PAGE.partition(f"\n{title}\n")
    assert rest, title
    return re.split(r"(?m)^#{2,3} ", rest)[0]


WALK = _part("## A new source in a quarter of an hour")
ANSWER, DESK = _blocks(WALK, "json")[0], _blocks(WALK, "yaml")[0]
QUESTION = 'Who is on-call, "tonight"?'


def _rows(title: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without the quotes of code."""
    lines = re.findall(r"^\| (.*) \|$", _part(title), re.MULTILINE)[1:]
    return [[cell.strip("` ") for cell in line.split(" | ")] for line in lines]


@pytest.fixture
def folder(starter: Starter) -> Path:
    (starter.folder / "answer.json").write_text(ANSWER)
    (starter.folder / "desk.yaml").write_text(DESK)
    return starter.folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which a command does what it does in ours, and writes no file there."""
    for path in ROOT.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "answer.json").write_text(ANSWER)
    (tmp_path / "desk.yaml").write_text(DESK)
    return tmp_path


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of the consoles, with what it is said to print."""
    for console in _blocks(text, "console"):
        for command in re.split(r"(?m)^\$ ", console)[1:]:
            lines = command.splitlines(keepends=True)
            ends = next(n for n, line in enumerate(lines) if not line.endswith("\\\n")) + 1
            yield "".join(lines[:ends]).strip(), "".join(lines[ends:])


def _says(shown: str, printed: str) -> bool:
    pattern = re.escape(shown.rstrip()).replace("…", ".*")
    return re.fullmatch(pattern, printed.rstrip(), re.DOTALL) is not None


def test_the_walk_through(checkout: Path, provider: Provider) -> None:
    """Every command in its order, at a help desk that answers as the page says."""

    def help_desk(request: Any) -> Answer:
        known = request.headers.get("Authorization") == "Bearer what-the-help-desk-gave-me"
        return Answer(json.loads(ANSWER)) if known else Answer({}, 401)

    provider.answers["/api/v2/tickets"] = help_desk
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    settings = {"GENERIC_REST_BASE_URL": f"{provider.url}/api/v2", "PORT": port}
    variables = environment({**settings, "MAKEFLAGS": "--no-print-directory"})
    started = list[subprocess.Popen[bytes]]()
    commands = list(_commands(WALK))
    assert len(commands) == 8
    try:
        for command, shown in commands:
            here = command.replace("8080", port)
            if command.endswith(" &"):
                started.append(_start(here.removesuffix(" &"), checkout, variables))
                continue
            run = subprocess.run(
                ["bash", "-euc", f"{here}\nenv -0 > variables"],
                cwd=checkout,
                env=variables,
                capture_output=True,
                text=True,
                check=False,
            )
            assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"
            assert _says(shown, run.stdout.replace(provider.url, _API)), run.stdout
            kept = (checkout / "variables").read_text().rstrip("\0").split("\0")
            variables = dict(pair.split("=", 1) for pair in kept)
    finally:
        for process in started:
            stop(process)
    asked = {request.target for request in provider.received}
    assert asked == {"/api/v2/tickets?q=vpn+expired&per_page=10"}


def _start(command: str, folder: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    log = folder / "connector.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-euc", command],
            cwd=folder,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    wait_for(lambda: "Booting worker" in log.read_text() or None, process, log.read_text)
    return process


@pytest.mark.parametrize("row", _rows("### Which `auth:`"), ids=lambda row: row[0])
def test_every_kind_of_auth_is_right(folder: Path, row: list[str]) -> None:
    """In place of that of the example, with the two more variables that the page speaks of."""
    more = "  user: {var: DESK_USER, default: null}\n  id: {var: DESK_ID, default: null}\n"
    text = re.sub(r"(?m)^auth: .*$", f"auth: {row[1]}", DESK).replace("auth:", f"{more}auth:", 1)
    (folder / "desk.yaml").write_text(text)
    assert read(folder / "desk.yaml").auth.type in row[1]


@pytest.mark.parametrize("row", _rows("### How the query is written"), ids=lambda row: row[0])
def test_a_query_is_written_as_the_table_says(folder: Path, row: list[str]) -> None:
    _, written, sent = row
    assert Template(written).value({"query": QUESTION}) == sent
    assert f"sent for `{QUESTION}`" in PAGE
    text = DESK.replace("${plain(query)}", written.replace('"', '\\"'))
    (folder / "desk.yaml").write_text(text)
    assert read(folder / "desk.yaml")


def test_every_expression_in_the_text_is_one() -> None:
    spans = re.findall(r"`` (.+?) ``|(?<!`)`([^`\n]+)`", _part("### What a document is made of"))
    written = [one or other for one, other in spans if "…" not in one + other]
    assert len(written) > 8
    for text in written:
        assert selector(re.sub(r"^\w+: ", "", text).removesuffix(":")).expressions


def _recipes() -> Iterator[tuple[str, str, list[str]]]:
    """Yield the title, the YAML and the answers of everything that the page shows after that."""
    how = PAGE.partition("\n## A new source")[2].partition("\n## The catalogue")[0]
    for part in re.split(r"(?m)^### ", how)[1:]:
        for piece in re.split(r"(?m)^(?=```yaml\n)", part)[1:]:
            yield part.splitlines()[0], _blocks(piece, "yaml")[0], _blocks(piece, "json")


@pytest.mark.parametrize("recipe", list(_recipes()), ids=lambda recipe: recipe[0])
def test_a_recipe_finds_documents(
    folder: Path, recipe: tuple[str, str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its keys in place of the example's; its answers are mapped, one for each request."""
    _, yaml, answers = recipe
    keys = set(re.findall(r"(?m)^(\w+):", yaml))
    blocks = re.split(r"(?m)^(?=\w+:)", DESK)
    kept = [block for block in blocks if block.partition(":")[0] not in keys]
    (folder / "desk.yaml").write_text("".join(kept) + yaml)
    assert check_source.main(["desk.yaml"]) == 0, capsys.readouterr().err
    names = [f"{number}.json" for number in range(len(answers))]
    for name, answer in zip(names, answers, strict=True):
        (folder / name).write_text(answer)
    if answers:
        capsys.readouterr()
        asked = ["desk.yaml", "Why is the VPN expired?", "--fixture", ",".join(names)]
        assert try_source.main(asked) == 0, capsys.readouterr().err
        out = capsys.readouterr().out
        found = json.loads(out[out.index('{\n  "results"') :])
        assert found["results"]
        assert "warnings" not in found
        assert all(row.get(f) for row in found["results"] for f in ("id", "title", "text", "url"))
        assert out.count("Accept: ") == len(answers)


@pytest.mark.parametrize("row", _rows("### Mistakes, and what is said"), ids=lambda row: row[1])
def test_a_mistake_is_told_as_the_page_says(
    folder: Path, row: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    number, written, said = row
    lines = DESK.splitlines()
    old = lines[int(number) - 1]
    lines[int(number) - 1] = " " * (len(old) - len(old.lstrip())) + written
    (folder / "desk.yaml").write_text("\n".join(lines))
    if check_source.main(["desk.yaml"]) == 0:
        try_source.main(["desk.yaml", "vpn", "--fixture", "answer.json"])
    told = "".join(capsys.readouterr())
    assert re.search(re.escape(said).replace("…", ".*"), told), told


def test_the_tables_are_those_of_the_sources(capsys: pytest.CaptureFixture[str]) -> None:
    """After a change of a source: make catalogue."""
    assert catalogue.main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda p: p.stem)
def test_a_section_says_what_its_file_says(path: Path) -> None:
    """Its scopes, its options, the provider's page, and no variable that there is not."""
    (section,) = (p for p in re.split(r"(?m)^## ", PAGE) if f"\n`{path.name}`. " in p)
    source = read(path)
    of_every_client = {"offline_access", "refresh_token", "oauth"}
    for scope in set(source.oauth.scopes if source.oauth else ()) - of_every_client:
        assert f"`{scope}`" in section
    for option in source.options:
        assert f"`{option}`" in section
    assert "**Auth:**" in section
    assert "**Provider's page:** https://" in section
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)[`=]", section))
    allowed = {variable.var for variable in source.env.values()}
    assert named <= allowed | {"API_REQUESTS_PER_MIN", "GENERIC_REST_BASE_URL"}


def test_a_stale_page_and_a_missing_section_are_told(tmp_path: Path) -> None:
    with pytest.raises(catalogue.Stale, match="algolia has no section"):
        catalogue.page(re.sub(r"(?ms)^## Algolia.*?(?=^## )", "", PAGE))
    assert catalogue.page(PAGE.replace("| Jira issues |", "| nothing |")) == PAGE
