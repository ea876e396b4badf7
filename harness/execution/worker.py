"""What happens inside a trial's own processes: train with a verified graph, evaluate without any reward.

A trial's folder is all that they have in common with whoever started them. To train, `spec.json`, `graph.json` and
`human_graph.json` (where the task has a human reward) are read, and `curve.csv`, `checkpoints/`, `training.json`
(written last, with the hashes of the others), and where they apply `transitions.csv` and `states.csv` are written. To
evaluate, `spec.json` and `checkpoints/` are read and `evaluation.json` is written. `heartbeat` says how far it is,
`log.txt` takes what is printed, `error.json` says what went wrong. So a process of any interpreter can do it:

    python -m harness.execution.worker train|evaluate FOLDER TASK [THREADS]
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from multiprocessing import connection, parent_process
from pathlib import Path

import torch

from harness.confine.child import NO_SPACE
from harness.errors import FULL
from harness.execution.heartbeat import Heartbeat
from harness.files import read_json, write_json
from harness.identity import TaskId
from harness.parts import find_part
from harness.registry import load_task, resolve, states_file
from harness.rewards import Graph
from harness.seal import FILES, sealed, training_files
from harness.task_options import with_options
from harness.training.common_states import read_states, write_rewards
from harness.training.evaluate import evaluate
from harness.training.members import Member, Setting, Trainer
from harness.training.record import COMPONENT
from harness.training.schedule import checkpoint_epochs, evaluation_worlds
from harness.trial import TrialSpec
from harness.unfinished import STATE


def train_trial(folder: str, task: TaskId, threads: int) -> None:
    """Train the policy of `folder`/spec.json with `folder`/graph.json; leaves tables, checkpoints, training.json.

    Goes on from where an earlier process was interrupted. An exception is left in error.json.
    """
    path = Path(folder)
    _enter(path)
    with _saving_errors(path):
        _train(path, task, threads, Heartbeat(path))


def evaluate_trial(folder: str, task: TaskId, threads: int) -> None:
    """Evaluate the checkpoints of `folder`; leaves evaluation.json, or an exception in error.json.

    Number 0 is the untrained policy: for comparison, never a result.
    """
    path = Path(folder)
    _enter(path)
    with _saving_errors(path):
        _evaluate(path, task, threads, Heartbeat(path))


@contextmanager
def _saving_errors(folder: Path) -> Iterator[None]:
    """Leave what went wrong where the harness finds it: its message, not the last line of a log."""
    try:
        yield
    except Exception as error:
        if _is_full(error):
            os._exit(NO_SPACE)
        message = " ".join(str(error).split())
        kind = (
            "MemoryError"
            if isinstance(error, OSError) and error.errno == errno.ENOMEM
            else type(error).__name__
        )
        write_json(folder / "error.json", {"type": kind, "message": message})
        raise


def _is_full(error: BaseException | None) -> bool:
    """Whether an exception, or what it came from, is for want of space; torch says so in words of its own."""
    while error is not None:
        if (isinstance(error, OSError) and error.errno in FULL) or "PytorchStreamWriter failed" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _train(path: Path, task_id: TaskId, threads: int, heartbeat: Heartbeat) -> None:
    started = time.monotonic()
    spec = TrialSpec.from_dict(read_json(path / "spec.json"), task_id)
    reward = Graph.from_json((path / "graph.json").read_text(encoding="utf-8"))
    human_path = path / "human_graph.json"
    human = Graph.from_json(human_path.read_text(encoding="utf-8")) if human_path.exists() else None
    if human is not None and human.hash == reward.hash:
        human = reward
    task = load_task(spec.task)
    epochs = checkpoint_epochs(spec.budget.epochs)
    first = 0 if spec.role == "final" else 1  # what is reported starts from the untrained policy
    files = {
        epoch: path / "checkpoints" / f"{i:02d}.pt" for i, epoch in enumerate([0, *epochs]) if i >= first
    }
    setting = Setting(
        task, spec.ppo, spec.budget, spec.engine, threads, precision=spec.precision, until=spec.until
    )
    member = Member(
        reward,
        human,
        spec.training_seed,
        files,
        state=path / STATE,
        goal_bonus=spec.goal_bonus,
        latched=spec.latched,
        on_epoch=heartbeat.epoch,
        on_step=heartbeat.step,
    )
    trainer: Trainer = find_part("trainer", spec.trainer)
    (trained,) = trainer(setting, [member])
    recorder = trained.recorder
    recorder.write(path / "curve.csv")
    transitions = recorder.transitions
    if transitions is not None:
        transitions.write(path / "transitions.csv")
    states = None if human is None else read_states(states_file(spec.task), task)
    if states is not None and human is not None:
        write_rewards(path / "states.csv", states, reward, human)
    write_json(path / "times.json", {"ready": trained.ready, "train": time.monotonic() - started})
    summary = {
        "env_steps": spec.env_steps,
        "unstable": trained.unstable,
        "nonfinite": recorder.nonfinite.get("reward", 0),
        "nonfinite_components": nonfinite_components(recorder.nonfinite),
        "components": list(reward.components),
        "transitions": None if transitions is None else transitions.summary(),
        "states": None if states is None else states.digest,
        "legacy_f": max((f for row in recorder.rows if isfinite(f := row["legacy_f"])), default=None),
    }
    write_json(path / "training.json", sealed(summary | {FILES: training_files(path)}))


def _evaluate(path: Path, task_id: TaskId, threads: int, heartbeat: Heartbeat) -> None:
    spec = TrialSpec.from_dict(read_json(path / "spec.json"), task_id)
    task = load_task(spec.task)
    sizes = evaluation_worlds(spec.evaluation, sorted((path / "checkpoints").glob("*.pt")))
    rows = evaluate(task, sizes, spec.evaluation_seed, spec.engine, threads, tick=heartbeat.step)
    write_json(
        path / "evaluation.json",
        {
            "schema": 1,
            "episode_steps": task.timing.episode_steps,
            "seed": spec.evaluation_seed,
            "checkpoints": rows,
        },
    )


def nonfinite_components(counts: dict[str, int]) -> dict[str, int]:
    """Component → values that were not finite, of the series of a curve."""
    return {
        name.removeprefix(COMPONENT): count for name, count in counts.items() if name.startswith(COMPONENT)
    }


def _enter(folder: Path) -> None:
    """Send all output to the trial's log, use one torch thread, and never outlive the harness.

    Ctrl-C reaches every process of a terminal, but is the harness's to handle: a trial that it ends is not a
    failed one. One torch thread, so that results do not depend on how many trials run side by side; the physics is
    bit-identical at any thread count.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    torch.set_num_threads(1)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def main(arguments: Sequence[str]) -> int:
    """Do one of the two in this process; the exit code. The task is named as for `run --suite`: a spec has no code."""
    work, folder, task, *threads = arguments
    done = {"train": train_trial, "evaluate": evaluate_trial}[work]
    options = read_json(Path(folder) / "spec.json").get("options", {})
    try:
        done(folder, with_options(resolve(task), options), int(threads[0]) if threads else 1)
    except Exception:  # which is in error.json
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
