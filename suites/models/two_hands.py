"""Two Shadow Hands in one scene, on fixed mounts or on bases that a wrench carries about. Both are right hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from suites.models.common import ROBOT, SECOND_ROBOT
from suites.models.shadow_hand import PALM_UP, Quaternion, Vector, add_fingertip_sensors, add_shadow_hand

SIDES = ("right", "left")
"""Names of bodies, joints, servos and sensors begin with one of these and an underscore."""
HAND_MASS = 5.011  # kg
HAND_COM: Vector = (0.00164, 0.00811, 0.29166)  # m, in the frame of `hand_mount`, fingers straight
HAND_INERTIA: Vector = (
    0.02605,
    0.02650,
    0.01120,
)  # kg m^2 about it: across the palm, out of it, along the fingers
LINK_DRAG = 100.0  # 1/s, on the velocity and on the spin of every body of a free hand
WRIST_DRAG = {"WRJ1": 1.07, "WRJ0": 0.55}
"""N m s/rad: what the drag on palm and fingers is to the joints of the wrist. It is at most 0.02 to the others."""


@dataclass(frozen=True)
class Mount:
    """Where a hand starts: with no angles its fingers point along -y, the palm faces +z and the thumb -x."""

    pos: Vector
    """Of the mount, m, world frame."""
    euler_xyz: Vector = (0.0, 0.0, 0.0)
    """rad, about the world's x axis first, then y, then z."""

    @property
    def quat(self) -> Quaternion:
        """Rotation (wxyz) of the body `hand_mount`."""
        root, product = np.zeros(4), np.zeros(4)
        mujoco.mju_euler2Quat(root, np.array(self.euler_xyz), "XYZ")
        mujoco.mju_mulQuat(product, root, np.array(PALM_UP))
        w, x, y, z = map(float, product)
        return w, x, y, z


def add_two_hands(spec: mujoco.MjSpec, right: Mount, left: Mount, *, free: bool) -> None:
    """Both hands with their servos and fingertip sensors; names begin with `right_` and `left_`.

    Bodies, coordinates and sensors of the right hand come first. A free hand has the joints of `_free`.
    """
    for side, mount, mask in zip(SIDES, (right, left), (ROBOT, SECOND_ROBOT), strict=True):
        body = add_shadow_hand(spec, f"{side}_", mount.pos, mount.quat, mask)
        add_fingertip_sensors(spec, f"{side}_")
        if free:
            _free(spec, body, f"{side}_")


def _free(spec: mujoco.MjSpec, mount: Any, prefix: str) -> None:
    """Let a hand move and turn about its centre of mass, `base_x`, `base_y`, `base_z`, `base_turn`, in thick air.

    Every body of the original loses speed at `LINK_DRAG`. Seen from the centre of mass this is a drag on the motion
    of the whole hand, one on its rotation, which is less about the fingers than across them, and one on the wrist.
    A ball joint is damped alike about all axes, so two more dampers act about the axes across the fingers. A free
    joint would do if its origin were the centre of mass: drag anywhere else turns a hand that is pushed.
    """
    for axis, name in zip(np.eye(3), "xyz", strict=True):
        mount.add_joint(
            name=f"{prefix}base_{name}",
            type=mujoco.mjtJoint.mjJNT_SLIDE,
            axis=axis,
            damping=LINK_DRAG * HAND_MASS,
        )
    along = min(HAND_INERTIA)
    mount.add_joint(
        name=f"{prefix}base_turn",
        type=mujoco.mjtJoint.mjJNT_BALL,
        pos=HAND_COM,
        damping=LINK_DRAG * along,
    )
    for axis, inertia, name in zip(np.eye(3)[:2], HAND_INERTIA[:2], "xy", strict=True):
        damper = spec.add_actuator(
            name=f"{prefix}drag_{name}", target=f"{prefix}base_turn", trntype=mujoco.mjtTrn.mjTRN_JOINT
        )
        damper.gear[:3] = axis
        damper.biastype = mujoco.mjtBias.mjBIAS_AFFINE
        damper.biasprm[2] = -LINK_DRAG * (inertia - along)
        damper.gainprm[0] = 0.0
    for joint, drag in WRIST_DRAG.items():
        spec.joint(prefix + joint).damping += drag
