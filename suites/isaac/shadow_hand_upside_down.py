"""Shadow Hand Upside Down: turn a pen below a hand whose palm faces down (Eureka's ShadowHandUpsideDown)."""

from __future__ import annotations

import dataclasses

from suites.isaac.shadow_hand import ShadowHand, ShadowHandPen
from suites.models.shadow_hand import PALM_DOWN


class ShadowHandUpsideDown(ShadowHandPen):
    """The pen starts a centimetre below the palm, among fingers that are a little bent.

    An idle hand lets most pens fall at once; that episode is over after a quarter of a second.

    The original has this task twice. This is the version whose source its designers are shown and whose
    worlds train their rewards: hence the default, for human rewards too, so that all are compared on one
    task. The original's human reward belongs to the other version, `shadow_hand_upside_down_flip`.
    """

    description = (
        "with the palm of the shadow hand facing down, turn the pen until it has the wanted orientation"
    )
    mount = PALM_DOWN
    object_start = (0.0, -0.39, 0.48)
    goal_position = (0.0, -0.39, 0.44)
    camera = {"lookat": (-0.11, -0.40, 0.50), "distance": 0.56, "azimuth": 110.0, "elevation": -12.0}
    ppo = dataclasses.replace(ShadowHand.ppo, epochs=20000)
