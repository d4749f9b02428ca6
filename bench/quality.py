"""How well the Drive connector grounds answers, over two collections: `make bench-quality`.

The real connector in front of the sandbox, ranked, and again with ranking switched off.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from bench import judgements, questions
from bench.collection import Cranfield, Missing, Squad, cranfield, squad
from bench.drive import write_data
from bench.running import Failed, running
from scripts.processes import ROOT

Figures = dict[str, Any]

_GOALS: dict[str, Figures] = {
    "squad": {"recall@1": 0.77, "recall@3": 0.9, "recall@10": 0.965, "words": 3000, "longest": 300},
    "cranfield": {"rerank_ndcg@10": 0.37, "downloads": 10},
}
_UNRANKED_STEP = 4  # each fourth question shows the difference, in a quarter of the time
_LEAST = ("recall@", "rerank_")  # of these more is better, of the others less


def main() -> int:
    """Measure, print and write it; 2 without the collections."""
    given = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what was started, as Ctrl-C
    try:
        collections = (
            squad(given.collections, given.questions),
            cranfield(given.collections, given.questions),
        )
    except Missing as missing:
        print(
            f"The collections are not there ({missing}): name their folder with COLLECTIONS=…",
            file=sys.stderr,
        )
        return 2
    try:
        figures = measured(*collections)
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is missing, with which files are written: make install", file=sys.stderr
        )
        return 1
    except (Failed, RuntimeError, requests.RequestException) as error:
        print(f"Nothing was measured: {error}", file=sys.stderr)
        return 1
    print(table(figures))
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"\nThe same is in {given.output}.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument(
        "--collections", type=Path, default=ROOT.parent / "shared/collections", help="their folder"
    )
    parser.add_argument(
        "--questions", type=int, default=0, help="so many of each collection, evenly; 0: all"
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build/bench/quality.json", help="the figures as JSON"
    )
    return parser.parse_args()


def measured(articles: Squad, abstracts: Cranfield) -> Figures:
    """Return the figures of both collections, and under `unranked` those without ranking.

    Raises:
        Failed: a search was not answered.
        RuntimeError: the sandbox or the connector did not start.
    """
    with tempfile.TemporaryDirectory() as name:
        data = Path(name, "data")
        data.mkdir()
        write_data(data, articles, abstracts)
        ranked = _measured(articles, abstracts, data, ranked=True)
        fewer = replace(articles, questions=articles.questions[::_UNRANKED_STEP])
        unranked = _measured(fewer, abstracts, data, ranked=False)
    return {**ranked, "unranked": unranked}


def _measured(articles: Squad, abstracts: Cranfield, data: Path, *, ranked: bool) -> Figures:
    started = time.monotonic()
    how = "ranked" if ranked else "with ranking switched off"
    count = f"{len(articles.questions)} questions and {len(abstracts.queries)} queries"
    print(f"Asking {count}, {how} …", flush=True)
    with (
        tempfile.TemporaryDirectory() as logs,
        running(data, Path(logs), ranked=ranked) as connector,
    ):
        figures = {
            "squad": questions.measure(articles, connector),
            "cranfield": judgements.measure(abstracts, connector, ranked=ranked),
        }
    print(f"  took {time.monotonic() - started:.0f} s", flush=True)
    for reason, times in connector.warnings.most_common():
        print(f"  {times} warnings: {reason}", flush=True)
    return figures


def table(figures: Figures) -> str:
    """Return the figures as they are printed, the goals below them."""
    unranked = figures["unranked"]
    names = list(_GOALS["squad"])
    parts = [_line("answers in long files", names)]
    for label, of in (("", figures), (", unranked", unranked)):
        parts += [_line(kind + label, row.values()) for kind, row in of["squad"].items()]
    parts += [_goals("squad", names), ""]
    names = list(figures["cranfield"])
    parts.append(_line("graded abstracts", names))
    for label, of in (("ranked", figures), ("unranked", unranked)):
        parts.append(_line(label, of["cranfield"].values()))
    return "\n".join([*parts, _goals("cranfield", names)])


def _goals(collection: str, names: list[str]) -> str:
    goals = _GOALS[collection]
    signs = ("≥" if name.startswith(_LEAST) else "≤" for name in names)
    cells = [
        f"{sign} {goals[name]}" if name in goals else "-"
        for sign, name in zip(signs, names, strict=True)
    ]
    return _line("goal", cells)


def _line(label: str, cells: Any) -> str:
    shown = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells)
    return f"{label:<24}" + "".join(f"{cell:>15}" for cell in shown)


if __name__ == "__main__":
    sys.exit(main())
