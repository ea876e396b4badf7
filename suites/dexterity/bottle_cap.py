"""Bottle Cap: take the cap off a bottle that leans on the other hand (Bi-DexHands' ShadowHandBottleCap)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import PalmPoints, RightFingerPoints
from suites.dexterity.handles import StoredGoal, stored_goal
from suites.dexterity.hands import read_object
from suites.models.bottle import Bottle
from suites.models.table import add_table
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

OFF = 0.03  # m, from the bottle's origin to the cap's, which is 10 mm beside the axis
LOW = 0.5  # m, height of the mouth at which the bottle counts as fallen
FAR_RIGHT, FAR_LEFT = 0.5, 0.2  # m, of the right hand from the mouth, and of the left one from the bottle
TABLE_SIZE, TABLE_PLACE = (0.3, 0.3, 0.1), (0.0, -0.6, 0.05)  # m
GOAL = (0.0, -0.6, 1.5, 0.0, -0.3428978, 0.0, 0.9393727)  # m, xyzw


class BottleCap(Bimanual):
    """The left palm is under the bottle, the right hand behind its cap. Only the way along the axis counts, no turn.

    As in the original, the bottle starts 9 mm inside the palm. It is pushed out gently, and rolls off an idle hand
    within a second; fingers that close around it hold it. The point that the right hand is asked to reach for stays on
    the bottle when the cap leaves it.
    """

    text = Text(
        given="hold a bottle in one hand and take its cap off with the other, together and without a fall",
        true="raise the cap by 28 mm along the bottle, which stays at the left palm; it need not be unscrewed",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=125)
    memory_form = MemoryForm.PER_WORLD_LAST
    transition_scale = 0.1
    orientation_scale = 0.1
    base_point = "palm"
    right = Mount((0.0, -1.05, 0.5), (0.5, 3.14159, 3.14159))
    left = Mount((0.0, -0.25, 0.45), (0.0, 0.87, 0.0))
    start_angles: ClassVar = {"THJ4": -1.04, "THJ3": 1.2, "THJ0": -1.57}
    bottle = Bottle()
    camera = {"lookat": (-0.02, -0.64, 0.50), "distance": 0.95, "azimuth": 150.0, "elevation": -20.0}

    @dataclass
    class State(StoredGoal, RightFingerPoints, PalmPoints, Bimanual.State):
        bottle_pos: Tensor = tensor("position", "m", "of the bottle, world frame", (3,))
        bottle_cap_up: Tensor = tensor("position", "m", "of the cap, which slides along the bottle", (3,))
        bottle_cap_pos: Tensor = tensor("position", "m", "where the closed cap is on the bottle", (3,))

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        add_table(spec, TABLE_SIZE, TABLE_PLACE)
        return self.bottle.add_to(spec)

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        self.bottle.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> Any:
        thing, goal = read_object(sim, "bottle"), stored_goal(sim, GOAL)
        return self.State(**self.read_hands(sim, carried), **thing, **goal, **self.bottle.read(sim))

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        points = [state.bottle_pos, state.bottle_cap_pos, state.bottle_cap_up]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *points], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        fallen = state.bottle_cap_pos[:, 2] <= LOW
        right_away = (state.bottle_cap_pos - state.right_hand_pos).norm(dim=-1) >= FAR_RIGHT
        left_away = (state.bottle_pos - state.left_hand_pos).norm(dim=-1) >= FAR_LEFT
        lost: Tensor = fallen | right_away | left_away
        return lost

    def score(self, state: Any) -> Tensor:
        lift: Tensor = (state.bottle_cap_up - state.bottle_pos).norm(dim=-1)
        return (lift > OFF).float()
