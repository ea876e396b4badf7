"""Processes start whatever the temporary folder is."""

import tempfile
from pathlib import Path

import pytest

from harness.confine import sockets
from harness.confine.sockets import socket_folder
from harness.errors import EnvironmentProblem
from tests.end_to_end.runs import SMALL, program


@pytest.mark.slow
def test_a_run_with_a_long_temporary_folder(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    run = program(*SMALL, "--no-report", "--out", "r", cwd=tmp_path, TMPDIR=str(long))
    assert run.returncode == 0, run.stderr
    assert "cartpole human seed 0: F = " in run.stdout


@pytest.mark.slow
def test_doctor_without_the_folder_that_tmpdir_names(tmp_path: Path) -> None:
    doctor = program("doctor", cwd=tmp_path, TMPDIR=str(tmp_path / "nowhere"))
    assert doctor.returncode == 0, doctor.stdout


def test_the_usual_folder_is_taken_where_it_is_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    assert socket_folder() == "/tmp"
    long = tmp_path / ("é" * 60)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert socket_folder() in sockets.SHORT_FOLDERS


def test_without_any_short_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("x" * 120)))
    monkeypatch.setattr(sockets, "SHORT_FOLDERS", ("/proc/1/nowhere",))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with pytest.raises(EnvironmentProblem, match="set TMPDIR to a short, writable one"):
        socket_folder()
