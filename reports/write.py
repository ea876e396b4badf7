"""Write a report: page, markdown, tables and figures, replacing what was there file by file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.errors import UserError, writing
from harness.scoring.merge import read_runs
from reports.captions import TITLES
from reports.content import Content, make_content
from reports.latex import latex_files
from reports.markdown import to_report
from reports.page import render
from reports.print import to_pdf
from reports.tables import to_csv

FORMS: Final = {"html": "index.html", "pdf": "report.pdf", "latex": "latex/main.tex", "md": "report.md"}
"""The forms of a report, and the file of each that a reader opens."""
PLACES: Final = {
    "tables": ("csv", "tex"),
    "figures": ("png", "svg", "pdf"),
    "latex/tables": ("tex",),
    "latex/figures": ("tex", "pdf"),
}
"""Folders of a report, and what it may have left there."""


def write_report(run_folders: Sequence[Path], out: Path, forms: Sequence[str] = ("html",)) -> Path:
    """Report on one run, or on several of the same budget, engine and protocol; the path of the first of `forms`.

    `out` gets report.md, tables/ (CSV), figures/ (PNG, SVG) and the `forms` that are asked for, of `FORMS`: the same
    bytes for the same runs, but for report.pdf, which is as the browser prints it. Files appear whole or not at all,
    the page last; those of other forms, which would be of an older state, go. UserError if a folder is no run, the
    runs do not fit together or a form is unknown; EnvironmentProblem if a file is damaged, nothing is there that
    prints a page, or `out` cannot be written.
    """
    check_forms(forms)
    write_content(make_content(read_runs(run_folders)), out, forms)
    return out / FORMS[forms[0]]


def write_content(content: Content, out: Path, forms: Sequence[str] = ("html",)) -> None:
    """The same of a report that has been computed, in forms that are known."""
    files = render_files(content, forms)
    with writing(out):
        _replace(files, out)


def render_files(content: Content, forms: Sequence[str] = ("html",)) -> dict[str, bytes]:
    """Path inside the report → bytes, the page last."""
    files: dict[str, bytes] = {}
    for table in content.tables:
        files[f"tables/{table.name}.csv"] = to_csv(table, content.context).encode()
    for picture in content.pictures:
        files[f"figures/{picture.name}.png"] = picture.render("png")
        files[f"figures/{picture.name}.svg"] = picture.svg
    files[FORMS["md"]] = to_report(content).encode()
    if "latex" in forms:
        files |= {f"latex/{name}": text.encode() for name, text in latex_files(content).items()}
        files |= {f"latex/figures/{picture.name}.pdf": picture.render("pdf") for picture in content.pictures}
    page = render(content).encode() if {"html", "pdf"} & set(forms) else b""
    if "pdf" in forms:
        files[FORMS["pdf"]] = to_pdf(page)
    if "html" in forms:
        files[FORMS["html"]] = page
    return files


def check_forms(forms: Sequence[str]) -> None:
    """UserError unless all forms are known, and one is asked for."""
    for form in forms or ("",):
        if form not in FORMS:
            raise UserError(
                f"a report's form is one of {', '.join(FORMS)}; found {form!r}: name those, with commas between"
            )


def _replace(files: dict[str, bytes], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".report-", dir=out))
    try:
        for name, data in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(data)
        known = {
            f"{place}/{name}.{kind}" for place, kinds in PLACES.items() for name in TITLES for kind in kinds
        }
        for name in sorted({*known, *FORMS.values()} - set(files)):
            (out / name).unlink(missing_ok=True)
        for place in PLACES:
            if any(name.startswith(f"{place}/") for name in files):
                (out / place).mkdir(parents=True, exist_ok=True)
        for name in files:
            (work / name).replace(out / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
