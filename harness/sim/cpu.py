"""The CPU engine: mujoco.batch, its arrays seen as torch tensors without a copy."""

from __future__ import annotations

import ctypes
import functools
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mujoco
import mujoco.batch
import numpy as np
import torch

from harness.sim.named import NamedAccess

if TYPE_CHECKING:
    from torch import Tensor

UNSTABLE = [
    int(mujoco.mjtWarning.mjWARN_BADQPOS),
    int(mujoco.mjtWarning.mjWARN_BADQVEL),
    int(mujoco.mjtWarning.mjWARN_BADQACC),
]
VELOCITY_STAGE = int(mujoco.mjtStage.mjSTAGE_VEL)
NO_STAGE = int(mujoco.mjtStage.mjSTAGE_NONE)


class CpuSimulation(NamedAccess):
    """`worlds` simulations of `model` on `threads` threads; results do not depend on the thread count.

    Implements `harness.sim.Simulation`. After `step`, positions, velocities and sensors are those of the
    new state (MuJoCo's step computes them for the next step anyway, so this is free).
    """

    def __init__(self, model: mujoco.MjModel, worlds: int, threads: int = 1) -> None:
        silence_mujoco()
        self.model = model
        self.worlds = worlds
        self._batch = mujoco.batch.Batch(model, worlds, threads, persistent=True)
        self.device = torch.device("cpu")
        self._expanded: dict[str, Tensor] = {}
        self._warnings = self._count_warnings()
        self._batch.reset(stage=VELOCITY_STAGE)

    def __getattr__(self, name: str) -> Tensor:
        if name.startswith("_") or name not in mujoco.batch.DATA_FIELDS:
            raise AttributeError(f"{name!r} is no field of MjData")
        array = self._batch.bind(name)
        if not array.flags.writeable:  # a derived field is zero from its first binding to the next call
            self.forward()
        view = as_tensor(array)
        self.__dict__[name] = view  # the next access costs nothing
        return view

    def step(self, substeps: int) -> Tensor:
        """Advance all worlds; returns those that went unstable, (N,) bool."""
        self._batch.step(nstep=substeps, stage=VELOCITY_STAGE)
        before, self._warnings = self._warnings, self._count_warnings()
        return torch.from_numpy(self._warnings > before)

    def forward(self, worlds: Tensor | None = None) -> None:
        """Bring derived fields up to date with a written state: in the worlds of a mask (N,), or in all."""
        self._batch.forward(None if worlds is None else numbers(worlds), stage=VELOCITY_STAGE)

    def reset(self, worlds: Tensor) -> None:
        """Put the worlds of a mask (N,) at the model's defaults; derived fields follow at the next `forward`."""
        self._batch.reset(numbers(worlds), stage=NO_STAGE)
        self._warnings = self._count_warnings()

    def expand(self, name: str) -> Tensor:
        """A field of MjModel world by world, (N, ...), to be written; see `harness.sim.Simulation`."""
        if name not in mujoco.batch.MODEL_FIELDS:
            raise AttributeError(f"{name!r} is no field of MjModel that may differ between worlds")
        if name not in self._expanded:
            self._expanded[name] = as_tensor(self._batch.expand(name))
        return self._expanded[name]

    def set_const(self) -> None:
        """Bring up to date what follows from written model fields."""
        self._batch.set_const()

    def state(self) -> dict[str, Any]:
        """The integration state of all worlds, (N, S) with warm start and inputs; warnings; derived fields in use;
        the model fields that differ between worlds."""
        batch = self._batch
        return {
            "rows": as_tensor(batch.state),
            "warnings": as_tensor(batch.warning),
            "derived": {name: as_tensor(array) for name, array in batch._bound.items()},
            "expanded": dict(self._expanded),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the simulation whose `state` this was, with the same bits.

        Positions and velocities follow from the integration state, as at the end of `step`. What only a whole step
        computes (accelerations, forces, their sensors) is put back where it is read from; the next step does it anew.
        """
        batch = self._batch
        for name, values in state["expanded"].items():
            self.expand(name).copy_(values)
        if state["expanded"]:
            self.set_const()
        for name in state["derived"]:
            getattr(self, name)  # bound before, so that no later access has to call forward
        as_tensor(batch.state).copy_(state["rows"])
        self.forward()
        as_tensor(batch.warning).copy_(state["warnings"])
        self._warnings = self._count_warnings()
        for name, values in state["derived"].items():
            as_tensor(batch.bind(name)).copy_(values)

    def data(self, world: int, into: mujoco.MjData | None = None) -> mujoco.MjData:
        """The MjData of one world, for rendering."""
        return self._batch.get_data(world, into)

    def _count_warnings(self) -> np.ndarray[Any, Any]:
        counts: np.ndarray[Any, Any] = self._batch.warning[:, UNSTABLE, 1].sum(1)
        return counts


def numbers(worlds: Tensor) -> np.ndarray[Any, Any]:
    """The numbers of the worlds in a mask (N,)."""
    return worlds.numpy().nonzero()[0]


def as_tensor(array: np.ndarray[Any, Any]) -> Tensor:
    """A tensor on the same memory; read-only arrays too, which torch can only warn about."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)


class _LogConfig(ctypes.Structure):
    """mjLogConfig of mjtype.h."""

    _fields_ = (
        ("logto_console", ctypes.c_bool),
        ("logto_file", ctypes.c_bool),
        ("logfile", ctypes.c_char * 1024),
        ("topics", ctypes.c_int),
    )


@functools.cache
def silence_mujoco() -> None:
    """Keep MuJoCo from printing warnings and writing MUJOCO_LOG.TXT: unstable worlds are counted instead."""
    library = next(
        p
        for p in Path(mujoco.__file__).parent.iterdir()
        if re.match(r"libmujoco.*(so|dylib)|mujoco\.dll", p.name)
    )
    set_config = ctypes.CDLL(str(library)).mju_setLogConfig
    set_config.argtypes = [_LogConfig]
    set_config(_LogConfig(False, False, b"", 0))
