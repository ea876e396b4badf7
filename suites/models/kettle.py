"""A loose kettle, solid or hollow, with a handle towards +x, a spout towards -x and a lid that lifts off a little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.rotations import wxyz_to_xyzw
from harness.task import Simulation, constant
from suites.models.common import Quaternion, Vector
from suites.models.parts import (
    Inertia,
    Shapes,
    add_loose,
    add_point,
    add_shapes,
    add_sliding,
    bar,
    block,
    upright,
)

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

AXIS = (-0.0012, -0.0027)  # m, x and y of the pot's axis, which is along z
POT: Shapes = {
    "belly": upright(0.1132, (-0.04, 0.008), AXIS),
    "belly2": upright(0.104, (-0.057, 0.03), AXIS),
    "body": upright(0.092, (-0.0738, 0.054), AXIS),
    "rim": upright(0.083, (0.054, 0.0687), AXIS),
}
BOTTOM: Shapes = {"bottom": upright(0.092, (-0.0738, -0.0598), AXIS)}
RINGS = (  # outer radius; lower and upper end, m
    (0.104, -0.0598, -0.04),
    (0.1132, -0.04, 0.008),
    (0.104, 0.008, 0.03),
    (0.092, 0.03, 0.054),
    (0.083, 0.054, 0.0687),
)
"""What a hollow pot has instead: its outline, as walls around a bottom."""
STAVES, WALL = 12, 0.012  # boxes in a ring; m, thickness, with which every ring reaches over the next
_Y = AXIS[1]
HANDLE: Shapes = {
    "handle_low": bar(0.0115, (0.1, _Y, -0.03), (0.14, _Y, -0.014)),
    "handle_middle": bar(0.0115, (0.14, _Y, -0.014), (0.158, _Y, 0.03)),
    "handle_high": bar(0.0105, (0.158, _Y, 0.03), (0.095, _Y, 0.045)),
}
SPOUT: Shapes = {
    "spout_low": bar(0.019, (-0.1, _Y, -0.015), (-0.138, _Y, 0.012)),
    "spout_high": bar(0.011, (-0.138, _Y, 0.012), (-0.18, _Y, 0.057)),
}
COVER: Shapes = {"disc": upright(0.074, (0.069, 0.08), AXIS), "knob": upright(0.014, (0.08, 0.1051), AXIS)}
KETTLE = Inertia(1.0, (-0.0023, -0.0027, -0.003), (0.0065, 0.0065, 0.0075))
LID = Inertia(0.1599209, (-0.00124, -0.00266, 0.07619), (0.0001544129, 0.0001544128, 0.0002774604))
LIFT, DAMPING, ARMATURE = 0.032, 1.0, 0.001  # m, N s/m, kg: of the lid
POINTS: dict[str, Vector] = {"handle": (0.15, 0.0, 0.0), "spout": (-0.2, 0.0, 0.07)}
"""What hands and bucket are measured from: in the bar of the handle, in front of the spout's tip; m."""

DROP = (0.0, 0.0, 0.5)
"""Where the original starts: 26 mm above its table."""
ENAMEL, DARK = [0.55, 0.70, 0.80, 1], [0.22, 0.24, 0.28, 1]


@dataclass(frozen=True)
class Kettle:
    """Bodies `<name>` (free) and `<name>_lid`, a joint of the same name each, sites `<name>_handle` and `<name>_spout`.

    Its friction is the originals' usual 1, which a hand has too.
    """

    pos: Vector = (0.0, 0.0, 0.4738)
    """m, of its origin at the start of an episode: stands on a table of 0.4 m. `quat` is its rotation then (wxyz)."""
    quat: Quaternion = (0.7073883, 0.0, 0.0, 0.7068252)
    hollow: bool = False
    """Whether it can hold something, for 60 more geoms. The original is, and holds 30 balls that nothing depends on."""
    name: str = "kettle"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the kettle in `spec`; returns `spec`."""
        body = add_loose(spec, self.name, self.pos, self.quat, KETTLE, min(KETTLE.moments))
        if self.hollow:
            add_shapes(body, self.name, {**BOTTOM, **walls()}, ENAMEL)
        else:
            add_shapes(body, self.name, POT, ENAMEL)
        add_shapes(body, self.name, SPOUT, ENAMEL)
        add_shapes(body, self.name, HANDLE, DARK)
        for point, pos in POINTS.items():
            add_point(body, f"{self.name}_{point}", pos)
        lid = add_sliding(body, f"{self.name}_lid", LID, (0.0, 0.0, 1.0), LIFT, DAMPING, ARMATURE)
        add_shapes(lid, f"{self.name}_lid", COVER, DARK)
        return spec

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """The kettle where it starts, lid closed, at rest, in the worlds of the mask `worlds` (N,)."""
        sim.joint(self.name).put(worlds, qpos=constant((*self.pos, *self.quat), sim.qpos), qvel=0.0)
        sim.joint(f"{self.name}_lid").put(worlds, qpos=0.0, qvel=0.0)

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Handle and spout: positions (N, 3) in m, and the orientation (N, 4; xyzw) of the kettle, twice."""
        rotation = wxyz_to_xyzw(sim.body(self.name).xquat.float())
        state = {}
        for point in POINTS:
            state[f"{self.name}_{point}_pos"] = sim.site(f"{self.name}_{point}").xpos.float()
            state[f"{self.name}_{point}_rot"] = rotation
        return state


def walls() -> Shapes:
    """The boxes of `RINGS`, facing outwards."""
    shapes = {}
    for ring, (radius, low, high) in enumerate(RINGS):
        half = (WALL / 2, radius * math.tan(math.pi / STAVES), (high - low) / 2)
        for stave in range(STAVES):
            angle = 2 * math.pi * stave / STAVES
            x, y = ((radius - WALL / 2) * turn(angle) for turn in (math.cos, math.sin))
            centre = (AXIS[0] + x, AXIS[1] + y, (low + high) / 2)
            quat = (math.cos(angle / 2), 0.0, 0.0, math.sin(angle / 2))
            shapes[f"wall{ring}_{stave}"] = block(half, centre, quat)
    return shapes
