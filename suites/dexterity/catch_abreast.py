"""Catch Abreast: throw an egg sideways between hands side by side (Bi-DexHands' ShadowHandCatchAbreast)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.task import MemoryForm, Text, Timing
from suites.dexterity.catch import Catch, strays
from suites.dexterity.hand_points import PalmPoints
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    from torch import Tensor

RIGHT_PALM, LEFT_PALM = (
    (-0.3, -0.55, 0.5),
    (-0.3, -1.15, 0.5),
)  # m, near which the palms must stay, world frame


class CatchAbreast(Catch):
    """Both hands point the same way, the palms lean towards each other by 22.5 degrees.

    The episode ends when the origin of a palm is 10 cm from where it belongs, which is 1.4 cm from where it starts:
    turning a hand about its base moves the palm, too.
    """

    text = Text(
        given="pass an object between two parallel hands side by side, as those of one person are; other catches, and "
        "more moving and turning of the hands, than between two persons",
        true="throw an egg 0.60 m sideways, off the right palm to a goal over the left one",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=150)
    memory_form = MemoryForm.PER_WORLD_LAST
    transition_scale = 0.5
    orientation_scale = 1.0
    right = Mount((0.0, -0.55, 0.5), (0.0, 0.3925, -1.57))
    left = Mount((0.0, -1.15, 0.5), (0.0, -0.3925, -1.57))
    egg_start = (-0.39, -0.55, 0.54)
    goal_place = (-0.39, -1.15, 0.54)
    camera = {"lookat": (-0.28, -0.85, 0.5), "distance": 1.0, "azimuth": 0.0, "elevation": -30.0}

    @dataclass
    class State(PalmPoints, Catch.State):
        pass

    def terminated(self, state: Any) -> Tensor:
        away = strays(state._right_palm_pos, RIGHT_PALM) | strays(state._left_palm_pos, LEFT_PALM)
        return super().terminated(state) | away
