"""Tasks with two hands and a ball, for tests of what all two-handed tasks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
import torch
from torch import Tensor

from harness.rotations import unscale
from harness.sim import make_simulation
from harness.task import Simulation, Text, constant
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import HandPoints
from suites.dexterity.hands import read_object
from suites.models.common import OBJECT, SPHERE
from suites.models.shadow_hand import ACTUATED, LOWER, UPPER
from suites.models.two_hands import Mount

ABOVE = {
    "right": Mount((0.55, 0.2, 0.8), (3.14159, 0.0, 1.57)),
    "left": Mount((0.55, -0.2, 0.8), (3.14159, 0.0, 1.57)),
}
DOOR = {
    "right": Mount((0.55, 0.2, 0.6), (3.14159, 1.57, 1.57)),
    "left": Mount((0.55, -0.2, 0.6), (3.14159, -1.57, 1.57)),
}


class Play(Bimanual):
    """A ball is to be above half a metre. The hands have all their points."""

    text = Text("play with a ball", "lift a ball")
    right, left = ABOVE["right"], ABOVE["left"]
    transition_scale, orientation_scale = 0.05, 0.5
    base_point = "palm"

    @dataclass
    class State(HandPoints, Bimanual.State):
        pass

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        ball = spec.worldbody.add_body(name="object", pos=(-0.5, 0.0, 0.05))
        ball.add_joint(name="object", type=mujoco.mjtJoint.mjJNT_FREE)
        ball.add_geom(type=SPHERE, size=[0.05, 0, 0], **OBJECT)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)

    def read(self, sim: Simulation, carried: Any) -> State:
        return self.State(**self.read_hands(sim, carried), **read_object(sim))

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state)], dim=-1)

    def terminated(self, state: State) -> Tensor:
        return state.object_pos[:, 2] > 2.0

    def score(self, state: State) -> Tensor:
        return (state.object_pos[:, 2] > 0.5).float()


def play(options: dict[str, str] | None = None, **data: Any) -> Play:
    """The task with other class data and options."""
    task_class = type("Play", (Play,), data)
    task: Play = task_class(task_class.Options(**(options or {})))
    return task


class Table:
    """`count` worlds of a task at the start of an episode, run without a harness around them."""

    def __init__(self, task: Bimanual, count: int = 1, seed: int = 0) -> None:
        self.task, self.sim = task, make_simulation(task, count)
        self.carried = task.carry(count, torch.device("cpu"))
        self.rng = torch.Generator().manual_seed(seed)
        self.reset(torch.ones(count, dtype=torch.bool))

    def reset(self, worlds: Tensor) -> None:
        """Start new episodes in the worlds of a mask (N,)."""
        self.sim.reset(worlds)
        self.task.reset(self.sim, self.carried, worlds, self.rng)
        self.sim.forward(worlds)

    def state(self) -> Any:
        """The state as it is."""
        return self.task.read(self.sim, self.carried)

    def draw(self) -> Tensor:
        """Uniform random actions."""
        return 2.0 * torch.rand(self.sim.worlds, self.task.num_actions, generator=self.rng) - 1.0

    def idle(self) -> Tensor:
        """Actions (N, 2, A) without a wrench, whose targets are straight fingers."""
        actions = torch.zeros(self.sim.worlds, 2, self.task.num_actions // 2)
        lower, upper = (constant(tuple(side[i] for i in ACTUATED), actions) for side in (LOWER, UPPER))
        actions[..., -len(ACTUATED) :] = unscale(torch.zeros_like(lower), lower, upper)
        return actions

    def step(self, actions: Tensor) -> tuple[Any, Tensor]:
        """One control step of actions (N, A) or (N, 2, A / 2): the state after it, and which worlds went unstable."""
        self.task.act(self.sim, self.carried, actions.flatten(1), self.rng)
        unstable = self.sim.step(self.task.timing.physics_steps)
        return self.state(), unstable
