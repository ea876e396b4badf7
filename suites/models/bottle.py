"""A loose bottle whose small cap turns freely and slides off along its axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.task import Simulation, constant
from suites.models.common import Quaternion, Vector, set_inertia
from suites.models.parts import Inertia, Shapes, add_loose, add_point, add_shapes, add_sliding, upright

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

AXIS = (-0.0011, -0.0011)  # m, x and y of the bottle's axis, which is along z
GLASS: Shapes = {
    "foot": upright(0.0365, (-0.1256, -0.1056), AXIS),
    "lower": upright(0.0394, (-0.1056, -0.0456), AXIS),
    "lower2": upright(0.0374, (-0.0456, -0.0206), AXIS),
    "upper": upright(0.0384, (0.0496, 0.0985), AXIS),
    "shoulder": upright(0.031, (0.0985, 0.115), AXIS),
    "shoulder2": upright(0.0195, (0.115, 0.13), AXIS),
    "neck": upright(0.0111, (0.13, 0.1393), AXIS),
}
LABEL: Shapes = {"waist": upright(0.0336, (-0.0206, 0.0496), AXIS)}
BOTTLE = Inertia(0.5165103, (*AXIS, -0.00683), (0.002826067, 0.002826067, 0.0003474181))

MOUTH = (0.0, 0.0, 0.15)  # m, where the closed cap is said to be
SLIDE_ORIGIN = (-0.007542, -0.007006, 0.0)
"""m, off the axis, since the joints of the original were not scaled with its shapes."""
SLIDER = Inertia(0.001, (0.0, 0.0, 0.0), (1e-6, 1e-6, 1e-6))
TRAVEL, SLIDE_DAMPING, SLIDE_ARMATURE = 0.064, 0.5, 0.001  # m, N s/m, kg
CAP: Shapes = {"disc": upright(0.0129, (-0.00515, 0.00515), (0.0, 0.0))}
CAP_CENTRE = (0.00644, 0.00591, 0.14445)  # m, in the frame of the slider
CAP_MASS, CAP_INERTIA = 0.0026423, (1.310789e-7, 1.310789e-7, 2.163322e-7)  # kg, kg m^2
TURN_DAMPING, TURN_ARMATURE = 0.0005, 1e-5  # N m s/rad, kg m^2

STICKY: dict[str, Any] = {"friction": [2.0, 0.005, 0.0001], "condim": 4}
"""The original's friction of 100 (50 with a hand's 1) holds whatever touches; 2 does so too, and is what MuJoCo takes
of the bottle's 2 and a hand's 1."""
GREEN, PAPER, RED = [0.30, 0.55, 0.50, 1], [0.90, 0.88, 0.80, 1], [0.80, 0.24, 0.20, 1]


@dataclass(frozen=True)
class Bottle:
    """Bodies `<name>` (free), `<name>_slider` and `<name>_cap`, a joint of the same name each.

    The slider is what the original calls the cap's place; it does not turn. The cap turns about its own centre, not
    9 mm beside it as in the original. Neither touches the bottle.
    """

    pos: Vector = (0.0, -0.6, 0.5)
    """m, of the bottle's origin at the start of an episode; `quat` is its rotation then (wxyz)."""
    quat: Quaternion = (0.9393727, 0.0, -0.3428978, 0.0)
    name: str = "bottle"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the bottle in `spec`; returns `spec`."""
        body = add_loose(spec, self.name, self.pos, self.quat, BOTTLE, min(BOTTLE.moments))
        add_shapes(body, self.name, GLASS, GREEN, **STICKY)
        add_shapes(body, self.name, LABEL, PAPER, **STICKY)
        add_point(body, f"{self.name}_mouth", MOUTH)

        slider_name, cap_name = f"{self.name}_slider", f"{self.name}_cap"
        axis = (0.0, 0.0, 1.0)
        slider = add_sliding(
            body, slider_name, SLIDER, axis, TRAVEL, SLIDE_DAMPING, SLIDE_ARMATURE, SLIDE_ORIGIN
        )
        add_point(slider, f"{self.name}_cap_up", (0.0, 0.0, 0.0))

        cap = slider.add_body(name=cap_name, pos=CAP_CENTRE)
        set_inertia(cap, CAP_MASS, (0.0, 0.0, 0.0), CAP_INERTIA)
        cap.add_joint(name=cap_name, axis=axis, damping=TURN_DAMPING, armature=TURN_ARMATURE)
        add_shapes(cap, cap_name, CAP, RED, **STICKY)
        spec.add_exclude(bodyname1=self.name, bodyname2=cap_name)
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
