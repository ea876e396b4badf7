"""Named access to the fields of a simulation: `sim.body("palm").xpos`, `sim.joints(("hip", "knee")).qpos`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import torch

from harness.tensors import rows

if TYPE_CHECKING:
    from torch import Tensor


class _Field(NamedTuple):
    """A field of MjData, what its second axis counts, and the shape of one entry if it is not the field's own."""

    name: str
    counts: str
    entry: tuple[int, ...] | None = None


def _fields(counts: str, *names: str, prefix: str = "") -> dict[str, _Field]:
    return {name: _Field(prefix + name, counts) for name in names}


class _Place(NamedTuple):
    """Where an attribute is found: a field of MjData, where in its second axis, its shape behind the world axis."""

    field: str
    where: int | slice | Tensor
    shape: tuple[int, ...]


MATRIX = (3, 3)
FIELDS: dict[str, dict[str, _Field]] = {
    "body": {
        **_fields("bodies", "xpos", "xquat", "xipos", "cvel", "subtree_com", "xfrc_applied"),
        "xmat": _Field("xmat", "bodies", MATRIX),
        "ximat": _Field("ximat", "bodies", MATRIX),
        **_fields("mocap bodies", "mocap_pos", "mocap_quat"),
    },
    "joint": {
        **_fields("coordinates", "qpos"),
        **_fields("degrees of freedom", "qvel", "qacc", "qfrc_applied", "qfrc_actuator", "qfrc_passive"),
        **_fields("joints", "xanchor", "xaxis"),
    },
    "site": {
        "xpos": _Field("site_xpos", "sites"),
        "xmat": _Field("site_xmat", "sites", MATRIX),
    },
    "actuator": {
        **_fields("controls", "ctrl"),
        **_fields("controls", "force", "length", "velocity", prefix="actuator_"),
    },
    "sensor": {"data": _Field("sensordata", "readings")},
}
"""Kind of object → attribute → where MjData has it."""
FLAT = ("coordinates", "degrees of freedom", "controls", "readings")
"""Axes on which an object has columns, rather than one entry with a shape."""


class Named:
    """Some objects of one kind in all worlds, by the attribute names of MuJoCo's own named access.

    `xpos` of one body is (N, 3), of a list of bodies (N, B, 3). `qpos`, `qvel`, `ctrl`, ... are columns: (N, k) for
    one object, (N, L) for a list of L hinges, slides or actuators. `data` is (N, k) for one sensor, (N, S, k) for a
    list of S sensors. A tensor is a live view where the objects lie side by side or at even distances in the model,
    otherwise a copy. So write by assignment (`arm.qpos = ...`, all worlds) or with `put`: both reach the simulation
    either way.
    """

    _sim: Any
    _kind: str
    _ids: list[int]
    _single: bool
    _places: dict[str, _Place]
    _live: dict[str, Tensor]

    def __init__(self, sim: Any, kind: str, names: Sequence[str], *, single: bool) -> None:
        if not names:
            raise ValueError(f"no names: expected those of at least one {kind}")
        set_here = super().__setattr__
        set_here("_sim", sim)
        set_here("_kind", kind)
        set_here("_ids", [getattr(sim.model, kind)(name).id for name in names])
        set_here("_single", single)
        set_here("_places", {})
        set_here("_live", {})

    def __getattr__(self, name: str) -> Tensor:
        live: Tensor | None = self._live.get(name)
        if live is not None:
            return live
        field, index, shape = self._place(name)
        whole: Tensor = getattr(self._sim, field)
        if isinstance(index, torch.Tensor):
            return whole.index_select(1, index).view(-1, *shape)
        values = whole[:, index].view(-1, *shape)
        self._live[name] = values
        return values

    def __setattr__(self, name: str, value: Tensor | float) -> None:
        field, index, shape = self._place(name)
        whole: Tensor = getattr(self._sim, field)
        if isinstance(index, torch.Tensor) and isinstance(value, torch.Tensor):
            whole[:, index] = value.expand(len(whole), *shape).reshape(whole[:, index].shape).to(whole)
        elif isinstance(index, torch.Tensor):
            whole[:, index] = value
        else:
            getattr(self, name)[:] = value

    def put(self, worlds: Tensor, **values: Tensor | float) -> None:
        """Write fields by name, each broadcast to its shape, in the worlds of the mask `worlds` (N,)."""
        for name, value in values.items():
            old = getattr(self, name)
            setattr(self, name, torch.where(rows(worlds, old), value, old))

    def _place(self, name: str) -> _Place:
        place = self._places.get(name)
        if place is None:
            if name not in FIELDS[self._kind]:
                raise AttributeError(
                    f"a {self._kind} has no {name!r}: expected {', '.join(FIELDS[self._kind])}"
                )
            place = self._places[name] = self._find(FIELDS[self._kind][name])
        return place

    def _find(self, field: _Field) -> _Place:
        starts, widths = _columns(self._sim.model, field.counts, self._ids)
        if field.counts in FLAT:
            index = self._index(
                [start + n for start, width in zip(starts, widths, strict=True) for n in range(width)]
            )
            if self._single:
                return _Place(field.name, index, (widths[0],))
            if len(set(widths)) > 1 or (field.counts != "readings" and widths[0] > 1):
                raise ValueError(
                    f"a list of {self._kind}s with {widths} columns of {field.name}: ask for each by itself"
                )
            listed: tuple[int, ...] = (
                (len(widths), widths[0]) if field.counts == "readings" else (len(widths),)
            )
            return _Place(field.name, index, listed)
        entry = field.entry or tuple(getattr(self._sim, field.name).shape[2:])
        if self._single:
            return _Place(field.name, starts[0], entry)
        return _Place(field.name, self._index(starts), (len(starts), *entry))

    def _index(self, columns: Sequence[int]) -> slice | Tensor:
        steps = {second - first for first, second in pairwise(columns)} or {1}
        if len(steps) == 1 and min(steps) > 0:
            return slice(columns[0], columns[-1] + 1, steps.pop())
        return torch.tensor(columns, device=self._sim.qpos.device)


class NamedBodies(Named):
    """Bodies, with their velocities too."""

    @property
    def velocity(self) -> Tensor:
        """(N, 6) or (N, B, 6): linear (m/s) and angular (rad/s), world axes, at the origin of the body's frame."""
        return self.velocity_as(self.xpos.dtype)

    def velocity_as(self, dtype: torch.dtype) -> Tensor:
        """The same, computed in numbers of this type. MuJoCo's `cvel` is that at the centre of the body's tree."""
        spin, linear = self.cvel.to(dtype).split(3, dim=-1)
        lever = self.xpos.to(dtype) - self._centre().to(dtype)
        return torch.cat([linear + torch.linalg.cross(spin, lever), spin], dim=-1)

    def _centre(self) -> Tensor:
        """Centre of mass (m) of each body's kinematic tree: broadcasts with `xpos`."""
        place = self._places.get("tree")
        if place is None:
            roots = self._sim.model.body_rootid[self._ids].tolist()
            distinct = roots[:1] if len(set(roots)) == 1 else roots
            where = roots[0] if self._single else self._index(distinct)
            place = self._places["tree"] = _Place("subtree_com", where, (3,))
        centre: Tensor = self._sim.subtree_com[:, place.where]
        return centre


def _columns(model: Any, counts: str, ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """First columns and widths of objects `ids` on the second axis of a field."""
    ones = [1] * len(ids)
    if counts == "mocap bodies":
        starts = model.body_mocapid[ids].tolist()
        if min(starts) < 0:
            raise ValueError(f"body {model.body(ids[starts.index(-1)]).name!r} is no mocap body")
        return starts, ones
    if counts == "coordinates":
        return model.jnt_qposadr[ids].tolist(), [(7, 4, 1, 1)[kind] for kind in model.jnt_type[ids]]
    if counts == "degrees of freedom":
        return model.jnt_dofadr[ids].tolist(), [(6, 3, 1, 1)[kind] for kind in model.jnt_type[ids]]
    if counts == "readings":
        return model.sensor_adr[ids].tolist(), model.sensor_dim[ids].tolist()
    return list(ids), ones


_N = TypeVar("_N", bound=Named)


class NamedAccess(Protocol):
    """What a simulation inherits its named access from. Names are looked up once."""

    model: Any
    """The compiled mujoco.MjModel."""

    def body(self, name: str) -> NamedBodies:
        """One body: `sim.body("palm").xpos` is (N, 3)."""
        return self._named(NamedBodies, "body", (name,), single=True)

    def bodies(self, names: Sequence[str]) -> NamedBodies:
        """A list of bodies: `.xpos` is (N, B, 3)."""
        return self._named(NamedBodies, "body", names)

    def joint(self, name: str) -> Named:
        """One joint: `sim.joint("hinge").qpos` is (N, 1), of a free joint (N, 7)."""
        return self._named(Named, "joint", (name,), single=True)

    def joints(self, names: Sequence[str]) -> Named:
        """A list of hinges and slides: `.qpos` is (N, J)."""
        return self._named(Named, "joint", names)

    def site(self, name: str) -> Named:
        """One site."""
        return self._named(Named, "site", (name,), single=True)

    def sites(self, names: Sequence[str]) -> Named:
        """A list of sites: `.xpos` is (N, S, 3)."""
        return self._named(Named, "site", names)

    def actuator(self, name: str) -> Named:
        """One actuator: `.ctrl` is (N, 1)."""
        return self._named(Named, "actuator", (name,), single=True)

    def actuators(self, names: Sequence[str]) -> Named:
        """A list of actuators: `.ctrl` is (N, A)."""
        return self._named(Named, "actuator", names)

    def sensor(self, name: str) -> Named:
        """One sensor: `sim.sensor("touch").data` is (N, k)."""
        return self._named(Named, "sensor", (name,), single=True)

    def sensors(self, names: Sequence[str]) -> Named:
        """A list of sensors with k readings each: `.data` is (N, S, k)."""
        return self._named(Named, "sensor", names)

    def _named(self, cls: type[_N], kind: str, names: Sequence[str], *, single: bool = False) -> _N:
        known: dict[Any, _N] = self.__dict__.setdefault("_by_name", {})
        key = kind, single, tuple(names)
        if key not in known:
            known[key] = cls(self, kind, names, single=single)
        return known[key]
