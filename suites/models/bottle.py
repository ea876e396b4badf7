"""A loose bottle whose small cap turns freely and slides off along its axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
from torch import Tensor

from harness.task import Simulation, constant
from suites.models.common import CYLINDER, OBJECT, set_inertia
from suites.models.objects import SPIN_DAMPING, STOP, TOUCH

AXIS = (-0.0011, -0.0011)  # m, x and y of the bottle's axis, which is along z
PROFILE = {  # radius, half height, centre on the axis, m
    "foot": (0.0365, 0.01, -0.1156),
    "lower": (0.0394, 0.03, -0.0756),
    "lower2": (0.0374, 0.0125, -0.0331),
    "waist": (0.0336, 0.0351, 0.0145),
    "upper": (0.0384, 0.02445, 0.07405),
    "shoulder": (0.031, 0.00825, 0.10675),
    "shoulder2": (0.0195, 0.0075, 0.1225),
    "neck": (0.0111, 0.00465, 0.13465),
}
MASS, COM, INERTIA = 0.5165103, (*AXIS, -0.00683), (0.002826067, 0.002826067, 0.0003474181)  # kg, m, kg m^2

MOUTH = (0.0, 0.0, 0.15)  # m, where the closed cap is said to be
SLIDER = (
    -0.007542,
    -0.007006,
    0.0,
)  # m, off the axis since the original's joints were not scaled with its shapes
TRAVEL, SLIDE_DAMPING, SLIDE_ARMATURE = (0.0, 0.064), 0.5, 0.001  # m, N s/m, kg
SLIDER_MASS, SLIDER_INERTIA = 0.001, (1e-6, 1e-6, 1e-6)  # kg, kg m^2
CAP, CAP_CENTRE = (
    (0.0129, 0.00515),
    (0.00644, 0.00591, 0.14445),
)  # m, radius and half height; in the slider's frame
CAP_MASS, CAP_INERTIA = 0.0026423, (1.310789e-7, 1.310789e-7, 2.163322e-7)  # kg, kg m^2
TURN_DAMPING, TURN_ARMATURE = 0.0005, 1e-5  # N m s/rad, kg m^2

STICKY: dict[str, Any] = {**TOUCH, "friction": [2.0, 0.005, 0.0001], "condim": 4}
"""The original's friction of 100 (50 with a hand's 1) holds whatever touches; 2 does so too, and is what MuJoCo takes
of the bottle's 2 and a hand's 1."""
GLASS, LABEL, LID = [0.30, 0.55, 0.50, 1], [0.90, 0.88, 0.80, 1], [0.80, 0.24, 0.20, 1]


@dataclass(frozen=True)
class Bottle:
    """Bodies `<name>` (free), `<name>_slider` and `<name>_cap`, a joint of the same name each.

    The slider is what the original calls the cap's place; it does not turn. The cap turns about its own centre, not
    9 mm beside it as in the original. Neither touches the bottle.
    """

    pos: tuple[float, float, float] = (0.0, -0.6, 0.5)
    """m, of the bottle's origin at the start of an episode; `quat` is its rotation then (wxyz)."""
    quat: tuple[float, float, float, float] = (0.9393727, 0.0, -0.3428978, 0.0)
    name: str = "bottle"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the bottle in `spec`; returns `spec`."""
        body = spec.worldbody.add_body(name=self.name, pos=self.pos, quat=self.quat)
        set_inertia(body, MASS, COM, INERTIA)
        body.add_joint(name=self.name, type=mujoco.mjtJoint.mjJNT_FREE, damping=SPIN_DAMPING * min(INERTIA))
        for part, (radius, half, height) in PROFILE.items():
            colour = LABEL if part == "waist" else GLASS
            body.add_geom(name=f"{self.name}_{part}", type=CYLINDER, size=[radius, half, 0.0],
                          pos=(*AXIS, height), rgba=colour, **STICKY, **OBJECT)  # fmt: skip
        body.add_site(name=f"{self.name}_mouth", pos=MOUTH, size=[0.01] * 3, group=4)

        slider = body.add_body(name=f"{self.name}_slider", pos=SLIDER)
        set_inertia(slider, SLIDER_MASS, (0.0, 0.0, 0.0), SLIDER_INERTIA)
        slider.add_joint(name=f"{self.name}_slider", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=(0.0, 0.0, 1.0),
                         range=TRAVEL, damping=SLIDE_DAMPING, armature=SLIDE_ARMATURE, **STOP)  # fmt: skip
        slider.add_site(name=f"{self.name}_cap_up", size=[0.01] * 3, group=4)

        cap = slider.add_body(name=f"{self.name}_cap", pos=CAP_CENTRE)
        set_inertia(cap, CAP_MASS, (0.0, 0.0, 0.0), CAP_INERTIA)
        cap.add_joint(
            name=f"{self.name}_cap", axis=(0.0, 0.0, 1.0), damping=TURN_DAMPING, armature=TURN_ARMATURE
        )
        cap.add_geom(name=f"{self.name}_cap", type=CYLINDER, size=[*CAP, 0.0], rgba=LID, **STICKY, **OBJECT)
        spec.add_exclude(bodyname1=self.name, bodyname2=f"{self.name}_cap")
        return spec

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """The bottle where it starts, closed and at rest, in the worlds of the mask `worlds` (N,)."""
        sim.joint(self.name).put(worlds, qpos=constant((*self.pos, *self.quat), sim.qpos), qvel=0.0)
        sim.joints([f"{self.name}_slider", f"{self.name}_cap"]).put(worlds, qpos=0.0, qvel=0.0)

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Positions (N, 3) in m: the bottle's origin, where its cap is, where its cap sits when closed."""
        return {
            f"{self.name}_pos": sim.body(self.name).xpos.float(),
            f"{self.name}_cap_up": sim.site(f"{self.name}_cap_up").xpos.float(),
            f"{self.name}_cap_pos": sim.site(f"{self.name}_mouth").xpos.float(),
        }
