"""What a body feels: the net wrench of its contacts, as a MuJoCo contact sensor reads it.

A reading is that of the last physics step and is zero right after a reset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mujoco
import torch

if TYPE_CHECKING:
    from torch import Tensor

READING = 9
"""Numbers per sensor: force (3), torque (3) and the point (3) that the torque is about, world frame."""

_DATA = mujoco.mjtConDataField
_FIELDS = sum(1 << int(f) for f in (_DATA.mjCONDATA_FORCE, _DATA.mjCONDATA_TORQUE, _DATA.mjCONDATA_POS))
_NET_FORCE = 3  # reduction over contacts, in the order none, mindist, maxforce, netforce of the XML reference


def add_contact_sensor(spec: mujoco.MjSpec, name: str, by: str, on: str, kind: Any = None) -> None:
    """A sensor of the net contact force that `by` exerts on `on`, both bodies (or objects of type `kind`)."""
    kind = mujoco.mjtObj.mjOBJ_BODY if kind is None else kind
    spec.add_sensor(
        name=name,
        type=mujoco.mjtSensor.mjSENS_CONTACT,
        objtype=kind,
        objname=by,
        reftype=kind,
        refname=on,
        intprm=[_FIELDS, _NET_FORCE, 1],
    )


def contact_wrench(readings: Tensor, origin: Tensor, rotation: Tensor) -> tuple[Tensor, Tensor]:
    """Force and torque (..., 3) in a body's frame, about its origin.

    `readings` (..., 9) of contact sensors, `origin` (..., 3) and `rotation` (..., 3, 3; body to world).
    """
    force, torque, point = readings.split(3, dim=-1)
    torque = torque + torch.linalg.cross(point - origin, force)
    local = torch.stack([force, torque], dim=-2) @ rotation  # rows times R are R^T applied to each
    return local[..., 0, :], local[..., 1, :]
