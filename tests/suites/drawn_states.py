"""States of the Dexterity tasks on both sides of every gate of their rules, drawn rather than simulated."""

from __future__ import annotations

import numpy as np

from tests.suites.dexterity_facts import FACTS, FINGERS, Floats, product, start_state

WORLDS = 4000


def turns(axis: Floats, angle: Floats) -> Floats:
    """Quaternions (N, 4) xyzw about axes (N, 3) by angles (N,)."""
    axis = axis / np.linalg.norm(axis, axis=-1, keepdims=True)
    return np.concatenate([axis * np.sin(angle / 2)[:, None], np.cos(angle / 2)[:, None]], axis=-1)


def drawn_state(name: str, worlds: int = WORLDS, seed: int = 0) -> dict[str, Floats]:
    """States on both sides of every gate: points at distances from 3 mm to 3 m, rotations near and far."""
    rng = np.random.default_rng(seed)
    spread = 10 ** rng.uniform(-2.5, 0.5, (worlds, 1))
    state = {}
    for key, shape in {**FACTS[name]["state"], "actions": [FACTS[name]["sizes"]["actions"]]}.items():
        noise = rng.standard_normal((worlds, *shape))
        if shape == [4]:
            state[key] = turns(noise[:, :3], rng.uniform(0, np.pi, worlds))
        elif shape == [3]:
            state[key] = noise * spread * rng.uniform(0, 1, (worlds, 1)) + [0.0, 0.0, 0.67]
        else:
            state[key] = noise
    near = 10 ** rng.uniform(-3, np.log10(np.pi), worlds)
    opposite = np.arange(worlds) < 10
    near[opposite] = np.pi
    for key in [key for key in state if key.endswith("goal_rot") or key == "goal_another_rot"]:
        base = state.get(key.replace("goal", "object"), state["object_rot"])
        state[key] = product(turns(rng.standard_normal((worlds, 3)), near), base)
        state[key][opposite] *= 1.00001  # rounded: the sine of half the angle exceeds 1
    if name == "block_stack":  # towers do not come about by chance
        tower = state["goal_pos"][::2] - [0.0, 0.1, 0.0]
        for key, height in (("block_right_handle_pos", 0.0), ("block_left_handle_pos", 0.05)):
            state[key][::2] = tower + [0.0, 0.0, height] + 0.04 * rng.standard_normal(tower.shape)
        for side, finger in [(side, finger) for side in ("right", "left") for finger in FINGERS]:
            reach = 0.15 * rng.uniform(0, 1, (len(tower), 1)) * rng.standard_normal(tower.shape)
            state[f"{side}_hand_{finger}_pos"][::2] = state[f"block_{side}_handle_pos"][::2] + reach
    if name == "scissors":
        angle = rng.uniform(-0.5969, 0.4, worlds)
        about_y = turns(np.tile([0.0, 1.0, 0.0], (worlds, 1)), angle)
        sign = rng.choice([-1.0, 1.0], (worlds, 1))  # q and -q are one rotation
        state["scissors_right_handle_rot"] = sign * product(state["scissors_left_handle_rot"], about_y)
        state["object_dof_pos"] = angle[:, None]
    start = start_state(name)
    for key in {*FACTS[name]["hidden"]} - {"object_dof_pos"}:
        state[key] = start[key] + rng.standard_normal((worlds, 3)) * spread * rng.uniform(0, 1, (worlds, 1))
    for key in [key for key in state if key.endswith("_pose")]:
        thing = key.removesuffix("_pose")
        state[key] = np.concatenate([state[f"{thing}_pos"], state[f"{thing}_rot"]], axis=-1)
    return state
