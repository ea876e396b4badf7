"""Every Dexterity task against tests/data/dexterity.yaml: what it offers, what it scores, what it shows, how it goes on.

States are read after random steps, and drawn on both sides of every gate where random steps reach but one of them.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest
import torch
from torch import Tensor

from harness.environment import Environment, Step
from harness.prompts import initial_messages
from harness.registry import DEXTERITY, load_task
from harness.task import Fitness, MemoryForm, state_fields
from harness.training.record import Recorder
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hands import HAND_FIELDS
from suites.dexterity.options import DexterityOptions
from tests.suites.conformance import (
    check_constants,
    check_names,
    check_ppo,
    check_reading,
    check_repeats,
    check_resets,
    check_shapes,
    check_sizes,
)
from tests.suites.dexterity_facts import FACTS, Floats, from_euler, hand_points, matrix, product, values
from tests.suites.drawn_states import drawn_state
from tests.test_fitness import by_formula

WORLDS, STEPS = 16, 60
FORMS = {
    "scalar_ema": MemoryForm.SCALAR_EMA,
    "per_env_last": MemoryForm.PER_WORLD_LAST,
    "ema_of_counts": MemoryForm.EMA_OF_COUNTS,
}
CONJUGATE = np.array([-1.0, -1.0, -1.0, 1.0])
"""Factors of a quaternion (xyzw)."""
SIDES = ("right", "left")
JOINTS = [
    *("WRJ1", "WRJ0"),
    *(f"{finger}J{joint}" for finger in ("FF", "MF", "RF") for joint in (3, 2, 1, 0)),
    *(f"{finger}J{joint}" for finger in ("LF", "TH") for joint in (4, 3, 2, 1, 0)),
]
"""In the order of the original."""


@pytest.fixture(params=DEXTERITY)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@functools.cache
def played(name: str) -> tuple[Environment, list[Step]]:
    """Random steps of some worlds whose episodes end at their time limits here and there."""
    environment = Environment(load_task(name), WORLDS, seed=0)
    left = torch.arange(WORLDS) * 9 % 80 + 3  # steps until the time limit
    environment.progress[:] = environment.task.timing.episode_steps - left.clamp(
        max=environment.task.timing.episode_steps
    )
    rng = torch.Generator().manual_seed(1)
    actions = 2.0 * torch.rand(STEPS, WORLDS, environment.task.num_actions, generator=rng) - 1.0
    return environment, [environment.step(action) for action in actions]


def numbers(name: str, state: Any, actions: Tensor) -> dict[str, Floats]:
    """All that the rules of a task may name, double precision."""
    found = {key: getattr(state, key) for key in FACTS[name]["state"]}
    found |= {key: getattr(state, f"_{key}") for key in FACTS[name]["hidden"]}
    return {key: value.double().numpy() for key, value in (found | {"actions": actions}).items()}


def ends(found: dict[str, Any]) -> Any:
    """Where any of the reasons to end an episode holds."""
    return np.any([np.zeros(len(found["human"]), dtype=bool), *found["ends"]], axis=0)


def test_names_shapes_constants_and_settings(name: str) -> None:
    task, (environment, steps) = load_task(name), played(name)
    check_names(task, FACTS[name])
    check_shapes(task, steps[-1], FACTS[name])
    check_constants(task, FACTS[name])
    check_sizes(environment, steps[-1], FACTS[name]["sizes"])
    check_ppo(task, FACTS[name])
    assert type(task).__name__ == name.replace("_", " ").title().replace(" ", "")


def test_text_and_fitness(name: str) -> None:
    task, facts = load_task(name), FACTS[name]
    assert task.text is not None
    given, true = facts["text"]["given"], facts["text"]["true"]
    assert (task.text.given, task.text.true) == (given, true)
    assert task.description == given
    assert load_task(name, {"text": "true"}).description == true
    assert given in initial_messages(task)[1]["content"]
    assert task.fitness is {"success": Fitness.SUCCESS, "count": Fitness.COUNT}[facts["fitness"]]
    assert task.memory_form is FORMS[facts["memory_form"]]
    assert task.goal_bonus == 0.0
    assert task.fitness_unit


def test_the_hands_are_mounted_and_driven_as_in_the_original(name: str) -> None:
    """Roots, palms and fingertips at the start, and the wrench of a full action."""
    task, hands = load_task(name), FACTS[name]["hands"]
    environment = Environment(task, 1, seed=0)
    start = task.read(environment.sim, environment.carried)
    for side in SIDES:
        euler = getattr(start, f"_{side}_root_euler")[0]
        np.testing.assert_allclose(from_euler(euler), matrix(hands[side]["quat"]), atol=1e-3)
        for point, place in hand_points(hands, side).items():
            field = f"{side}_{point}" if f"{side}_{point}" in state_fields(task) else f"_{side}_{point}"
            drawn = FACTS[name]["noise"]["joints"] > 0 and point != "root_pos"
            if hasattr(start, field) and not drawn:
                np.testing.assert_allclose(getattr(start, field)[0], place, atol=1e-3, err_msg=field)
    if hands["base"] == "fixed":
        assert task.num_actions == 40
        return
    force = np.array([hands["wrench"]["force"]] * 3 + [hands["wrench"]["torque"]] * 3)
    for law, share in (("discrete", 0.1665), ("continuous", 1.0)):
        task = load_task(name, {"base_drag": law})
        environment = Environment(task, 1, seed=0)
        task.act(environment.sim, environment.carried, torch.ones(1, 52), environment.rng)
        for side in SIDES:
            found = environment.sim.body(f"{side}_forearm").xfrc_applied[0]
            np.testing.assert_allclose(found, share * force, rtol=1e-3)


def test_score_ends_and_human_reward_follow_the_rules_step_by_step(name: str) -> None:
    environment, steps = played(name)
    program = importlib.import_module(f"baselines.human_rewards.dexterity.{name}").compute_reward
    for step in steps:
        found = values(name, numbers(name, step.state, step.actions))
        assert {"success", "human", "ends"} <= set(found)
        np.testing.assert_array_equal(step.score, found["success"].astype(np.float32))
        terminated = environment.task.terminated(step.state)
        np.testing.assert_array_equal(terminated, ends(found))
        assert torch.equal(step.done, terminated | step.time_out)
        given = {**vars(step.state), "actions": step.actions}
        reward, _ = program(**{key: given[key] for key in inspect.signature(program).parameters})
        np.testing.assert_allclose(reward, found["human"], rtol=1e-4, atol=1e-4)


def test_score_and_ends_follow_the_rules_on_both_sides_of_every_gate(name: str) -> None:
    environment, steps = played(name)
    drawn = {key: torch.from_numpy(value).float() for key, value in drawn_state(name).items()}
    actions = drawn.pop("actions")
    hidden = FACTS[name]["hidden"]
    fields = {f"_{key}" if key in hidden else key: value for key, value in drawn.items()}
    whole = {
        field: value[torch.arange(len(actions)) % WORLDS] for field, value in vars(steps[-1].state).items()
    }
    state = type(steps[-1].state)(**{field: fields.get(field, value) for field, value in whole.items()})
    found = values(name, numbers(name, state, actions))
    score, terminated = environment.task.score(state), environment.task.terminated(state)
    np.testing.assert_array_equal(score, found["success"].astype(np.float32))
    np.testing.assert_array_equal(terminated, ends(found))
    assert 0.01 < (score > 0).float().mean() < 0.99
    for reason in found["ends"]:
        assert 0.01 < reason.mean() < 0.99
    blind = dict.fromkeys(HAND_FIELDS & set(whole))
    assert torch.equal(environment.task.score(dataclasses.replace(state, **blind)), score)


def test_the_latch_reads_what_a_score_needs_and_no_hands(name: str) -> None:
    environment, _ = played(name)
    task, sim, carried = environment.task, environment.sim, environment.carried
    assert isinstance(task, Bimanual)
    state = task.read(sim, carried)
    seen = task._blind.read(sim, carried)
    assert type(seen) is type(state)
    for field, value in vars(state).items():
        found = getattr(seen, field)
        assert found is None if field in HAND_FIELDS else torch.equal(found, value), field
    assert torch.equal(task.score_now(sim, carried), task.score(state))


def test_the_observation_is_what_the_layout_says(name: str) -> None:
    environment, steps = played(name)
    step = steps[-1]
    joints = [f"right_{joint}" for joint in JOINTS]
    lower, upper = np.array([environment.sim.model.joint(joint).range for joint in joints]).T
    seen = numbers(name, step.state, step.actions)
    half = step.actions.shape[1] // 2
    seen |= {"right_actions": seen["actions"][:, :half], "left_actions": seen["actions"][:, half:]}
    for thing in ("object", "object_another"):
        goal = thing.replace("object", "goal") + "_rot"
        if goal in seen:
            seen[f"{thing}_to_goal_rot"] = product(seen[f"{thing}_rot"], seen[goal] * CONJUGATE)
    for entry, (start, stop, factor) in FACTS[name]["layout"].items():
        found = step.obs_buf[:, start:stop].double().numpy()
        if entry == "zeros":
            assert not found.any()
            continue
        value = seen[entry] if entry in seen else getattr(step.state, f"_{entry}").double().numpy()
        value = value.reshape(WORLDS, -1)
        expected = (2 * value - upper - lower) / (upper - lower) if factor == "unscale" else value * factor
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5, err_msg=entry)
        assert found.std(axis=0).max() > 0 or not entry.endswith(("dof_pos", "tip_state", "actions")), entry


def test_the_logged_f_has_the_memory_of_the_original(name: str) -> None:
    """Scores are drawn, for random actions hardly ever score; episodes end where they do."""
    environment, steps = played(name)
    recorder = Recorder(environment, lambda named: (torch.zeros(WORLDS), {}), None)
    counted = FACTS[name]["fitness"] == "count"
    rng = np.random.default_rng(0)
    running, worth, logged = np.zeros(WORLDS), [], []
    for step in steps:
        scores = rng.choice([0.0, 0.5, 1.0], size=WORLDS, p=[0.9, 0.05, 0.05])
        running = running + scores if counted else np.maximum(running, scores)
        worth.append(running)
        running = np.where(step.done, 0.0, running)
        recorder.take(dataclasses.replace(step, score=torch.from_numpy(scores).float()))
        logged.append(recorder.meter.legacy_fitness())
    resets = np.array([step.done.numpy() for step in steps])
    assert resets.sum() > 5
    assert logged[-1] > 0.0
    weight = FACTS[name].get("memory_weight", 0.1)
    np.testing.assert_allclose(
        logged, by_formula(FORMS[FACTS[name]["memory_form"]], np.array(worth), resets, weight), rtol=1e-9
    )


def test_reading_twice_gives_the_same(name: str) -> None:
    check_reading(name)


def test_a_new_episode_leaves_other_worlds_and_earlier_states_alone(name: str) -> None:
    check_resets(name)


def test_the_same_seed_gives_the_same_run(name: str) -> None:
    check_repeats(name)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_random_steps_are_stable_and_hands_stay_out_of_the_ground(name: str) -> None:
    """99 of 100 contacts of hands with the ground or a table are less than 12 mm deep, a little over a finger's radius."""
    environment = Environment(load_task(name), 32, seed=0)
    model, data = environment.sim.model, mujoco.MjData(environment.sim.model)
    hand = np.array([_belongs(model, geom, ("right_", "left_")) for geom in range(model.ngeom)])
    ground = np.array([_belongs(model, geom, ("world",)) for geom in range(model.ngeom)])
    rng, depths = torch.Generator().manual_seed(0), []
    for number in range(10_000):
        step = environment.step(2.0 * torch.rand(32, environment.task.num_actions, generator=rng) - 1.0)
        assert step.obs_buf.isfinite().all()
        if number % 50 == 0:
            for world in range(32):
                contact = environment.sim.data(world, data).contact
                touching = hand[contact.geom].any(axis=1) & ground[contact.geom].any(axis=1)
                depths.extend(-contact.dist[touching])
    assert environment.unstable_count == 0
    if len(depths) > 100:
        assert np.quantile(depths, 0.99) < 0.012


def _belongs(model: mujoco.MjModel, geom: int, prefixes: tuple[str, ...]) -> bool:
    return str(model.body(int(model.geom_bodyid[geom])).name).startswith(prefixes)


def test_the_page_of_the_suite_has_the_task_and_its_options(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "dexterity.md").read_text(encoding="utf-8")
    sizes, base = FACTS[name]["sizes"], FACTS[name]["hands"]["base"]
    row = f"| `{name}` | {sizes['observations']} | {sizes['actions']} | {base} | {sizes['episode_steps']} |"
    assert page.count(row) == 1
    task = load_task(name)
    assert isinstance(task.options, DexterityOptions)
    for option, original in {**task.options.originals(), "fidelity": "original", "text": "given"}.items():
        default = type(task.options).model_fields[option].default
        named = [line for line in page.splitlines() if line.startswith(f"| `{option}` |")]
        assert any(f"| `{default}` | `{original}` |" in line for line in named), option
