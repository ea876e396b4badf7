"""Door Close Inward: push a door shut that is open towards the hands (Bi-DexHands' ShadowHandDoorCloseInward)."""

from __future__ import annotations

from harness.task import Budget, MemoryForm, Text
from suites.dexterity.doors import CloseDoor
from suites.models.two_hands import Mount


class DoorCloseInward(CloseDoor):
    """The hands start farther out than in the other three tasks, each on the outer side of its leaf."""

    text = Text(
        given="open a closed door that moves outward only when pushed, or that stands open inward at first; a push "
        "is all it takes, so it is easy",
        true="shut a double door whose leaves are open towards the hands, by pushing (-x); one closed leaf is enough",
    )
    quick = Budget(256, 240, 16, 1024, "four times the suite's: one leaf is shut, every time")
    memory_form = MemoryForm.PER_WORLD_LAST
    right = Mount((0.9, 0.5, 0.6), (3.14159, 1.57, 1.57))
    left = Mount((0.9, -0.5, 0.6), (3.14159, -1.57, 1.57))
    opens = "inward"
    camera = {"lookat": (0.4, 0.0, 0.62), "distance": 1.85, "azimuth": 148.0, "elevation": -26.0}
