"""Re Orientation: turn a cube on either of two fixed hands (Bi-DexHands' ShadowHandReOrientation)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.rotations import quat_diff_rad, xyzw_to_wxyz
from harness.task import Fitness, MemoryForm, Simulation, Text, Timing, constant
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.goals import Goal, Second, draw_goal, read_goal
from suites.dexterity.hands import goal_entries, object_entries, read_object
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.draws import random_rotation, uniform
from suites.models.objects import add_block
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

RIGHT_START, LEFT_START = (0.0, -0.39, 0.6), (0.0, -0.76, 0.6)  # m, world frame
RIGHT_GOAL, LEFT_GOAL = (0.0, -0.39, 0.56), (0.0, -0.76, 0.56)  # m, world frame
MARKER_HEIGHT = 0.2  # m, of a goal's marker above it: in its place it would hide in the cube
START_SPREAD = 0.01  # m, of the cubes along each axis
CLOSE = 0.1  # rad, from a cube to its goal: reached
FALLEN = 0.2  # m, height of a cube that ends the episode


class ReOrientation(Bimanual):
    """Turn cubes to one goal after another. F is the number of goals per episode.

    Both cubes fall onto palms that face up, turned alike; their goals are one rotation, drawn anew for both before
    the step after one that scores. Positions do not count. The sparse reward, if latched, is the number of goals of
    the episode so far, this step's included: `Carried.succeeded` is that of earlier steps.
    """

    text = Text(
        given="turn the object that lies on either of two hands to its goal, within the hand",
        true="turn the left cube to drawn goals, as many as 600 steps allow; nothing asks for the right cube",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=600)
    num_actions = 40
    fitness = Fitness.COUNT
    fitness_unit = "goals"
    memory_form = MemoryForm.EMA_OF_COUNTS
    memory_weight = 0.01
    free = False
    right = Mount((0.0, 0.0, 0.5))
    left = Mount((0.0, -1.15, 0.5), (0.0, 0.0, 3.1415))
    joint_spread = 0.2
    camera = {"lookat": (0.0, -0.575, 0.57), "distance": 1.15, "azimuth": 165.0, "elevation": -24.0}

    class Options(DexterityOptions):
        scoring: Literal["as_run", "either", "both"] = quirk("as_run", original="as_run")
        """Whose goal counts: the left cube's alone, as the original runs, whose second test overwrites its first; that
        of either; those of both in the same step."""

    options: Options

    @dataclass
    class State(Second, Goal, Bimanual.State):
        pass

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        for cube, marker, start, (x, y, z) in (
            ("object", "goal", RIGHT_START, RIGHT_GOAL),
            ("object_another", "goal_another", LEFT_START, LEFT_GOAL),
        ):
            add_block(spec, cube, start)
            add_block(spec, marker, (x, y, z + MARKER_HEIGHT), goal=True)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        shift = START_SPREAD * uniform(worlds, 3, rng=rng)
        rotation = xyzw_to_wxyz(random_rotation(worlds, rng))
        for cube, start in (("object", RIGHT_START), ("object_another", LEFT_START)):
            place = constant(start, shift) + shift
            sim.joint(cube).put(worlds, qpos=torch.cat([place, rotation], dim=-1))
        draw_goal(sim, worlds, rng, "goal_another")

    def act(self, sim: Simulation, carried: Any, actions: Tensor, rng: torch.Generator) -> None:
        before = carried.succeeded.clone()
        super().act(sim, carried, actions, rng)
        draw_goal(sim, carried.succeeded > before, rng, "goal_another")

    def latch(self, sim: Simulation, carried: Any) -> None:
        """Add the score of the state as it is to `succeeded`, unless it is a start."""
        score = self.score_now(sim, carried)
        carried.succeeded.add_(score.masked_fill(carried.fresh, 0.0))
        carried.fresh.fill_(False)

    def read(self, sim: Simulation, carried: Any) -> Any:
        right = read_object(sim) | read_goal(sim, "goal", RIGHT_GOAL)
        left = read_object(sim, "object_another", "object_another")
        left |= read_goal(sim, "goal_another", LEFT_GOAL)
        return self.State(**self.read_hands(sim, carried), **right, **left)

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        right = [*self.observe_object(state), *goal_entries(state)]
        left = [
            *object_entries(state, "object_another"),
            *goal_entries(state, "object_another", "goal_another"),
        ]
        return torch.cat([self.observe_hands(state, actions), *right, *left], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        low: Tensor = torch.minimum(state.object_pos[:, 2], state.object_another_pos[:, 2]) <= FALLEN
        return low

    @property
    def sparse_variant(self) -> str:
        return "" if self.options.scoring == "as_run" else self.options.scoring

    def score(self, state: Any) -> Tensor:
        left = quat_diff_rad(state.object_another_rot, state.goal_another_rot) < CLOSE
        if self.options.scoring == "as_run":
            return left.float()
        right = quat_diff_rad(state.object_rot, state.goal_rot) < CLOSE
        return (left | right if self.options.scoring == "either" else left & right).float()
