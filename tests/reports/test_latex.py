"""The report for a paper: well formed, no wider than its columns, and run through LaTeX where that is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.scoring.load import read_run
from reports.captions import ESTIMATORS, FIGURES, TABLES
from reports.content import Content, make_content
from reports.latex import MOST_LINES, latex_files, table_tex, tex
from reports.tables import Table
from reports.write import render_files

PACKAGES = {"\\toprule": "booktabs", "\\includegraphics": "graphicx", "\\ContinuedFloat": "caption"}


@pytest.fixture(scope="module")
def content(run: Path) -> Content:
    return make_content(read_run(run))


@pytest.fixture(scope="module")
def files(content: Content) -> dict[str, str]:
    return latex_files(content)


def balanced(text: str) -> bool:
    """Whether braces and environments close in the order in which they were opened."""
    plain = re.sub(r"(?m)(?<!\\)%.*$", "", text.replace(r"\\", "")).replace(r"\{", "").replace(r"\}", "")
    open_: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", plain):
        if what == "begin":
            open_.append(name)
        elif not open_ or open_.pop() != name:
            return False
    return not open_ and plain.count("{") == plain.count("}")


def test_main_inputs_every_table_and_figure_that_readers_are_shown(
    content: Content, files: dict[str, str]
) -> None:
    main = files["main.tex"]
    named = {f"{name}.tex" for name in re.findall(r"\\input\{(.*?)\}", main)}
    assert named == set(files) - {"main.tex"}
    assert len(named) == len([t for t in content.tables if t.columns]) + len(content.pictures)
    for name, text in files.items():
        assert balanced(text), name
        assert text.isascii(), name
        for command, package in PACKAGES.items():
            assert command not in text or package in main


def test_rows_have_as_many_cells_as_the_table_has_columns(content: Content, files: dict[str, str]) -> None:
    for table in (table for table in content.tables if table.columns):
        text = files[f"tables/{table.name}.tex"]
        rows = [line for line in text.splitlines() if line.endswith(r" \\")]
        floats = text.count(r"\toprule")
        assert len(rows) == len(table.body) + floats
        assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(table.head)}


def test_figures_are_no_wider_than_a_column_or_two(content: Content, files: dict[str, str]) -> None:
    for picture in content.pictures:
        text = files[f"figures/{picture.name}.tex"]
        place, inches = re.findall(r"begin\{(figure\*?)\}", text)[0], re.findall(r"width=([\d.]+)in", text)[0]
        own = picture.figure.get_figwidth()
        assert 0.85 * own <= float(inches) <= own
        assert float(inches) == 3.25 if place == "figure" else 3.25 < float(inches) <= 6.75


def test_long_tables_go_on_in_further_floats(content: Content) -> None:
    table = next(table for table in content.tables if table.name == "scores")
    rows = table.frame.loc[table.frame.index.repeat(10)]
    long = Table(table.name, table.title, table.caption, rows, table.columns)
    text = table_tex(long, "ctx")
    assert text.count(r"\begin{table*}") == -(-len(rows) // MOST_LINES) == 3
    assert text.count(r"\label{tab:scores}") == 1
    assert text.count(r"\ContinuedFloat") == 2
    assert text.count(" & ") == (len(rows) + 3) * (len(table.columns) - 1)


def test_the_words_of_the_report_have_all_their_letters() -> None:
    for words in (*ESTIMATORS, *FIGURES.values(), *TABLES.values()):
        assert "?" not in tex(words)
        assert tex(words).isascii()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_takes_it(content: Content, tmp_path: Path) -> None:
    for name, data in render_files(content, ("latex",)).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "main.tex"]
    done = subprocess.run(command, cwd=tmp_path / "latex", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert "too large" not in done.stdout
    assert (tmp_path / "latex" / "main.pdf").stat().st_size > 50_000
