"""What a task offers to reward programs by name: state tensors, constants, and what the harness binds.

No designer is told that the constants which the task's context shows for use by name may be arguments too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from harness.bound import DEVICE, LENGTH, PROGRESS, bindings
from harness.context import class_constants, is_numeric, shared_names
from harness.task import Task, state_fields

if TYPE_CHECKING:
    from torch import Tensor

    Fixed = float | int | Tensor | torch.device


def offered(task: Task) -> dict[str, str]:
    """Every name that a parameter may have, with what it stands for, as in `(N, 2)` or `= 3.0`."""
    bound = {name: binding.shape for name, binding in bindings(task).items()}
    names = {name: _shape(meta["shape"]) for name, meta in state_fields(task).items()}
    names |= {name: bound.pop(name) for name in ("obs_buf", "actions") if name in bound}
    for name, value in task.constants.items():
        names[name] = f"= {value}" if isinstance(value, (int, float)) else str(tuple(_constant(value).shape))
    for name, value in class_constants(task).items():
        names[name] = f"= {value}" if isinstance(value, (int, float)) else str(tuple(_row(value).shape))
    return names | bound


def accepted(task: Task) -> dict[str, str]:
    """`offered`, and the names that no designer is told of."""
    known = dict.fromkeys(_module_constants(task), "") | offered(task)
    return known | {PROGRESS: "(N,)", LENGTH: f"= {task.timing.episode_steps}"}


def describe(task: Task, names: Sequence[str] | None = None) -> str:
    """The offered names, or some of them, in one line for a designer."""
    known = offered(task)
    return ", ".join(f"{name} {known[name]}" for name in (names or known))


def fixed_values(task: Task, worlds: int, device: torch.device) -> dict[str, Fixed]:
    """Names whose value is the same in every step: constants (rows of numbers as tensors), N, the device."""
    values: dict[str, Fixed] = {
        name: value if isinstance(value, (int, float)) else _row(value).to(device)
        for name, value in (_module_constants(task) | class_constants(task)).items()
    }
    values[LENGTH] = task.timing.episode_steps
    values |= {
        name: value if isinstance(value, (int, float)) else _constant(value).to(device)
        for name, value in task.constants.items()
    }
    if "num_envs" in task.bound:
        values["num_envs"] = worlds
    return values | {DEVICE: device}


def _constant(value: Any) -> Tensor:
    return torch.tensor(value, dtype=torch.float32)


def _row(value: Any) -> Tensor:
    """A row of a class or module: whole numbers stay whole, since they are places to look at."""
    row = torch.tensor(value)
    return row.float() if row.is_floating_point() else row


def _module_constants(task: Task) -> dict[str, Any]:
    shared = shared_names(task)
    return {name: value for name, value in shared.items() if not callable(value) and is_numeric(value)}


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(['N', *map(str, shape)])}{',' if not shape else ''})"
