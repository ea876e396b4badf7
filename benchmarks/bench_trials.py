"""How long a trial takes to start, and what running many of them adds."""

import time
from pathlib import Path

from harness.execution.local import Listener, LocalExecutor
from harness.files import read_json
from harness.registry import expert_reward
from harness.store import Store
from harness.trial import TrialSpec, make_spec


def human_spec(task: str, seed: int, budget: str) -> TrialSpec:
    source = expert_reward("human", task)
    assert source is not None
    return make_spec(task, source, role="final", seed=seed, budget=budget, engine="cpu", protocol="strict")


def bench_submit_to_first_step(tmp_path: Path, benchmark, note) -> None:
    """From submit to the first env step of a Cartpole trial, fork server warm: probe, trace, process, set-up."""
    store = Store(tmp_path)
    waits = []
    with store.opened():
        executor = LocalExecutor(store, jobs=1)
        executor.submit(human_spec("cartpole", 0, "smoke"), "").result()  # warms the fork server up

        def one(seed: int) -> None:
            spec = human_spec("cartpole", seed, "smoke")
            executor.submit(spec, "").result()
            seconds = read_json(store.trial_folder(spec.hash) / "done.json")["seconds"]
            waits.append(seconds["first_step"])

        seeds = iter(range(1, 100))
        benchmark.pedantic(lambda: one(next(seeds)), rounds=5)
        executor.stop()
    note("submit to first env step, Cartpole, warm fork server", f"{sorted(waits)[len(waits) // 2]:.2f} s")


def bench_orchestration(tmp_path: Path, benchmark, note) -> None:
    """Wall time of eight short trials against the sum of their own times over the number of slots."""
    store = Store(tmp_path)
    with store.opened():
        executor = LocalExecutor(store, listener=Listener())
        executor.submit(human_spec("cartpole", 1000, "smoke"), "").result()
        specs = [human_spec("cartpole", seed, "quick") for seed in range(8)]

        def all_of_them() -> float:
            before = time.monotonic()
            for future in [executor.submit(spec, "") for spec in specs]:
                future.result()
            return time.monotonic() - before

        wall = benchmark.pedantic(all_of_them, rounds=1)
        executor.stop()
        own = sum(
            read_json(store.trial_folder(spec.hash) / "done.json")["seconds"]["total"] for spec in specs
        )
    note("wall time / (sum of the trials' own times / jobs)", f"{wall / (own / executor.jobs):.3f}")
