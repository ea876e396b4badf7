"""Numbers in the files against numbers computed here from the run folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from harness import load_run
from harness.scoring.analysis import analyse
from harness.scoring.load import read_run
from reports.columns import counts, estimates, intervals, ratios, words
from reports.latex import table_tex
from reports.score_tables import headline_table
from reports.tables import Table, to_csv, to_markdown
from tests.reports.fake_parts import TASKS


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


def test_a_failed_trial_of_a_rate_task_counts_at_the_floor_that_it_declares(report: Path) -> None:
    row = frame(report, "scores").set_index(["task", "method"]).loc[("ant", "eureka")]
    assert row["failed_trials"] == 1
    trials = frame(report, "trials")
    mine = trials[(trials["task"] == "ant") & (trials["method"] == "eureka")]
    means = mine.assign(f=mine["f"].fillna(row["floor"])).groupby("search")["f"].mean()
    assert row["mean"] == pytest.approx(means.mean())
    assert row["floor"] == TASKS["ant"].floor


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
    table = headline_table(analyse(read_run(run)))
    assert "legacy" in table.head[2]
    line = table.frame.iloc[-1]
    assert line["method"] == "eureka"
    assert line["searches"] == 2
    assert line["compared_tasks"] == 4
    assert table.body[0][:3] == ("human", "1 by definition", "1 by definition")
    assert table.body[0][4] == "½ by definition"
    assert re.fullmatch(r"[\d.−]+ \[.*\]; human [\d.]+", table.body[-1][3])
    assert 0.5 < line["human_iqm"] < 1.5


COLUMNS = {
    "headline": "method mean_of_ratios mean_of_ratios_low mean_of_ratios_high iqm iqm_low iqm_high human_iqm "
    "clipped_mean clipped_mean_low clipped_mean_high probability_of_improvement probability_of_improvement_low "
    "probability_of_improvement_high success_rate success_rate_low success_rate_high wins ties losses "
    "wins_at_95 ties_at_95 losses_at_95 normalised_tasks "
    "compared_tasks success_tasks searches",
    "scores": "task fitness unit method mean low high n median best_of_m legacy p_vs_human_holm failed_trials "
    "missing_trials failed_searches missing_searches altered_trials altered_searches floor",
    "normalised": "task method normalised low high not_normalisable_because",
    "success": "task method mean low high n policy policy_low policy_high episodes",
    "gains": "task method untrained untrained_low untrained_high gain_over_untrained gain_over_untrained_low "
    "gain_over_untrained_high gain_over_untrained_p_holm gain_over_sparse gain_over_sparse_low "
    "gain_over_sparse_high gain_over_sparse_p_holm",
    "flags": "task method search seed what detail",
    "remarks": "kind task method search candidate seed trial remark",
    "searches": "task method search status trained dropped candidates best f_search f_final n",
    "best_of": "task method searches f env_steps tokens dollars",
    "failures": "task method search candidate status class message",
    "correlation": " ".join(
        ["task method search normalised verdict"]
        + [
            f"{form}_{part}"
            for form in ("epochs", "transitions", "ranks", "states")
            for part in ("r", "low", "high", "trials", "n", "left_out", "why")
        ]
    ),
    "costs": "method candidates search_trials final_trials env_steps model_calls failed_calls prompt_tokens "
    "completion_tokens dollars answered_by",
    "trials": "task method search seed trial status f f_final f_max stderr legacy_f env_steps unstable nonfinite "
    "error",
}
"""Columns of CSV files that other people's programs read."""


@pytest.mark.parametrize("name", COLUMNS)
def test_files_keep_their_columns(report: Path, name: str) -> None:
    assert list(frame(report, name)) == COLUMNS[name].split()


@pytest.mark.parametrize("name", ["candidates", "curves", "headline", "profile", "scores", "trials"])
def test_files_hold_the_frames_of_notebooks(run: Path, report: Path, name: str) -> None:
    mine = getattr(load_run(run), name).set_index("method").sort_index(kind="stable").reset_index()
    stored = frame(report, name).set_index("method").sort_index(kind="stable").reset_index()
    assert len(stored) == len(mine) > 0
    for column in stored:
        if pd.api.types.is_numeric_dtype(mine[column].dtype):
            np.testing.assert_allclose(stored[column], mine[column].astype(float), rtol=1e-9)
        else:
            assert stored[column].fillna("").tolist() == mine[column].fillna("").tolist()


def test_every_file_says_under_which_terms_its_numbers_hold(report: Path) -> None:
    for path in (report / "tables").iterdir():
        first = path.read_text().splitlines()[0]
        assert first.startswith("# ")
        assert "Protocol strict, budget quick, engine cpu, precision fp32, proposer grammar." in first


def test_suites_and_improvement_are_means_of_tasks(report: Path) -> None:
    suites = frame(report, "suites").set_index("score")
    found = frame(report, "normalised")
    scaled = found[found["not_normalisable_because"].isna()]
    assert suites.loc["normalised", "mean"] == f"isaac: mean of {len(scaled)}"
    headline = frame(report, "headline").set_index("method")  # there is one suite
    for ours, theirs in {"point": "", "low": "_low", "high": "_high"}.items():
        found = headline.loc["eureka", f"mean_of_ratios{theirs}"]
        assert suites.loc["normalised", ours] == pytest.approx(found)
    grown = frame(report, "improvement")
    assert grown["iteration"].tolist() == [1, 2]
    candidates = frame(report, "candidates")
    mine = candidates[candidates["task"].isin(scaled["task"]) & (candidates["iteration"] == 0)]
    best = mine.groupby(["task", "search"])["normalised"].max().groupby("task").mean()
    assert grown["normalised"].iloc[0] == pytest.approx(
        best.mean(), abs=0.1
    )  # unbiased ratios, not plain ones


def example(cell: str) -> Table:
    columns = (words("a", "a"), counts("b", "b"), words("empty", "empty"))
    return Table(
        "name", "A title", "A caption", pd.DataFrame({"a": [cell], "b": [1], "empty": [""]}), columns
    )


def test_latex_is_escaped() -> None:
    text = table_tex(example("100 % of a_b & \\input{x} #1 $y$ −2 \u2603"), "ctx")
    assert r"\caption{A caption ctx}" in text
    assert r"100 \% of a\_b \& \textbackslash{}input\{x\} \#1 \$y\$ $-$2 ? & 1" in text


def test_markdown_cells_cannot_break_out() -> None:
    row = to_markdown(example("a|b\n<script> [x](y)")).splitlines()[-1]
    assert row == "| a\\|b &lt;script&gt; \\[x\\](y) | 1 |  |"


def test_csv_quotes_what_needs_it() -> None:
    assert to_csv(example('say "hi",\nthere'), "ctx").splitlines()[2:] == ['"say ""hi"",', 'there",1,']


def test_csv_has_ten_significant_digits_and_blanks_for_what_is_not_known() -> None:
    table = Table("name", "A title", "", pd.DataFrame({"f": [1 / 3, np.inf, None], "n": [2**40, 1, 2]}))
    assert to_csv(table, "ctx").splitlines() == [
        "# A title. ctx",
        "f,n",
        "0.3333333333,1099511627776",
        "inf,1",
        ",2",
    ]


def test_columns_that_say_nothing_are_left_out() -> None:
    table = example("x").without_empty_columns()
    assert table.head == ("a", "b")
    assert [table.numeric(i) for i in (0, 1)] == [False, True]


def test_repeated_leading_cells_are_blanked() -> None:
    rows = [("ant", "a", "1"), ("ant", "a", "2"), ("ant", "b", "2"), ("cat", "b", "2")]
    columns = (words("x", "x", merged=True), words("y", "y", merged=True), words("z", "z"))
    table = Table("name", "", "", pd.DataFrame(rows, columns=["x", "y", "z"]), columns)
    assert table.body == (("ant", "a", "1"), ("", "", "2"), ("", "b", "2"), ("cat", "b", "2"))


def test_intervals_are_joined_to_their_numbers() -> None:
    rows = pd.DataFrame({"f": [1.5, 2.0, None, 3.0], "f_low": [1.0, None, None, -np.inf], "f_high": 2.0})
    rows.loc[3, "f_high"] = np.inf
    assert estimates("F", "f").cells(rows) == ["1.500 [1.000, 2.000]", "2.000", "–", "3.000 [−∞, ∞]"]
    assert intervals("95 %", "f_low", "f_high").cells(rows)[:2] == ["[1.000, 2.000]", "–"]
    assert ratios("r", "f", "f_low", "f_high").cells(rows)[2:] == ["–", "3.000 [unbounded]"]
