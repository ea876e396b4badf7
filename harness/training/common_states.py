"""Common states of a task: recorded once, as data, so that reward programs can be asked about the same ones.

They lie beside the expert's rewards (`harness.registry.states_file`): T trajectories of S states each, of random
actions and of trained policies. No training depends on them, so they are no part of its key; which ones they were is
stored with what was found.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

import numpy as np
import torch

from harness.bound import PROGRESS, named_tensors
from harness.errors import EnvironmentProblem
from harness.rewards import Graph
from harness.task import Task
from harness.training.durable import write_durably, write_table

if TYPE_CHECKING:
    from torch import Tensor

Arrays = dict[str, Any]
"""Name → array (T, S, ...)."""

log = logging.getLogger(__name__)
STATE: Final = "state/"
"""Prefix of the fields of a task's State in a file."""
SOURCES, MADE_FROM = "sources", "made_from"
"""Entries of a file beside the states: T texts, where each trajectory is from; the digest of what it was made from."""
NEEDED: Final = (SOURCES, "actions", PROGRESS)
DIGITS: Final = 16
"""Of the hexadecimal digest of a file."""


@dataclass(frozen=True)
class CommonStates:
    """T trajectories of S states each, as reward programs read them."""

    named: dict[str, Tensor]
    """(T * S, ...), one trajectory after the other."""
    trajectories: int
    digest: str
    """Of their file."""

    def rewards(self, program: Graph) -> Tensor:
        """What a program pays for each, (T * S,), asked about as many at a time as it is made for."""
        count = len(self.named[PROGRESS])
        parts = []
        for start in range(0, count, program.worlds):
            worlds = torch.arange(start, start + program.worlds)
            named = {name: value[worlds % count] for name, value in self.named.items()}
            parts.append(program(named)[0][: count - start].clone())
        return torch.cat(parts)


def read_states(file: Path, task: Task) -> CommonStates | None:
    """The states in a file; None where there is none, or they are not of the task as it is (the log says so).

    EnvironmentProblem if the file is damaged.
    """
    if not file.is_file():
        return None
    content = file.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found: Arrays = {name: arrays[name] for name in (*arrays.files, *NEEDED)}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise EnvironmentProblem(
            f"the common states in {file} are damaged ({error}): record them again, or reinstall eureka-harness"
        ) from error
    fields = {name.removeprefix(STATE): found[name] for name in found if name.startswith(STATE)}
    shapes = {field.name: tuple(field.metadata.get("shape", ())) for field in dataclasses.fields(task.State)}
    shown = {name: shape for name, shape in shapes.items() if not name.startswith("_")}
    if fields.keys() != shapes.keys() or any(fields[n].shape[2:] != shape for n, shape in shown.items()):
        log.warning("the common states in %s are not of this task as it is: they are not used", file)
        return None
    trajectories = len(found[SOURCES])
    state = task.State(**{name: torch.from_numpy(value).flatten(0, 1) for name, value in fields.items()})
    actions, progress = (torch.from_numpy(found[name]).flatten(0, 1) for name in ("actions", PROGRESS))
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    return CommonStates(named_tensors(task, state, actions, progress), trajectories, digest)


def write_rewards(path: Path, states: CommonStates, reward: Graph, human: Graph) -> None:
    """What two programs pay for the states, as CSV; what is not finite as nan."""
    both = torch.stack([states.rewards(program) for program in (reward, human)])
    both = both.masked_fill(~both.isfinite(), torch.nan)
    numbers = torch.arange(states.trajectories).repeat_interleave(both.shape[1] // states.trajectories)
    rows = zip(numbers.tolist(), *both.tolist(), strict=True)
    write_table(path, ("trajectory", "reward", "human_reward"), rows)


def write_states(file: Path, arrays: Arrays) -> None:
    """Write what `read_states` reads, in place of what is there."""
    file.parent.mkdir(parents=True, exist_ok=True)

    def write(path: Path) -> None:
        with path.open("wb") as out:
            np.savez_compressed(out, **arrays)

    write_durably(file, write)
