"""Which terms a task has: they follow from the kinds, shapes and names of its fields alone.

Ranges of temperatures are set by a kind's usual magnitudes in SI units.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.proposers.grammar_terms import About, Term, calm, closeness, rate, rising
from harness.proposers.grammar_views import BEFORE, View, distance, mean, views_of

MOST_COLUMNS = 4
"""Up to how many joints get terms of their own."""
LONGEST_NAME = 64
"""Of a component."""
GOAL_ODDS = 4.0
"""How much more often two things are brought together if one of them is named a goal."""


def catalogue(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Term]:
    """Name → term, for the fields of a task."""
    views = [view for name, about in fields.items() for view in views_of(name, about)]
    earlier = {f"{before}{view.name}": view.name for before in BEFORE for view in views}
    compared = {earlier[view.name] for view in views if view.name in earlier and view.kind == "progress"}
    alone = [
        view for view in views if view.kind in BY_KIND and not view.is_fixed and view.name not in compared
    ]
    single = itertools.chain.from_iterable(BY_KIND[view.kind](view) for view in alone)
    terms = {term.name: term for term in itertools.chain(single, _pairs(views))}
    return {name: term for name, term in terms.items() if name not in fields and len(name) <= LONGEST_NAME}


def _position(view: View) -> Iterator[Term]:
    if view.shape[-1:] != (3,):
        return
    centre, height = mean(f"torch.norm({view.columns(0, 2)}, dim=-1)", view.shape[:-1]), view.column(2)
    above = f"torch.hypot({centre}, {height} - {{height}})"
    words, subject = f"{view.name} above the origin", f"place {view.name}"
    place = About(f"{view.name}_centre", "place", words, view.inputs, subject=subject)
    yield from closeness(place, centre, (0.1, 1.0))
    point = dataclasses.replace(place, name=f"{view.name}_point", words=f"{words} at a height")
    yield from closeness(point, above, (0.1, 1.0), height=(0.3, 2.0))
    yield rising(About(view.name, "height", f"{view.name} high up", view.inputs), height, (0.2, 2.0), "high")


def _rotation(view: View) -> Iterator[Term]:
    if view.shape[-1:] == (4,):
        up = f"1.0 - 2.0 * (torch.square({view.column(0)}) + torch.square({view.column(1)}))"
        yield _upright(view, up)


def _direction(view: View) -> Iterator[Term]:
    if view.shape[-1:] == (3,):
        yield _upright(view, view.column(2))
        yield _along(view, 0, "x", (0.1, 1.0), 1.0)


def _velocity(view: View) -> Iterator[Term]:
    about = About(view.name, "still", f"small {view.name}", view.inputs, "calm", (0.1, 1.0))
    yield calm(about, view.norm, (0.3, 5.0))
    if view.shape[-1:] == (3,):
        for column, (axis, prior) in enumerate((("x", 1.0), ("y", 0.3), ("z", 0.3))):
            yield _along(view, column, axis, (0.3, 3.0), prior)


def _angular_velocity(view: View) -> Iterator[Term]:
    about = About(view.name, "still", f"small {view.name}", view.inputs, "calm", (0.1, 1.0))
    yield calm(about, view.norm, (0.5, 10.0))
    if view.shape[-1:] == (3,):
        for column, axis in enumerate("xyz"):
            yield _along(view, column, axis, (0.1, 1.0), 0.2)


def _joint_position(view: View) -> Iterator[Term]:
    yield from closeness(
        About(view.name, "joints", f"{view.name} near zero", view.inputs), view.size, (0.1, 1.0)
    )
    for index in range(view.shape[0] if len(view.shape) == 1 and 1 < view.shape[0] <= MOST_COLUMNS else 0):
        name, words = f"{view.name}_{index}", f"{view.name}[{index}] near zero"
        joint = About(name, "joints", words, view.inputs, subject=f"joint {name}")
        yield from closeness(joint, f"{view.column(index)}.abs()", (0.05, 1.0))
        large = dataclasses.replace(joint, family="raised", words=f"{view.name}[{index}] large")
        yield rising(large, view.column(index), (0.1, 1.0), "raised")


def _joint_velocity(view: View) -> Iterator[Term]:
    about = About(view.name, "still", f"small {view.name}", view.inputs, "calm", (0.1, 1.0))
    yield calm(about, view.size, (1.0, 20.0))


def _force(view: View) -> Iterator[Term]:
    about = About(view.name, "still", f"small {view.name}", view.inputs, "calm", (0.05, 0.5), 0.5)
    yield calm(about, view.size, (1.0, 100.0))


def _effort(view: View) -> Iterator[Term]:
    about = About(view.name, "effort", f"a price for large {view.name}", view.inputs, "cost", (0.003, 0.1))
    square = mean(f"torch.square({view.expression})", view.shape)
    yield about.term("effort", f"torch.clamp({square}, max=10.0)", sign=-1)


def _number(view: View) -> Iterator[Term]:
    if view.shape == ():
        about = About(view.name, "number", f"large {view.name}", view.inputs)
        yield rising(about, view.expression, (0.05, 5.0), "large")
        if view.kind == "scalar":
            about = dataclasses.replace(about, words=f"small {view.name}")
            yield calm(about, view.size, (0.05, 5.0), "small")


BY_KIND: dict[str, Callable[[View], Iterator[Term]]] = {
    "position": _position,
    "rotation": _rotation,
    "direction": _direction,
    "velocity": _velocity,
    "angular velocity": _angular_velocity,
    "joint position": _joint_position,
    "joint velocity": _joint_velocity,
    "force": _force,
    "effort": _effort,
    "progress": _number,
    "scalar": _number,
}


def _upright(view: View, up: str) -> Term:
    about = About(view.name, "upright", f"{view.name} upright", view.inputs, weight=(0.1, 1.0))
    return about.term("upright", f"torch.clamp({up}, -1.0, 1.0)")


def _along(view: View, column: int, axis: str, weight: tuple[float, float], prior: float) -> Term:
    words = f"{view.name} along {axis}"
    about = About(view.name, "along", words, view.inputs, weight=weight, prior=prior)
    return rate(about, view.column(column), f"along_{axis}")


def _pairs(views: list[View]) -> Iterator[Term]:
    for one, other in itertools.permutations(views, 2):
        if one.name in {f"{before}{other.name}" for before in BEFORE} and one.shape == other.shape:
            yield from _change(now=other, before=one)
    for one, other in itertools.combinations(views, 2):
        if one.kind == other.kind and not (one.is_fixed and other.is_fixed):
            yield from _alike(one, other)
    bodies = [view for view in views if view.shape == (3,)]
    places = [view for view in bodies if view.kind == "position"]
    moving = [view for view in bodies if view.kind == "velocity" and not view.is_fixed]
    for velocity, place, goal in itertools.product(moving, places, places):
        if goal.is_goal and not place.is_fixed:
            yield _towards(velocity, place, goal)


def _change(now: View, before: View) -> Iterator[Term]:
    inputs = (*now.inputs, *before.inputs)
    if now.kind in ("progress", "scalar") and now.shape == ():
        about = About(now.name, "progress", f"the gain in {now.name}", inputs)
        yield rate(about, f"{now.expression} - {before.expression}", "gain")
    elif now.kind in ("effort", "joint position"):
        about = About(now.name, "smooth", f"smooth {now.name}", inputs, "calm", (0.05, 0.5))
        change = mean(f"({now.expression} - {before.expression}).abs()", now.shape)
        yield calm(about, change, (0.1, 2.0), "smooth")


def _alike(one: View, other: View) -> Iterator[Term]:
    """Two of a kind, brought together."""
    apart = distance(one, other)
    if apart is None:
        return
    named_goal = one.is_goal or other.is_goal
    name, inputs = f"{one.name}_to_{other.name}", tuple(dict.fromkeys((*one.inputs, *other.inputs)))
    about = About(
        name, "meeting", f"{one.name} near {other.name}", inputs, prior=GOAL_ODDS if named_goal else 1.0
    )
    if one.kind == "position":
        yield from closeness(about, apart, (0.03, 0.6))
    elif one.kind == "rotation" and one.shape == other.shape == (4,):
        angle = f"quat_diff_rad({one.expression}, {other.expression})"
        yield from closeness(dataclasses.replace(about, family="aligned"), angle, (0.1, 1.0))
    elif one.kind in ("velocity", "angular velocity") and named_goal:
        yield from closeness(dataclasses.replace(about, family="tracking"), apart, (0.1, 1.0))


def _towards(velocity: View, place: View, goal: View) -> Term:
    inputs = tuple(dict.fromkeys((*velocity.inputs, *place.inputs, *goal.inputs)))
    words = f"{velocity.name} from {place.name} towards {goal.name}"
    about = About(f"{place.name}_to_{goal.name}_by_{velocity.name}", "towards", words, inputs)
    way = f"normalize({goal.expression} - {place.expression})"
    speed = f"({velocity.expression} * {way}).sum(dim=-1)"
    return rate(about, speed, "speed")
