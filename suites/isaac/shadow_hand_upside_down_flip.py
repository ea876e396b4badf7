"""Shadow Hand Upside Down as Eureka's human reward has it: a spinning pen instead of random goals."""

from __future__ import annotations

from suites.isaac.shadow_hand_spin_flip import ShadowHandSpinFlip
from suites.isaac.shadow_hand_upside_down import ShadowHandUpsideDown


class ShadowHandUpsideDownFlip(ShadowHandUpsideDown, ShadowHandSpinFlip):
    """The hand and pen of `shadow_hand_upside_down` with the goals of `shadow_hand_spin_flip`.

    This is the original's own task of that name, with its human reward; the rewards of its designers are
    trained on `shadow_hand_upside_down`, the default, whose goals are random. That either end counts here
    as well is an assumption, taken over from the spin task whose goals it has.
    """

    description = (
        "with the palm of the shadow hand facing down, turn the pen, either end first, "
        "to goals that advance in small steps, so that it spins"
    )
