"""The frames of a run, against its files and against each other."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import harness
from harness.errors import UserError
from harness.scoring.analysis import analyse
from harness.scoring.columns import COLUMNS
from harness.scoring.frames import RunFrames
from harness.scoring.load import read_run
from harness.scoring.trial_frames import candidates_frame, curves_frame
from reports.content import make_content
from tests.reports.fake_run import write_run

EPOCHS = 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("runs") / "first", searches=2, rollouts=False)


@pytest.fixture(scope="module")
def run(folder: Path) -> RunFrames:
    return harness.load_run(folder)


def records(folder: Path) -> list[dict[str, object]]:
    """The candidates of all searches, straight from the files."""
    found = [json.loads(path.read_text()) for path in sorted((folder / "searches").glob("*/search.json"))]
    return [c for search in found for part in search["iterations"] for c in part["candidates"]]


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_those_that_are_described(run: RunFrames, name: str) -> None:
    frame = getattr(run, name)
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == {
        variable.name: variable.dtype for variable in COLUMNS[name]
    }
    assert list(frame) == [variable.name for variable in COLUMNS[name]]
    assert all(variable.meaning for variable in COLUMNS[name])
    known = frame.notna().any() & ~frame.isin([0]).all()
    never = {
        "half_f",
        "not_normalisable_because",
        "missing_trials",
        "missing_searches",
        "failed_searches",
        "attempt",
        "ties",
        "wins_at_95",
        *(f"{form}_left_out" for form in ("epochs", "ranks", "states")),
    }
    assert set(frame) - set(frame.columns[known]) <= never | {"altered_trials", "altered_searches"}


@pytest.mark.parametrize("protocol", ["strict", "paper"])
def test_scores_are_means_of_the_trials_that_count(tmp_path: Path, protocol: str) -> None:
    run = harness.load_run(write_run(tmp_path / "a", searches=2, protocol=protocol, rollouts=False))
    counted = run.trials[run.trials["counted"]]
    by_search = counted.groupby(["task", "method", "search"])["score"].mean()
    means = by_search.groupby(["task", "method"]).mean()
    scores = run.scores.set_index(["task", "method"])
    pd.testing.assert_series_equal(means, scores["mean"].sort_index(), check_names=False)
    assert (
        counted.groupby(["task", "method"]).size().sort_index().tolist() == scores["n"].sort_index().tolist()
    )
    assert counted["search"].nunique() == 2
    eureka = counted[counted["method"] == "eureka"].groupby("task")["search"].nunique()
    assert set(eureka) == {1 if protocol == "paper" else 2}


def test_a_failed_trial_counts_at_the_floor(run: RunFrames) -> None:
    (row,) = run.trials[run.trials["status"] == "failed"].to_dict("records")
    floor = run.scores.set_index(["task", "method"])["floor"]
    assert (row["task"], row["method"], row["error"]) == ("ant", "eureka", "failed")
    assert np.isnan(row["f"])
    assert row["score"] == floor["ant", "eureka"]
    assert row["counted"]


def test_normalised_numbers_are_on_one_scale(run: RunFrames) -> None:
    means = run.scores.set_index(["task", "method"])["mean"]
    trials = run.trials[run.trials["task"] == "ant"]
    gap = abs(means["ant", "human"] - means["ant", "sparse"])
    expected = (trials["score"] - means["ant", "sparse"]) / gap
    np.testing.assert_allclose(trials["normalised"], expected)
    found = run.candidates[run.candidates["task"] == "ant"]
    np.testing.assert_allclose(found["normalised"], (found["f"] - means["ant", "sparse"]) / gap)


def test_a_task_without_a_scale_has_no_normalised_numbers(tmp_path: Path) -> None:
    run = harness.load_run(
        write_run(tmp_path / "a", tasks=("ant",), methods=("human", "eureka"), rollouts=False)
    )
    assert run.scores["not_normalisable_because"].tolist() == ["no sparse score to normalise by"] * 2
    for frame in (run.trials, run.candidates, run.scores):
        assert len(frame) > 0
        assert frame["normalised"].isna().all()


def test_curves_are_the_epochs_and_checkpoints_on_disk(folder: Path, run: RunFrames) -> None:
    ok = run.trials[run.trials["status"] == "ok"]
    assert set(run.curves["trial"]) == set(ok["trial"])
    name = ok.iloc[-1]["trial"]
    mine = run.curves[run.curves["trial"] == name].set_index("stage")
    stored = pd.read_csv(folder / "trials" / name / "curve.csv")
    for column in ("epoch", "env_steps", "f", "legacy_f", "episode_length", "reward", "human_reward"):
        np.testing.assert_array_equal(mine.loc["training", column], stored[column])
    points = json.loads((folder / "trials" / name / "evaluation.json").read_text())["checkpoints"]
    evaluated = mine.loc["evaluation"]
    assert evaluated["checkpoint"].tolist() == [point["checkpoint"] for point in points]
    assert evaluated["f"].tolist() == [point["f"] for point in points]
    assert evaluated["episodes"].tolist() == [128] * 11
    assert mine.loc["training", "checkpoint"].isna().all()
    assert ok.iloc[-1]["untrained_f"] == points[0]["f"]


def test_long_curves_are_averaged_in_blocks(run: RunFrames) -> None:
    thin = curves_frame(run.analysis, most=30)
    name = thin["trial"].iloc[0]
    whole, mine = (
        frame[(frame["trial"] == name) & (frame["stage"] == "training")] for frame in (run.curves, thin)
    )
    assert (len(whole), len(mine)) == (EPOCHS, EPOCHS // 4)
    np.testing.assert_allclose(mine["f"], whole["f"].to_numpy().reshape(-1, 4).mean(axis=1))
    assert (thin["stage"] == "evaluation").sum() == (run.curves["stage"] == "evaluation").sum()


def test_candidates_are_those_of_the_records(folder: Path, run: RunFrames) -> None:
    found = run.candidates
    assert len(found) == len(records(folder)) == 4 * 2 * 2 * 4
    assert sorted(found["f"].dropna()) == sorted(
        float(str(c["f"])) for c in records(folder) if c["f"] is not None
    )
    assert set(found[found["f"].isna()]["status"]) == {"rejected"}
    assert found[found["status"] == "rejected"]["message"].notna().all()
    best = found[found["best"]].set_index(["task", "method", "search"])
    groups = found.groupby(["task", "method", "search"])
    assert best.index.is_unique
    pd.testing.assert_series_equal(best["f"].sort_index(), groups["f"].max())
    assert groups["best_so_far"].last().tolist() == groups["f"].max().tolist()
    assert (groups["best_so_far"].diff().dropna() >= 0).all()


def test_the_score_at_half_is_that_of_the_race(folder: Path) -> None:
    held = read_run(folder)
    key, (search, *others) = next((k, s) for k, s in held.searches.items() if k[1] == "eureka")
    first = search.iterations[0]
    half = dataclasses.replace(search.finals[0], f=12.5)
    raced = dataclasses.replace(
        first, candidates=tuple(dataclasses.replace(c, half=half) for c in first.candidates)
    )
    search = dataclasses.replace(search, iterations=(raced, *search.iterations[1:]))
    held = dataclasses.replace(held, searches={**held.searches, key: (search, *others)})
    found = candidates_frame(analyse(held))
    assert found["half_f"].dropna().tolist() == [12.5] * len(first.candidates)


def test_the_profile_is_the_share_of_trials_above(run: RunFrames) -> None:
    scores = run.trials[run.trials["method"] == "eureka"]["normalised"].dropna()
    for row in run.profile.iloc[::37].itertuples():
        assert row.share == pytest.approx(np.mean(scores > row.threshold))
        assert row.low <= row.high


def test_runs_are_merged_as_in_a_report(folder: Path, run: RunFrames, tmp_path: Path) -> None:
    other = write_run(tmp_path / "second", seed=1, tasks=("ant",), rollouts=False)
    both = harness.load_run(folder, str(other))
    assert set(both.scores["method"]) == {
        f"{method} ({name})" for method in ("human", "sparse", "eureka") for name in ("first", "second")
    }
    assert len(both.trials) == len(run.trials) + 9
    assert "first, second" in repr(both)


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a run folder"):
        harness.load_run(tmp_path)
    with pytest.raises(UserError, match="at least one"):
        harness.load_run()


def test_what_was_altered_is_named_and_not_counted(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", tasks=("ant",), methods=("human",), rollouts=False)
    before = harness.load_run(folder)
    done = folder / "trials" / before.trials["trial"][0] / "done.json"
    done.write_text(done.read_text().replace('"status": "ok"', '"status": "failed"'))
    after = harness.load_run(folder)
    assert after.trials["status"].tolist() == ["altered", "ok", "ok"]
    assert after.trials["counted"].tolist() == [False, True, True]
    assert np.isnan(after.trials["score"][0])
    assert after.scores["altered_trials"].tolist() == [1]
    assert len(after.alterations) == 1
    assert before.alterations == []


def test_a_run_without_searches_has_empty_frames_of_the_same_columns(tmp_path: Path) -> None:
    run = harness.load_run(write_run(tmp_path / "a", tasks=("ant",), methods=("human",), rollouts=False))
    for name in ("candidates", "profile"):
        assert getattr(run, name).empty
        assert list(getattr(run, name)) == [variable.name for variable in COLUMNS[name]]


def test_the_agreement_is_that_of_the_pages_table(folder: Path, run: RunFrames) -> None:
    assert set(run.agreement["method"]) == set(run.analysis.run.methods) - {"human"}
    trials = run.trials[run.trials["status"].eq("ok") & run.trials["method"].ne("human")]
    assert len(run.agreement) == len(trials.groupby(["task", "method", "search"]))
    table = next(table for table in make_content(read_run(folder)).tables if table.name == "correlation")
    pd.testing.assert_frame_equal(table.frame, run.agreement)
    known = run.agreement.dropna(subset="states_low")
    assert len(known) > 5
    assert known["states_r"].between(known["states_low"], known["states_high"]).all()
