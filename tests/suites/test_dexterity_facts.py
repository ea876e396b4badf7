"""tests/data/dexterity.yaml holds together: sizes add up, poses agree with each other and with the numbers at reset."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from tests.suites.dexterity_facts import FACTS, from_euler, hand_points, matrix, start_state, values, words

STARTS = [(name, start) for name in FACTS for start in ("start", "rest_start") if start in FACTS[name]]
DOORS = [name for name in FACTS if name.startswith("door")]


@pytest.fixture(params=list(FACTS))
def facts(request: pytest.FixtureRequest) -> dict[str, Any]:
    return FACTS[request.param]


def size(shape: list[int]) -> int:
    return math.prod(shape)


def test_there_are_twenty_tasks_with_the_same_entries() -> None:
    entries = set.intersection(*(set(facts) for facts in FACTS.values()))
    assert len(FACTS) == 20
    assert entries >= {"text", "fitness", "memory_form", "sizes", "state", "constants", "bound", "left_out"}
    assert entries >= {
        "added",
        "hidden",
        "layout",
        "hands",
        "objects",
        "goal",
        "noise",
        "rules",
        "start",
        "ppo",
    }
    odd = {name: set(facts) - entries - {"table", "rest_start"} for name, facts in FACTS.items()}
    assert {name: extra for name, extra in odd.items() if extra} == {
        **{name: {"gaps"} for name in DOORS},
        "switch": {"rockers"},
        "scissors": {"grips"},
        "re_orientation": {"memory_weight"},
    }


def test_fitness_and_its_memory(facts: dict[str, Any]) -> None:
    counted = facts["memory_form"] == "ema_of_counts"
    assert facts["fitness"] == ("count" if counted else "success")
    assert facts["memory_form"] in ("scalar_ema", "per_env_last", "ema_of_counts")


def test_texts_are_one_line_each_and_differ(facts: dict[str, Any]) -> None:
    text = facts["text"]
    assert set(text) == {"given", "true", "holds"}
    assert text["holds"] in (True, False, "partly")
    for line in (text["given"], text["true"]):
        assert len(line.split()) >= 4
        assert line == line.strip()
        assert "\n" not in line
    assert text["given"] != text["true"]


def test_slices_cover_the_observation(facts: dict[str, Any]) -> None:
    layout = sorted(facts["layout"].values())
    assert layout[0][0] == 0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(layout))
    assert layout[-1][1] == facts["sizes"]["observations"]
    widths = {name: stop - start for name, (start, stop, _) in facts["layout"].items()}
    known = {name: size(shape) for name, shape in facts["state"].items() if name in widths}
    hands = {"dof_pos": 24, "dof_vel": 24, "dof_force": 24, "fingertip_wrench": 30}
    hands |= {"root_pos": 3, "root_euler": 3, "hand_pos": 3, "actions": facts["sizes"]["actions"] // 2}
    known |= {f"{side}_{part}": width for side in ("right", "left") for part, width in hands.items()}
    known |= {"object_to_goal_rot": 4, "object_another_to_goal_rot": 4, "zeros": widths.get("zeros", 0)}
    assert widths == {name: known[name] for name in widths}


def test_both_hands_are_observed_alike(facts: dict[str, Any]) -> None:
    layout = facts["layout"]
    middle = facts["sizes"]["actions"] // 2 + (173 if facts["hands"]["base"] == "free" else 167)
    for name, (start, stop, factor) in layout.items():
        if name.startswith("right_") and name.replace("right_", "left_") in layout and stop <= middle:
            assert layout[name.replace("right_", "left_")] == [start + middle, stop + middle, factor]
    assert layout["fingertip_another_state"][0] == layout["fingertip_state"][0] + middle


def test_actions_are_joints_and_wrenches(facts: dict[str, Any]) -> None:
    free = facts["hands"]["base"] == "free"
    assert free or facts["hands"]["base"] == "fixed"
    assert facts["sizes"]["actions"] == 2 * (20 + (6 if free else 0))
    wrench = facts["hands"].get("wrench")
    assert (wrench is not None) == free
    if wrench:
        dt = facts["sizes"]["control_dt"]
        assert wrench["force"] == pytest.approx(dt * wrench["transition_scale"] * 1e5)
        assert wrench["torque"] == pytest.approx(dt * wrench["orientation_scale"] * 1e3)


def test_names_have_one_place(facts: dict[str, Any]) -> None:
    places = [facts[entry] for entry in ("state", "constants", "bound", "left_out", "added", "hidden")]
    assert sum(map(len, places)) == len(set().union(*places))
    assert {*facts["bound"], *facts["added"]} == {"obs_buf", "actions", "num_envs"}
    poses = [name.removesuffix("_pose") for name in facts["state"] if name.endswith("_pose")]
    assert all({f"{name}_pos", f"{name}_rot"} <= set(facts["state"]) for name in poses)
    kinds = {"pose": [7], "pos": [3], "rot": [4], "linvel": [3], "angvel": [3]}
    kinds |= {"state": [5, 13], "up": [3]}
    for name, shape in facts["state"].items():
        tips = name in ("fingertip_pos", "fingertip_another_pos")
        assert shape == ([5, 3] if tips else kinds[name.rpartition("_")[2]]), name


def test_rules_use_names_that_stand_before_them(facts: dict[str, Any]) -> None:
    known = {*facts["state"], *facts["hidden"], "actions"}
    for rule, expression in facts["rules"].items():
        assert set().union(*map(words, _listed(expression))) <= known, rule
        assert rule not in known
        known.add(rule)
    assert {"success", "ends", "human"} <= set(facts["rules"])
    used = [words(part) for expression in facts["rules"].values() for part in _listed(expression)]
    assert set(facts["hidden"]) <= set().union(*used)


def _listed(expression: str | list[str]) -> list[str]:
    return expression if isinstance(expression, list) else [expression]


def test_quaternions_are_the_euler_angles(facts: dict[str, Any]) -> None:
    placed = [facts["hands"]["right"], facts["hands"]["left"]]
    placed += [thing for thing in facts["objects"].values() if "euler" in thing]
    for thing in placed:
        assert np.linalg.norm(thing["quat"]) == pytest.approx(1.0, abs=1e-4)
        np.testing.assert_allclose(matrix(thing["quat"]), from_euler(thing["euler"]), atol=3e-4)
    drawn = [thing["quat"] == "random" for thing in facts["objects"].values()]
    assert (
        all(drawn)
        == any(drawn)
        == (facts["noise"]["rotation"] == "random")
        == (facts["goal"]["quat"] == "random")
    )


@pytest.mark.parametrize(("name", "start"), STARTS)
def test_points_of_the_hands_at_reset_follow_from_their_mounts(name: str, start: str) -> None:
    hands = FACTS[name]["hands"]
    points = {f"{s}_{key}": p for s in ("right", "left") for key, p in hand_points(hands, s).items()}
    for key, place in FACTS[name][start]["state"].items():
        if key in points:
            np.testing.assert_allclose(points[key], place, atol=1e-3, err_msg=key)


@pytest.mark.parametrize(("name", "start"), STARTS)
def test_quantities_at_reset_follow_from_the_rules(name: str, start: str) -> None:
    facts = FACTS[name]
    found = values(name, start_state(name, start))
    for key, value in facts[start]["values"].items():
        if not isinstance(value, list):  # a range: of a drawn rotation
            assert found[key].item() == pytest.approx(value, abs=2e-3), key
    assert not np.any(found["ends"])
    assert np.shape(found.get("success", [0])) == (1,)
    if facts["fitness"] == "success" and "success" in found:
        assert found["success"].item() == 0, "it starts with success"


@pytest.mark.parametrize(
    "name", [name for name in FACTS if isinstance(FACTS[name]["start"]["values"].get("human"), list)]
)
def test_the_human_reward_at_reset_spans_its_range_as_the_goal_is_drawn(name: str) -> None:
    low, high = FACTS[name]["start"]["values"]["human"]
    state = start_state(name)
    alike, opposite = np.array([[0.0, 0, 0, 1]]), np.array([[1.0, 0, 0, 0]])
    for goal, expected in ((alike, high), (opposite, low)):
        rotations = {
            "object_rot": alike,
            "object_another_rot": alike,
            "goal_rot": goal,
            "goal_another_rot": goal,
        }
        assert values(name, state | rotations)["human"].item() == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("name", DOORS)
def test_the_gap_of_a_door_follows_from_its_hinges(name: str) -> None:
    gaps, reach = FACTS[name]["gaps"], -0.04 if "inward" in name else 0.04

    def hinges(right: float, left: float) -> float:
        """|dy| of the handle points with the leaves at these angles, in m."""
        right_y = 0.42653 - reach * np.sin(right) - 0.39 * np.cos(right)
        left_y = -0.42041 + reach * np.sin(left) + 0.39 * np.cos(left)
        return float(abs(right_y - left_y))

    for angle, gap in zip(gaps["angles"], gaps["gap"], strict=True):
        assert hinges(angle, angle) == pytest.approx(gap, abs=2e-4)
    assert hinges(gaps["threshold"], gaps["threshold"]) == pytest.approx(0.5, abs=1e-3)
    assert hinges(1.57, 0) == pytest.approx(gaps["one_leaf"], abs=1e-3)
    start = FACTS[name]["objects"]["door"]["angles"]
    assert hinges(*start) == pytest.approx(FACTS[name]["start"]["values"]["gap"], abs=1e-3)


def test_only_the_reachable_rockers_of_the_switch_can_succeed() -> None:
    threshold = 1.35  # m, of both heights together
    original, reachable = FACTS["switch"]["rockers"]["original"], FACTS["switch"]["rockers"]["reachable"]
    assert original["hinge"] + original["lever"] * np.sin(original["travel"]) == pytest.approx(
        original["released"], abs=1e-4
    )
    assert 2 * original["pressed"] > threshold
    fall = reachable["lever"] * np.sin(reachable["travel"])
    assert reachable["released"] - fall == pytest.approx(reachable["pressed"], abs=2e-4)
    assert reachable["released"] == original["released"]
    assert 2 * reachable["pressed"] < threshold < reachable["pressed"] + reachable["released"]
    for height, pressed in ((reachable["pressed"], True), (original["pressed"], False)):
        place = np.array([[0.0, 0.0, height]])
        state = {"switch_right_handle_pos": place, "switch_left_handle_pos": place}
        assert values("switch", state)["success"].item() == pressed


def test_the_grips_of_the_scissors_part_as_the_pivot_opens() -> None:
    grips, start = FACTS["scissors"]["grips"], FACTS["scissors"]["start"]["state"]
    pivot = np.array([-0.0698, -0.0034])  # m, in the world at the start
    arm = np.array(grips["right_at_0"][:2]) - pivot
    for angle, distance in zip(grips["pivots"], grips["distances"], strict=True):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        right = pivot + turn @ arm
        assert np.linalg.norm(right - start["scissors_left_handle_pos"][:2]) == pytest.approx(
            distance, abs=1e-3
        )
        if angle == FACTS["scissors"]["objects"]["scissors"]["angle"]:
            np.testing.assert_allclose(right, start["scissors_right_handle_pos"][:2], atol=1e-3)
