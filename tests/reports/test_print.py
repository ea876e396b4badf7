"""The page as PDF."""

from __future__ import annotations

import importlib.util
import os
import shutil
import zlib
from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem
from harness.scoring.load import read_run
from reports.content import make_content
from reports.print import BROWSERS, to_pdf, undated
from reports.write import render_files

PAGE = b"<!DOCTYPE html><html><head><title>A title</title></head><body><p>Some words</p></body></html>"


def program(folder: Path, name: str, text: str) -> None:
    """A program that lies in `folder`."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="needs a browser")
def test_a_browser_prints_the_page(tmp_path: Path) -> None:
    pdf = to_pdf(PAGE)
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"A title" in pdf or b"A title".hex().encode() in pdf.lower()
    assert b"CreationDate" not in pdf
    assert b"ModDate" not in pdf


def test_dates_are_blanked_and_offsets_hold() -> None:
    stream = zlib.compress(b"words")
    pdf = b"<</CreationDate (D:20260101120000+00'00')\n/ModDate(D:2026)\n/Title (A date)>>" + stream
    assert len(undated(pdf)) == len(pdf)
    assert undated(pdf).split() == [b"<<", b"/Title", b"(A", b"date)>>" + stream]


@pytest.mark.skipif(importlib.util.find_spec("weasyprint") is not None, reason="WeasyPrint is here")
def test_without_anything_that_prints_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        EnvironmentProblem, match=r"install Chromium .* or `pip install weasyprint`"
    ) as caught:
        to_pdf(PAGE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo first >&2; echo 'no usable sandbox!' >&2; exit 1", "no usable sandbox!"),
        ("exit 0", "no message"),
    ],
)
def test_a_browser_that_fails_is_named_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    program(tmp_path, "google-chrome", script)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setattr("reports.print.BROWSERS", ("google-chrome",))
    with pytest.raises(EnvironmentProblem, match=f"google-chrome did not print the page .{said}.: mend it"):
        to_pdf(PAGE)


def test_a_browser_gets_the_page_and_a_sandbox_unless_it_is_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = "for last; do case $last in --print-to-pdf=*) out=${last#--print-to-pdf=};; esac; done\n"
    program(tmp_path, "chromium", copy + 'echo "$@" > "$out"; /bin/cat "${last#file://}" >> "$out"')
    monkeypatch.setenv("PATH", str(tmp_path))
    for user, unsafe in ((1000, False), (0, True)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        said = to_pdf(PAGE)
        assert PAGE in said
        assert (b"--no-sandbox" in said) is unsafe


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="needs a browser")
def test_a_report_is_printed(run: Path) -> None:
    content = make_content(read_run(run))
    files = render_files(content, ("pdf",))
    assert "index.html" not in files
    assert len(files["report.pdf"]) > 100_000
