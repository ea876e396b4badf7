"""Reference sets: which rows fit a run, what they change, how a set is made."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness.errors import EnvironmentProblem
from harness.registry import expert_reward, load_task
from harness.scoring.analysis import analyse
from harness.scoring.load import read_run
from harness.scoring.merge import merge
from harness.scoring.references import (
    COLUMNS,
    named,
    read_set,
    rows_of,
    set_file,
    to_text,
    updated,
    with_references,
)
from harness.scoring.rundata import RunData
from reports.content import make_content
from tests.reports.fake_run import write_run

PROGRAMS = {"human": "0" * 16, "sparse": "1" * 16}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two tasks that say which references they come with."""
    path = write_run(
        tmp_path_factory.mktemp("run"), tasks=("cartpole", "ant"), rollouts=False, failures="none"
    )
    record = json.loads((path / "run.json").read_text())
    for info in record["task_info"].values():
        info["programs"] = PROGRAMS
    (path / "run.json").write_text(json.dumps(record))
    return path


@pytest.fixture(scope="module")
def run(folder: Path) -> RunData:
    return read_run(folder)


def rows(run: RunData, slug: str, method: str, scores: list[float]) -> list[dict[str, object]]:
    """What a set has of a method on a task of `run`."""
    task = next(task for task in run.tasks if task.slug == slug)
    same = {name: getattr(task, name) for name in ("env_steps", "worlds", "episode_steps")}
    return [
        dict.fromkeys(COLUMNS, "")
        | same
        | {"task": slug, "method": method, "seed": 10**9 + number, "f": f, "stderr": 0.1, "legacy_f": 0.0}
        | {"task_code": task.code, "program": PROGRAMS[method], "precision": "bf16"}
        for number, f in enumerate(scores)
    ]


def table(run: RunData, human: list[float], sparse: list[float], slug: str = "cartpole") -> pd.DataFrame:
    return pd.DataFrame(rows(run, slug, "human", human) + rows(run, slug, "sparse", sparse))


def test_its_trials_count_beside_the_runs_own(run: RunData) -> None:
    held = with_references(run, table(run, [400.0, 410.0, np.nan], [10.0, 20.0, 30.0]))
    own, analysis = analyse(run), analyse(held)
    before, after = own.scores["cartpole", "human"], analysis.scores["cartpole", "human"]
    assert sorted(after.cell[0]) == sorted(
        [*before.cell[0], 400.0, 410.0, 0.0]
    )  # a failed one is at the floor
    assert (
        analysis.scores["cartpole", "eureka"].cell[0].tolist()
        == own.scores["cartpole", "eureka"].cell[0].tolist()
    )
    assert analysis.scores["ant", "human"].n == own.scores["ant", "human"].n
    assert [task.slug for task in analysis.without_set] == ["ant"]
    content = make_content(held)
    assert any("reference set cpu-quick (" in note and "3 on cartpole" in note for note in content.notes)
    assert any("No reference set fits ant" in note for note in content.notes)


def test_rows_of_the_runs_own_precision_come_first(run: RunData) -> None:
    own = table(run, [400.0, 410.0, 420.0], [10.0, 20.0]).assign(precision=run.config.precision)
    other = table(run, [1.0, 2.0], [1.0, 2.0]).assign(precision="other")
    both = with_references(run, pd.concat([own, other]))
    held = both.reference("cartpole", "human")
    assert held is not None
    assert held.scores.tolist() == [400.0, 410.0, 420.0]
    assert any("(3 on cartpole)" in note for note in make_content(both).notes)
    assert any("(2 on cartpole in other)" in note for note in make_content(with_references(run, other)).notes)


def test_it_stands_in_for_references_that_were_not_trained(folder: Path, tmp_path: Path) -> None:
    alone = write_run(tmp_path / "alone", tasks=("cartpole",), methods=("eureka",), rollouts=False)
    record = json.loads((alone / "run.json").read_text())
    record["task_info"]["cartpole"]["programs"] = PROGRAMS
    (alone / "run.json").write_text(json.dumps(record))
    bare = read_run(alone)
    held = with_references(bare, table(bare, [400.0, 410.0, 420.0], [10.0, 20.0, 30.0]))
    assert held.methods == ("human", "sparse", "eureka")
    content = make_content(held)
    score = content.analysis.scores["cartpole", "eureka"]
    assert score.ratio is not None
    assert score.ratio.low is not None
    assert content.analysis.scores["cartpole", "human"].tally.missing == 0
    assert "Not done yet" not in " ".join(content.notes)


def test_the_set_alone_decides_which_tasks_have_a_scale(run: RunData) -> None:
    level = table(run, [100.0, 110.0, 120.0], [105.0, 108.0, 117.0])
    analysis = analyse(with_references(run, level))
    why = analysis.unscaled["cartpole", "eureka"]
    assert why.startswith("human is not above sparse at 95 %")
    assert why.endswith(f"in the reference set {named(level, 'cpu', 'quick')}")
    noisy = dataclasses.replace(run, tasks=run.tasks)
    assert ("cartpole", "eureka") not in analyse(noisy).unscaled


@pytest.mark.parametrize(
    ("column", "value"),
    [("task_code", "f" * 16), ("program", "f" * 16), ("env_steps", 1), ("worlds", 1), ("episode_steps", 1)],
)
def test_rows_of_another_task_program_or_budget_do_not_fit(run: RunData, column: str, value: object) -> None:
    other = table(run, [400.0, 410.0], [10.0, 20.0]).assign(**{column: value})
    assert with_references(run, other).references == {}


def test_other_options_and_the_papers_protocol_have_no_set(run: RunData) -> None:
    found = table(run, [400.0, 410.0], [10.0, 20.0])
    task = dataclasses.replace(run.tasks[0], options={"speed": 2.0}, default_options={"speed": 1.0})
    assert with_references(dataclasses.replace(run, tasks=(task,)), found).references == {}
    name, config = run.configs[0]
    paper = dataclasses.replace(run, configs=((name, dataclasses.replace(config, protocol="paper")),))
    assert with_references(paper, found) is paper


def test_a_set_is_made_of_a_runs_trials_and_keeps_what_it_has_of_others(run: RunData, tmp_path: Path) -> None:
    made = rows_of(run)
    assert list(made.columns) == list(COLUMNS)
    assert set(made["method"]) == {"human", "sparse"}
    trial = run.of("cartpole", "human")[0].finals[1]
    row = made[(made["task"] == "cartpole") & (made["method"] == "human") & (made["seed"] == 1)]
    assert row["f"].item() == trial.f
    before = table(run, [1.0], [0.0], "ant").assign(task="humanoid")
    whole = updated(updated(read_set(tmp_path / "none.csv"), before), made)
    assert list(whole["task"].unique()) == ["ant", "cartpole", "humanoid"]
    assert len(updated(whole, made)) == len(whole)
    assert len(updated(whole, made.assign(precision="other"))) == len(whole) + len(made)
    path = tmp_path / "cpu-quick.csv"
    path.write_text(to_text(whole, "cpu-quick"))
    again = read_set(path)
    names = [named(one, "cpu", "quick") for one in (again, read_set(path), again.assign(f=0.0))]
    assert names[0] == names[1] != names[2]
    assert again["f"].tolist() == pytest.approx(whole["f"].tolist(), rel=1e-9)
    assert with_references(run, again).reference("ant", "human") is not None


@pytest.mark.parametrize("damage", ["cartpole,human,1\n", "twice"])
def test_a_damaged_set_is_said_in_one_line(run: RunData, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "cpu-quick.csv"
    text = to_text(rows_of(run), "cpu-quick")
    path.write_text(text + (text.splitlines()[-1] + "\n" if damage == "twice" else damage))
    with pytest.raises(EnvironmentProblem, match=r"cpu-quick\.csv is damaged"):
        read_set(path)


def test_merged_runs_share_the_set(run: RunData, folder: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "second", tasks=("cartpole",), seed=9, rollouts=False)
    found = table(run, [400.0, 410.0], [10.0, 20.0])
    held = with_references(merge([run, read_run(other)]), found)
    analysis = analyse(held)
    assert analysis.scores["cartpole", f"human ({folder.name})"].n == 5
    assert analysis.scores["cartpole", "human (second)"].n == 5


def test_the_set_of_the_quick_budget_fits_the_tasks_as_they_are() -> None:
    """A task or a reward that is changed needs its reference set made again: `python -m harness reference`."""
    from harness.code import code_digest
    from harness.task import budget_of
    from harness.trial import make_spec

    found = read_set(set_file("cpu", "quick"))
    assert {"cartpole", "ball_balance"} <= set(found["task"])
    for (task, method), group in found.groupby(["task", "method"]):
        source = expert_reward(str(method), str(task)) or ""
        spec = make_spec(
            str(task), source, role="final", seed=0, budget="quick", engine="cpu", protocol="strict"
        )
        amount = budget_of(load_task(str(task)), "quick")
        wanted = (spec.code.task, code_digest(source), amount.env_steps, amount.worlds)
        assert set(
            group[["task_code", "program", "env_steps", "worlds"]].itertuples(index=False, name=None)
        ) == {wanted}
        assert len(group) >= 5
