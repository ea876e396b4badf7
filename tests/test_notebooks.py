"""docs/notebooks.md: what it shows runs, and its tables are those of the code."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from harness.scoring.columns import COLUMNS
from tests.reports.fake_run import write_run

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "notebooks.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TEXT, re.DOTALL)


def execute(block: str, names: dict[str, Any]) -> Any:
    """Run a block as a notebook does; the value of its last expression."""
    tree = ast.parse(block)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "notebooks.md", "exec"), names)
    return eval(compile(ast.Expression(last.value), "notebooks.md", "eval"), names) if last else None


def beginning(output: str) -> list[str]:
    """The words of the first line, all numbers alike."""
    return re.sub(r"-?\d[\d.e+-]*", "0", output.lstrip("\n").partition("\n")[0]).split()


def test_what_it_shows_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    write_run(tmp_path / "runs" / "demo", tasks=("cartpole",), rollouts=False)
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == len(SHOWN) > 5
    for block, output in SHOWN:
        value = execute(block, names)
        said = capsys.readouterr().out or repr(value)
        assert beginning(said) == beginning(output), block
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_its_tables_are_those_of_the_code() -> None:
    tool = runpy.run_path(str(DOCS / "columns.py"))
    assert TEXT.partition(tool["MARK"])[2] == tool["tables"](), "run `python docs/columns.py`"
    assert set(tool["ROWS"]) == set(COLUMNS)
