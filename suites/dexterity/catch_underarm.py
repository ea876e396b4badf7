"""Catch Underarm: throw an egg from hand to hand, with bases that move (Bi-DexHands' ShadowHandCatchUnderarm)."""

from __future__ import annotations

from harness.task import MemoryForm, Text
from suites.dexterity.catch import Catch
from suites.models.two_hands import Mount


class CatchUnderarm(Catch):
    """As `Over`, with the hands farther apart. Their bases move by some 3 cm in an episode, so the egg must fly."""

    text = Text(
        given="pass an object from the palm of one upturned hand to the palm of the other; harder than handing it "
        "over, for the places and rotations of both hands are actions too",
        true="throw an egg 0.40 m, off the right palm to a goal over the left one, with bases that move slowly",
    )
    memory_form = MemoryForm.PER_WORLD_LAST
    transition_scale = 0.05
    orientation_scale = 0.5
    right = Mount((0.0, 0.0, 0.5))
    left = Mount((0.0, -1.15, 0.5), (0.0, 0.0, 3.1415))
    joint_spread = 0.2
    egg_start = (0.0, -0.39, 0.54)
    egg_spread = 0.01
    goal_place = (0.0, -0.79, 0.54)
    fallen = 0.1
    camera = {"lookat": (0.0, -0.575, 0.48), "distance": 1.15, "azimuth": 165.0, "elevation": -24.0}
