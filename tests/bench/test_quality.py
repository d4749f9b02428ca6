"""`make bench-quality` over two small collections: real processes, real files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from scripts.processes import ROOT


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.quality", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_figures_are_those_of_the_ranking(collections: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "quality.json"
    ran = bench("--collections", collections, "--output", output)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    figures = json.loads(output.read_text())
    unranked = figures["unranked"]
    assert (
        list(figures["squad"]) == list(unranked["squad"]) == ["google-doc", "docx", "pdf", "pptx"]
    )
    for kind, found in figures["squad"].items():
        recall = [found[f"recall@{depth}"] for depth in (1, 3, 10)]
        assert recall == [1.0, 1.0, 1.0], kind  # both answers stand at the very end
        assert 200 < found["longest"] <= 300
        assert 0 < found["words"] <= 3000
        # Without ranking the first ten passages are those at the beginning of one file.
        assert unranked["squad"][kind]["recall@10"] < 1.0, kind
    assert figures["cranfield"] == {
        "rerank_ndcg@10": 1.0,
        "ndcg@10": 1.0,
        "recall@10": 1.0,
        "downloads": 2,  # the third has no text that could be found
    }
    assert unranked["cranfield"]["rerank_ndcg@10"] == 0.6309  # the second of the given order
    for shown in ("google-doc", "pptx, unranked", "rerank_ndcg@10", str(output)):
        assert shown in ran.stdout


def test_without_the_collections_it_ends_with_2_and_says_so(tmp_path: Path) -> None:
    ran = bench("--collections", tmp_path / "nowhere")
    assert ran.returncode == 2
    assert "COLLECTIONS=" in ran.stderr
    assert str(tmp_path / "nowhere") in ran.stderr


def test_a_collection_of_another_form_is_said_to_be_one(collections: Path, tmp_path: Path) -> None:
    (tmp_path / "squad").mkdir()
    (tmp_path / "squad/documents.jsonl").write_text("id,title\n")
    ran = bench("--collections", tmp_path)
    assert ran.returncode == 2
    assert "is not JSON lines" in ran.stderr
