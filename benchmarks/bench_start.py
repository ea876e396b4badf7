"""How long a user waits before anything is computed."""

import subprocess
import sys
from pathlib import Path

import pytest

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
