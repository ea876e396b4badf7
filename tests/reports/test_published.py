"""Published values: their files, and where a report shows them."""

from __future__ import annotations

import importlib.resources
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from harness.errors import EnvironmentProblem
from harness.registry import TASKS
from harness.scoring.analysis import Analysis, analyse
from harness.scoring.load import read_run
from reports import published
from reports.content import Content, make_content
from reports.page import render
from reports.published import FILES, pairs, published_file, read_published
from tests.reports.fake_run import write_run

SUITES = ("isaac", "dexterity", "all")
READ = {"text", "printed label", "pixels", "counted points", "definition"}
SHOWN = ("cartpole", "anymal", "franka_cabinet", "kettle")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same run under either protocol."""
    folder = tmp_path_factory.mktemp("published")
    return {
        protocol: write_run(folder / protocol, tasks=SHOWN, protocol=protocol, rollouts=False)
        for protocol in ("paper", "strict")
    }


@pytest.fixture(scope="module")
def paper(runs: dict[str, Path]) -> Content:
    return make_content(read_run(runs["paper"]))


def value(file: str, task: str, method: str, **more: object) -> float:
    table = read_published(file)
    rows = table[(table["task"] == task) & (table["method"] == method)]
    for name, wanted in more.items():
        rows = rows[rows[name] == wanted]
    return float(rows["value"].item())


@pytest.mark.parametrize("name", FILES)
def test_every_row_says_what_it_is_and_where_it_is_from(name: str) -> None:
    table = read_published(name)
    names = {*TASKS, *(f"suite {suite}" for suite in SUITES), "gym humanoid"}
    assert set(table["task"]) <= names
    assert set(table["read"]) <= READ
    assert table["source"].str.match(r"arXiv v[12], \w").all()
    assert (table[["task", "method", "metric"]] != "").all(axis=None)
    text = published_file(name).read_text()
    assert text.isascii()
    assert not any(line.endswith((" ", "\r")) for line in text.splitlines())


def test_all_files_are_known() -> None:
    folder = Path(str(importlib.resources.files("baselines"))) / "published"
    assert {path.stem for path in folder.glob("*.csv")} == set(FILES)
    words = (folder / "README.md").read_text()
    assert all(f"`{name}.csv`" in words for name in FILES)
    assert all(f"`{name}`" in words for name in published.COLUMNS)


def test_values_are_those_of_the_paper() -> None:
    assert value("scores", "franka_cabinet", "eureka") == 12.65
    assert value("scores", "humanoid", "l2r") == -2.04
    assert value("scores", "kettle", "eureka") == 0.89
    assert value("scores", "scissors", "sparse") == 0.99
    assert value("scores", "door_open_inward", "human") == 0.03
    assert value("iterations", "suite isaac", "eureka", iteration=5) == 2.13
    assert value("iterations", "suite dexterity", "eureka without evolution") == 0.35
    assert value("ablations", "ant", "eureka without reflection") == 0.18
    assert value("ablations", "franka_cabinet", "eureka with gpt-3.5") == 0.02
    assert value("human_initialisation", "kettle", "eureka from human reward", read="pixels") == 0.86
    assert value("correlation", "shadow_hand", "eureka") == 0.09


def test_the_labels_average_to_what_the_paper_says() -> None:
    """Up to its rounding: 55.3, 24.4, 45.9 and 10.4 % in the main figure."""
    scores = read_published("scores")
    labels = scores[(scores["metric"] == "success rate") & ~scores["task"].str.startswith("suite ")]
    assert labels.groupby("method").size().to_dict() == dict.fromkeys(
        ("eureka", "human", "l2r", "sparse"), 20
    )
    means = labels.groupby("method")["value"].mean()
    for method, mean in means.items():
        assert mean == pytest.approx(value("scores", "suite dexterity", str(method)), abs=0.005)
    isaac = scores[(scores["metric"] == "normalised score") & (scores["method"] == "eureka")]
    assert isaac["value"].clip(0, 3).mean() == pytest.approx(1.588, abs=0.001)
    ablation = read_published("ablations").pivot_table(index="task", columns="method", values="value")
    both = ablation[["eureka", "eureka without reflection"]].dropna()
    assert (1 - both["eureka without reflection"] / both["eureka"]).mean() == pytest.approx(0.286, abs=0.002)
    correlation = read_published("correlation")
    assert correlation[correlation["metric"].str.startswith("searches")]["value"].sum() == 45


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value", "values"),
        ("12.65", "much"),
        ("12.65", "inf"),
        ("12.65", ""),
        ("cartpole,l2r", "cartpole,eureka"),
    ],
)
def test_a_damaged_file_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    source = published_file("scores").read_text()
    assert old in source
    (tmp_path / "scores.csv").write_text(source.replace(old, new, 1))
    monkeypatch.setattr(published, "published_file", lambda name: tmp_path / f"{name}.csv")
    with pytest.raises(EnvironmentProblem, match=r"scores\.csv is damaged \(.*\): reinstall") as caught:
        read_published("scores")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "published_file", lambda name: tmp_path / f"{name}.csv")
    with pytest.raises(EnvironmentProblem, match=r"scores\.csv is damaged"):
        read_published("scores")


def test_they_are_read_without_torch() -> None:
    code = (
        "import sys; from reports.published import read_published; assert len(read_published('scores'))\n"
        "print({'torch', 'mujoco'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_strict_report_has_nothing_of_them(runs: dict[str, Path]) -> None:
    content = make_content(read_run(runs["strict"]))
    assert pairs(content.analysis) == []
    assert not {"published", "published_success"} & {p.name for p in content.pictures}
    assert "published" not in {table.name for table in content.tables}
    assert "Ma et al." not in render(content)


def test_under_the_papers_protocol_they_stand_beside_the_runs_own(paper: Content) -> None:
    analysis = paper.analysis
    (table,) = (table for table in paper.tables if table.name == "published")
    frame = table.frame.set_index(["task", "method"])
    normalised, success = frame["metric"] == "normalised score", frame["metric"] == "success rate"
    assert set(frame[normalised].index) == {(task, "eureka") for task in SHOWN[:3]}
    assert set(frame[success].index) == {("kettle", method) for method in ("human", "sparse", "eureka")}
    ratio = analysis.scores["cartpole", "eureka"].ratio
    assert ratio is not None
    assert frame.loc[("cartpole", "eureka"), "mean"] == ratio.point
    assert frame.loc[("kettle", "human"), "mean"] == analysis.scores["kettle", "human"].mean
    assert frame.loc[("franka_cabinet", "eureka"), "published"] == 12.65
    assert frame.loc[("kettle", "sparse"), "published"] == 0.0
    printed = {(row[1], row[4]) for row in table.body}
    assert {("eureka", "12.65"), ("sparse", "0.00"), ("human", "0.02")} <= printed
    figures = {picture.name: picture for picture in paper.pictures}
    assert "franka_cabinet: eureka" in figures["published"].alt
    assert "published 12.65" in figures["published"].alt
    assert "kettle: human" in figures["published_success"].alt
    for words in (table.caption, figures["published"].caption, figures["published_success"].caption):
        assert "engine, budget and proposer of this run differ" in words
    labels = [text.get_text() for text in figures["published"].figure.legends[0].get_texts()]
    assert labels == ["eureka", "published (Ma et al. 2024)", "human", "sparse"]


def test_no_statistic_of_the_run_knows_them(paper: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = read_published("scores").head(0)
    monkeypatch.setattr(published, "read_published", lambda name: empty)
    without = make_content(paper.analysis.run)
    names = [table.name for table in without.tables]
    assert names == [table.name for table in paper.tables if table.name != "published"]
    for table in without.tables:
        same = next(other for other in paper.tables if other.name == table.name)
        pd.testing.assert_frame_equal(table.frame, same.frame)


def changed(run: Path, folder: Path, **info: object) -> Analysis:
    """The run with other facts of cartpole."""
    record = json.loads((run / "run.json").read_text())
    record["task_info"]["cartpole"] |= info
    copy = folder / "run"
    copy.mkdir()
    (copy / "run.json").write_text(json.dumps(record))
    for name in ("searches", "trials"):
        (copy / name).symlink_to(run / name)
    return analyse(read_run(copy))


@pytest.mark.parametrize(
    "info",
    [
        {"module": "my_tasks.cartpole"},
        {"options": {"speed": 2.0}, "default_options": {"speed": 1.0}},
    ],
)
def test_another_task_of_the_name_or_with_other_options_has_none(
    runs: dict[str, Path], tmp_path: Path, info: dict[str, object]
) -> None:
    found = {pair.task.slug for pair in pairs(changed(runs["paper"], tmp_path, **info))}
    assert "cartpole" not in found
    assert {"franka_cabinet", "kettle"} <= found
