"""Write a report: page, markdown, tables and figures, replacing what was there file by file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.errors import writing
from harness.scoring.load import read_run
from harness.scoring.merge import merge
from reports.captions import TITLES
from reports.content import Content, make_content
from reports.markdown import to_report
from reports.page import render
from reports.tables import to_csv, to_latex

PLACES: Final = {"tables": ("csv", "tex"), "figures": ("png", "pdf")}


def write_report(run_folders: Sequence[Path], out: Path) -> Path:
    """Report on one run, or on several of the same budget, engine and protocol; the path of the page.

    `out` gets index.html, report.md, tables/ (CSV, LaTeX) and figures/ (PNG, PDF), the same bytes for the
    same runs. Files appear whole or not at all, the page last. UserError if a folder is no run or the runs
    do not fit together; EnvironmentProblem if a file is damaged or `out` cannot be written.
    """
    content = make_content(merge([read_run(Path(folder)) for folder in run_folders]))
    files = render_files(content)
    with writing(out):
        _replace(files, out)
    return out / "index.html"


def render_files(content: Content) -> dict[str, bytes]:
    """Path inside the report → bytes, the page last."""
    files: dict[str, bytes] = {}
    for table in content.tables:
        files[f"tables/{table.name}.csv"] = to_csv(table, content.context).encode()
        if table.head:
            files[f"tables/{table.name}.tex"] = to_latex(table, content.context).encode()
    for picture in content.pictures:
        for kind in PLACES["figures"]:
            files[f"figures/{picture.name}.{kind}"] = picture.render(kind)
    files["report.md"] = to_report(content).encode()
    files["index.html"] = render(content).encode()
    return files


def _replace(files: dict[str, bytes], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".report-", dir=out))
    try:
        for name, data in files.items():
            (work / name).parent.mkdir(exist_ok=True)
            (work / name).write_bytes(data)
        for place, kinds in PLACES.items():
            (out / place).mkdir(exist_ok=True)
            stale = {f"{place}/{name}.{kind}" for name in TITLES for kind in kinds} - set(files)
            for name in sorted(stale):
                (out / name).unlink(missing_ok=True)
        for name in files:
            (work / name).replace(out / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
