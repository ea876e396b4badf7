"""The facts of tests/data/dexterity.yaml, and what its rules come to on tensors: numpy alone, nothing of the product."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
FACTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "dexterity.yaml").read_text()
)["tasks"]
FINGERS = ("ff", "mf", "rf", "lf", "th")
WORD = re.compile(r"[A-Za-z_]\w*")


def values(name: str, state: dict[str, Floats]) -> dict[str, Any]:
    """Every rule of a task that `state` (name → (N, ...)) suffices for: its value (N,), `ends` a list of them."""

    def reach(hand: str, point: Floats) -> Floats:
        tips = [state[f"{hand}_hand_{finger}_pos"] for finger in FINGERS]
        return np.sum([norm(tip - point) for tip in tips], axis=0)

    known: dict[str, Any] = {**FUNCTIONS, "reach": reach, **state}
    found: dict[str, Any] = {}
    for rule, expression in FACTS[name]["rules"].items():
        try:
            if isinstance(expression, list):
                found[rule] = [evaluated(condition, known) for condition in expression]
            else:
                found[rule] = known[rule] = evaluated(expression, known)
        except (NameError, KeyError):  # it needs more than the state that was given
            continue
    return found


def evaluated(expression: str, known: dict[str, Any]) -> Any:
    """An expression of numpy on known names. NameError or KeyError for an unknown one."""
    return eval(expression, {"__builtins__": {}}, known)


def words(expression: str) -> set[str]:
    """The names that an expression uses, but for the functions that every rule may use."""
    return set(WORD.findall(re.sub(r'"\w+"', "", expression))) - {*FUNCTIONS, "reach"}


def norm(x: ArrayLike) -> Any:
    """Length of vectors (..., 3)."""
    return np.sqrt(np.sum(np.square(x), axis=-1))


def angle(a: Floats, b: Floats) -> Any:
    """Angle in [0, pi] from one rotation (..., 4) xyzw to another."""
    return 2.0 * np.arcsin(np.minimum(norm(product(a, b * [-1.0, -1.0, -1.0, 1.0])[..., :3]), 1.0))


def product(a: Floats, b: Floats) -> Floats:
    """Hamilton product of quaternions (..., 4) xyzw."""
    (ax, ay, az, aw), (bx, by, bz, bw) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    x = aw * bx + ax * bw + ay * bz - az * by
    y = aw * by - ax * bz + ay * bw + az * bx
    z = aw * bz + ax * by - ay * bx + az * bw
    return np.stack([x, y, z, aw * bw - ax * bx - ay * by - az * bz], axis=-1)


FUNCTIONS: dict[str, Any] = {
    "norm": norm,
    "angle": angle,
    "x": lambda p: p[..., 0],
    "y": lambda p: p[..., 1],
    "z": lambda p: p[..., 2],
    "exp": np.exp,
    "abs": np.abs,
    "sum": np.sum,
}


def rotation(axis: int, angle: float) -> Floats:
    """The matrix of a turn about coordinate axis 0, 1 or 2, in rad."""
    turn = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn[[first, second], [first, second]] = np.cos(angle)
    turn[second, first], turn[first, second] = np.sin(angle), -np.sin(angle)
    return turn


def matrix(quat: ArrayLike) -> Floats:
    """The matrix of a quaternion xyzw."""
    x, y, z, w = np.asarray(quat) / np.linalg.norm(quat)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + 2 * w * cross + 2 * cross @ cross


def from_euler(euler: ArrayLike) -> Floats:
    """The matrix Rz Ry Rx of angles about x, y and z."""
    roll, pitch, yaw = np.asarray(euler)
    return rotation(2, yaw) @ rotation(1, pitch) @ rotation(0, roll)


def start_state(name: str, start: str = "start") -> dict[str, Floats]:
    """The state of one world at reset, (1, ...): hands from their mounts, and what the facts tell of the rest."""
    hands = FACTS[name]["hands"]
    points = {}
    for side in ("right", "left"):
        points |= {f"{side}_{point}": at for point, at in hand_points(hands, side).items()}
    state = points | {key: np.array(value, float) for key, value in FACTS[name][start]["state"].items()}
    for key, thing in FACTS[name]["objects"].items():
        place = "object_another" if key == "another" else "object"
        if thing["quat"] != "random" and place + "_rot" not in state:
            state[place + "_rot"] = np.array(thing["quat"], float)
    goal = FACTS[name]["goal"]
    state |= {"goal_pos": np.array(goal["pos"], float)} if "pos" in goal else {}
    state |= {"goal_another_pos": np.array(goal["another"], float)} if "another" in goal else {}
    state |= {f"{side}_goal_pos": np.array(goal[side], float) for side in ("left", "right") if side in goal}
    state |= {"goal_rot": np.array(goal["quat"], float)} if goal["quat"] != "random" else {}
    return {key: value[None] for key, value in state.items()}


def hand_points(hands: dict[str, Any], side: str) -> dict[str, Floats]:
    """Points of a hand in the world (m), the fingers straight: palm, the point before it, and the five fingertips."""
    bent = hands.get("joints", {})
    thumb = np.array([0, 0, 0.032]) + rotation(1, bent.get("THJ0", 0)) @ [0, 0, 0.02]
    thumb = np.array([0, 0, 0.038]) + rotation(1, bent.get("THJ1", 0)) @ thumb
    thumb = rotation(2, -bent.get("THJ4", 0)) @ rotation(0, bent.get("THJ3", 0)) @ thumb
    in_palm = {
        "palm_pos": [0, 0, 0],
        "hand_pos": [0, -0.02, 0.08],
        "hand_ff_pos": [0.033, 0, 0.185],
        "hand_mf_pos": [0.011, 0, 0.189],
        "hand_rf_pos": [-0.011, 0, 0.185],
        "hand_lf_pos": [-0.034, 0, 0.178],
        "hand_th_pos": [0.034, -0.009, 0.029] + rotation(1, 0.785) @ thumb,
    }
    mount = hands[side]
    forearm = np.array([[-1, 0, 0], [0, 0, -1], [0, -1, 0]])  # its axes x, y, z are -x, -z, -y of the mount
    points = {name: forearm @ np.add(p, [0, 0, 0.29]) + [0, 0, -0.01] for name, p in in_palm.items()}
    points["root_pos"] = np.zeros(3)
    return {name: matrix(mount["quat"]) @ point + mount["pos"] for name, point in points.items()}
