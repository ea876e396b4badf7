"""One trial from spec to result: probe the program, train, evaluate, each in a process of its own."""

from __future__ import annotations

import functools
import math
import shutil
import signal
import threading
import time
from collections.abc import Callable
from ctypes import c_long
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import psutil

from harness.execution.child import Child
from harness.execution.fork_server import fork_server
from harness.registry import expert_reward, load_task
from harness.rewards import RewardError, probe
from harness.rewards.flags import Flag, non_finite_flags
from harness.store import read_json
from harness.trial import SCHEMA, TrialSpec

STALL_S = 900.0
"""A training without a finished epoch for so long is given up."""
POLL_S = 0.2
STOP_GRACE_S = 2.0
LONGEST_MESSAGE = 500


class Stopped(Exception):
    """The run is being interrupted; the trial leaves no result."""


class TrialFailed(Exception):
    """A trial's process did not do its work."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


def run_trial(
    spec: TrialSpec,
    folder: Path,
    threads: int,
    memory_bytes: int,
    stop: threading.Event,
    on_epoch: Callable[[int], None],
) -> dict[str, Any]:
    """Do the work of a trial in `folder` and return the content of its done.json."""
    seconds: dict[str, float] = {}
    done: dict[str, Any] = {
        "schema": SCHEMA,
        "status": "ok",
        "error": None,
        "f": None,
        "flags": [],
        "seconds": seconds,
    }
    started, submitted = time.monotonic(), time.time()
    try:
        graph = probe(spec.source, spec.task, spec.budget.worlds)
        (folder / "graph.json").write_text(graph.to_json())
        done |= {"graph_hash": graph.hash, "flags": [flag.to_dict() for flag in graph.flags]}
        human = human_graph(spec.task, spec.budget.worlds)
        if human is not None:
            (folder / "human_graph.json").write_text(human)
        seconds["probe"] = time.monotonic() - started
        counter: Synchronized[int] = fork_server().Value(c_long, 0)
        watch = functools.partial(
            _watch,
            folder=folder,
            memory_bytes=memory_bytes,
            stop=stop,
            progress=lambda: counter.value,
            on_epoch=on_epoch,
        )
        watch(Child("training", _train, (str(folder), threads, counter)))
        training = read_json(folder / "training.json")
        (folder / "training.json").unlink()
        done["flags"] += [flag.to_dict() for flag in training_flags(training)]
        trained = time.monotonic()
        watch(Child("evaluation", _evaluate, (str(folder), threads)))
        seconds |= training.pop("seconds") | {"evaluate": time.monotonic() - trained}
        seconds["first_step"] = training.pop("ready") - submitted
        done |= training | score(read_json(folder / "evaluation.json"), spec.protocol)
    except RewardError as error:
        if stop.is_set():
            raise Stopped from error
        done |= {"status": "rejected", "error": error.to_dict()}
    except TrialFailed as error:
        done |= {"status": error.status, "f": None}
        done["error"] = {"kind": error.status, "message": str(error), "designer": str(error)}
    seconds["total"] = time.monotonic() - started
    return done


def score(evaluation: dict[str, Any], protocol: str) -> dict[str, Any]:
    """F of a trial out of its evaluated checkpoints: the last one (strict) or the best one (paper)."""
    rows = [row for row in evaluation["checkpoints"] if row["checkpoint"] > 0]
    values = [row["f"] for row in rows]
    if any(value is None or not math.isfinite(value) for value in values):
        raise TrialFailed("failed", "the fitness of a checkpoint is not a finite number: the policy diverged")
    best = max(rows, key=lambda row: row["f"])
    chosen = best if protocol == "paper" else rows[-1]
    return {"f": chosen["f"], "stderr": chosen["stderr"], "f_final": values[-1], "f_max": best["f"]}


def training_flags(training: dict[str, Any]) -> list[Flag]:
    """What was odd about the rewards of a training."""
    counts = {f"component `{name}`": count for name, count in training["nonfinite_components"].items()}
    counts = {"the reward": training["nonfinite"]} | counts
    return non_finite_flags(counts, training["env_steps"], "world-steps of training")


@functools.cache
def human_graph(task: str, worlds: int) -> str | None:
    """The traced human reward of a task, to be recorded beside every training; None where there is none."""
    source = expert_reward("human", task, load_task(task))
    return None if source is None else probe(source, task, worlds).to_json()


def _train(folder: str, threads: int, epochs_done: Synchronized[int]) -> None:
    from harness.execution.worker import train_trial  # takes seconds to import, but the fork server has it

    train_trial(folder, threads, epochs_done)


def _evaluate(folder: str, threads: int) -> None:
    from harness.execution.worker import evaluate_trial

    evaluate_trial(folder, threads)


def _watch(
    process: Child,
    *,
    folder: Path,
    memory_bytes: int,
    stop: threading.Event,
    progress: Callable[[], int],
    on_epoch: Callable[[int], None],
) -> None:
    """Run a process to its end. Raises TrialFailed if it fails, stalls or takes too much memory."""
    process.start()
    seen, seen_at = progress(), time.monotonic()
    try:
        while not process.wait(POLL_S):
            if stop.is_set():
                raise Stopped
            if progress() != seen:
                seen, seen_at = progress(), time.monotonic()
                on_epoch(seen)
            if time.monotonic() - seen_at > STALL_S:
                raise TrialFailed("timeout", f"no training epoch ended within {STALL_S:.0f} s")
            if _memory(process.pid) > memory_bytes:
                raise TrialFailed(
                    "failed", f"the training took more than its {memory_bytes / 2**30:.1f} GiB of memory"
                )
    finally:
        exitcode = process.end()
    if exitcode:
        if stop.wait(STOP_GRACE_S):  # it may have been ended by what is about to stop us
            raise Stopped
        raise TrialFailed("failed", _explain(process.name, exitcode, folder / "error.json"))


def _memory(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _explain(name: str, exitcode: int, error: Path) -> str:
    """What ended a process: the exception that it left behind, else its exit code; the same in every run."""
    if error.exists():
        told = read_json(error)
        text = f"{name} raised {told['type']}: {told['message'][:LONGEST_MESSAGE]}"
        return "".join(char if char.isprintable() else " " for char in text)
    cause = f"signal {signal.Signals(-exitcode).name}" if exitcode < 0 else f"exit code {exitcode}"
    return f"{name} ended with {cause}; the trial's log.txt may say more"


def discard(folder: Path) -> None:
    """Remove what an interrupted trial left."""
    shutil.rmtree(folder, ignore_errors=True)
