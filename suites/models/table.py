"""A table: a box that stands on the ground and stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suites.models.common import BOX, FIXTURE, Vector
from suites.models.objects import TOUCH

if TYPE_CHECKING:
    import mujoco

WOOD = [0.72, 0.58, 0.42, 1]


def add_table(spec: mujoco.MjSpec, size: Vector, pos: Vector, name: str = "table", **properties: Any) -> Any:
    """A fixed box of `size` (m, full edges) centred at `pos` (m); returns its geom, whose properties may be changed.

    Most of the originals' tables are loose, but weigh hundreds of kilograms.
    """
    half = [0.5 * edge for edge in size]
    options = {**FIXTURE, **TOUCH, "rgba": WOOD, **properties}
    return spec.worldbody.add_geom(name=name, type=BOX, size=half, pos=pos, **options)
