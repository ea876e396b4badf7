"""What lies in the working directory does not replace parts of the harness; a missing part is one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import installed
from harness.errors import EnvironmentProblem
from harness.registry import expert_reward, load_task
from tests.end_to_end.runs import environment, program

REPOSITORY = Path(__file__).parents[1]
DECOY = "raise RuntimeError('a decoy was imported')\n"


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    """A working directory with a package, a module and an empty folder of the harness's names."""
    folder = tmp_path / "work"
    (folder / "suites").mkdir(parents=True)
    (folder / "suites/__init__.py").write_text(DECOY)
    (folder / "reports.py").write_text(DECOY)
    (folder / "baselines/human_rewards/isaac").mkdir(parents=True)
    (folder / "baselines/__init__.py").write_text(DECOY)
    return folder


def test_packages_of_the_working_directory_are_not_taken_for_the_harness_s(decoys: Path) -> None:
    plan = (
        "run",
        "--suite",
        "cartpole",
        "--seeds",
        "1",
        "--budget",
        "smoke",
        "--methods",
        "human,sparse",
    )
    run = program(*plan, "--out", "r", "--no-pictures", cwd=decoys)
    assert run.returncode == 0, run.stderr
    assert "cartpole human seed 0: F = " in run.stdout
    assert "cartpole sparse seed 0: F = " in run.stdout
    assert (decoys / "r/report/index.html").is_file()


def test_an_empty_folder_called_baselines_takes_no_method_away(tmp_path: Path) -> None:
    (tmp_path / "baselines").mkdir()
    run = program(
        "run", "--suite", "cartpole", "--seeds", "1", "--budget", "smoke", "--dry-run", cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert "5 trials" in run.stdout  # human, sparse, two candidates and a final training


def test_a_script_of_ones_own_gets_the_harness_s_packages(decoys: Path) -> None:
    code = "import sys, harness, suites, reports, baselines; print(suites.__file__); print(reports.__file__)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=decoys,
        env=environment(PYTHONPATH=str(REPOSITORY)),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == [str(REPOSITORY / name / "__init__.py") for name in ("suites", "reports")]


@pytest.mark.parametrize(
    ("part", "command"),
    [
        ("baselines", ("run", "--suite", "cartpole", "--dry-run")),
        ("baselines/human_rewards/isaac/cartpole.py", ("run", "--suite", "cartpole", "--dry-run")),
        ("suites", ("tasks", "cartpole")),
        ("reports", ("report", "r")),
    ],
)
def test_a_missing_part_is_one_line(tmp_path: Path, part: str, command: tuple[str, ...]) -> None:
    copy, work = tmp_path / "copy", tmp_path / "work"
    work.mkdir()
    for package in ("harness", *installed.PACKAGES):
        shutil.copytree(REPOSITORY / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    missing = copy / part
    shutil.rmtree(missing) if missing.is_dir() else missing.unlink()
    run = program(*command, cwd=work, PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1")
    assert run.returncode == 4, run.stderr or run.stdout
    (line,) = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert "damaged" in line
    assert f"no {copy / part}" in line
    assert line.endswith("reinstall eureka-harness")
    assert "Traceback" not in run.stderr


def test_every_built_in_task_has_its_expert_rewards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load_task("cartpole")
    assert expert_reward("human", "cartpole")
    monkeypatch.setattr(installed, "ROOT", tmp_path)
    with pytest.raises(EnvironmentProblem, match=r"no .*sparse_rewards/isaac/cartpole\.py; reinstall"):
        expert_reward("sparse", "cartpole")


def test_pinning_twice_is_pinning_once() -> None:
    installed.pin()
    assert sum(isinstance(finder, installed.BesideHarness) for finder in sys.meta_path) == 1
