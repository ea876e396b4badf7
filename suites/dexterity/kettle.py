"""Kettle: bring the spout of a kettle to a bucket (Bi-DexHands' ShadowHandKettle, Eureka's pouring of water)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.handles import Handles, StartOptions, stored_goal
from suites.dexterity.hands import read_object
from suites.dexterity.options import quirk
from suites.models import kettle as model
from suites.models.bucket import Bucket
from suites.models.common import Vector
from suites.models.objects import DROP, add_ball
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

NEAR = 0.05  # m, from the spout's tip to the point of the bucket: poured
FALLEN = 0.2  # m, height of the bucket's point at which the episode ends
BUCKET_DROP = (0.0, -0.3, 0.5)  # m, where the original starts: 47 mm above its table
DROPS_HEIGHT = 0.04  # m, of the middle of the drops over the kettle's origin
LAYERS, PITCH = (4, 3, 2, 1), 0.0102  # drops along the edge of a layer; m, from one to the next
GOAL = (0.0, 0.0, 10.5, 0.0, 0.0, 0.7068252, 0.7073883)  # m, xyzw


class KettleOptions(StartOptions):
    """What may be chosen of Kettle."""

    balls: Literal["off", "on"] = quirk("off", original="on")
    """Whether 30 balls are in the kettle, which is hollow then. Nothing depends on them, and they cost much time."""


class Kettle(Handles):
    """The palms face each other, thumbs up, beside the things that stand on the table.

    No water is ever counted. The point of the bucket that the spout should come to lies 5 cm below its bottom, thus in
    the table at first: the bucket must be lifted or tipped over.
    """

    text = Text(
        given="take a kettle with one hand and a bucket with the other, and fill the bucket from the kettle with "
        "water, which small balls stand for",
        true="hold the spout's tip to within 5 cm of a point that lies 10 cm below the bucket's middle; no water "
        "counts",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=125)
    memory_form = MemoryForm.SCALAR_EMA
    right = Mount((0.55, 0.2, 0.6), (3.14159, 1.57, 1.57))
    left = Mount((0.55, -0.2, 0.6), (3.14159, -1.57, 1.57))
    table_height = 0.4
    camera = {"lookat": (0.10, -0.05, 0.50), "distance": 1.1, "azimuth": 20.0, "elevation": -30.0}

    Options = KettleOptions
    options: KettleOptions

    @dataclass
    class State(Handles.State):
        kettle_handle_pos: Tensor = tensor("position", "m", "grip of the kettle, world frame", (3,))
        kettle_handle_rot: Tensor = tensor("rotation", "1", "of the kettle, world frame", (4,))
        kettle_spout_pos: Tensor = tensor("position", "m", "tip of the spout, world frame", (3,))
        kettle_spout_rot: Tensor = tensor("rotation", "1", "of the kettle, world frame", (4,))
        bucket_handle_pos: Tensor = tensor("position", "m", "10 cm below the bucket's middle", (3,))
        bucket_handle_rot: Tensor = tensor("rotation", "1", "of the bucket, world frame", (4,))

    def __init__(self, options: KettleOptions | None = None) -> None:
        super().__init__(options)
        original = self.options.start_height == "original"
        place = model.DROP if original else model.Kettle.pos
        self.kettle = model.Kettle(pos=place, hollow=self.options.balls == "on")
        self.bucket = Bucket(pos=BUCKET_DROP if original else Bucket.pos)

    def scene(self) -> mujoco.MjSpec:
        spec = self.table_scene()
        self.kettle.add_to(spec)
        self.bucket.add_to(spec)
        if self.options.balls == "on":
            for number, place in enumerate(drop_places(self.kettle.pos)):
                add_ball(spec, f"drop{number}", place, **DROP)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        """Drops need no more than the simulation's own reset."""
        self.reset_hands(sim, carried, worlds, rng)
        self.kettle.reset(sim, worlds)
        self.bucket.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> Any:
        things = self.kettle.read(sim) | self.bucket.read(sim)
        return self.State(
            **self.read_hands(sim, carried), **read_object(sim, "kettle"), **stored_goal(sim, GOAL), **things
        )

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        handles = [state.kettle_handle_pos, state.bucket_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        low: Tensor = state.bucket_handle_pos[:, 2] <= FALLEN
        return low

    def score(self, state: Any) -> Tensor:
        gap: Tensor = (state.bucket_handle_pos - state.kettle_spout_pos).norm(dim=-1)
        return (gap < NEAR).float()


def drop_places(kettle: Vector) -> list[Vector]:
    """A pyramid on its side above the bottom of a kettle at `kettle` (m): square layers along y, of 16, 9, 4 and 1.

    Drops of the original are half as far apart, so that they overlap and burst away.
    """
    x, y, z = kettle
    places = []
    for layer, edge in enumerate(LAYERS):
        steps = [PITCH * (place - 0.5 * (edge - 1)) for place in range(edge)]
        along = y + PITCH * (layer - 0.5 * (len(LAYERS) - 1))
        places += [(x + right, along, z + DROPS_HEIGHT + up) for right in steps for up in steps]
    return places
