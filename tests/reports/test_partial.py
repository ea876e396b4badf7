"""Runs that lack something: a report all the same, and a sentence that says what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness.scoring.load import read_run
from reports.content import Content, make_content
from reports.markdown import to_report
from reports.page import render
from tests.reports.fake_parts import TASKS
from tests.reports.fake_run import write_run
from tests.reports.fake_trial import write_json
from tests.reports.hand_edits import change, load, retrial
from tests.reports.test_page import read

pytestmark = pytest.mark.filterwarnings("error")


def report_on(folder: Path, **options: Any) -> tuple[Content, str]:
    """Content and words of the page of a small run."""
    run = write_run(folder, **({"tasks": ("cartpole",), "rollouts": False} | options))
    return contents_of(run)


def contents_of(run: Path) -> tuple[Content, str]:
    content = make_content(read_run(run))
    assert to_report(content)
    return content, "".join(read(render(content)).words)


def names(content: Content) -> set[str]:
    return {picture.name for picture in content.pictures}


def test_a_single_seed(tmp_path: Path) -> None:
    content, words = report_on(tmp_path, seeds=1, iterations=1, samples=1, failures="none")
    assert "Every number rests on a single trial" in words
    assert all(line.mean.interval is None for line in content.analysis.headlines)
    assert "normalised by the run's own human and sparse trials alone" in words
    assert "normalised" in names(content)
    assert "no picture recorded" in words


def test_without_human(tmp_path: Path) -> None:
    content, words = report_on(tmp_path, methods=("sparse", "eureka"))
    assert "There are no human trials in this run: nothing is normalised." in words
    assert "eureka: nothing to compare yet." in words
    assert "headline" not in names(content)


def test_without_searches(tmp_path: Path) -> None:
    content, words = report_on(tmp_path, methods=("human", "sparse"))
    assert "No searching method is in this run" in words
    assert names(content) == {"scores", "curves"}
    assert "normalised" not in {table.name for table in content.tables}


def test_all_candidates_failed(tmp_path: Path) -> None:
    content, words = report_on(tmp_path, failures="all", tasks=("cartpole", "quadcopter"), seeds=2)
    assert "Without any program, and scored at the task's floor: 2 searches" in words
    assert "no candidate of any iteration could be trained" in words
    score = content.analysis.scores["cartpole", "eureka"]
    assert (score.mean, score.n) == (0.0, 2)
    worst = content.analysis.scores["quadcopter", "eureka"]
    assert worst.mean == content.analysis.floors["quadcopter", "eureka"] == TASKS["quadcopter"].floor
    assert "before tasks declared a floor" not in words


def test_a_run_from_before_tasks_declared_a_floor_says_so_where_it_counts(tmp_path: Path) -> None:
    run = write_run(tmp_path, failures="all", tasks=("cartpole", "quadcopter"), seeds=2, rollouts=False)
    record = json.loads((run / "run.json").read_text())
    for info in record["task_info"].values():
        del info["floor"]
    (run / "run.json").write_text(json.dumps(record))
    content = make_content(read_run(run))
    words = " ".join(content.notes)
    assert "before tasks declared a floor: that of quadcopter is the worst F that the run has seen" in words
    seen = [
        point.f
        for method in ("human", "sparse")
        for trial in content.analysis.score(content.analysis.run.tasks[1], method).trials
        for point in trial.checkpoints
    ]
    assert content.analysis.scores["quadcopter", "eureka"].mean == min(seen)


def test_an_interrupted_run(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("cartpole", "ball_balance"), rollouts=False)
    shutil.rmtree(run / "searches" / "ball_balance-eureka-0")
    finals = json.loads((run / "searches" / "cartpole-eureka-0" / "search.json").read_text())["finals"]
    shutil.rmtree(run / "trials" / finals[0]["trial"])
    content, words = contents_of(run)
    assert "Not done yet: 4 final trials (eureka on cartpole and eureka on ball_balance)" in words
    assert content.analysis.scores["cartpole", "eureka"].n == 2
    assert content.analysis.scores["ball_balance", "eureka"].mean is None
    (line,) = [line for line in content.analysis.headlines if line.method == "eureka"]
    assert (line.normalised_tasks, line.compared_tasks) == (1, 1)


def test_nothing_done_yet(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("cartpole", "quadcopter"), rollouts=False)
    for part in ("searches", "trials"):
        shutil.rmtree(run / part)
    (run / "journal.jsonl").unlink()
    content, words = contents_of(run)
    assert "Not done yet: 18 final trials" in words
    assert names(content) == {"scores"}


def test_a_trial_without_curve_or_evaluation(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("franka_cabinet",), rollouts=False)
    for path in run.glob("trials/*/curve.csv"):
        path.unlink()
        retrial(path.parent, run)
    content, _ = contents_of(run)
    assert content.analysis.scores["franka_cabinet", "human"].n == 3
    for path in run.glob("trials/*/evaluation.json"):
        path.unlink()
        retrial(path.parent, run)
    content, words = contents_of(run)
    assert "No trial has been evaluated, so there are no learning curves." in words
    assert "curves" not in names(content)
    assert "it has a score without an evaluation" in words
    assert content.analysis.scores["franka_cabinet", "human"].n == 0


def test_a_constant_reward_has_no_correlation(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("cartpole",), rollouts=False)
    for folder in {path.parent for path in run.glob("trials/*/curve.csv")}:
        for path in folder.glob("*.csv"):
            rows = pd.read_csv(path)
            rows[[name for name in rows if name in ("reward", "reward_last_step")]] = 1
            rows.to_csv(path, index=False)
        sums = load(folder / "training.json")["transitions"]
        sums |= {"reward_mean": 1.0, "reward_squares": 0.0, "products": 0.0}
        change(folder / "training.json", transitions=sums)
        retrial(folder, run, transitions=sums)
    content, words = contents_of(run)
    assert "epochs, transitions, ranks, common states: a constant series" in words
    assert "correlation" not in names(content)


def test_a_run_of_an_older_version_has_the_epochs_alone(tmp_path: Path) -> None:
    """It has neither sums nor samples, and no last steps: the means of epochs stand in."""
    run = write_run(tmp_path, tasks=("cartpole",), rollouts=False)
    for path in run.glob("trials/*/curve.csv"):
        rows = pd.read_csv(path)
        rows.drop(columns=[name for name in rows if name.endswith("last_step")]).to_csv(path, index=False)
        for name in ("transitions.csv", "states.csv"):
            (path.parent / name).unlink()
        for part in ("training", "done"):
            old = load(path.parent / f"{part}.json")
            write_json(
                path.parent / f"{part}.json",
                {n: v for n, v in old.items() if n not in ("transitions", "states")},
            )
        retrial(path.parent, run)
    content, words = contents_of(run)
    assert "transitions, ranks: not recorded; common states: no common states recorded" in words
    (table,) = (table for table in content.tables if table.name == "correlation")
    assert "epochs" in table.head
    assert not {"transitions", "ranks", "common states"} & set(table.head)
    (figure,) = (picture for picture in content.pictures if picture.name == "correlation")
    assert "over epochs, one pair each" in figure.caption


def test_no_human_reward_beside_the_curves(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("cartpole",), rollouts=False)
    for path in run.glob("trials/*/curve.csv"):
        path.write_text(path.read_text().replace("human_reward", "something_else"))
        retrial(path.parent, run)
    assert "no human reward recorded" in contents_of(run)[1]


def test_a_task_without_a_human_reward_is_not_waited_for(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("cartpole",), methods=("human", "sparse"), rollouts=False)
    shutil.rmtree(run / "searches" / "cartpole-human-0")
    settings = json.loads((run / "run.json").read_text())
    del settings["asked"]["cartpole"]["human"]
    (run / "run.json").write_text(json.dumps(settings))
    content, words = contents_of(run)
    assert "Not done yet" not in words
    assert content.analysis.why_unscaled(content.analysis.run.tasks[0]) == "no human score to normalise by"


def test_the_papers_protocol(tmp_path: Path) -> None:
    content, words = report_on(tmp_path, protocol="paper", tasks=("cartpole", "anymal"), searches=2)
    assert "mean clipped ratio" in words
    assert content.analysis.unscaled == {}  # no test there: only equal references have no ratio
    best = max(content.analysis.run.of("anymal", "eureka"), key=lambda search: search.reward_score or -9.0)
    score = content.analysis.scores["anymal", "eureka"]
    assert score.trials == best.finals
    assert score.mean == pytest.approx(sum(t.f_max or 0.0 for t in best.finals) / 3)


def test_smoke_and_grammar_are_said(tmp_path: Path) -> None:
    _, words = report_on(tmp_path, budget="smoke")
    assert "its scores say nothing about rewards" in words
    assert "No language model took part" in words
    assert "they are conditional on the reward programs" in words
