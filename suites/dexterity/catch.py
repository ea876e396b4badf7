"""What the throwing tasks share: an egg over the right hand, and where it should be over the left one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import mujoco
import torch
from torch import Tensor

from harness.rotations import wxyz_to_xyzw, xyzw_to_wxyz
from harness.task import Simulation, constant, tensor
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hands import goal_entries, pose_fields, read_object
from suites.models.draws import random_rotation, uniform
from suites.models.objects import add_egg

EGG_DENSITY = 500.0  # kg/m^3
CLOSE = 0.03  # m, from the egg to its goal: caught


class Catch(Bimanual):
    """Throw an egg to a goal. It counts as caught in the step in which it is near the goal, whatever its rotation."""

    egg_start: ClassVar[tuple[float, float, float]]
    """m, world frame."""
    goal_place: ClassVar[tuple[float, float, float]]
    """m, world frame."""
    egg_spread: ClassVar[float] = 0.0
    """m, of the egg's start along each axis."""
    fallen: ClassVar[float] = 0.2
    """Height (m) of an egg that ends the episode."""

    @dataclass
    class State(Bimanual.State):
        goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
        goal_pos: Tensor = tensor("position", "m", "where the object should get, world frame", (3,))
        goal_rot: Tensor = tensor("rotation", "1", "that the object should get, world frame", (4,))

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        add_egg(spec, "object", self.egg_start, density=EGG_DENSITY)
        add_egg(spec, "goal", self.goal_place, goal=True)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        place = constant(self.egg_start, sim.qpos) + self.egg_spread * uniform(worlds, 3, rng=rng)
        rotation = xyzw_to_wxyz(random_rotation(worlds, rng))
        sim.joint("object").put(worlds, qpos=torch.cat([place, rotation], dim=-1))
        sim.body("goal").put(worlds, mocap_quat=xyzw_to_wxyz(random_rotation(worlds, rng)))

    def read(self, sim: Simulation, carried: Any) -> Any:
        goal = sim.body("goal")
        goal_pose = torch.cat([goal.mocap_pos, wxyz_to_xyzw(goal.mocap_quat)], dim=-1).float()
        return self.State(
            **self.read_hands(sim, carried), **read_object(sim), **pose_fields("goal", goal_pose)
        )

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        hands = self.observe_hands(state, actions)
        return torch.cat([hands, *self.observe_object(state), *goal_entries(state)], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        low: Tensor = state.object_pos[:, 2] <= self.fallen
        return low

    def score(self, state: Any) -> Tensor:
        distance: Tensor = (state.goal_pos - state.object_pos).norm(dim=-1)
        return (distance < CLOSE).float()
