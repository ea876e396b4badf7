"""Random and extreme actions in scenes with jointed things: no world is lost, and contacts are shallow."""

from __future__ import annotations

import pytest

from tests.suites.dexterity.judged import table

TASKS = [
    *((name, {}) for name in ("bottle_cap", "switch", "kettle", "scissors", "pen", "swing_cup")),
    *((f"door_{name}_{way}", {}) for name in ("open", "close") for way in ("inward", "outward")),
    *((name, {"fidelity": "original"}) for name in ("switch", "kettle", "scissors", "pen", "swing_cup")),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), TASKS)
@pytest.mark.parametrize("hold", [1, 25])
def test_five_hundred_steps(name: str, options: dict[str, str], hold: int) -> None:
    run = table(name, 16, **options)
    deepest = []
    for step in range(500):
        if step % hold == 0:
            actions = run.draw() if hold == 1 else run.draw().sign()
        _, unstable = run.step(actions)
        assert not unstable.any()
        if step > 20 and step % 10 == 0:  # starts may overlap
            deepest += [float(-run.sim.data(world).contact.dist.min(initial=0.0)) for world in (0, 7)]
    assert max(deepest) < 0.015
    assert sorted(deepest)[len(deepest) // 2] < 0.003
