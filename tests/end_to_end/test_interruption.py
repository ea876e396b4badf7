"""A run that is killed and started again ends like one that was left alone, and does nothing twice."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.runs import command, environment, harness, results

JOB = ("run", "--suite", "cartpole", "--budget", "smoke", "--seeds", "2", "--no-report", "--no-pictures")


def finished(folder: Path) -> dict[str, tuple[int, int]]:
    """Identity and time of each finished trial's last file."""
    stats = {path.parent.name: path.stat() for path in folder.glob("trials/*/done.json")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    started = time.monotonic()
    assert harness(*JOB, "--out", "undisturbed", cwd=tmp_path).returncode == 0
    whole = time.monotonic() - started
    expected = results(tmp_path / "undisturbed")
    folder = tmp_path / "killed"
    seen: dict[str, tuple[int, int]] = {}
    moments = random.Random(kills)
    for _ in range(kills):
        process = subprocess.Popen(
            command(*JOB, "--out", "killed"), cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.2, 0.9) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        done = finished(folder)
        assert done.items() >= seen.items()  # nothing finished was touched again
        seen = done
    last = harness(*JOB, "--out", "killed", cwd=tmp_path)
    assert last.returncode == 0, last.stderr
    assert finished(folder).items() >= seen.items()
    assert results(folder) == expected
    assert not list((folder / "trials").glob(".work/*"))


def test_no_process_outlives_a_killed_run(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(
            "run", "--suite", "cartpole", "--methods", "human", "--seeds", "2", "--no-report", "--out", "r"
        ),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("r/trials/.work/*/log.txt")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.0)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(tmp_path: Path) -> None:
    arguments = (
        "run",
        "--suite",
        "cartpole",
        "--methods",
        "human",
        "--seeds",
        "3",
        "--no-report",
        "--out",
        "r",
    )
    # where tests run in the background SIGINT is ignored, which a child would inherit; a handler it does not
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command(*arguments),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("r/trials/.work/*/log.txt")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command resumes" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.glob("r/trials/*/done.json"))
