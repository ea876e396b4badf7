"""What all four tasks promise: the names of the original, steady physics, clean starts."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from harness.registry import load_task
from harness.task import Fitness, state_fields
from tests.suites.worlds import Worlds

LOCOMOTION = {
    "potentials": (),
    "prev_potentials": (),
    "up_vec": (3,),
    "heading_vec": (3,),
    "root_states": (13,),
    "targets": (3,),
    "inv_start_rot": (4,),
    "basis_vec0": (3,),
    "basis_vec1": (3,),
}
STATES: dict[str, dict[str, tuple[int, ...]]] = {
    "ball_balance": {
        "dof_positions": (6,),
        "dof_velocities": (6,),
        "ball_positions": (3,),
        "ball_linvels": (3,),
        "sensor_forces": (3, 3),
        "sensor_torques": (3, 3),
    },
    "quadcopter": {
        "root_positions": (3,),
        "root_quats": (4,),
        "root_linvels": (3,),
        "root_angvels": (3,),
        "dof_positions": (8,),
    },
    "ant": {**LOCOMOTION, "dof_pos": (8,), "dof_vel": (8,), "vec_sensor_tensor": (24,)},
    "humanoid": {
        **LOCOMOTION,
        "dof_pos": (21,),
        "dof_vel": (21,),
        "dof_force_tensor": (21,),
        "vec_sensor_tensor": (12,),
    },
}
CONSTANTS = {
    "ball_balance": set(),
    "quadcopter": {"dt"},
    "ant": {
        "dof_limits_lower",
        "dof_limits_upper",
        "dof_vel_scale",
        "contact_force_scale",
        "dt",
        "up_axis_idx",
    },
    "humanoid": {
        "dof_limits_lower",
        "dof_limits_upper",
        "dof_vel_scale",
        "contact_force_scale",
        "angular_velocity_scale",
        "dt",
    },
}
# observations, actions, worlds, episode steps, control seconds, F
SIZES = {
    "ball_balance": (24, 3, 4096, 500, 0.01, Fitness.SURVIVAL),
    "quadcopter": (21, 12, 8192, 500, 0.01, Fitness.RATE),
    "ant": (60, 8, 4096, 1000, 0.0166, Fitness.RATE),
    "humanoid": (108, 21, 4096, 1000, 0.0166, Fitness.RATE),
}
# units, horizon, minibatch, mini epochs, epochs, learning rate, KL, reward scale, critic, bootstrap, gradient norm
TRAINING = {
    "ball_balance": ((128, 64, 32), 16, 8192, 8, 250, 3e-4, 0.008, 0.1, 4, False, 1.0),
    "quadcopter": ((256, 256, 128), 8, 16384, 8, 500, 1e-3, 0.016, 0.1, 2, False, 1.0),
    "ant": ((256, 128, 64), 16, 32768, 4, 500, 3e-4, 0.008, 0.01, 2, True, None),
    "humanoid": ((400, 200, 100), 32, 32768, 5, 1000, 5e-4, 0.008, 0.01, 4, True, 1.0),
}


@pytest.fixture(params=list(STATES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_state_has_the_original_names_and_shapes(name: str) -> None:
    worlds = Worlds(name, 5)
    state, _ = worlds.step(worlds.draw())
    declared = {field: meta["shape"] for field, meta in state_fields(worlds.task).items()}
    assert declared == STATES[name]
    for field, shape in declared.items():
        value = getattr(state, field)
        assert value.shape == (5, *shape), field
        double = field in ("potentials", "prev_potentials")
        assert value.dtype == (torch.float64 if double else torch.float32), field
    assert set(worlds.task.constants) == CONSTANTS[name]


def test_sizes_and_training_settings_are_the_original_ones(name: str) -> None:
    worlds = Worlds(name, 4)
    task, ppo = worlds.task, worlds.task.ppo
    actions = worlds.draw()
    observations = task.observe(worlds.step(actions)[0], actions)
    size, num_actions, count, steps, seconds, fitness = SIZES[name]
    assert observations.shape == (4, size)
    assert observations.dtype == torch.float32
    assert (task.num_actions, task.worlds, task.fitness) == (num_actions, count, fitness)
    assert task.timing.episode_steps == steps
    assert task.timing.control_dt == pytest.approx(seconds)
    assert task.clip_observations == (5.0 if name in ("ball_balance", "quadcopter") else float("inf"))
    assert (
        ppo.units,
        ppo.horizon,
        ppo.minibatch,
        ppo.mini_epochs,
        ppo.epochs,
        ppo.learning_rate,
        ppo.kl_threshold,
        ppo.reward_scale,
        ppo.critic_coef,
        ppo.value_bootstrap,
        ppo.grad_norm,
    ) == TRAINING[name]


def test_random_and_saturated_actions_keep_the_physics_steady(name: str) -> None:
    """2,000 steps: random, then full torque with and against the motion of each joint in turn."""
    worlds = Worlds(name, 8 if name == "humanoid" else 32)
    task, sim = worlds.task, worlds.sim
    saturated = worlds.draw().sign()
    for step in range(2000):
        if step % 10 == 0:
            saturated = worlds.draw().sign()
        actions = worlds.draw() if step < 1000 else saturated
        if step % 100 > 70 and name in ("ant", "humanoid"):
            actions = sim.qvel[:, 6:].sign().float()
        state, unstable = worlds.step(actions)
        assert not unstable.any()
        if step % 10 == 0:
            assert torch.isfinite(task.observe(state, actions)).all()
            assert sim.qvel.abs().max() < 200.0
        ended = task.terminated(state).nonzero().squeeze(1)
        if len(ended):
            worlds.reset(ended)


def test_reading_twice_gives_the_same(name: str) -> None:
    worlds = Worlds(name, 6)
    for _ in range(30):
        first, _ = worlds.step(worlds.draw())
    for field in dataclasses.fields(first):
        assert torch.equal(getattr(first, field.name), getattr(worlds.state(), field.name)), field.name


def test_a_new_episode_leaves_other_worlds_and_earlier_states_alone(name: str) -> None:
    worlds = Worlds(name, 6)
    for _ in range(60):
        before, _ = worlds.step(worlds.draw())
    copies = {field.name: getattr(before, field.name).clone() for field in dataclasses.fields(before)}
    worlds.reset(torch.tensor([1, 4]))
    after = worlds.state()
    for field, copy in copies.items():
        assert torch.equal(getattr(before, field), copy), field
        kept = torch.tensor([0, 2, 3, 5])
        assert torch.equal(getattr(after, field)[kept], copy[kept]), field
    worlds.reset(worlds.all)
    fresh = Worlds(name, 6, seed=1)
    fresh.rng.set_state(worlds.rng.get_state())
    worlds.reset(worlds.all)
    fresh.reset(fresh.all)
    for field in copies:
        assert torch.equal(getattr(worlds.state(), field), getattr(fresh.state(), field)), field


def test_the_same_seed_gives_the_same_run(name: str) -> None:
    ends = []
    for _ in range(2):
        worlds = Worlds(name, 4, seed=3)
        for _ in range(40):
            worlds.step(worlds.draw())
        ends.append(worlds.sim.qpos.clone())
    assert torch.equal(*ends)


def test_tasks_are_registered_under_their_names(name: str) -> None:
    assert type(load_task(name)).__name__.lower() == name.replace("_", "")
