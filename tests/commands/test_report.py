"""`report` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from reports.write import FORMS
from tests.reports.fake_run import write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    return write_run(folder, tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)


def test_every_form_is_named_with_its_file(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run), "--format", "html, latex,html,md"]) == 0
    shown = capsys.readouterr().out.splitlines()[-3:]
    out = run / "report"
    assert shown == [f"page: {out}/index.html", f"latex: {out}/latex/main.tex", f"md: {out}/report.md"]
    for form in ("html", "latex", "md"):
        assert (out / FORMS[form]).is_file()


def test_the_page_is_the_default(run: Path, tmp_path: Path) -> None:
    assert main(["report", str(run), "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"index.html", "report.md", "tables", "figures"}


def test_a_form_that_is_none_is_one_line_and_exit_code_2(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(run), "--format", "html,word", "--out", str(tmp_path / "a")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said == (
        "error: a report's form is one of html, pdf, latex, md; found 'word': name those, with commas between"
    )
    assert not (tmp_path / "a").exists()


def test_a_missing_browser_is_exit_code_4_and_leaves_the_report_as_it_is(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(run), "--out", str(tmp_path)]) == 0
    before = (tmp_path / "index.html").stat().st_mtime_ns
    capsys.readouterr()
    monkeypatch.setattr("reports.print.BROWSERS", ())
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["report", str(run), "--out", str(tmp_path), "--format", "html,pdf"]) == 4
    assert "install Chromium" in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "index.html").stat().st_mtime_ns == before
