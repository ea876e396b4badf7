"""A run that is killed and started again ends like one that was left alone, and does nothing twice."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.end_to_end.runs import command, environment, harness, program, results

JOB = ("run", "--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--no-report", "--no-pictures")
"""Five trials: one of each method, and two candidates."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], float]:
    """What the job finds when it is left alone, and how long it takes (s)."""
    folder, started = tmp_path_factory.mktemp("left-alone"), time.monotonic()
    assert program(*JOB, "--out", "run", cwd=folder).returncode == 0
    return results(folder / "run"), time.monotonic() - started


def finished(folder: Path) -> dict[str, tuple[int, int]]:
    """Identity and time of each finished trial's last file."""
    stats = {path.parent.name: path.stat() for path in folder.glob("trials/*/done.json")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_random_moments(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], float], kills: int
) -> None:
    expected, whole = undisturbed
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


def trial_of(process: psutil.Process) -> str | None:
    """The trial whose training or evaluation a process is, by where its output goes."""
    try:
        log = Path(f"/proc/{process.pid}/fd/1").readlink()
    except OSError:
        return None
    return log.parent.name if log.name == "log.txt" else None


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_children_killed_at_random_moments(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], float], times: int
) -> None:
    """Each trial loses that many processes; the run goes on by itself, and finds what it would have found."""
    moments, killed = random.Random(0), Counter[str]()
    process = subprocess.Popen(
        command(*JOB, "--out", "killed"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and killed.total() < 5 * times:
        time.sleep(moments.uniform(0.05, 0.6))
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                trial = trial_of(child)
                if trial is not None and killed[trial] < times:
                    child.kill()
                    killed[trial] += 1
                    break
    output, _ = process.communicate(timeout=250)
    assert killed.total() >= 3  # as many as there was time for
    assert "lost: the training was ended by signal SIGKILL" in output
    assert process.returncode == 0, output
    assert results(tmp_path / "killed") == undisturbed[0]


def test_a_full_disk_is_one_line_and_the_same_command_goes_on(tmp_path: Path) -> None:
    job = ("run", "--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--methods", "human")
    options = ("--no-report", "--no-pictures", "--out")
    assert harness(*job, *options, "undisturbed", cwd=tmp_path).returncode == 0
    limited = ["bash", "-c", 'ulimit -f 30; exec "$@"', "-", *command(*job, *options, "full")]
    run = subprocess.run(
        limited, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 4, run.stderr
    (line,) = run.stderr.splitlines()
    assert "no space" in line or "too large" in line
    assert "free some space" in line
    assert harness(*job, *options, "full", cwd=tmp_path).returncode == 0
    assert results(tmp_path / "full") == results(tmp_path / "undisturbed")


def test_a_lost_trial_is_named_and_the_run_does_not_end_well(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import multiprocessing, os\nfrom pathlib import Path\nfrom suites.isaac.cartpole import Cartpole\n"
        "class Mine(Cartpole):\n"
        "    def act(self, sim, carried, actions, rng):\n"
        "        if multiprocessing.current_process().name == 'training' and not Path(__file__).with_name('ok').exists():\n"
        "            os.kill(os.getpid(), 9)\n"
        "        return super().act(sim, carried, actions, rng)\n"
    )
    (tmp_path / "my_reward.py").write_text("def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}\n")
    job = ("run", "--suite", "mine.py:Mine", "--methods", "my_reward.py", "--budget", "smoke", "--seeds", "1")
    run = harness(*job, "--no-pictures", "--out", "r", cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    assert "mine my_reward seed 0 is missing: mine my_reward seed 0 was lost 3 times" in run.stdout
    assert (tmp_path / "r" / "report" / "index.html").exists()
    assert not list(tmp_path.glob("r/trials/*/done.json"))
    (tmp_path / "ok").touch()
    again = harness(*job, "--no-pictures", "--no-report", "--out", "r", cwd=tmp_path)
    assert again.returncode == 0, again.stdout
    assert "mine my_reward seed 0: F = " in again.stdout


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
