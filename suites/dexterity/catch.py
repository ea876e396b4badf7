"""What the throwing tasks share: an egg over the right hand, and where it should be over the left one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from harness.rotations import xyzw_to_wxyz
from harness.task import Simulation, constant
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.goals import Goal, draw_goal, read_goal
from suites.dexterity.hands import goal_entries, read_object
from suites.models.common import Vector
from suites.models.draws import random_rotation, uniform
from suites.models.objects import THROWN_EGG_DENSITY, add_egg

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

CLOSE = 0.03  # m, from the egg to its goal: caught
STRAY = 0.1  # m, from where a point of a hand belongs: too far, in the tasks that limit this


class Catch(Bimanual):
    """Throw an egg to a goal. It counts as caught in the step in which it is near the goal, whatever its rotation."""

    egg_start: ClassVar[Vector]
    """m, world frame."""
    goal_place: ClassVar[Vector]
    """m, world frame."""
    egg_spread: ClassVar[float] = 0.0
    """m, of the egg's start along each axis."""
    fallen: ClassVar[float] = 0.2
    """Height (m) of an egg that ends the episode."""

    @dataclass
    class State(Goal, Bimanual.State):
        pass

    def start(self) -> Vector:
        """Where the egg starts (m), before its spread."""
        return self.egg_start

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        add_egg(spec, "object", self.egg_start, density=THROWN_EGG_DENSITY)
        add_egg(spec, "goal", self.goal_place, goal=True)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        place = constant(self.start(), sim.qpos) + self.egg_spread * uniform(worlds, 3, rng=rng)
        rotation = xyzw_to_wxyz(random_rotation(worlds, rng))
        sim.joint("object").put(worlds, qpos=torch.cat([place, rotation], dim=-1))
        draw_goal(sim, worlds, rng)

    def read(self, sim: Simulation, carried: Any) -> Any:
        return self.State(**self.read_hands(sim, carried), **read_object(sim), **read_goal(sim))

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        hands = self.observe_hands(state, actions)
        return torch.cat([hands, *self.observe_object(state), *goal_entries(state)], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        low: Tensor = state.object_pos[:, 2] <= self.fallen
        return low

    def score(self, state: Any) -> Tensor:
        distance: Tensor = (state.goal_pos - state.object_pos).norm(dim=-1)
        return (distance < CLOSE).float()


def strays(point: Tensor, place: Vector) -> Tensor:
    """Worlds in which `point` (N, 3) of a hand is too far from `place` (m), (N,) bool."""
    away: Tensor = (point - constant(place, point)).norm(dim=-1) >= STRAY
    return away
