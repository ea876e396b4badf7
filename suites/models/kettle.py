"""A loose kettle, solid or hollow, with a handle towards +x, a spout towards -x and a lid that lifts off a little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mujoco
from torch import Tensor

from harness.rotations import wxyz_to_xyzw
from harness.task import Simulation, constant
from suites.models.common import BOX, CAPSULE, CYLINDER, OBJECT, set_inertia
from suites.models.objects import SPIN_DAMPING, TOUCH

AXIS = (-0.0012, -0.0027)  # m, x and y of the pot's axis, which is along z
POT = {  # radius, half height, centre on the axis, m
    "belly": (0.1132, 0.024, -0.016),
    "belly2": (0.104, 0.0435, -0.0135),
    "body": (0.092, 0.0639, -0.0099),
    "rim": (0.083, 0.00735, 0.06135),
}
BOTTOM = (0.092, 0.007, -0.0668)  # as POT
RINGS = (  # outer radius; lower and upper end, m
    (0.104, -0.0598, -0.04),
    (0.1132, -0.04, 0.008),
    (0.104, 0.008, 0.03),
    (0.092, 0.03, 0.054),
    (0.083, 0.054, 0.0687),
)
"""What a hollow pot has instead: its outline, as walls around a bottom."""
STAVES, WALL = 12, 0.012  # boxes in a ring; m, thickness, with which every ring reaches over the next
TUBES = {  # radius; x and z of both ends, m
    "handle_low": (0.0115, (0.1, -0.03), (0.14, -0.014)),
    "handle_middle": (0.0115, (0.14, -0.014), (0.158, 0.03)),
    "handle_high": (0.0105, (0.158, 0.03), (0.095, 0.045)),
    "spout_low": (0.019, (-0.1, -0.015), (-0.138, 0.012)),
    "spout_high": (0.011, (-0.138, 0.012), (-0.18, 0.057)),
}
MASS, COM, INERTIA = 1.0, (-0.0023, -0.0027, -0.003), (0.0065, 0.0065, 0.0075)  # kg, m, kg m^2
LID = {"lid": (0.074, 0.0055, 0.0745), "knob": (0.014, 0.01255, 0.09255)}  # as POT
LID_MASS, LID_COM = 0.1599209, (-0.00124, -0.00266, 0.07619)  # kg, m
LID_INERTIA = (0.0001544129, 0.0001544128, 0.0002774604)  # kg m^2
TRAVEL, DAMPING, ARMATURE = (0.0, 0.032), 1.0, 0.001  # m, N s/m, kg: of the lid
HANDLE, SPOUT = (0.15, 0.0, 0.0), (-0.2, 0.0, 0.07)  # m, inside the handle, in front of the spout's tip

DROP = (0.0, 0.0, 0.5)
"""Where the original starts: 26 mm above its table."""
ENAMEL, DARK = [0.55, 0.70, 0.80, 1], [0.22, 0.24, 0.28, 1]


@dataclass(frozen=True)
class Kettle:
    """Bodies `<name>` (free) and `<name>_lid`, a joint of the same name each, sites `<name>_handle` and `<name>_spout`.

    Its friction is the originals' usual 1, which a hand has too.
    """

    pos: tuple[float, float, float] = (0.0, 0.0, 0.4738)
    """m, of its origin at the start of an episode: stands on a table of 0.4 m. `quat` is its rotation then (wxyz)."""
    quat: tuple[float, float, float, float] = (0.7073883, 0.0, 0.0, 0.7068252)
    hollow: bool = False
    """Whether it can hold something, for 60 more geoms. The original is, and holds 30 balls that nothing depends on."""
    name: str = "kettle"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the kettle in `spec`; returns `spec`."""
        body = spec.worldbody.add_body(name=self.name, pos=self.pos, quat=self.quat)
        set_inertia(body, MASS, COM, INERTIA)
        body.add_joint(name=self.name, type=mujoco.mjtJoint.mjJNT_FREE, damping=SPIN_DAMPING * min(INERTIA))
        if self.hollow:
            self._add_stack(body, {"bottom": BOTTOM}, ENAMEL)
            self._add_walls(body)
        else:
            self._add_stack(body, POT, ENAMEL)
        for part, (radius, start, end) in TUBES.items():
            fromto = [start[0], AXIS[1], start[1], end[0], AXIS[1], end[1]]
            colour = DARK if part.startswith("handle") else ENAMEL
            body.add_geom(name=f"{self.name}_{part}", type=CAPSULE, size=[radius, 0.0, 0.0], fromto=fromto,
                          rgba=colour, **TOUCH, **OBJECT)  # fmt: skip
        body.add_site(name=f"{self.name}_handle", pos=HANDLE, size=[0.01] * 3, group=4)
        body.add_site(name=f"{self.name}_spout", pos=SPOUT, size=[0.01] * 3, group=4)

        lid = body.add_body(name=f"{self.name}_lid")
        set_inertia(lid, LID_MASS, LID_COM, LID_INERTIA)
        lid.add_joint(name=f"{self.name}_lid", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=(0.0, 0.0, 1.0),
                      range=TRAVEL, damping=DAMPING, armature=ARMATURE)  # fmt: skip
        self._add_stack(lid, LID, DARK)
        return spec

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """The kettle where it starts, lid closed, at rest, in the worlds of the mask `worlds` (N,)."""
        sim.joint(self.name).put(worlds, qpos=constant((*self.pos, *self.quat), sim.qpos), qvel=0.0)
        sim.joint(f"{self.name}_lid").put(worlds, qpos=0.0, qvel=0.0)

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Handle and spout: positions (N, 3) in m, and the orientation (N, 4; xyzw) of the kettle, twice."""
        rotation = wxyz_to_xyzw(sim.body(self.name).xquat.float())
        state = {}
        for point in ("handle", "spout"):
            state[f"{self.name}_{point}_pos"] = sim.site(f"{self.name}_{point}").xpos.float()
            state[f"{self.name}_{point}_rot"] = rotation
        return state

    def _add_stack(
        self, body: Any, stack: dict[str, tuple[float, float, float]], colour: list[float]
    ) -> None:
        for part, (radius, half, height) in stack.items():
            body.add_geom(name=f"{self.name}_{part}", type=CYLINDER, size=[radius, half, 0.0],
                          pos=(*AXIS, height), rgba=colour, **TOUCH, **OBJECT)  # fmt: skip

    def _add_walls(self, body: Any) -> None:
        for ring, (radius, low, high) in enumerate(RINGS):
            size = (WALL / 2, radius * math.tan(math.pi / STAVES), (high - low) / 2)
            for stave in range(STAVES):
                angle = 2 * math.pi * stave / STAVES
                x, y = ((radius - WALL / 2) * turn(angle) for turn in (math.cos, math.sin))
                body.add_geom(name=f"{self.name}_wall{ring}_{stave}", type=BOX, size=size, rgba=ENAMEL,
                              pos=(AXIS[0] + x, AXIS[1] + y, (low + high) / 2),
                              quat=(math.cos(angle / 2), 0.0, 0.0, math.sin(angle / 2)), **TOUCH, **OBJECT)  # fmt: skip
