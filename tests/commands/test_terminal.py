"""Closed streams, gone readers, odd encodings and names, Ctrl-C at any moment: never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.runs import SMALL, command, environment, harness, program


def shell(line: str, cwd: Path, **extra: str) -> subprocess.CompletedProcess[bytes]:
    """A line of shell, `$H` being the harness."""
    extra |= {"H": " ".join(command())}
    return subprocess.run(
        ["bash", "-c", line], cwd=cwd, env=environment(**extra), capture_output=True, timeout=200
    )


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(tmp_path: Path, closed: str) -> None:
    run = shell(f"$H tasks {closed}", tmp_path)
    assert (run.returncode, run.stderr) == (0, b"")


def test_a_full_output_is_one_line(tmp_path: Path) -> None:
    run = shell("$H tasks > /dev/full", tmp_path)
    assert run.returncode == 4
    assert run.stderr == b"error: cannot use: No space left on device; mend it or name another path\n"


def test_a_reader_that_went_away_is_no_mistake(tmp_path: Path) -> None:
    run = shell("$H tasks ant | head -1; exit ${PIPESTATUS[0]}", tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"ant\n", b"")


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("é→".encode(), {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        pytest.param(b"caf\xe9", {}, marks=pytest.mark.slow),
    ],
)
def test_any_folder_name_in_any_locale(tmp_path: Path, name: bytes, extra: dict[str, str]) -> None:
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    run = shell(f"$H run --suite cartpole --dry-run --out ../{os.fsdecode(name)}", folder, **extra)
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"run folder: ../" + name + b"\n" in run.stdout


@pytest.mark.parametrize("out", ["x" * 300, "file", "/proc/nowhere/run", "/sys/run"])
def test_a_run_folder_that_cannot_be(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("kept")
    run = harness(*SMALL, "--out", out, cwd=tmp_path)
    assert run.returncode == 4
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: cannot ")
    assert out in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_a_working_directory_that_is_gone_or_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    run = shell("cd gone; rmdir ../gone; $H tasks", tmp_path)
    assert (run.returncode, run.stdout) == (4, b"")
    assert run.stderr == b"error: the working directory is no longer there: change to another folder\n"
    doctor = shell("cd /proc; $H doctor", tmp_path)
    assert doctor.returncode == 4
    assert b"/proc cannot be written (No such file or directory): change to another folder" in doctor.stdout


def test_a_package_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'torch':\n"
        "            raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n"
        "sys.meta_path.insert(0, Without())\n"
    )
    run = program("tasks", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert run.returncode == 4
    assert run.stderr == "error: the package 'torch' is not installed: reinstall eureka-harness\n"


@pytest.mark.parametrize("delay", [0.3, 1.0])
def test_ctrl_c_while_it_starts(tmp_path: Path, delay: float) -> None:
    marker = tmp_path / "started"
    code = f"from harness.cli import main; import pathlib; pathlib.Path({str(marker)!r}).touch(); raise SystemExit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", "--suite", "cartpole", "--budget", "smoke", "--out", "r"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not marker.exists():
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 130
    assert errors == "interrupted: finished trials are kept; the same command resumes\n"


def test_ctrl_c_again_and_again_while_it_ends(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(*SMALL, "--budget", "quick", "--seeds", "4", "--out", "r"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob("r/trials/.work/*/spec.json")):
        time.sleep(0.05)
    time.sleep(1.0)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "Exception" not in errors


def test_ctrl_c_that_the_system_gives_to_another_thread_is_heard() -> None:
    code = """
import signal, threading, time
from concurrent.futures import Future
from harness import terminal

def receive():
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    time.sleep(60)

signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Thread(target=receive, daemon=True).start()
try:
    terminal.wait_for([Future()])
except KeyboardInterrupt:
    print("heard")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert run.stdout == "heard\n", run.stderr
