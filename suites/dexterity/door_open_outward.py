"""Door Open Outward: push both leaves of a shut door open (Bi-DexHands' ShadowHandDoorOpenOutward)."""

from __future__ import annotations

from harness.task import Text
from suites.dexterity.doors import OpenDoor


class DoorOpenOutward(OpenDoor):
    """The leaves open away from the hands, which have to stay near the handles that they push."""

    text = Text(
        given="close an open door that moves outward only when pushed, or that stands open inward at first; a push "
        "is all it takes, so it is easy",
        true="push both leaves of a shut double door open, away from the hands (-x)",
    )
    opens = "outward"
    goal_height = 5.7
