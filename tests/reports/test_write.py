"""The files of a report."""

from __future__ import annotations

import errno
import hashlib
import shutil
from pathlib import Path

import matplotlib
import pytest

from harness.errors import EnvironmentProblem, UserError
from reports.write import write_report
from tests.reports.fake_run import write_run


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_all_files_are_there(report: Path) -> None:
    figures = ["headline", "profile", "scores", "normalised", "success", "curves", "improvement", "search"]
    figures += ["best_of", "correlation"]
    tables = [
        "headline",
        "scores",
        "gains",
        "normalised",
        "success",
        "flags",
        "remarks",
        "searches",
        "best_of",
        "failures",
        "correlation",
        "costs",
        "trials",
        "curves",
        "candidates",
        "improvement",
        "suites",
        "profile",
    ]
    expected = {"index.html", "report.md"}
    expected |= {f"figures/{name}.{kind}" for name in figures for kind in ("png", "svg")}
    expected |= {f"tables/{name}.csv" for name in tables}
    assert set(digests(report)) == expected


def test_the_same_run_elsewhere_gives_the_same_bytes(run: Path, report: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(run, tmp_path / "under" / "another_name")
    shutil.rmtree(moved / "trials" / ".work", ignore_errors=True)
    again = write_report([moved], tmp_path / "report").parent
    assert digests(again) == digests(report)


def test_files_that_no_longer_apply_go_and_others_stay(tmp_path: Path) -> None:
    out = tmp_path / "report"
    (out / "figures").mkdir(parents=True)
    for name in ("best_of.png", "mine.png"):
        (out / "figures" / name).write_bytes(b"old")
    (out / "index.html").write_text("old")
    small = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    page = write_report([small], out)
    assert "Reward design" in page.read_text()
    assert not (out / "figures" / "best_of.png").exists()
    assert (out / "figures" / "mine.png").read_bytes() == b"old"
    assert [p.name for p in out.iterdir() if p.name.startswith(".")] == []


def test_forms_that_were_not_asked_for_this_time_go(tmp_path: Path) -> None:
    small = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    out = tmp_path / "report"
    main = write_report([small], out, ("latex",))
    assert main == out / "latex" / "main.tex"
    assert not (out / "index.html").exists()
    (out / "latex" / "paper.tex").write_text("mine")
    (out / "report.pdf").write_bytes(b"old")
    write_report([small], out)
    assert {str(p.relative_to(out)) for p in out.rglob("*.tex")} == {"latex/paper.tex"}
    assert not list(out.rglob("latex/figures/*"))
    assert not (out / "report.pdf").exists()


def test_a_form_that_is_none_is_said_before_anything_is_written(tmp_path: Path) -> None:
    small = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    for forms in (("html", "docx"), ("",), ()):
        with pytest.raises(UserError, match="html, pdf, latex, md; found"):
            write_report([small], tmp_path / "report", forms)
    assert not (tmp_path / "report").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    small = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match=r"cannot write .*report \(Not a directory\)"):
        write_report([small], tmp_path / "file" / "report")


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a run folder"):
        write_report([tmp_path], tmp_path / "report")
    with pytest.raises(UserError, match="at least one"):
        write_report([], tmp_path / "report")


def test_figures_carry_their_context_and_no_date(report: Path) -> None:
    for path in (report / "figures").iterdir():
        data = path.read_bytes()
        assert b"CreationDate" not in data
        assert matplotlib.__version__.encode() not in data
    png = (report / "figures" / "scores.png").read_bytes()
    assert b"Protocol strict, budget quick, engine cpu, precision fp32, proposer grammar." in png


def test_a_disk_that_is_full_leaves_the_old_page_and_nothing_half_written(
    run: Path, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Path(shutil.copytree(report, tmp_path / "report"))
    before = digests(out)
    small = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "index.html":
            write(path, data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EnvironmentProblem, match=r"cannot write .*: free some space") as caught:
        write_report([small], out)
    assert "\n" not in str(caught.value)
    assert digests(out) == before


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    small = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    for place in ("/proc/report", "/dev/null/report", str(tmp_path / ("x" * 300))):
        with pytest.raises(EnvironmentProblem, match="cannot write") as caught:
            write_report([small], Path(place))
        assert "\n" not in str(caught.value)
