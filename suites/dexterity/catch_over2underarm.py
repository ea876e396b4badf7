"""Catch Over to Underarm: throw an egg down from raised fingers (Bi-DexHands' ShadowHandCatchOver2Underarm)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from harness.task import MemoryForm, Text
from suites.dexterity.catch import Catch, strays
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.common import Vector
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    from torch import Tensor

RAISE = 0.02  # m


class CatchOver2Underarm(Catch):
    """The right hand points up, its palm faces the left one, which lies palm up. The egg is on the right fingertips.

    As in the original it starts 1.3 to 2.2 cm deep in them, which pushes it up at less than 0.25 m/s. On straight
    fingers it stays for a tenth of a second, then it falls past the palm. The episode ends when the root of a hand is
    10 cm from where it starts.
    """

    text = Text(
        given="as the underarm catch, but with an object in each hand that belongs to the other hand: throw both "
        "across together, a harder throw than with one",
        true="throw the one egg, which lies on the fingertips of the raised right hand, down to a goal above the left "
        "palm",
    )
    memory_form = MemoryForm.PER_WORLD_LAST
    transition_scale = 0.1
    orientation_scale = 2.0
    right = Mount((0.0, 0.0, 0.5), (1.67, 3.14, 0.0))
    left = Mount((0.0, -0.8, 0.5), (0.0, 0.0, 3.1415))
    egg_start = (0.0, 0.05, 1.0)
    goal_place = (0.0, -0.4, 0.55)
    fallen = 0.3
    camera = {"lookat": (0.0, -0.32, 0.68), "distance": 1.35, "azimuth": 165.0, "elevation": -20.0}

    class Options(DexterityOptions):
        egg: Literal["overlapping", "raised"] = quirk("overlapping", original="overlapping")
        """How the egg starts: 1 m high, in the fingertips, or 2 cm higher, where it hardly touches them."""

    options: Options

    def start(self) -> Vector:
        x, y, z = self.egg_start
        return (x, y, z + RAISE) if self.options.egg == "raised" else (x, y, z)

    def terminated(self, state: Any) -> Tensor:
        away = strays(state._right_root_pos, self.right.pos) | strays(state._left_root_pos, self.left.pos)
        return super().terminated(state) | away
