"""Door Open Inward: pull both leaves of a shut door open (Bi-DexHands' ShadowHandDoorOpenInward)."""

from __future__ import annotations

from harness.task import Text
from suites.dexterity.doors import OpenDoor


class DoorOpenInward(OpenDoor):
    """The leaves open towards the hands, so fingers have to get behind their pulls."""

    text = Text(
        given="close an open door that moves inward only when pushed, or that stands open outward at first; a push "
        "does not do it: a hand has to catch the handle before the door will move, so it is hard",
        true="pull both leaves of a shut double door open by their handles, towards the hands (+x)",
    )
    opens = "inward"
