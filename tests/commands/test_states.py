"""`states`: the policies of a run become the common states of its tasks, once."""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from harness.commands import states
from harness.errors import EnvironmentProblem, UserError
from tests.end_to_end.runs import harness
from tests.reports.hand_edits import change, load


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with one trained policy."""
    folder = tmp_path_factory.mktemp("states")
    small = ("--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--methods", "human")
    made = harness("run", *small, "--no-pictures", "--no-report", "--out", "r", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder / "r"


def recorded(*arguments: str) -> str:
    parser = argparse.ArgumentParser()
    states.add_arguments(parser)
    console = Console(file=io.StringIO())
    assert states.execute(parser.parse_args(arguments), console) == 0
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_run_is_recorded_once(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "cartpole.npz"
    assert recorded(str(run), "--out", str(file.parent)) == f"{file}\n"
    with np.load(file) as arrays:
        assert arrays["sources"].tolist()[4:] == [
            f"human at budget smoke, checkpoint {number} of 10" for number in (1, 4, 7, 10)
        ]
    before = file.stat().st_mtime_ns
    assert recorded(str(run), "--out", str(file.parent)) == f"{file} is up to date\n"
    assert file.stat().st_mtime_ns == before


def test_what_cannot_be_recorded_is_said_and_leaves_nothing(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    out = tmp_path / "out"

    def refused(error: type[UserError], words: str) -> None:
        with pytest.raises(error, match=words):
            recorded(str(copy), "--out", str(out))
        assert not out.exists()

    refused(UserError, "is not a run folder")
    with pytest.raises(UserError, match="has no task 'ant': it has cartpole"):
        recorded(str(run), "ant", "--out", str(out))
    shutil.copytree(run, copy)
    record = load(copy / "run.json")
    other = {part: {"nothing_of_ours": record[part]["cartpole"]} for part in ("task_info", "asked")}
    change(copy / "run.json", tasks=["nothing_of_ours"], **other)
    refused(UserError, "'nothing_of_ours' of .* is neither built in nor installed")
    change(copy / "run.json", **record | {"methods": ["human", "sparse"]})
    refused(EnvironmentProblem, "has no sparse on cartpole: run it first")
    change(copy / "run.json", methods=["human"])
    (policy,) = copy.glob("trials/*/checkpoints/04.pt")
    policy.unlink()
    refused(EnvironmentProblem, "was altered")
