"""`selftest`: the known-good answer through the whole pipe. The human reward must reach its known band."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rich.console import Console

from harness import terminal
from harness.importing import importing
from harness.registry import expert_reward
from harness.roles import HUMAN
from harness.store import Store
from harness.trial import make_spec

BANDS = {"cartpole": 480.0, "ball_balance": 300.0, "switch": 0.5}  # steps, steps, share of episodes
"""Least F of the human reward after one quick training."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `selftest`."""
    parser.add_argument("--jobs", type=int, help="trials at a time (default: one per core)")


def execute(options: argparse.Namespace, console: Console) -> int:
    """Train and evaluate; 1 if a task stays below its band."""
    with importing():
        from harness.execution.local import LocalExecutor
        from harness.progress import RunProgress

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        specs = {}
        for task in BANDS:
            source = expert_reward(HUMAN, task)
            assert source is not None
            specs[task] = make_spec(
                task, source, role="final", seed=0, budget="quick", engine="cpu", protocol="strict"
            )
        steps = sum(spec.budget.env_steps for spec in specs.values())
        progress = RunProgress(console, steps, len(specs))
        with store.opened(), progress:
            executor = LocalExecutor(store, options.jobs, progress.listener)
            try:
                futures = {
                    task: executor.submit(spec, f"{task} human seed 0") for task, spec in specs.items()
                }
                terminal.wait_for(futures.values())
                results = {task: future.result() for task, future in futures.items()}
            finally:
                executor.stop()
    passed = True
    for task, result in results.items():
        enough = result.f is not None and result.f >= BANDS[task]
        passed &= enough
        verdict = "pass" if enough else "FAIL"
        console.print(f"{verdict} {task}: F = {result.f}, expected at least {BANDS[task]:g}", highlight=False)
    return 0 if passed else 1
