"""Numbers in the files against numbers computed here from the run folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from harness.scoring.analysis import analyse
from harness.scoring.load import read_run
from reports.score_tables import headline_table
from reports.tables import Table, ditto, to_csv, to_latex, to_markdown


def frame(report: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(report / "tables" / f"{name}.csv", comment="#")


def scores_on_disk(run: Path, task: str, method: str) -> list[list[float]]:
    """Scores per search, straight from the files; failed trials of rate tasks are not handled here."""
    out = []
    for path in sorted((run / "searches").glob(f"{task}-{method}-*/search.json")):
        names = [final["trial"] for final in json.loads(path.read_text())["finals"]]
        out.append([json.loads((run / "trials" / n / "done.json").read_text())["f"] for n in names])
    return out


def test_means_and_intervals_are_those_of_the_trials(run: Path, report: Path) -> None:
    table = frame(report, "scores").set_index(["task", "method"])
    for task in ("cartpole", "quadcopter", "franka_cabinet"):
        for method in ("human", "sparse", "eureka"):
            found = table.loc[(task, method)]
            rows = scores_on_disk(run, task, method)
            units = rows[0] if len(rows) == 1 else [np.mean(row) for row in rows]
            assert found["mean"] == pytest.approx(np.mean(units))
            assert found["n"] == sum(map(len, rows))
            assert found["median"] == pytest.approx(np.median(np.concatenate(rows)))
            if np.ptp(units) > 0 and task == "quadcopter":  # no bound cuts it
                low, high = stats.t.interval(0.95, len(units) - 1, np.mean(units), stats.sem(units))
                assert (found["low"], found["high"]) == pytest.approx((low, high))


def test_gains_are_over_the_same_networks_before_training(run: Path, report: Path) -> None:
    gains = frame(report, "gains").set_index(["task", "method"])
    means = frame(report, "scores").set_index(["task", "method"])["mean"]
    trials = frame(report, "trials")
    for method in ("human", "sparse"):
        row = gains.loc[("quadcopter", method)]
        mine = trials[(trials["task"] == "quadcopter") & (trials["method"] == method)]
        before, after = [], mine["f"].to_numpy()
        for name in mine["trial"]:
            rows = json.loads((run / "trials" / name / "evaluation.json").read_text())["checkpoints"]
            before.append(rows[0]["f"])
        test = stats.ttest_ind(after, before, equal_var=False)
        around = test.confidence_interval()
        assert row["untrained"] == pytest.approx(np.mean(before))
        assert row["gain_over_untrained"] == pytest.approx(np.mean(after) - np.mean(before))
        assert row["gain_over_untrained_low"] == pytest.approx(around.low)
        assert row["gain_over_untrained_p_holm"] >= test.pvalue * (1 - 1e-9)
    over = gains.loc[("quadcopter", "human"), "gain_over_sparse"]
    assert over == pytest.approx(means["quadcopter", "human"] - means["quadcopter", "sparse"])
    assert np.isnan(gains.loc[("quadcopter", "sparse"), "gain_over_sparse"])


def test_a_failed_trial_of_a_rate_task_counts_at_the_worst_score_seen(report: Path) -> None:
    row = frame(report, "scores").set_index(["task", "method"]).loc[("ant", "eureka")]
    assert row["failed_trials"] == 1
    trials = frame(report, "trials")
    mine = trials[(trials["task"] == "ant") & (trials["method"] == "eureka")]
    means = mine.assign(f=mine["f"].fillna(row["floor"])).groupby("search")["f"].mean()
    assert row["mean"] == pytest.approx(means.mean())
    assert row["floor"] <= trials[trials["task"] == "ant"]["f"].min()


def test_normalised_scores_are_ratios_of_the_means(report: Path) -> None:
    means = frame(report, "scores").set_index(["task", "method"])["mean"]
    for _, row in frame(report, "normalised").iterrows():
        gap = abs(means[row["task"], "human"] - means[row["task"], "sparse"])
        expected = (means[row["task"], row["method"]] - means[row["task"], "sparse"]) / gap
        assert row["normalised"] == pytest.approx(expected)
        assert row["low"] <= row["normalised"] <= row["high"]


def test_costs_are_what_trials_and_journal_say(run: Path, report: Path) -> None:
    costs = frame(report, "costs").set_index("method")
    assert costs.loc["eureka", "candidates"] == 4 * 2 * 2 * 4
    assert costs.loc["eureka", "final_trials"] == 4 * 2 * 3
    assert costs.loc["eureka", "model_calls"] == 4 * 2 * 2
    assert costs.loc["eureka", "dollars"] == pytest.approx(4 * 2 * 2 * 0.04)
    assert costs.loc["eureka", "answered_by"] == "a-model"
    assert np.isnan(costs.loc["human", "answered_by"])
    assert costs.loc["human", "env_steps"] == 4 * 3 * 100 * 16 * 512
    trained = [
        json.loads(path.read_text()).get("env_steps", 0) for path in (run / "trials").glob("*/done.json")
    ]
    assert costs["env_steps"].sum() == sum(trained)


def test_failures_are_listed_one_by_one(run: Path, report: Path) -> None:
    failed = frame(report, "failures")
    candidates = [
        candidate
        for path in (run / "searches").glob("*/search.json")
        for iteration in json.loads(path.read_text())["iterations"]
        for candidate in iteration["candidates"]
    ]
    assert len(failed) == sum(candidate["status"] != "ok" for candidate in candidates) > 0


def test_flags_name_the_tricky_trials(report: Path) -> None:
    flags = frame(report, "flags")
    assert set(flags[flags["task"] == "quadcopter"]["what"]) == {"inflated", "unstable", "non-finite"}
    assert list(flags[flags["task"] == "ant"]["what"]) == ["failed"]
    assert set(flags["task"]) == {"quadcopter", "ant"}
    (detail,) = set(flags[flags["what"] == "non-finite"]["detail"])
    assert detail == (
        "17 rewards were not finite and were replaced; "
        "values of components that were not: closeness 1,200, calm 17"
    )


def test_the_headline_follows_the_protocol(run: Path) -> None:
    held = read_run(run)
    strict = headline_table(analyse(held))
    assert "legacy" in strict.head[2]
    line = dict(zip(strict.data_head, strict.data[-1], strict=True))
    assert line["method"] == "eureka"
    assert line["searches"] == 2
    assert line["compared_tasks"] == 4
    assert strict.body[0][:3] == ("human", "1 by definition", "1 by definition")
    assert strict.body[0][4] == "½ by definition"
    assert re.fullmatch(r"[\d.−]+ \[.*\]; human [\d.]+", strict.body[-1][3])
    assert 0.5 < line["human_iqm"] < 1.5


def test_every_file_says_under_which_terms_its_numbers_hold(report: Path) -> None:
    for path in (report / "tables").iterdir():
        first = path.read_text().splitlines()[0]
        assert first.startswith(("# ", "% "))
        assert "Protocol strict, budget quick, engine cpu, precision fp32, proposer grammar." in first


def example(cell: str) -> Table:
    return Table("name", "A title", "A caption", ("a", "b", "empty"), ((cell, "1", ""),), ("a",), ((cell,),))


def test_latex_is_escaped() -> None:
    text = to_latex(example("100 % of a_b & \\input{x} #1 $y$ −2"), "ctx")
    assert r"\caption{A caption ctx}" in text
    assert r"100 \% of a\_b \& \textbackslash{}input\{x\} \#1 \$y\$ $-$2 & 1" in text


def test_markdown_cells_cannot_break_out() -> None:
    row = to_markdown(example("a|b\n<script> [x](y)")).splitlines()[-1]
    assert row == "| a\\|b &lt;script&gt; \\[x\\](y) | 1 |  |"


def test_csv_quotes_what_needs_it() -> None:
    assert to_csv(example('say "hi",\nthere'), "ctx").splitlines()[2] == '"say ""hi"",'


def test_columns_that_say_nothing_are_left_out() -> None:
    table = example("x").without_empty_columns()
    assert table.head == ("a", "b")
    assert [table.numeric(i) for i in (0, 1)] == [False, True]


def test_repeated_leading_cells_are_blanked() -> None:
    rows = [("ant", "a", "1"), ("ant", "a", "2"), ("ant", "b", "2"), ("cat", "b", "2")]
    assert ditto(rows, 2) == (("ant", "a", "1"), ("", "", "2"), ("", "b", "2"), ("cat", "b", "2"))
