"""Does a task do what the contract of `harness.task` asks for? Plays a few steps of it, in this process."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import mujoco
import numpy as np
import torch
from torch import Tensor

from harness.contract_check import wrong
from harness.sim import Simulation, compile_scene, make_simulation
from harness.task import Task

WORLDS = 2
STEPS = 3
WRITTEN = (
    "qpos",
    "qvel",
    "act",
    "ctrl",
    "mocap_pos",
    "mocap_quat",
    "qfrc_applied",
    "xfrc_applied",
    "eq_active",
)
"""What makes up the state of a simulated world."""
NUMBERS = (torch.float32, torch.float64, torch.bool, torch.int32, torch.int64)
SEEN = (torch.float32, torch.bool)
Named = dict[str, Tensor]


def try_task(task: Task) -> None:
    """Raise UserError, one line with class, method and cause, if a method of `task` fails or breaks the contract.

    Plays 3 steps of 2 worlds with random actions, on the CPU; draws from no global generator.
    """
    _play(task, torch.Generator().manual_seed(0))


def _play(task: Task, rng: torch.Generator) -> None:
    sim = _simulation(task)
    device = sim.qpos.device
    with _calling(task, "carry"):
        carried = task.carry(WORLDS, device)
    if not isinstance(carried, task.Carried):
        raise wrong(task, "carry", f"gives {_shown(carried)}: expected self.Carried(...)")
    for name, value in vars(carried).items():
        if isinstance(value, torch.Generator):
            raise wrong(
                task, "carry", f"keeps a generator in {name}: draw from the `rng` of `reset` and `act`"
            )
    for name, value in _tensors_of(carried).items():
        if value.device != device:
            raise wrong(task, "carry", f"puts {name} on {value.device}: expected {device}, which it is given")
    _reset(task, sim, carried, torch.ones(WORLDS, dtype=torch.bool, device=device), rng)
    actions = torch.zeros(WORLDS, task.num_actions, device=device)
    state, width = _look(task, sim, carried, actions)
    for _ in range(STEPS):
        actions = 2.0 * torch.rand(WORLDS, task.num_actions, generator=rng, device=device) - 1.0
        seen, given = _copies(state), actions.clone()
        with _calling(task, "act"):
            task.act(sim, carried, actions, rng)
        if not torch.equal(given, actions):
            raise wrong(task, "act", "writes into the actions: work on a copy (actions.clone())")
        unstable = sim.step(task.timing.physics_steps)
        _unchanged(task, state, seen)
        if unstable.any():
            _reset(task, sim, carried, unstable, rng)
        state, found = _look(task, sim, carried, actions)
        if found != width:
            raise wrong(
                task, "observe", f"gives {found} numbers for a world, before {width}: expected as many"
            )
    _reset_one(task, sim, carried, rng)
    _look(task, sim, carried, actions)


def _unchanged(task: Task, state: Any, seen: Named) -> None:
    """What has been read stays what it was."""
    changed = _differing(seen, _tensors_of(state))
    if changed:
        what = (
            "changes after it was read: it shares memory with the simulation or with Carried; give .clone()"
        )
        raise wrong(task, f"read: State.{changed}", what)


def _simulation(task: Task) -> Simulation:
    with _calling(task, "scene"):
        spec = task.scene()
    if not isinstance(spec, mujoco.MjSpec):
        raise wrong(task, "scene", f"gives {_shown(spec)}: expected a mujoco.MjSpec")
    with _calling(task, "scene", "gives a model that does not compile"):
        model = compile_scene(task)
        sim = make_simulation(task, WORLDS)
    if task.follow is not None and mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, task.follow) < 0:
        raise wrong(task, "follow", f"is {task.follow!r}: no body of the scene has this name")
    return sim


def _reset(task: Task, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
    sim.reset(worlds)
    given, hint = worlds.clone(), "a mask: draw with `rand`, write with `put`"
    with _calling(task, "reset", f"with worlds = {worlds.tolist()} ({hint}) raises"):
        task.reset(sim, carried, worlds, rng)
    if not torch.equal(given, worlds):
        raise wrong(task, "reset", "writes into `worlds`: work on a copy")
    for name in ("qpos", "qvel"):
        if not getattr(sim, name)[worlds].isfinite().all():
            raise wrong(task, "reset", f"leaves numbers in sim.{name} that are not finite")
    sim.forward(worlds)


def _reset_one(task: Task, sim: Simulation, carried: Any, rng: torch.Generator) -> None:
    """Reset the last world: the others stay what they are."""
    last = torch.arange(WORLDS, device=sim.qpos.device) == WORLDS - 1
    state = _read(task, sim, carried)
    seen = _copies(state)
    simulated, held = _snapshot(sim), _copies(carried)
    _reset(task, sim, carried, last, rng)
    changed = _differing(simulated, _snapshot(sim), WORLDS - 1) or _differing(
        held, _tensors_of(carried), WORLDS - 1
    )
    if changed:
        raise wrong(
            task,
            "reset",
            f"changes {changed} of worlds that it is not given: write with `put(target, worlds, values)`",
        )
    _unchanged(task, state, seen)
    changed = _differing(seen, _tensors_of(_read(task, sim, carried)), WORLDS - 1)
    if changed:
        raise wrong(task, "read", f"gives another {changed} of a world when a different one has been reset")


def _look(task: Task, sim: Simulation, carried: Any, actions: Tensor) -> tuple[Any, int]:
    """Read twice, then observe, terminated, score; checks all that they give. The state, and O."""
    before, held = _snapshot(sim), _copies(carried)
    state = _read(task, sim, carried)
    _state(task, state, sim)
    seen = _copies(state)
    changed = _differing(before, _snapshot(sim))
    if changed:
        raise wrong(task, "read", f"changes sim.{changed}: it may only read; write in `reset` and `act`")
    changed = _differing(held, _tensors_of(carried))
    if changed:
        raise wrong(
            task, "read", f"changes {changed} of Carried: it may only read; write in `reset` and `act`"
        )
    changed = _differing(seen, _tensors_of(_read(task, sim, carried)))
    if changed:
        raise wrong(task, "read", f"called twice gives two values of {changed}: expected the same")
    with _calling(task, "observe"):
        observations = task.observe(state, actions)
    if isinstance(observations, Tensor) and observations.ndim == 2 and observations.shape[1]:
        _tensor(task, "observe", observations, (WORLDS, observations.shape[1]), (torch.float32,), sim)
    else:
        raise wrong(task, "observe", f"gives {_shown(observations)}: expected a float32 tensor (N, O)")
    with _calling(task, "terminated"):
        ended = task.terminated(state)
    _tensor(task, "terminated", ended, (WORLDS,), (torch.bool,), sim)
    with _calling(task, "score"):
        score = task.score(state)
    _tensor(task, "score", score, (WORLDS,), NUMBERS, sim)
    changed = _differing(seen, _tensors_of(state))
    if changed:
        raise wrong(
            task, "observe", f"or terminated or score writes into {changed} of the state: work on a copy"
        )
    return state, observations.shape[1]


def _read(task: Task, sim: Simulation, carried: Any) -> Any:
    with _calling(task, "read"):
        state = task.read(sim, carried)
    if not isinstance(state, task.State):
        raise wrong(task, "read", f"gives {_shown(state)}: expected self.State(...)")
    return state


def _state(task: Task, state: Any, sim: Simulation) -> None:
    for field in dataclasses.fields(task.State):
        value, where = getattr(state, field.name), f"read: State.{field.name}"
        kinds: tuple[torch.dtype, ...] = NUMBERS if field.name.startswith("_") else SEEN
        if field.metadata["kind"] == "progress":  # its differences may need all digits
            kinds = (*SEEN, torch.float64)
        _tensor(task, where, value, (WORLDS, *field.metadata["shape"]), kinds, sim)


def _tensor(
    task: Task, where: str, value: Any, shape: Sequence[int], kinds: Sequence[torch.dtype], sim: Simulation
) -> None:
    """A finite tensor of this shape and one of these types, on the simulation's device."""
    names = " or ".join(str(kind).removeprefix("torch.") for kind in kinds)
    kind = f"{names} tensor" if kinds is not NUMBERS else "tensor of numbers"
    expected = f"expected a {kind} {tuple(shape)} for {WORLDS} worlds"
    if not isinstance(value, Tensor) or tuple(value.shape) != tuple(shape) or value.dtype not in kinds:
        raise wrong(task, where, f"gives {_shown(value)}: {expected}")
    if value.device != sim.qpos.device:
        raise wrong(task, where, f"gives a tensor on {value.device}: expected {sim.qpos.device}")
    if not value.isfinite().all():
        raise wrong(task, where, "gives numbers that are not finite in a usual state")


def _snapshot(sim: Simulation) -> Named:
    """Copies of what the simulated worlds are, by name."""
    return {name: getattr(sim, name).clone() for name in WRITTEN}


def _tensors_of(record: Any) -> Named:
    return {name: value for name, value in vars(record).items() if isinstance(value, Tensor)}


def _copies(record: Any) -> Named:
    return {name: value.clone() for name, value in _tensors_of(record).items()}


def _differing(before: Named, after: Named, rows: int = WORLDS) -> str | None:
    """The first name whose first `rows` rows are not the same."""
    for name, value in before.items():
        other = after.get(name)
        if other is None or other.shape != value.shape:
            return name
        rest = slice(rows) if value.ndim and len(value) == WORLDS else ...
        if not torch.equal(value[rest], other[rest]):
            return name
    return None


@contextlib.contextmanager
def _calling(task: Task, method: str, failure: str = "raises") -> Iterator[None]:
    """What a method of a task raises, as one line with the place in the task's file; and what it draws unasked."""
    before = _generators()
    try:
        yield
    except Exception as error:
        files = {getattr(sys.modules.get(cls.__module__), "__file__", None) for cls in type(task).__mro__}
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
        line = f" (line {frames[-1].lineno}: {frames[-1].line})" if frames else ""
        raise wrong(task, method, f"{failure}: {type(error).__name__}: {error}{line}") from error
    drawn = [name for name, state in _generators().items() if state != before[name]]
    if drawn:
        raise wrong(task, method, f"draws from the global generator of {drawn[0]}: draw from `rng` only")


def _generators() -> dict[str, Any]:
    """The state of every global generator."""
    numpy = np.random.get_state(legacy=False)
    return {
        "torch": bytes(torch.random.get_rng_state().numpy()),
        "numpy": repr(numpy),
        "random": random.getstate(),
    }


def _shown(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a {str(value.dtype).removeprefix('torch.')} tensor {tuple(value.shape)}"
    return f"{type(value).__name__} {value!r:.40}"
