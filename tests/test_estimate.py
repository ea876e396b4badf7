"""How long a run will take, said before it starts."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.commands.run import show_plan
from harness.estimate import Estimate, _seconds, estimate, typical_speeds
from harness.identity import TaskId
from harness.missing import Missing, env_steps
from harness.registry import SUITES, TASKS, load_task
from harness.task import budget_of
from tests.test_plan import plan_of


def test_time_is_shared_by_trials_cores_and_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(methods="human", seeds=4)
    task = plan.tasks[0]
    monkeypatch.setattr("harness.estimate._remembered", lambda task, budget, precision: (1000.0, 1000.0))
    monkeypatch.setattr("harness.estimate.available_cores", lambda: 2)

    def expected(trials: int, jobs: int | None) -> Estimate:
        return estimate(plan, {task: Missing(finals=trials)}, jobs)

    one = expected(1, None).total
    assert one == pytest.approx((64 * 10 * 16 + (8 + 4 + 9 * 2) * 500) / 1000.0)
    assert expected(4, None).total == pytest.approx(2 * one)
    assert expected(4, 1).total == pytest.approx(4 * one)
    assert expected(4, 16).total == pytest.approx(2 * one)  # there are two cores
    assert expected(1, 16).total == pytest.approx(one)  # there is one trial
    assert expected(0, None).total == 0.0


def test_nothing_is_measured_when_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.estimate._measured", lambda *_: pytest.fail("measured"))
    plan = plan_of()
    assert estimate(plan, {plan.tasks[0]: Missing()}, None).total == 0.0


def test_one_built_in_task_is_measured_for_all_of_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = tmp_path / "speeds.json"
    table.write_text('{"machine": "x", "speeds": {"fp32": {"cartpole": [4000, 8000], "ant": [1000, 2000]}}}')
    monkeypatch.setattr("harness.estimate.SPEEDS", table)
    measured: list[str] = []

    def measure(task: TaskId, budget: str, precision: str, engine: str = "cpu") -> tuple[float, float]:
        measured.append(task.slug)
        return 2000.0, 2000.0

    monkeypatch.setattr("harness.estimate._measured", measure)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    plan = plan_of(suite="ant,cartpole,humanoid", methods="human", seeds=1)
    found = estimate(plan, {task: Missing(finals=1) for task in plan.tasks}, 1)
    assert sorted(measured) == ["cartpole", "humanoid"]  # of humanoid nothing is known
    assert estimate(plan, {task: Missing(finals=1) for task in plan.tasks}, 1) == found
    assert measured.count("cartpole") == 1  # what is known is remembered
    steps, length = budget_of(load_task("ant"), "smoke").env_steps, load_task("ant").timing.episode_steps
    assert found.seconds[plan.tasks[0]] == pytest.approx(
        steps / (1000 * 0.5) + (8 + 4 + 9 * 2) * length / (2000 * 0.25)
    )
    assert found.machine is None


def test_without_measuring_the_speeds_are_those_of_a_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("harness.estimate._measured", lambda *_: pytest.fail("measured"))
    table = tmp_path / "speeds.json"
    table.write_text('{"machine": "a processor", "speeds": {"fp32": {"cartpole": [1000, 500]}}}')
    monkeypatch.setattr("harness.estimate.SPEEDS", table)
    plan = plan_of(suite="cartpole,ant", methods="human", seeds=1)
    known, unknown = plan.tasks
    found = estimate(plan, {task: Missing(finals=1) for task in plan.tasks}, 1, measure=False)
    expected = 64 * 10 * 16 / 1000.0 + (8 + 4 + 9 * 2) * 500 / 500.0
    assert found.seconds == {known: pytest.approx(expected), unknown: None}
    assert (found.total, found.machine) == (pytest.approx(expected), "a processor")
    out = io.StringIO()
    amounts = {known: Missing(finals=1), unknown: Missing(finals=1)}
    show_plan(plan, amounts, found, Console(file=out, width=200))
    assert "on cores of a processor (1 at a time) without 1 task(s) of unknown speed" in out.getvalue()
    assert "?" in out.getvalue()


def test_the_table_of_speeds_is_of_tasks() -> None:
    found = typical_speeds()
    assert set(found.speeds) == {"fp32", "bf16"}
    for speeds in found.speeds.values():
        assert set(speeds) <= set(TASKS)
        assert set(SUITES["all"]) <= set(speeds)
        assert all(0 < training < evaluation for training, evaluation in speeds.values())


def test_a_race_is_three_quarters_of_the_training_and_as_much_of_the_evaluation() -> None:
    plan, race = plan_of(methods="eureka"), plan_of(methods="eureka", racing=True)
    task = plan.tasks[0]
    steps = [env_steps(each, task, Missing(candidates=8)) for each in (plan, race)]
    assert steps[1] == 0.75 * steps[0]
    speed = (1e12, 1000.0)  # all that takes time is evaluation
    seconds = [_seconds(each, task, Missing(candidates=8), speed) for each in (plan, race)]
    assert seconds == pytest.approx([8 * 8 * 500 / 1000.0, (8 * 2 + 4 * 8) * 500 / 1000.0])
