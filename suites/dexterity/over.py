"""Over: toss an egg from one fixed hand to the other (Bi-DexHands' ShadowHandOver)."""

from __future__ import annotations

from harness.task import MemoryForm, Text
from suites.dexterity.catch import Catch
from suites.models.two_hands import Mount


class Over(Catch):
    """Both palms face up, the fingers point at each other; the egg drops onto the right hand."""

    text = Text(
        given="two fixed hands with upturned palms face each other; the right one catches an object that drops near "
        "it, and throws it to the left one, since it can neither be carried nor rolled there",
        true="throw an egg 0.25 m, off the right palm to a goal over the left one",
    )
    memory_form = MemoryForm.SCALAR_EMA
    num_actions = 40
    free = False
    right = Mount((0.0, 0.0, 0.5))
    left = Mount((0.0, -1.0, 0.5), (0.0, 0.0, 3.1415))
    joint_spread = 0.2
    egg_start = (0.0, -0.39, 0.54)
    egg_spread = 0.01
    goal_place = (0.0, -0.64, 0.54)
    camera = {"lookat": (0.0, -0.5, 0.48), "distance": 1.05, "azimuth": 165.0, "elevation": -24.0}
