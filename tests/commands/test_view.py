"""`view` over real HTTP: what is served, to whom, and when it is made anew."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.commands import view
from harness.commands.view import Pages, serving
from harness.errors import EnvironmentProblem, UserError
from tests.reports.fake_run import write_run


def small_run(folder: Path, seeds: int = 2) -> Path:
    return write_run(folder, tasks=("cartpole",), methods=("human", "sparse"), seeds=seeds, rollouts=False)


def get(address: str, path: str = "/", host: str = "", method: str = "GET") -> http.client.HTTPResponse:
    """An answer, its path sent as it is."""
    place = urllib.parse.urlsplit(address).netloc
    connection = http.client.HTTPConnection(place, timeout=120)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or place)
    connection.endheaders()
    return connection.getresponse()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return small_run(tmp_path / "run")


@pytest.fixture
def address(run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a server whose pages are made by a thread, as often as they are asked for."""
    monkeypatch.setattr(view, "EVERY_S", 0.0)
    monkeypatch.setattr(view, "REST", 0.0)
    pages = Pages(run)
    threading.Thread(target=pages.make_when_asked, daemon=True).start()
    with serving(pages, 0) as found:
        yield found


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_page_is_served_and_nothing_but_the_report_is_written(address: str, run: Path) -> None:
    before = files(run)
    answer = get(address)
    page = answer.read().decode()
    assert answer.status == 200
    assert "human and sparse on 1 task" in page
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Refresh"] is None  # nothing is missing
    table = get(address, "/tables/scores.csv")
    assert table.status == 200
    assert table.headers["Content-Type"] == "text/csv"
    assert table.read() == (run / "report" / "tables" / "scores.csv").read_bytes()
    assert get(address, method="HEAD").read() == b""
    assert {name: data for name, data in files(run).items() if not name.startswith("report/")} == before


def test_a_run_that_goes_on_is_shown_anew(address: str, run: Path, tmp_path: Path) -> None:
    more = small_run(tmp_path / "more", seeds=3)
    done = {path.parent.name for path in run.glob("trials/*/done.json")}
    assert "2 final trials per program" in get(address).read().decode()
    written = (run / "report" / "index.html").stat().st_mtime_ns
    get(address).read()
    assert (run / "report" / "index.html").stat().st_mtime_ns == written  # nothing has changed
    shutil.copy(more / "run.json", run)
    answer = get(address)
    assert "Not done yet: 2 final trials" in answer.read().decode()
    assert answer.headers["Refresh"] == str(view.RELOAD_S)
    shutil.copytree(more / "searches", run / "searches", dirs_exist_ok=True)
    for trial in (more / "trials").iterdir():
        if trial.name not in done:
            shutil.copytree(trial, run / "trials" / trial.name)
    answer = get(address)
    assert "Not done yet" not in answer.read().decode()
    assert answer.headers["Refresh"] is None


def test_a_damaged_run_is_one_line_above_the_page_of_before(address: str, run: Path) -> None:
    get(address).read()
    record = (run / "run.json").read_text()
    (run / "run.json").write_text(record[:100])
    answer = get(address)
    page = answer.read().decode()
    assert answer.status == 200
    assert answer.headers["Refresh"] is not None
    assert "run.json is damaged at line" in page
    assert "human and sparse on 1 task" in page
    (run / "run.json").write_text(record)
    assert "is damaged" not in get(address).read().decode()


def test_a_damaged_run_without_a_page_is_one_line(address: str, run: Path) -> None:
    (run / "run.json").write_text("{<b>")
    page = get(address).read().decode()
    assert "run.json is damaged at line" in page
    assert "<b>{" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/../run.json",
        "/../../etc/passwd",
        "/%2e%2e/run.json",
        "/..%2frun.json",
        "//etc/passwd",
        "/tables/../../run.json",
        "/link/run.json",
        "/file.json",
        "/round",
        "/tables",
        "/tables/%00",
        "/" + "x" * 5000,
        "/nothing.html",
    ],
)
def test_nothing_outside_the_report_is_served(address: str, run: Path, path: str) -> None:
    (run / "report" / "tables").mkdir(parents=True)
    (run / "report" / "link").symlink_to(run)
    (run / "report" / "file.json").symlink_to(run / "run.json")
    (run / "report" / "round").symlink_to("round")
    answer = get(address, path)
    assert answer.status == 404
    assert b"schema" not in answer.read()


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "127.0.0.1.example.org", "0.0.0.0", " "])
def test_a_site_that_points_to_this_machine_gets_nothing(address: str, host: str) -> None:
    answer = get(address, host=host)
    assert answer.status == 421
    assert b"<main>" not in answer.read()


def test_a_page_is_not_made_all_the_time(run: Path) -> None:
    pages = Pages(run)
    pages.renew()
    page = run / "report" / "index.html"
    page.unlink()
    os.utime(run / "run.json")
    pages.renew()
    assert not page.exists()


def test_nothing_is_done_for_others_than_readers(address: str) -> None:
    assert get(address, method="POST").status == 501


def test_what_cannot_be_served_is_said(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a run folder"):
        Pages(tmp_path)
    with serving(Pages(run), 0) as address:
        port = urllib.parse.urlsplit(address).port
        assert port is not None
        with (
            pytest.raises(EnvironmentProblem, match=r"cannot listen on 127\.0\.0\.1"),
            serving(Pages(run), port),
        ):
            pass
    with pytest.raises(UserError, match="--port: expected a number"), serving(Pages(run), 70000):
        pass
    (run / "report").symlink_to(tmp_path)
    with pytest.raises(UserError, match="is a link"):
        Pages(run)


def test_ctrl_c_ends_it_and_leaves_nothing_half_written(run: Path) -> None:
    command = [sys.executable, "-m", "harness", "view", str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        assert get(address).status == 200
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors == ""
    assert [path.name for path in (run / "report").iterdir() if path.name.startswith(".")] == []
