"""Grasp and Place: bring a cube to a bucket (Bi-DexHands' ShadowHandGraspAndPlace)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.rotations import quat_rotate_inverse
from harness.task import MemoryForm, Simulation, Text, Timing, constant, tensor
from suites.dexterity.hands import read_object
from suites.dexterity.on_table import ON_TABLE, TABLE_TOP, OnTable, add_lying_block, read_handles
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.bucket import REST, RIM, Bucket
from suites.models.frames import y_up
from suites.models.table import add_table

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

CLOSE = 0.2  # m, from the bucket's origin to the middle of the cube: placed
RADIUS, SUNK = 0.05, 0.04  # m, from the bucket's axis and below its rim: the middle of a cube that is in it
BUCKET_PLACE, CUBE_PLACE = (0.0, 0.2), (0.0, -0.2)  # m, x and y
HEIGHTS = {"settled": (TABLE_TOP + REST, ON_TABLE), "original": (TABLE_TOP, TABLE_TOP)}  # m, bucket and cube
GOAL = (-0.3, 0.0, 0.6, 0.0, 0.0, 0.0, 1.0)  # m, xyzw: place and rotation


class GraspAndPlaceOptions(DexterityOptions):
    """Those of all two-handed tasks, and the oddities of this one."""

    placed: Literal["near", "inside"] = quirk("near", original="near")
    """Whether the cube has to be near the bucket, or in it."""
    start_height: Literal["settled", "original"] = quirk("settled", original="original")
    """Whether bucket and cube start on the table, or partly in it."""


class GraspAndPlace(OnTable):
    """The bucket stands before the right hand, the cube lies before the left one, 0.4 m apart."""

    text = Text(
        given="put the loose object that lies before two hands into the bucket beside it",
        true="have cube and bucket less than 20 cm apart, the cube inside or not",
    )
    memory_form = MemoryForm.SCALAR_EMA
    timing = Timing(dt=0.01667, substeps=2, episode_steps=500)
    lost = 1.5
    camera = {"lookat": (0.12, 0.03, 0.66), "distance": 1.1, "azimuth": 150.0, "elevation": -32.0}

    Options = GraspAndPlaceOptions
    options: GraspAndPlaceOptions

    @dataclass
    class State(OnTable.State):
        block_right_handle_pos: Tensor = tensor("position", "m", "of the bucket, world frame", (3,))
        block_right_handle_rot: Tensor = tensor(
            "rotation", "1", "of the bucket, whose axis is y here, world frame", (4,)
        )
        block_left_handle_pos: Tensor = tensor("position", "m", "of the cube, world frame", (3,))
        block_left_handle_rot: Tensor = tensor("rotation", "1", "of the cube, world frame", (4,))
        goal_pos: Tensor = tensor("position", "m", "a fixed point on the table, world frame", (3,))
        goal_rot: Tensor = tensor("rotation", "1", "of the bucket at its start, world frame", (4,))

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        add_table(spec, (1.0, 1.0, TABLE_TOP), (0.0, 0.0, 0.5 * TABLE_TOP))
        bucket, cube = HEIGHTS[self.options.start_height]
        Bucket((*BUCKET_PLACE, bucket), name="object").add_to(spec)
        add_lying_block(spec, "block", (*CUBE_PLACE, cube))
        return spec

    def read(self, sim: Simulation, carried: Any) -> State:
        things = read_object(sim) | read_handles(sim)
        things["block_right_handle_rot"] = y_up(sim.body("object").xquat)
        goal_pos, goal_rot = constant(GOAL, things["object_pos"]).repeat(sim.worlds, 1).split([3, 4], dim=-1)
        return self.State(**self.read_hands(sim, carried), **things, goal_pos=goal_pos, goal_rot=goal_rot)

    def observe(self, state: State, actions: Tensor) -> Tensor:
        bucket = [state.block_right_handle_pos, state.block_right_handle_rot]
        cube = [state.block_left_handle_pos, state.block_left_handle_rot]
        seen = [self.observe_hands(state, actions), *self.observe_object(state), *bucket, *cube]
        return torch.cat(seen, dim=-1)

    @property
    def sparse_variant(self) -> str:
        return "" if self.options.placed == "near" else self.options.placed

    def score(self, state: State) -> Tensor:
        apart = state.block_left_handle_pos - state.block_right_handle_pos
        placed: Tensor = apart.norm(dim=-1) < CLOSE
        if self.options.placed == "inside":
            x, y, z = quat_rotate_inverse(state.object_rot, apart).unbind(-1)
            placed = (torch.hypot(x, y) < RADIUS) & (z > -REST) & (z <= RIM - SUNK)
        return placed.float()
