"""A training that was stopped goes on from its saved state, to the same bytes as if nothing had happened."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.environment import Environment
from harness.registry import load_task
from harness.task import PPO, Budget, Task
from harness.training.record import Recorder
from harness.training.resume import DIGEST, random_state, restore_random
from harness.training.trainer import train
from tests.tasks import EVERY

BUDGET = Budget(worlds=12, epochs=5, horizon=8, minibatch=48)
SAVED = (0, 1, 3, 5)


class Interrupted(Exception):
    """The machine went down."""


def reward(named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Of any task: something of everything that it shows; in the second step of an episode, infinite."""
    parts = [value.reshape(len(value), -1).float().mean(dim=1).tanh() for value in named.values()]
    total = torch.stack(parts).sum(dim=0)
    return total.masked_fill(named["progress_buf"] == 2, torch.inf), {"first": parts[0]}


def human(named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Another one."""
    return torch.stack([value.reshape(len(value), -1).float().amax(dim=1) for value in named.values()])[0], {}


def settings(task: Task) -> PPO:
    """The task's own, with a small network and few passes, to be quick."""
    return dataclasses.replace(task.ppo, units=(32, 16), mini_epochs=2)


def files(folder: Path) -> dict[int, Path]:
    return {epoch: folder / f"{number:02d}.pt" for number, epoch in enumerate(SAVED)}


def fresh(task: str) -> tuple[Environment, Recorder]:
    """Episodes near their time limit, so that worlds are reset in every epoch; and one with broken physics."""
    environment = Environment(load_task(task), BUDGET.worlds, seed=3)
    environment.sim.qvel[0, 0] = torch.nan
    environment.progress += environment.task.timing.episode_steps - 1 - 3 * torch.arange(BUDGET.worlds)
    return environment, Recorder(environment, reward, human, goal_bonus=1.0)


def run(
    task: str,
    folder: Path,
    state: Path | None = None,
    report: Callable[[int], None] = lambda epoch: None,
    tick: Callable[[], None] = lambda: None,
) -> int:
    """Train into `folder`, or go on there; how many control steps that took."""
    folder.mkdir(exist_ok=True)
    environment, recorder = fresh(task)
    steps: list[None] = []

    def count() -> None:
        steps.append(None)
        tick()

    train(environment, recorder, settings(environment.task), BUDGET, 3, files(folder), report, state, count)
    recorder.write(folder / "curve.csv")
    assert recorder.transitions is not None
    recorder.transitions.write(folder / "transitions.csv")
    (folder / "transitions.json").write_text(json.dumps(recorder.transitions.summary()))
    return len(steps)


def same(one: Any, other: Any) -> bool:
    """Whether two states are equal, nan to nan."""
    if isinstance(one, Tensor):
        return (one.dtype == other.dtype and torch.equal(one, other)) or torch.allclose(
            one, other, 0, 0, True
        )
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other or (one != one and other != other))


def loaded(state: Path) -> Any:
    return torch.load(io.BytesIO(state.read_bytes()[DIGEST:]), weights_only=True)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "state.pt"}


def stop_after(epoch: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        if done == epoch:
            raise Interrupted

    return report


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("cartpole")
    assert run("cartpole", folder) == BUDGET.epochs * BUDGET.horizon
    return content(folder)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interrupted")
    with pytest.raises(Interrupted):
        run("cartpole", folder, folder / "state.pt", stop_after(4))
    return folder


@pytest.fixture
def stopped(tmp_path: Path, interrupted: Path) -> Path:
    """The state of a training of cartpole that was stopped."""
    shutil.copytree(interrupted, tmp_path, dirs_exist_ok=True)
    return tmp_path / "state.pt"


@pytest.mark.parametrize("task", EVERY)
def test_a_stopped_training_goes_on_to_the_same_bytes(task: str, tmp_path: Path) -> None:
    alone, disturbed = tmp_path / "alone", tmp_path / "disturbed"
    assert run(task, alone, alone / "state.pt") == 40
    state = disturbed / "state.pt"
    with pytest.raises(Interrupted):
        run(task, disturbed, state, stop_after(4))
    assert run(task, disturbed, state) == 16  # the last two of five epochs
    assert content(disturbed) == content(alone)
    end = loaded(state)
    assert same(end, loaded(alone / "state.pt"))
    assert end["environment"]["unstable_count"] > 0
    assert end["recorder"]["nonfinite"]["reward"] > 0
    assert json.loads(content(alone)["transitions.json"])["left_out"] > 0


def test_a_training_may_be_stopped_again_and_again(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    for epoch in (1, 3, 4):
        with pytest.raises(Interrupted):
            run("cartpole", tmp_path, tmp_path / "state.pt", stop_after(epoch))
    assert run("cartpole", tmp_path, tmp_path / "state.pt") == 16
    assert content(tmp_path) == undisturbed


def test_an_epoch_without_any_finite_reward_is_worth_the_worst_before_it(tmp_path: Path) -> None:
    def infinite_after_three(named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        return reward(named)[0] - 1.0 if len(recorder.rows) < 3 else torch.full((12,), torch.inf), {}

    folders = [tmp_path / "alone", tmp_path / "disturbed"]
    for folder, stops in zip(folders, ((), (3,)), strict=True):
        folder.mkdir()
        for stop in (*stops, None):
            environment, recorder = fresh("cartpole")
            recorder.reward = infinite_after_three
            with contextlib.suppress(Interrupted):
                ppo, state = settings(environment.task), folder / "state.pt"
                train(environment, recorder, ppo, BUDGET, 3, files(folder), stop_after(stop or 6), state)
    assert content(folders[0]) == content(folders[1])


def test_saving_the_state_changes_nothing(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    run("cartpole", tmp_path, tmp_path / "state.pt")
    assert content(tmp_path) == undisturbed


def test_a_finished_training_is_not_trained_again(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    run("cartpole", tmp_path, tmp_path / "state.pt")
    (tmp_path / "curve.csv").unlink()  # it was stopped just before it wrote that
    assert run("cartpole", tmp_path, tmp_path / "state.pt") == 0
    assert content(tmp_path) == undisturbed


def test_a_killed_process_goes_on_too(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """In the middle of an epoch."""
    code = f"from pathlib import Path; from tests.training import test_resume as t; t.run_until_killed(Path({str(tmp_path)!r}))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    assert run("cartpole", tmp_path, tmp_path / "state.pt") == 16
    assert content(tmp_path) == undisturbed


def run_until_killed(folder: Path) -> None:
    """To be called in a process of its own: killed in epoch 4 of 5."""
    torch.set_num_threads(1)
    ticks = iter(range(29))

    def tick() -> None:
        if next(ticks, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    run("cartpole", folder, folder / "state.pt", tick=tick)


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def holed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(512) + content[middle + 512 :]


@pytest.mark.parametrize("damage", [halved, holed, lambda content: b"", lambda content: b"not a state"])
def test_a_damaged_state_is_said_and_left(
    damage: Callable[[bytes], bytes],
    tmp_path: Path,
    stopped: Path,
    undisturbed: dict[str, bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped.write_bytes(damage(stopped.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert run("cartpole", tmp_path, stopped) == 40
    assert content(tmp_path) == undisturbed
    (message,) = (record.getMessage() for record in caplog.records if "state" in record.getMessage())
    assert (
        message
        == f"the training starts from the beginning: its state {stopped} is of no use: it is not whole"
    )


def test_without_one_of_its_checkpoints_a_training_starts_from_the_beginning(
    tmp_path: Path, stopped: Path, undisturbed: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "01.pt").unlink()
    with caplog.at_level(logging.WARNING):
        assert run("cartpole", tmp_path, stopped) == 40
    assert content(tmp_path) == undisturbed
    assert "its checkpoint 01.pt is missing" in caplog.text


@pytest.mark.parametrize("other", ["seed", "budget", "ppo", "task"])
def test_the_state_of_another_training_is_not_used(
    other: str, tmp_path: Path, stopped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    task = load_task("ball_balance" if other == "task" else "cartpole")
    environment = Environment(task, BUDGET.worlds, 3)
    budget = dataclasses.replace(BUDGET, epochs=6 if other == "budget" else 5)
    ppo = dataclasses.replace(settings(task), gamma=0.9 if other == "ppo" else task.ppo.gamma)
    steps: list[int] = []
    recorder = Recorder(environment, reward, None)
    seed = 4 if other == "seed" else 3
    with caplog.at_level(logging.WARNING):
        train(
            environment,
            recorder,
            ppo,
            budget,
            seed,
            files(tmp_path),
            state=stopped,
            tick=lambda: steps.append(0),
        )
    assert len(steps) == budget.epochs * budget.horizon
    assert "it is of another training" in caplog.text


def test_a_state_cannot_run_code(tmp_path: Path, stopped: Path, undisturbed: dict[str, bytes]) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    buffer = io.BytesIO()
    torch.save({"agent": Trap()}, buffer)
    stopped.write_bytes(sha256(buffer.getvalue()).digest() + buffer.getvalue())
    assert run("cartpole", tmp_path, stopped) == 40
    assert content(tmp_path) == undisturbed


def test_what_a_task_carries_that_is_no_tensor_does_not_stop_a_training(
    tmp_path: Path, undisturbed: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    environment, recorder = fresh("cartpole")
    environment.carried.note = lambda: None  # a function cannot be saved
    ppo = settings(environment.task)
    train(environment, recorder, ppo, BUDGET, 3, files(tmp_path), state=tmp_path / "state.pt")
    recorder.write(tmp_path / "curve.csv")
    kept = {name: undisturbed[name] for name in undisturbed if not name.startswith("transitions")}
    assert content(tmp_path) == kept
    assert not (tmp_path / "state.pt").exists()
    assert "cannot be resumed" in caplog.text


def test_all_random_generators_go_on() -> None:
    def draws() -> tuple[object, ...]:
        return torch.randn(3).tolist(), np.random.normal(size=3).tolist(), random.gauss(0.0, 1.0)

    draws()  # the last two draw normal numbers in pairs, and keep the second
    file = io.BytesIO()
    torch.save(random_state(), file)
    expected = draws()
    file.seek(0)
    restore_random(torch.load(file, weights_only=True))
    assert draws() == expected


def test_a_checkpoint_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(checkpoint: object, file: Path) -> None:
        file.write_bytes(b"half of it")
        raise Interrupted

    monkeypatch.setattr(torch, "save", fails)
    with pytest.raises(Interrupted):
        run("cartpole", tmp_path)
    assert list(tmp_path.glob("*.pt")) == []
