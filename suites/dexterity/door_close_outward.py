"""Door Close Outward: pull a door shut that is open away from the hands (Bi-DexHands' ShadowHandDoorCloseOutward)."""

from __future__ import annotations

from harness.task import Text
from suites.dexterity.doors import CloseDoor


class DoorCloseOutward(CloseDoor):
    """The handles are out of reach behind the doorway, and a hand that backs off by 7 cm ends the episode."""

    text = Text(
        given="open a closed door that moves inward only when pushed, or that stands open outward at first; a push "
        "does not do it: a hand has to catch the handle before the door will move, so it is hard",
        true="shut a double door whose leaves are open the other way, by pulling its handles (+x); one closed leaf is "
        "enough",
    )
    opens = "outward"
    lost = 3.0
    camera = {"lookat": (0.05, 0.0, 0.64), "distance": 1.7, "azimuth": 155.0, "elevation": -26.0}
