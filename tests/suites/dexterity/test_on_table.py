"""Push Block, Grasp and Place, Block Stack: starts, scores, ends, options, friction, and hands that do the first two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.registry import load_task
from suites.dexterity.on_table import OnTable
from suites.models.bucket import RIM
from tests.suites.dexterity.steering import Steered, between
from tests.suites.dexterity_facts import FACTS, values
from tests.suites.hands import Table

TASKS = PUSH, PLACE, STACK = "push_block", "grasp_and_place", "block_stack"
LOW = -0.113  # m, of a base whose bent wrist brings the fingertips almost down to the table
BENT = {"WRJ0": 0.489}  # rad


def task(name: str, **options: str) -> OnTable:
    found = load_task(name, options)
    assert isinstance(found, OnTable)
    return found


def rules(name: str, state: Any) -> dict[str, Any]:
    """What the rules of the facts come to on a state."""
    return values(name, {key: value.double().numpy() for key, value in vars(state).items()})


def put(table: Table, world: int, **places: tuple[float, float, float]) -> None:
    """Put `object` or `block` of one world somewhere (m)."""
    for name, place in places.items():
        table.sim.joint(name).qpos[world, :3] = torch.tensor(place, dtype=torch.float64)


@pytest.mark.parametrize(
    ("name", "options", "start"),
    [
        (PUSH, {}, "rest_start"),
        (PUSH, {"start_height": "original"}, "start"),
        (PLACE, {}, "rest_start"),
        (PLACE, {"start_height": "original"}, "start"),
        (STACK, {}, "start"),
    ],
)
def test_they_start_as_the_originals_do(name: str, options: dict[str, str], start: str) -> None:
    state = Table(task(name, **options)).state()
    for field, place in FACTS[name][start]["state"].items():
        assert getattr(state, field)[0].tolist() == pytest.approx(place, abs=1e-3), field
    found = rules(name, state)
    for rule, value in FACTS[name][start]["values"].items():
        assert found[rule][0] == pytest.approx(value, abs=2e-3), rule
    lying = [0.5, 0.5, -0.4996, 0.5004]
    assert state.block_left_handle_rot[0].tolist() == pytest.approx(lying, abs=1e-4)
    right = [-0.5, 0.5, 0.5, -0.5] if name == PLACE else lying  # of a bucket whose axis is y
    assert state.block_right_handle_rot[0].tolist() == pytest.approx(right, abs=1e-4)


@pytest.mark.parametrize("name", TASKS)
def test_things_stay_where_they_start(name: str) -> None:
    table = Table(task(name))
    start, speed = table.state(), 0.0
    for _ in range(60):
        state, _ = table.step(table.idle())
        speed = max(speed, float(state.object_linvel.norm()))
    assert speed < 0.06
    for side in ("right", "left"):
        for part, drift in (("pos", 2e-4), ("rot", 2e-3)):
            field = f"block_{side}_handle_{part}"
            assert (getattr(state, field) - getattr(start, field)).abs().max() < drift, field
    assert not table.task.terminated(state).any()


@pytest.mark.parametrize(("name", "limit"), [(PUSH, 1.2), (PLACE, 1.5), (STACK, 0.75)])
def test_an_episode_ends_when_a_hand_is_too_far_from_its_thing(name: str, limit: float) -> None:
    table = Table(task(name), 64)
    away = torch.linspace(0.0, 0.2, 32, dtype=torch.float64)
    table.sim.joint("object").qpos[:32, 0] -= away
    table.sim.joint("block").qpos[32:, 0] -= away
    table.sim.forward()
    state = table.state()
    found = rules(name, state)
    ends = np.any(found["ends"], axis=0)
    assert table.task.terminated(state).tolist() == ends.tolist()
    for side, rows in (("right", slice(0, 32)), ("left", slice(32, 64))):
        assert found[side][rows].min() < limit < found[side][rows].max()
        assert (ends[rows] == (found[side][rows] >= limit)).all()


def test_pushed_blocks_score_as_the_original_does_or_as_meant() -> None:
    near, far = (-0.2, -0.101, 0.625), (-0.2, -0.099, 0.625)  # from the left goal
    left, own = (-0.2, -0.299, 0.625), (-0.2, 0.101, 0.625)  # at the left goal, at the right one
    for scoring, expected in (
        ("as_run", [1.0, 0.5, 0.0, 0.5, 0.0]),
        ("intended", [0.5, 0.5, 0.0, 1.0, 0.0]),
    ):
        table = Table(task(PUSH, scoring=scoring), 5)
        for world, (right_place, left_place) in enumerate(
            [(near, left), (far, left), (near, far), (own, left), (own, (-0.2, -0.301, 0.625))]
        ):
            put(table, world, object=right_place, block=left_place)
        table.sim.forward()
        state = table.state()
        assert table.task.score(state).tolist() == expected
        rule = "success" if scoring == "as_run" else "success_intended"
        assert rules(PUSH, state)[rule].tolist() == expected


def later(scoring: str, sparse: str = "latched") -> list[list[float]]:
    """Scores of two worlds whose left block arrives first, and of which one's right block arrives 2 steps later."""
    table = Table(task(PUSH, scoring=scoring, sparse=sparse), 2)
    table.step(table.idle())
    left, right = (-0.2, -0.24, 0.625), {"as_run": (-0.2, -0.14, 0.625), "intended": (-0.2, 0.2, 0.625)}
    put(table, 0, block=left)
    put(table, 1, block=left)
    table.sim.forward()
    scores = []
    for step in range(4):
        scores.append(table.task.score(table.state()).tolist())
        table.step(table.idle())
        if step == 1:
            put(table, 1, object=right[scoring])
            table.sim.forward()
    scores.append(table.state()._arrived.tolist())
    table.reset(torch.tensor([True, True]))
    assert table.task.score(table.state()).tolist() == [0.0, 0.0]
    return scores


def test_the_half_of_the_original_stays_a_half() -> None:
    assert later("as_run") == [[0.5, 0.5]] * 5
    assert later("as_run", sparse="instant") == [[0.5, 0.5]] * 5
    assert later("intended") == [[0.5, 0.5], [0.5, 0.5], [0.5, 1.0], [0.5, 1.0], [0.5, 1.0]]


def test_a_sparse_reward_that_is_latched_pays_what_the_first_arrival_was_worth() -> None:
    for scoring, paid in (("as_run", 0.5), ("intended", 1.0)):
        table = Table(task(PUSH, scoring=scoring), 1)
        table.step(table.idle())
        put(table, 0, block=(-0.2, -0.24, 0.625))
        table.sim.forward()
        table.step(table.idle())
        assert table.task.latched(table.state(), torch.tensor([1.0])).tolist() == [paid]


def test_a_frozen_score_stays_when_the_left_block_leaves() -> None:
    table = Table(task(PUSH), 1)
    table.step(table.idle())
    put(table, 0, object=(-0.2, -0.14, 0.625), block=(-0.2, -0.24, 0.625))
    table.sim.forward()
    table.step(table.idle())
    put(table, 0, block=(0.0, -0.2, 0.625))
    table.sim.forward()
    assert table.task.score(table.state()).tolist() == [1.0]


@pytest.mark.parametrize(("blocks_back", "stays"), [("own", True), ("all", False)])
def test_the_end_of_an_episode_moves_the_blocks_of_other_worlds_in_the_original(
    blocks_back: str, stays: bool
) -> None:
    table = Table(task(PUSH, blocks_back=blocks_back), 2)
    table.step(table.idle())
    for world in range(2):
        put(table, world, object=(-0.1, 0.3, 0.625), block=(-0.2, -0.2, 0.625))
    table.sim.forward()
    table.reset(torch.tensor([True, False]))
    table.task.act(table.sim, table.carried, table.idle().flatten(1), table.rng)
    torch.testing.assert_close(table.sim.body("object").xpos, table.sim.joint("object").qpos[:, :3])
    table.sim.step(2)
    state = table.state()
    assert state.block_right_handle_pos[0].tolist() == pytest.approx([0.0, 0.2, 0.625], abs=1e-3)
    expected = [-0.1, 0.3, 0.625] if stays else [0.0, 0.2, 0.625]
    assert state.block_right_handle_pos[1].tolist() == pytest.approx(expected, abs=1e-3)
    assert state._arrived.tolist() == [0.0, 0.5]  # what the left one had reached before counts
    put(table, 1, object=(-0.1, 0.3, 0.625))
    table.sim.forward()
    state, _ = table.step(table.idle())
    assert state.object_pos[1, 0].item() == pytest.approx(-0.1, abs=1e-3)


def test_a_cube_has_to_be_near_the_bucket_or_in_it() -> None:
    places = [(0.0, 0.001, 0.6529), (0.0, -0.001, 0.6529), (0.0, 0.2, 0.6529 + RIM - 0.041)]
    places += [(0.0, 0.2, 0.6529 + RIM - 0.039), (0.051, 0.2, 0.65), (0.0, 0.2, 0.59)]
    for placed, expected in (("near", [1, 0, 1, 1, 1, 1]), ("inside", [0, 0, 1, 0, 0, 0])):
        table = Table(task(PLACE, placed=placed), len(places))
        for world, place in enumerate(places):
            put(table, world, block=place)
        table.sim.forward()
        state = table.state()
        assert table.task.score(state).tolist() == expected
        assert placed == "inside" or rules(PLACE, state)["success"].tolist() == expected


def test_a_cube_in_a_tilted_bucket_is_in_it() -> None:
    table = Table(task(PLACE, placed="inside"), 2)
    tilted = torch.tensor([0.7071, 0.7071, 0.0, 0.0], dtype=torch.float64)  # about x: it opens to -y
    table.sim.joint("object").qpos[:, 3:] = tilted
    put(table, 0, block=(0.0, 0.2, 0.66))
    put(table, 1, block=(0.0, 0.15, 0.6529))
    table.sim.forward()
    assert table.task.score(table.state()).tolist() == [1.0, 0.0]


def test_towers() -> None:
    low, high = (0.0, 0.0, 0.625), (0.0, 0.0, 0.675)
    cases = [(low, high), (low, (0.0, 0.0, 0.704)), (low, (0.0, 0.0, 0.706)), ((0.069, 0.0, 0.625), high)]
    cases += [((0.071, 0.0, 0.625), high), (low, (0.0, 0.071, 0.675)), (high, low)]
    table = Table(task(STACK), len(cases))
    for world, (right, left) in enumerate(cases):
        put(table, world, object=right, block=left)
    table.sim.forward()
    state = table.state()
    expected = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert table.task.score(state).tolist() == expected
    assert rules(STACK, state)["success"].tolist() == expected


def contacts(table: Table) -> dict[frozenset[str], float]:
    """Kinds of geoms (hand, table, or their names) that touch in world 0, and their friction."""
    model, found = table.sim.model, {}
    for contact in table.sim.data(0).contact:
        if contact.dim > 1:  # fingers of one hand touch each other without friction
            names = [model.geom(int(geom)).name.split("_C_")[0] for geom in contact.geom]
            found[frozenset(names)] = round(float(contact.friction[0]), 6)
    return found


def test_block_stack_is_slippery() -> None:
    """A tower with a palm on each side, then hands on the table and on each other."""
    table = Table(task(STACK), 1)
    put(table, 0, object=(0.0, 0.0, 0.6245), block=(0.0, 0.0, 0.674))
    for side in ("right", "left"):
        table.sim.joint(f"{side}_base_z").qpos[:] += 0.2  # along the fingers
        table.sim.joint(f"{side}_base_y").qpos[:] -= 0.03  # downwards
    table.sim.forward()
    found = contacts(table)
    table.sim.joint("right_base_y").qpos[:] -= 0.055
    table.sim.forward()
    found |= contacts(table)
    assert found == {
        frozenset({"object", "block"}): 0.25,
        frozenset({"object", "table"}): 0.225,
        frozenset({"right", "block"}): 0.375,
        frozenset({"left", "block"}): 0.375,
        frozenset({"right", "object"}): 0.375,
        frozenset({"right", "table"}): 0.35,
        frozenset({"right", "left"}): 0.5,
    }


@pytest.mark.parametrize(("name", "friction"), [(PUSH, 0.75), (PLACE, 1.0)])
def test_friction_on_the_other_tables(name: str, friction: float) -> None:
    table = Table(task(name))
    table.step(table.idle())
    found = contacts(table)
    assert found[frozenset({"block", "table"})] == friction


@pytest.mark.parametrize("name", TASKS)
def test_a_full_action_pushes_and_turns_as_in_the_original(name: str) -> None:
    wrench = FACTS[name]["hands"]["wrench"]
    expected = [0.1665 * wrench["force"]] * 3 + [0.1665 * wrench["torque"]] * 3
    assert task(name).wrench() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", TASKS)
def test_what_the_policy_sees_of_the_things(name: str) -> None:
    table = Table(task(name), 3)
    for _ in range(4):
        actions = table.draw()
        state, _ = table.step(actions)
    seen = table.task.observe(state, actions)
    assert seen.shape == (3, FACTS[name]["sizes"]["observations"])
    for field, (start, end, factor) in FACTS[name]["layout"].items():
        if field == "zeros":
            assert (seen[:, start:end] == 0.0).all()
        elif hasattr(state, field) and not isinstance(factor, str):
            expected = getattr(state, field).flatten(1) * factor
            torch.testing.assert_close(seen[:, start:end], expected, msg=field)


def test_hands_can_push_both_blocks_to_the_left_goal() -> None:
    """The right one with the side of the first finger, the left one with the fingertips, later: four ways of it."""
    hands = Steered(task(PUSH), 4)
    near, far = torch.tensor([-0.123, 0.078, LOW]), torch.tensor([[-0.335, -0.28, LOW], [-0.335, -0.3, LOW]])
    best, alive, starts = torch.zeros(4), torch.ones(4, dtype=torch.bool), (28, 31)
    for step in range(125):
        right = torch.stack([between(near, end, (step - s) / (112 - s)) for s in starts for end in far])
        left: tuple[float, ...] = (0.0, -0.012, LOW + 0.005)
        if step >= 40:
            left = (-0.04, -0.012, LOW + 0.005) if step < 92 else (-0.23, -0.015, LOW + 0.005)
        state = hands.steer(right, left, BENT)
        alive &= ~hands.task.terminated(state)
        best = torch.maximum(best, hands.task.score(state) * alive)
    assert best.max() == 1.0


def test_a_hand_can_push_the_bucket_to_the_cube() -> None:
    hands = Steered(task(PLACE))
    beside: tuple[float, float] = (-0.10, 0.16)  # m
    for step in range(230):
        right: Any = (*beside, 0.0 if step < 35 else LOW)
        if step > 70:
            right = between((*beside, LOW), (-0.17, -0.24, LOW), (step - 70) / 137)
        state = hands.steer(right, (0.0, 0.0, -0.05), BENT)
        assert not hands.task.terminated(state).any()
        if hands.task.score(state).any():
            break
    assert hands.task.score(state).tolist() == [1.0]
    assert upright(state.object_rot) > 0.99


def upright(rotation: Tensor) -> float:
    """Cosine of the angle from the z axis of a rotation (1, 4; xyzw) to the vertical."""
    return float(1.0 - 2.0 * rotation[0, :2].square().sum())
