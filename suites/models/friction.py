"""Friction between two surfaces: its coefficient is the mean of theirs in the originals' engine, the larger in MuJoCo.

So the geoms of an object carry the coefficient of their contact with a hand, and what else they touch, where that
makes a difference, is a pair of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suites.models.objects import TOUCH

if TYPE_CHECKING:
    import mujoco

HAND_FRICTION = 1.0


def mean_friction(own: float, hand: float = HAND_FRICTION) -> dict[str, Any]:
    """Properties of a geom of coefficient `own` whose contact with a hand has the mean of both.

    Its priority lets it decide for both; against another geom with priority the larger coefficient counts.
    """
    _, torsion, rolling = TOUCH["friction"]
    return {"friction": [0.5 * (own + hand), torsion, rolling], "priority": 1}


def add_pair_friction(spec: mujoco.MjSpec, one: str, other: str, friction: float) -> None:
    """Give the contact of geoms `one` and `other` the coefficient `friction`, whatever they have against a hand."""
    _, torsion, rolling = TOUCH["friction"]
    touch = {key: TOUCH[key] for key in ("condim", "solref", "solimp")}
    spec.add_pair(
        name=f"{one}_{other}",
        geomname1=one,
        geomname2=other,
        friction=[friction, friction, torsion, rolling, rolling],
        **touch,
    )
