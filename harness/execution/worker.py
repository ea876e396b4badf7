"""What happens inside a trial's own processes: train with a verified graph, evaluate without any reward."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, parent_process
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import torch

from harness.registry import load_task
from harness.rewards import Graph
from harness.store import read_json, write_json
from harness.training.environment import Environment
from harness.training.evaluate import evaluate
from harness.training.record import COMPONENT, Recorder
from harness.training.trainer import train
from harness.trial import CHECKPOINTS, CURVE_WORLDS, EVALUATION_WORLDS, TrialSpec


def train_trial(folder: str, threads: int, epochs_done: Synchronized[int]) -> None:
    """Train the policy of `folder`/spec.json with `folder`/graph.json; leaves curve, checkpoints, training.json.

    An exception is left in error.json.
    """
    path = Path(folder)
    _enter(path)
    with _told(path):
        _train(path, threads, epochs_done)


def evaluate_trial(folder: str, threads: int) -> None:
    """Evaluate the checkpoints of `folder`; leaves evaluation.json, or an exception in error.json.

    Number 0 is the untrained policy: for comparison, never a result.
    """
    path = Path(folder)
    _enter(path)
    with _told(path):
        _evaluate(path, threads)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Leave what went wrong where the harness finds it: its message, not the last line of a log."""
    try:
        yield
    except Exception as error:
        message = " ".join(str(error).split())
        write_json(folder / "error.json", {"type": type(error).__name__, "message": message})
        raise


def _train(path: Path, threads: int, epochs_done: Synchronized[int]) -> None:
    started = time.monotonic()
    spec = TrialSpec.from_dict(read_json(path / "spec.json"))
    reward = Graph.from_json((path / "graph.json").read_text())
    human_path = path / "human_graph.json"
    human = Graph.from_json(human_path.read_text()) if human_path.exists() else None
    if human is not None and human.hash == reward.hash:
        human = reward
    task = load_task(spec.task)
    environment = Environment(task, spec.budget.worlds, spec.training_seed, spec.engine, threads)
    recorder = Recorder(environment, reward, human, spec.goal_bonus)

    def report(epoch: int) -> None:
        epochs_done.value = epoch

    epochs = checkpoint_epochs(spec.budget.epochs)
    first = 0 if spec.role == "final" else 1  # what is reported starts from the untrained policy
    files = {
        epoch: path / "checkpoints" / f"{i:02d}.pt" for i, epoch in enumerate([0, *epochs]) if i >= first
    }
    ready = time.time()
    train(environment, recorder, spec.ppo, spec.budget, spec.training_seed, files, report)
    recorder.write(path / "curve.csv")
    write_json(
        path / "training.json",
        {
            "env_steps": spec.budget.env_steps,
            "unstable": environment.unstable_count,
            "nonfinite": recorder.nonfinite.get("reward", 0),
            "nonfinite_components": nonfinite_components(recorder.nonfinite),
            "components": list(reward.components),
            "legacy_f": max(row["legacy_f"] for row in recorder.rows),
            "seconds": {"train": time.monotonic() - started},
            "ready": ready,
        },
    )


def _evaluate(path: Path, threads: int) -> None:
    spec = TrialSpec.from_dict(read_json(path / "spec.json"))
    task = load_task(spec.task)
    sizes = evaluation_worlds(spec, sorted((path / "checkpoints").glob("*.pt")))
    rows = evaluate(task, sizes, spec.evaluation_seed, spec.engine, threads)
    write_json(
        path / "evaluation.json",
        {
            "schema": 1,
            "episode_steps": task.timing.episode_steps,
            "seed": spec.evaluation_seed,
            "checkpoints": rows,
        },
    )


def evaluation_worlds(spec: TrialSpec, files: Sequence[Path]) -> dict[Path, int]:
    """In how many worlds each checkpoint is measured.

    Under the strict protocol the score is that of the last one: of a candidate nothing else is measured, and of a
    final trial those between, which only the learning curve shows, in fewer worlds.
    """
    worlds = EVALUATION_WORLDS[spec.budget_name]
    if spec.protocol == "paper":
        return dict.fromkeys(files, worlds)
    if spec.role == "search":
        return {files[-1]: worlds}
    curve = dict.fromkeys(files[1:-1], min(worlds, CURVE_WORLDS))
    return {files[0]: worlds, **curve, files[-1]: worlds}


def nonfinite_components(counts: dict[str, int]) -> dict[str, int]:
    """Component → values that were not finite, of the series of a curve."""
    return {
        name.removeprefix(COMPONENT): count for name, count in counts.items() if name.startswith(COMPONENT)
    }


def checkpoint_epochs(epochs: int) -> list[int]:
    """The epochs after which a policy is saved: 10 at fixed intervals, the last one among them."""
    return sorted({max(1, round(i * epochs / CHECKPOINTS)) for i in range(1, CHECKPOINTS + 1)})


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
