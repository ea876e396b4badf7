"""What our engine and our environment cost on top of bare mujoco.batch: same model, worlds, threads, one run."""

import time
from collections.abc import Callable

import mujoco
import mujoco.batch
import pytest
import torch

from harness.environment import Environment
from harness.registry import SUITES, expert_reward, load_task
from harness.rewards import compile_reward
from harness.sim import compile_scene, make_simulation
from harness.training.record import Recorder

WORLDS = 1024
THREADS = 2
STEPS = 30
ROUNDS = 9


@pytest.mark.parametrize("name", SUITES["all"])
def bench_env_step_against_bare_physics(name: str, benchmark, note) -> None:
    """Physics alone, through our engine, and as a full env step with reward, fitness and resets.

    The three take turns within each round, so that a change of the machine's pace hits all of them;
    the best time of each counts.
    """
    task = load_task(name)
    substeps = task.timing.physics_steps
    model = compile_scene(task)
    generator = torch.Generator().manual_seed(0)
    environment = Environment(task, WORLDS, seed=0, threads=THREADS)
    source = expert_reward("human", name)
    assert source is not None
    recorder = Recorder(environment, compile_reward(source, task, WORLDS), None)
    actions = 2 * torch.rand(STEPS, WORLDS, task.num_actions, generator=generator) - 1
    states = []
    step = environment.sim.step

    def remembering(count: int) -> torch.Tensor:
        states.append(environment.sim._batch.state.copy())
        return step(count)

    for round_ in range(
        2
    ):  # into the thick of it, contacts and resets; then remember what physics is asked to do
        environment.sim.step = remembering if round_ == 1 else step
        for action in actions:
            recorder.take(environment.step(action))
    environment.sim.step = step
    sim = make_simulation(task, WORLDS, "cpu", THREADS)
    batch = mujoco.batch.Batch(model, WORLDS, THREADS, persistent=True)

    def bare() -> None:
        for state in states:
            batch.state[:] = state
            batch.step(nstep=substeps, stage=int(mujoco.mjtStage.mjSTAGE_VEL))

    def engine() -> None:
        for state in states:
            sim._batch.state[:] = state
            sim.step(substeps)

    def full() -> None:
        for action in actions:
            recorder.take(environment.step(action))

    times = {function.__name__: [] for function in (bare, engine, full)}
    for _ in range(ROUNDS):
        for function in (bare, engine, full):
            times[function.__name__].append(seconds(function))
    benchmark.pedantic(full, rounds=3)
    best = {key: min(value) for key, value in times.items()}
    rate = WORLDS * STEPS / best["full"]
    note(f"{name}: engine / bare physics", f"{best['bare'] / best['engine']:.2f}")
    note(
        f"{name}: full env step / bare physics",
        f"{best['bare'] / best['full']:.2f}  ({rate:,.0f} env steps/s)",
    )


def seconds(function: Callable[[], None]) -> float:
    """Wall time of one call."""
    before = time.perf_counter()
    function()
    return time.perf_counter() - before
