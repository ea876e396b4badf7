"""Programs and states that the tests of the reward language share."""

from __future__ import annotations

import functools
from pathlib import Path

import torch

from harness.registry import load_task
from harness.rewards.graph.behaviour import Behaviour
from harness.rewards.graph.states import States, record_states
from harness.rewards.language.check import check
from harness.task import Task

HERE = Path(__file__).parent
TOY = f"{HERE / 'toy_task.py'}:Toy"
GOOD = sorted((HERE / "programs").glob("*.py"))
WORLDS = 32


def reference_of(program: Path) -> str:
    """The task that a program in `programs/` is for."""
    return TOY if program.stem.startswith("toy") else "cartpole"


def body(lines: str, parameters: str = "dof_pos, dof_vel", before: str = "") -> str:
    """A program for cartpole with the given body."""
    indented = "\n".join(f"    {line}" for line in lines.strip("\n").split("\n"))
    return f"import torch\n{before}\ndef compute_reward({parameters}):\n{indented}\n"


RETURN = "return dof_pos[:, 0], {}"


@functools.cache
def states(reference: str, worlds: int = WORLDS) -> States:
    """Recorded states of a task."""
    return record_states(load_task(reference), worlds)


def bind(source: str, reference: str = "cartpole") -> Behaviour:
    """A checked program on a task."""
    task: Task = load_task(reference)
    return Behaviour(check(source, task), task, WORLDS, torch.device("cpu"))
