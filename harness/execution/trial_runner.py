"""One trial from spec to result: probe the program, train, evaluate, each in a process of its own."""

from __future__ import annotations

import functools
import math
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from harness.confine.child import NO_SPACE, Child
from harness.errors import CannotWrite, Lost, UserError
from harness.execution.contract import Resources, Watch
from harness.execution.heartbeat import Beat, forget_beat, last_beat
from harness.files import read_json, write_text
from harness.identity import TaskId
from harness.registry import expert_reward
from harness.rewards import RewardError, probe
from harness.rewards.flags import Flag, non_finite_flags
from harness.roles import HUMAN
from harness.scoring.protocol import score
from harness.seal import FILES, SEAL, TRAINED, is_trained
from harness.trial import SCHEMA, TrialSpec

STALL_S = 900.0
"""A process in which no control step of its worlds ends for so long is given up."""
POLL_S = 0.2
STOP_GRACE_S = 2.0
LONGEST_MESSAGE = 500
MACHINE = ("MemoryError", "OSError", "BlockingIOError", "EnvironmentProblem")
"""Exceptions that say more of the machine than of a program."""
NO_MEMORY = ("allocate memory", "not enough memory", "std::bad_alloc")


class Stopped(Exception):
    """The run is being interrupted; the trial can be gone on with."""


class TrialFailed(Exception):
    """A training, or its policy, came to nothing by its own doing."""


def run_trial(
    spec: TrialSpec,
    folder: Path,
    resources: Resources = Resources(),  # noqa: B008 (immutable)
    watch: Watch = Watch(),  # noqa: B008
) -> dict[str, Any]:
    """Do what is left of a trial's work in `folder`, and return the content of its done.json: a function of the spec.

    Raises Lost where the machine is to blame, Stopped where the watch says so; both leave the folder to go on from.
    """
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
        write_text(folder / "graph.json", graph.to_json())
        done |= {"graph_hash": graph.hash, "flags": [flag.to_dict() for flag in graph.flags]}
        human = human_graph(spec.task, spec.budget.worlds)
        if human is not None:
            write_text(folder / "human_graph.json", human)
        seconds["probe"] = time.monotonic() - started
        if not _is_trained(folder):
            _in_process("training", _train, spec.task, folder, resources, watch)
        training = _left(folder / "training.json", "training")
        for name in (FILES, SEAL):
            training.pop(name, None)
        done["flags"] += [flag.to_dict() for flag in training_flags(training)]
        trained = time.monotonic()
        _in_process("evaluation", _evaluate, spec.task, folder, resources, watch)
        seconds |= _times(folder, submitted) | {"evaluate": time.monotonic() - trained}
        done |= training | score(
            trained_policies(_left(folder / "evaluation.json", "evaluation")), spec.protocol
        )
    except RewardError as error:
        if watch.stopped():
            raise Stopped from error
        done |= {"status": "rejected", "error": error.to_dict()}
    except TrialFailed as error:
        done |= {"status": "failed", "f": None}
        done["error"] = {"kind": "failed", "message": str(error), "designer": str(error)}
    seconds["total"] = time.monotonic() - started
    return done


def trained_policies(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """The evaluated checkpoints but for the untrained one. TrialFailed if one has no F."""
    rows = [row for row in evaluation["checkpoints"] if row["checkpoint"] > 0]
    for row in rows:
        if row["f"] is None or not math.isfinite(row["f"]):
            what = row.get("nonfinite") or "fitness"
            raise TrialFailed(
                f"the {what} of checkpoint {row['checkpoint']} are not finite: the policy diverged"
            )
    return rows


def training_flags(training: dict[str, Any]) -> list[Flag]:
    """What was odd about the rewards of a training."""
    counts = {f"component `{name}`": count for name, count in training["nonfinite_components"].items()}
    counts = {"the reward": training["nonfinite"]} | counts
    return non_finite_flags(counts, training["env_steps"], "world-steps of training")


@functools.cache
def human_graph(task: TaskId, worlds: int) -> str | None:
    """The traced human reward of a task, to be recorded beside every training; None where there is none.

    UserError if it is no reward program: that is said of the task, never of a candidate.
    """
    return expert_graph(HUMAN, task, worlds)


def expert_graph(kind: str, task: TaskId, worlds: int) -> str | None:
    """The traced `human` or `sparse` reward of a task; None where there is none. UserError if it is refused."""
    source = expert_reward(kind, task)
    if source is None:
        return None
    try:
        return probe(source, task, worlds).to_json()
    except RewardError as error:
        line = "" if error.line is None else f", line {error.line}"
        raise UserError(
            f"the {kind} reward of task {task.reference!r} is refused ({error.kind}{line}): {error.message}; mend it"
        ) from error


def _train(folder: str, task: TaskId, threads: int) -> None:
    from harness.execution.worker import train_trial  # takes seconds to import, but the fork server has it

    train_trial(folder, task, threads)


def _evaluate(folder: str, task: TaskId, threads: int) -> None:
    from harness.execution.worker import evaluate_trial

    evaluate_trial(folder, task, threads)


def _in_process(
    name: str,
    function: Callable[[str, TaskId, int], None],
    task: TaskId,
    folder: Path,
    resources: Resources,
    watch: Watch,
) -> None:
    """Run a process to its end. Raises TrialFailed if it failed, Lost if the machine ended it."""
    (folder / "error.json").unlink(missing_ok=True)
    forget_beat(folder)
    process = Child(name, function, (str(folder), task, resources.threads))
    process.start()
    seen, seen_at = Beat(0, 0), time.monotonic()
    try:
        while not process.wait(POLL_S):
            if watch.stopped():
                raise Stopped
            beat = last_beat(folder) or seen
            if beat.epochs != seen.epochs:
                watch.epoch(beat.epochs)
            if beat != seen:
                seen, seen_at = beat, time.monotonic()
            if time.monotonic() - seen_at > STALL_S:
                raise Lost(f"the {name} stood still for {STALL_S:.0f} s")
            if _memory(process.pid) > resources.memory_bytes:
                most = f"{resources.memory_bytes / 2**30:.1f} GiB"
                raise Lost(f"the {name} took more than its {most} of memory: try fewer --jobs")
    finally:
        exitcode = process.end()
        last = last_beat(folder)
        forget_beat(folder)
    if last is not None and last.epochs != seen.epochs:
        watch.epoch(last.epochs)
    if exitcode:
        if _stopped_within(STOP_GRACE_S, watch):  # it may have been ended by what is about to stop us
            raise Stopped
        raise _cause(name, exitcode, folder)


def _stopped_within(seconds: float, watch: Watch) -> bool:
    deadline = time.monotonic() + seconds
    while not watch.stopped():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _memory(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _cause(name: str, exitcode: int, folder: Path) -> Exception:
    """What ended a process: an exception that it left behind is its own doing, unless it speaks of the machine."""
    if exitcode == NO_SPACE:
        return CannotWrite(
            f"cannot write {folder} (no space left on the disk): free some space and run the same command again"
        )
    error = folder / "error.json"
    if exitcode < 0:
        return Lost(f"the {name} was ended by signal {signal.Signals(-exitcode).name}")
    if not error.exists():
        return Lost(
            f"the {name} ended with exit code {exitcode} and no word; log.txt in {folder} may say more"
        )
    raised = read_json(error)
    text = f"{name} raised {raised['type']}: {raised['message'][:LONGEST_MESSAGE]}"
    text = "".join(char if char.isprintable() else " " for char in text)
    machine = raised["type"] in MACHINE or any(words in raised["message"] for words in NO_MEMORY)
    return Lost(text) if machine else TrialFailed(text)


def _times(folder: Path, submitted: float) -> dict[str, float]:
    """How long a training took, and from `submitted` to its first step; nothing if it was done before."""
    file = folder / "times.json"
    if not file.is_file():
        return {}
    times = read_json(file)
    file.unlink()
    return {"train": times["train"], "first_step": max(0.0, times["ready"] - submitted)}


def _is_trained(folder: Path) -> bool:
    """Whether an earlier process has done the training; what was changed since is done again from the beginning."""
    file = folder / "training.json"
    if not file.is_file():
        return False
    with suppress(UserError):
        if is_trained(folder, read_json(file)):
            return True
    for name in ("training.json", "state.pt", *TRAINED):
        (folder / name).unlink(missing_ok=True)
    for path in folder.glob("checkpoints/*"):
        path.unlink()
    return False


def _left(file: Path, name: str) -> dict[str, Any]:
    """What a process left as its result."""
    if not file.is_file():
        raise Lost(f"the {name} ended without a result")
    found: dict[str, Any] = read_json(file)
    return found
