"""How long a user waits before anything is computed."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.registry import resolve
from harness.seal import FILES, SEAL, file_hashes, sealed
from harness.store import Store
from harness.trial import TrialSpec

MANY = 5000
DONE = (
    "run",
    "--suite",
    "cartpole",
    "--methods",
    "human",
    "--budget",
    "smoke",
    "--no-pictures",
    "--no-report",
)
COMMANDS = {
    "run --help": ("run", "--help"),
    "tasks": ("tasks",),
    "run --suite all --seeds 5 --dry-run": ("run", "--suite", "all", "--seeds", "5", "--dry-run"),
    "a run of which nothing is missing, without its report": (*DONE, "--out", "done"),
}


def harness(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "harness", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("words", COMMANDS)
def bench_start(tmp_path: Path, benchmark, note, words: str) -> None:
    """From the command to its end."""
    if "nothing is missing" in words:
        harness(tmp_path, *COMMANDS[words])
    benchmark.pedantic(lambda: harness(tmp_path, *COMMANDS[words]), rounds=5, warmup_rounds=1)
    note(words, f"{benchmark.stats.stats.median:.2f} s")


def bench_many_trials(tmp_path: Path, benchmark, note) -> None:
    """A run of which nothing is missing, of 5,000 trials."""
    command = (*DONE, "--out", "many", "--seeds")
    harness(tmp_path, *command, "1")
    multiply(Store(tmp_path / "many"), MANY)
    benchmark.pedantic(lambda: harness(tmp_path, *command, str(MANY)), rounds=5, warmup_rounds=1)
    note(f"a run of {MANY} trials of which nothing is missing", f"{benchmark.stats.stats.median:.2f} s")


def multiply(store: Store, count: int) -> None:
    """Make `count` finished trials of the one in a store: of other seeds, with the same files."""
    (first,) = (path.parent for path in store.trials.glob("*/done.json"))
    spec = TrialSpec.from_dict(json.loads((first / "spec.json").read_text()), resolve("cartpole"))
    done = json.loads((first / "done.json").read_text())
    del done[SEAL]
    for seed in range(1, count):
        other = dataclasses.replace(spec, seed=seed)
        folder = store.trial_folder(other.hash)
        (folder / "checkpoints").mkdir(parents=True)
        for file in first.rglob("*.*"):
            if file.name not in ("spec.json", "done.json"):
                os.link(file, folder / file.relative_to(first))
        (folder / "spec.json").write_text(json.dumps(other.to_dict()))
        (folder / "done.json").write_text(json.dumps(sealed(done | {FILES: file_hashes(folder)})))
