"""Trainings that are not the benchmark's: what can be changed, where it is said, what it is never mixed with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from harness.config import RunConfig
from harness.errors import UserError
from harness.files import write_json
from harness.overrides import NUMBERS, as_asked, asked_overrides
from harness.plan import Plan
from harness.planning import make_plan
from harness.run_record import run_record
from harness.scoring.altered import alterations
from harness.scoring.comparable import other_setting
from harness.scoring.load import read_run
from harness.scoring.references import with_references
from harness.store import Store
from reports.content import make_content
from tests.end_to_end.runs import harness
from tests.reports.fake_run import write_run
from tests.scoring.test_references import table


def plan(folder: Path, **asked: object) -> Plan:
    return make_plan(
        RunConfig(suite="cartpole", methods="human", seeds=1, out=str(folder), **asked), gpu=False
    )


def test_it_is_in_the_training_and_its_key(tmp_path: Path) -> None:
    usual, changed = (
        plan(tmp_path, **asked)
        for asked in ({}, {"worlds": 64, "epochs": 7, "set": ("ppo.gamma=1", "ppo.units=[8,8]")})
    )
    (task,) = usual.tasks
    before, after = (one.finals(task, "human", "pass")[0] for one in (usual, changed))
    assert (after.budget.worlds, after.budget.epochs) == (64, 7)
    assert after.ppo == dataclasses.replace(before.ppo, gamma=1.0, units=(8, 8))
    assert before.training != after.training
    assert changed.experience(task).env_steps == 64 * 7 * before.budget.horizon
    again = plan(tmp_path, **as_asked(changed.overrides))
    assert again.finals(task, "human", "pass") == [after]


def test_candidates_epochs_stay_what_they_were_asked_to_be(tmp_path: Path) -> None:
    found = plan(tmp_path, epochs=7, candidate_epochs=3)
    (task,) = found.tasks
    assert [found.spec(task, "human", "pass", role, 0).budget.epochs for role in ("search", "final")] == [
        3,
        7,
    ]


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("ppo.gamma", "expected NAME=VALUE"),
        ("ppo.gama=0.9", "did you mean 'ppo.gamma'"),
        ("worlds=3", "unknown setting 'worlds'"),
        ("ppo.gamma=1.5", "expected a number of at least 0 and at most 1"),
        ("ppo.gamma=NaN", "expected a number"),
        ("ppo.units=[0]", "expected a tuple of layer sizes"),
        ("ppo.schedule=never", "expected 'legacy' or 'standard'"),
        ("minibatch=0", "expected a whole number"),
    ],
)
def test_a_wrong_one_is_said_in_one_line(argument: str, words: str) -> None:
    with pytest.raises(UserError) as problem:
        asked_overrides(RunConfig(set=(argument,)))
    assert words in str(problem.value)
    assert "\n" not in str(problem.value)


def test_every_number_is_stored_as_one() -> None:
    assert {"ppo.gamma", "ppo.grad_norm", "ppo.learning_rate"} < NUMBERS
    assert asked_overrides(RunConfig(set=("ppo.grad_norm=null", "ppo.reward_scale=2"))) == {
        "ppo.grad_norm": None,
        "ppo.reward_scale": 2.0,
    }


def test_minibatches_have_to_divide_the_batch(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cartpole: minibatches of \d+ do not divide 1000 worlds"):
        run_record(plan(tmp_path, worlds=1000), Store(tmp_path))


def test_a_folder_holds_one_kind_of_training(tmp_path: Path) -> None:
    changed = plan(tmp_path, worlds=64)
    write_json(tmp_path / "run.json", run_record(changed, Store(tmp_path)))
    assert plan(tmp_path).overrides == {"worlds": 64}
    with pytest.raises(UserError, match=r"results of overrides \{'worlds': 64\}, not \{'worlds': 32\}"):
        run_record(plan(tmp_path, worlds=32), Store(tmp_path))


def test_a_folder_that_says_what_cannot_be_is_one_line(tmp_path: Path) -> None:
    record = run_record(plan(tmp_path, worlds=64), Store(tmp_path))
    for damage in ({"worlds": "x"}, {"ppo.units": [0]}, {"nothing": 1}):
        write_json(tmp_path / "run.json", record | {"overrides": damage})
        with pytest.raises(UserError, match="holds what cannot be now"):
            plan(tmp_path)


def test_captions_say_it_and_no_reference_set_fits(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", tasks=("cartpole",), rollouts=False)
    usual = read_run(folder)
    record = json.loads((folder / "run.json").read_text())
    write_json(folder / "run.json", record | {"overrides": {"worlds": 64, "ppo.gamma": 0.98}})
    run = read_run(folder)
    content = make_content(run)
    said = "budget quick with ppo.gamma=0.98, worlds=64 (not the benchmark's)"
    assert said in content.context
    assert with_references(run, table(usual, [400.0, 410.0], [1.0, 2.0])) is run
    assert other_setting(usual, run) is not None
    finals = run.of("cartpole", "human")[0].finals
    assert all(trial.altered for trial in finals)
    assert any("its ppo.gamma is" in line for line in alterations(run))


def test_a_run_says_what_it_changed_from_plan_to_page(tmp_path: Path) -> None:
    asked = ["--worlds", "32", "--epochs", "4", "--set", "ppo.learning_rate=0.001", "--set", "minibatch=256"]
    command = ["run", "--suite", "cartpole", "--methods", "human", "--seeds", "1", "--budget", "smoke"]
    done = harness(*command, *asked, "--out", "run", "--no-pictures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    words = "epochs=4, minibatch=256, ppo.learning_rate=0.001, worlds=32"
    assert f"trainings are not the benchmark's: {words}" in done.stdout
    (spec,) = (json.loads(path.read_text()) for path in tmp_path.glob("run/trials/*/spec.json"))
    assert spec["budget"] | {"worlds": 32, "epochs": 4, "minibatch": 256} == spec["budget"]
    assert spec["ppo"]["learning_rate"] == 0.001
    assert words in (tmp_path / "run" / "report" / "index.html").read_text()
    assert "F = " in done.stdout
    again = harness(*command, "--out", "run", "--no-pictures", cwd=tmp_path)
    assert (again.returncode, "nothing is missing" in again.stdout) == (0, True)
    assert len(list(tmp_path.glob("run/trials/*/spec.json"))) == 1
