"""Many worlds of one MuJoCo model, with the field names of MjData and a leading world axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from harness.parts import find_part
from harness.sim.named import NamedAccess

if TYPE_CHECKING:
    import mujoco
    import torch
    from torch import Tensor

    from harness.task import Task


class Simulation(NamedAccess, Protocol):
    """N worlds of one model. Every MjData field is a torch tensor (N, ...), current after each call.

    State fields (`qpos`, `qvel`, `ctrl`, `xfrc_applied`, `mocap_pos`, `eq_active`, ...) may be written in
    place; derived fields (`xpos`, `xquat`, `cvel`, `sensordata`, ...) may only be read. Both are float64 and
    live: the same tensor shows the new values after the next call. Bodies, joints, ... have names: see `NamedAccess`.
    """

    model: mujoco.MjModel
    """Of one world; names, sizes and what is the same in all."""
    worlds: int
    device: torch.device
    """Where its tensors live."""

    def __getattr__(self, name: str) -> Tensor: ...

    def step(self, substeps: int) -> Tensor:
        """Advance all worlds by `substeps` physics steps.

        Returns the worlds that went unstable in this call, (N,) bool: MuJoCo has put them back to its
        defaults, and the caller must reset them.
        """

    def forward(self, worlds: Tensor | None = None) -> None:
        """Bring derived fields up to date with a written state: in the worlds of a mask (N,), or in all."""

    def reset(self, worlds: Tensor) -> None:
        """Put the worlds of a mask (N,) at the model's defaults, controls and applied forces at zero."""

    def expand(self, name: str) -> Tensor:
        """A field of MjModel (`body_mass`, `opt.gravity`, ...) world by world, (N, ...), to be written.

        It stays as written through `reset`, until it is written again. Call `set_const` after writing what others
        follow from (masses, sizes, stiffness). AttributeError for a name that is no such field.
        """

    def set_const(self) -> None:
        """Bring up to date what follows from written model fields: inverse weights, actuator lengths, ..."""

    def data(self, world: int, into: mujoco.MjData | None = None) -> mujoco.MjData:
        """The MjData of one world as it is now, for pictures and for any function of MuJoCo."""

    def state(self) -> dict[str, Any]:
        """All that the next call depends on, and the derived fields in use: plain tensors, which may be live."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the simulation whose `state` this was, with the same bits."""


def make_simulation(task: Task, worlds: int, engine: str = "cpu", threads: int = 1) -> Simulation:
    """`worlds` copies of the task's scene on an engine (see `harness.parts`). UserError if there is no such engine."""
    made: Simulation = find_part("engine", engine)(compile_scene(task), worlds, threads)
    return made


def compile_scene(task: Task) -> Any:
    """The compiled mujoco.MjModel of a task's scene, with the task's physics time step."""
    spec = task.scene()
    spec.option.timestep = task.timing.physics_dt
    return spec.compile()
