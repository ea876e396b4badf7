"""What a task says of the state its worlds are in, against the rules that its facts state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from harness.registry import load_task
from tests.suites.dexterity_facts import FACTS, values
from tests.suites.hands import Table


def table(name: str, count: int = 1, **options: str) -> Table:
    """`count` worlds of a task with these options."""
    task: Any = load_task(name, options)
    return Table(task, count)


def as_numbers(name: str, state: Any) -> dict[str, Any]:
    """What the rules of a task may use of a state, hidden quantities too: name → (N, ...) in double precision."""
    hidden = {key: getattr(state, f"_{key}").double().numpy() for key in FACTS[name]["hidden"]}
    return hidden | {key: getattr(state, key).double().numpy() for key in FACTS[name]["state"]}


def shift_hand(run: Table, world: int, side: str, *offset: float) -> None:
    """Put the base of a hand that is as it started elsewhere, by x, y and z (m, world frame), in one world."""
    turn = run.sim.body(f"{side}_hand_mount").xmat[world]
    slides = run.sim.joints([f"{side}_base_{axis}" for axis in "xyz"])
    slides.qpos[world] = torch.tensor(offset, dtype=turn.dtype) @ turn


def judged(name: str, run: Table) -> tuple[list[float], list[bool]]:
    """Scores and ends of all worlds as they are, which agree with the rules."""
    run.sim.forward()
    state = run.state()
    rules = values(name, as_numbers(name, state))
    scores, ends = run.task.score(state), run.task.terminated(state)
    assert scores.dtype == torch.float32
    np.testing.assert_array_equal(scores.numpy(), np.asarray(rules["success"], float))
    expected = np.any(rules["ends"], axis=0) if rules["ends"] else np.zeros(len(scores), bool)
    np.testing.assert_array_equal(ends.numpy(), expected)
    return scores.tolist(), ends.tolist()


def check_start(name: str, run: Table, start: str, *, place: float = 1.5e-3, value: float = 8e-3) -> None:
    """A fresh state is that of the facts, to `place` (m) in points and `value` in what the rules come to."""
    facts = FACTS[name][start]
    numbers = as_numbers(name, run.state())
    for key, expected in facts["state"].items():
        np.testing.assert_allclose(numbers[key][0], expected, atol=place, err_msg=key)
    found = values(name, numbers)
    for key, expected in facts["values"].items():
        assert found[key][0] == pytest.approx(expected, abs=value), key
    goal = FACTS[name]["goal"]
    np.testing.assert_allclose(numbers["goal_pos"][0], goal["pos"], atol=1e-5)
    np.testing.assert_allclose(numbers["goal_rot"][0], goal["quat"], atol=2e-4)


def check_rest(run: Table, bodies: list[str], *, drift: float = 3e-3, depth: float = 1.5e-3) -> None:
    """Bodies stay where they start while the hands are idle, within `drift` (m); no contact is deeper than `depth`."""
    before = run.sim.bodies(bodies).xpos.clone()
    for _ in range(20):
        _, unstable = run.step(run.idle())
        assert not unstable.any()
        assert -run.sim.data(0).contact.dist.min(initial=0.0) < depth
    moved = run.sim.bodies(bodies).xpos - before
    assert moved.norm(dim=-1).max() < drift
