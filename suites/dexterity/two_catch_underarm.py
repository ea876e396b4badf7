"""Two Catch Underarm: two eggs are thrown from hand to hand at once (Bi-DexHands' ShadowHandTwoCatchUnderarm)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.task import MemoryForm, Simulation, Text, constant
from suites.dexterity.catch import CLOSE
from suites.dexterity.catch_underarm import CatchUnderarm
from suites.dexterity.goals import Second, read_goal
from suites.dexterity.hands import goal_entries, object_entries, read_object
from suites.models.objects import THROWN_EGG_DENSITY, add_egg

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

SECOND_START, SECOND_GOAL = (0.0, -0.78, 0.54), (0.0, -0.38, 0.54)  # m, world frame

ORANGE, PALE_ORANGE = (0.95, 0.55, 0.15, 1.0), (1.0, 0.75, 0.45, 0.5)
"""Of the second egg and its goal: each goal is beside the other egg at the start."""


class TwoCatchUnderarm(CatchUnderarm):
    """As `CatchUnderarm`, with a second egg that goes the other way; the two can hit each other in flight.

    The second egg starts, and its goal is turned, as the first. Caught are both in a step in which their distances
    to their goals come to less than 6 cm together: one may be farther away than the other.
    """

    text = Text(
        given="as the underarm catch, but with an object in each hand and its goal at the other: throw both across "
        "together, harder than with one",
        true="let two eggs change places between upturned palms that face each other",
    )
    memory_form = MemoryForm.SCALAR_EMA
    fallen = 0.2

    @dataclass
    class State(Second, CatchUnderarm.State):
        pass

    def scene(self) -> mujoco.MjSpec:
        spec = super().scene()
        add_egg(spec, "object_another", SECOND_START, density=THROWN_EGG_DENSITY, rgba=ORANGE)
        add_egg(spec, "goal_another", SECOND_GOAL, goal=True, rgba=PALE_ORANGE)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        super().reset(sim, carried, worlds, rng)
        place, rotation = sim.joint("object").qpos.split([3, 4], dim=-1)
        place = place + (constant(SECOND_START, place) - constant(self.egg_start, place))
        sim.joint("object_another").put(worlds, qpos=torch.cat([place, rotation], dim=-1))
        sim.body("goal_another").put(worlds, mocap_quat=sim.body("goal").mocap_quat)

    def read(self, sim: Simulation, carried: Any) -> Any:
        first = read_object(sim) | read_goal(sim)
        second = read_object(sim, "object_another", "object_another") | read_goal(sim, "goal_another")
        return self.State(**self.read_hands(sim, carried), **first, **second)

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        second = [
            *object_entries(state, "object_another"),
            *goal_entries(state, "object_another", "goal_another"),
        ]
        return torch.cat([super().observe(state, actions), *second], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        low: Tensor = state.object_another_pos[:, 2] <= self.fallen
        return super().terminated(state) | low

    def score(self, state: Any) -> Tensor:
        first = (state.goal_pos - state.object_pos).norm(dim=-1)
        second = (state.goal_another_pos - state.object_another_pos).norm(dim=-1)
        caught: Tensor = first + second < 2 * CLOSE
        return caught.float()
