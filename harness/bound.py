"""What the harness itself offers to a reward program beside a task's state and constants: said here and nowhere else.

`obs_buf`, `actions` and `num_envs` where the task's `bound` names them, and `device`. Every task has `progress_buf`
(N,) too, int64, the steps of the episode up to the state, and `max_episode_length`: as in the original's tasks, a
program that names them gets them, and no designer is told of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.task import Task

if TYPE_CHECKING:
    from torch import Tensor

BOUND = ("obs_buf", "actions", "num_envs")
"""What a task's `bound` may name."""
PROGRESS, LENGTH, DEVICE = "progress_buf", "max_episode_length", "device"
TAKEN = (*BOUND, PROGRESS, DEVICE)
"""Names that no state tensor may have."""


@dataclass(frozen=True)
class Binding:
    """A name that the harness binds, in words."""

    shape: str
    """In a line with other names."""
    declared: str
    """As a designer reads it, type first."""


def bindings(task: Task) -> dict[str, Binding]:
    """What is bound for `task` and told to designers, in order."""
    actions = task.num_actions
    known = {
        "obs_buf": Binding("(N, observations)", "Tensor  # (N, O): what `observe` returned"),
        "actions": Binding(
            f"(N, {actions})",
            f"Tensor  # (N, {actions}), in [-1, 1]: the actions that led to this state",
        ),
        "num_envs": Binding("= N", "int  # N"),
        DEVICE: Binding("(torch.device)", "torch.device  # where all tensors live"),
    }
    return {name: known[name] for name in (*task.bound, DEVICE)}


def named_tensors(
    task: Task, state: Any, actions: Tensor, progress: Tensor, obs_buf: Tensor | None = None
) -> dict[str, Tensor]:
    """Name → tensor (N, ...) of all that a program may read of a state, after `progress` steps (N,) of the episode.

    `actions` (N, A) led to the state; `obs_buf` is what `observe` returned for both, where that is known already.
    """
    named: dict[str, Tensor] = {**vars(state), PROGRESS: progress}
    if "obs_buf" in task.bound:
        named["obs_buf"] = task.observe(state, actions) if obs_buf is None else obs_buf
    if "actions" in task.bound:
        named["actions"] = actions
    return named
