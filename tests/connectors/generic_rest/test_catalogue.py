"""Every source file of the catalogue: what it asks for one hostile query, and what it finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generic_rest_connector.loader import SOURCES, load
from tests.connectors.generic_rest.connector import KEY, USER, Starter
from tests.connectors.generic_rest.standin import CASES, FIXTURES, Case, differences, stand_ins

QUERY = 'who\'s "on-call" & (tonight)? a/b\\c #x ?p=1 OR -secret ${env.token} AND 100% :) ~^ 日本語'
GRADES = {
    "real server",
    "recorded",
    "vendor example",
    "third-party fixture",
    "documented shape",
}
READ = [Case.read(path) for path in CASES]
FILES = sorted(SOURCES.glob("*.yaml"))


@pytest.mark.parametrize("case", READ, ids=lambda case: case.id)
def test_a_source_asks_exactly_this_and_finds_exactly_that(case: Case, starter: Starter) -> None:
    """For the hostile query the requests are those of the case, and the documents too."""
    env = {name: str(value) for name, value in (case.data.get("env") or {}).items()}
    with stand_ins(case) as running:
        for name, value in env.items():
            starter.monkeypatch.setenv(name, value)
        base_url = load(case.name).base_url
        text = running.here((SOURCES / f"{case.name}.yaml").read_text())
        thing = starter.start(
            text,
            running.here(base_url),
            **{name: running.here(value) for name, value in env.items()},
            CONNECTOR_API_KEY=KEY,
            PASSAGE_RANKING="false",  # in the API's order, which the case has
        )
        answer = thing.search(
            QUERY,
            KEY,
            user_token=USER if case.data.get("user_token") else None,
            options=case.data.get("options") or {},
        )
        found = json.loads(running.there(answer.text))
    got, wanted = differences(case.requests, running.asked)
    assert got == wanted, answer.text
    assert answer.status_code == 200, answer.text
    rows = found["results"]
    for row, expected in zip(rows, case.data["documents"], strict=False):
        start = expected.pop("text_starts", None)
        if start is not None:
            assert row.pop("text").startswith(start)
    assert rows == case.data["documents"]


@pytest.mark.parametrize("case", READ, ids=lambda case: case.id)
def test_a_case_says_how_it_was_verified(case: Case) -> None:
    """The grade is that of an answer's provenance; what nobody recorded is a documented shape."""
    grade = case.data["verified"]
    assert grade in GRADES
    assert (grade == "documented shape") <= case.is_documented
    if case.is_documented:
        assert grade in ("documented shape", "real server")
    elif (FIXTURES / "INDEX.csv").is_file():
        index = (FIXTURES / "INDEX.csv").read_text()
        used = [answer["fixture"] for answer in case.data["answers"] if "fixture" in answer]
        lines = [line for line in index.splitlines() for name in used if f",{name}," in line]
        assert grade == "real server" or any(grade.replace(" ", "-") in line for line in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_source_file_is_short_and_has_a_case(path: Path) -> None:
    """No more than 40 lines in all; the first gives editors the schema, the second explains."""
    lines = path.read_text().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../source.schema.json"
    assert lines[1].startswith("# ")
    assert len(lines) <= 40
    assert path.stem in {case.stem for case in CASES}


def test_every_case_has_its_source() -> None:
    assert {case.stem for case in CASES} <= {path.stem for path in FILES}
