"""Several runs on one page."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from harness.errors import UserError
from harness.scoring.altered import alterations
from harness.scoring.load import read_run
from harness.scoring.merge import borrowers, merge
from reports.content import Content, make_content
from reports.page import render
from tests.reports.fake_parts import TASKS
from tests.reports.fake_run import write_run
from tests.reports.hand_edits import change, finals


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("merge") / "first", tasks=("cartpole", "ant"), rollouts=False)


def test_methods_stand_side_by_side_with_the_references_of_their_runs(first: Path, tmp_path: Path) -> None:
    other = write_run(
        tmp_path / "second", tasks=("cartpole",), seeds=4, seed=9, proposer="openai:m", rollouts=False
    )
    merged = merge([read_run(first), read_run(other)])
    references = ("human (first)", "human (second)", "sparse (first)", "sparse (second)")
    expected = (*references, "eureka (first)", "eureka (second)")
    assert merged.methods == expected
    assert [task.slug for task in merged.tasks] == ["cartpole", "ant"]
    assert (
        merged.of("cartpole", "human (first)")[0].finals == read_run(first).of("cartpole", "human")[0].finals
    )
    content = make_content(merged)
    assert content.analysis.scores["cartpole", "eureka (second)"].n == 4
    assert content.analysis.scores["ant", "eureka (second)"].tally.missing == 0
    assert "Not done yet" not in " ".join(content.notes)
    assert content.context.endswith("proposer grammar and openai:m.")
    assert "No language model took part" not in " ".join(content.notes)
    assert "eureka (second)" in render(content)


def test_the_very_same_references_are_shown_once(first: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(first, tmp_path / "copy")
    merged = merge([read_run(first), read_run(copy)])
    assert merged.methods == ("human", "sparse", "eureka (first)", "eureka (copy)")


def test_one_arm_of_several_runs_is_pooled(first: Path, tmp_path: Path) -> None:
    """The same rewards, trained by one run with three seeds and by another with five."""
    more = write_run(tmp_path / "more", tasks=("cartpole", "ant"), seeds=5, rollouts=False)
    for order in ([first, more], [more, first]):
        merged = merge([read_run(path) for path in order])
        assert merged.methods[:2] == ("human", "sparse")
        (search,) = merged.of("ant", "human")
        assert [trial.seed for trial in search.finals] == [0, 1, 2, 3, 4]
        assert merged.expected["ant", "human"] == (1, 5)
        analysis = make_content(merged).analysis
        assert analysis.scores["ant", "human"].n == 5
        assert analysis.scores["ant", "human"].tally.missing == 0
        assert analysis.human(merged.tasks[1], "eureka (first)") is analysis.human(
            merged.tasks[1], "eureka (more)"
        )


@pytest.mark.parametrize("other", ["libraries", "outcome", "program"])
def test_what_is_another_arm_stays_apart(first: Path, tmp_path: Path, other: str) -> None:
    run = read_run(first)
    (search,) = run.of("ant", "human")
    if other == "program":
        search = dataclasses.replace(search, program="another")
    elif other == "outcome":
        trial = dataclasses.replace(search.finals[0], f=(search.finals[0].f or 0.0) + 1.0)
        search = dataclasses.replace(search, finals=(trial, *search.finals[1:]))
    config = run.config if other != "libraries" else dataclasses.replace(run.config, versions={"torch": "1"})
    searches = {**run.searches, ("ant", "human"): (search,)}
    changed = dataclasses.replace(run, searches=searches, configs=(("second", config),))
    assert "human (second)" in merge([run, changed]).methods
    assert ("sparse" in merge([run, changed]).methods) == (other != "libraries")


def test_references_may_come_from_another_run(first: Path, tmp_path: Path) -> None:
    alone = write_run(tmp_path / "alone", tasks=("cartpole",), methods=("eureka",), rollouts=False)
    merged = merge([read_run(alone), read_run(first)])
    content = make_content(merged)
    ratio = content.analysis.scores["cartpole", "eureka (alone)"].ratio
    assert ratio is not None
    assert ("cartpole", "eureka (alone)") not in content.analysis.unscaled
    assert "Without references of its own, and compared with those of the other runs: alone." in content.notes


def test_one_run_is_itself(first: Path) -> None:
    run = read_run(first)
    assert merge([run]) is run


@pytest.mark.parametrize(("key", "value"), [("budget", "smoke"), ("protocol", "paper")])
def test_numbers_of_different_terms_never_share_a_page(
    first: Path, tmp_path: Path, key: str, value: str
) -> None:
    options = {key: value}
    other = write_run(tmp_path / "other", tasks=("cartpole",), rollouts=False, **options)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=f"different {key}.*quick|different {key}.*strict"):
        merge([read_run(first), read_run(other)])


def test_runs_with_and_without_the_goal_bonus_never_share_a_page(first: Path, tmp_path: Path) -> None:
    other = shutil.copytree(first, tmp_path / "other")
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"goal_bonus": True}))
    with pytest.raises(UserError, match="different goal_bonus"):
        merge([read_run(first), read_run(other)])


def test_runs_of_one_name_cannot_be_told_apart(first: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(first, tmp_path / "first")
    with pytest.raises(UserError, match="different names"):
        merge([read_run(first), read_run(copy)])


TOGETHER = ("rivals", "rivals_by_task", "profile", "suites")
"""Tables of methods against each other, at thresholds that all share, over tasks that one of them must have all."""


def numbers(content: Content, end: str) -> dict[tuple[str, ...], object]:
    """Every number of the methods of one run, by table and what the row says; `end` is what merging added."""
    out: dict[tuple[str, ...], object] = {}
    for table in content.tables:
        if "method" not in table.frame or table.name in TOGETHER:
            continue
        for cells in table.frame.to_dict("records"):
            method = str(cells["method"])
            if not method.endswith(end) and not (end and method in ("human", "sparse")):
                continue
            names = [str(value).removesuffix(end) for value in cells.values() if isinstance(value, str)]
            places = [
                f"{name} {cells[name]}"
                for name in ("search", "seed", "searches", "candidate", "iteration", "epoch", "threshold")
                if name in cells
            ]
            for name, value in cells.items():
                if not isinstance(value, str) and not pd.isna(value):
                    out[(table.name, *names, *places, name)] = value
    return out


@pytest.mark.parametrize("same_references", [False, True])
def test_no_number_of_a_run_changes_beside_another(tmp_path: Path, same_references: bool) -> None:
    """Alone, before and after another run: F, intervals, normalised scores, floors, headlines, costs."""
    tasks = ("cartpole", "ant", "quadcopter", "franka_cabinet")
    first = write_run(tmp_path / "first", tasks=tasks, rollouts=False)
    if same_references:
        second = Path(shutil.copytree(first, tmp_path / "second"))
    else:  # another level of everything, and failures that count at its floor
        second = write_run(
            tmp_path / "second", tasks=tasks[:3], seeds=4, seed=9, searches=2, given=("mine",), rollouts=False
        )
    runs = {"first": read_run(first), "second": read_run(second)}
    alone = {name: numbers(make_content(run), "") for name, run in runs.items()}
    assert len(alone["first"]) > 150
    for order in (["first", "second"], ["second", "first"]):
        merged = make_content(merge([runs[name] for name in order]))
        for name in order:
            together = numbers(merged, f" ({name})")
            assert together == alone[name]


def test_tasks_of_one_name_that_differ_never_share_a_page(first: Path, tmp_path: Path) -> None:
    others = (
        ("code", "f" * 16),
        ("episode_steps", 400),
        ("unit", "cm"),
        ("fitness", "COUNT"),
        ("floor", -9.0),
    )
    for key, value in others:
        other = Path(shutil.copytree(first, tmp_path / key))
        record = json.loads((other / "run.json").read_text())
        record["task_info"]["ant"][key] = value
        (other / "run.json").write_text(json.dumps(record))
        with pytest.raises(UserError, match=f"task 'ant' is not the same in first and {key} \\({key} "):
            merge([read_run(first), read_run(other)])


def test_a_run_from_before_tasks_declared_a_floor_takes_that_of_the_others(
    first: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(first, tmp_path / "older"))
    record = json.loads((other / "run.json").read_text())
    for info in record["task_info"].values():
        del info["floor"]
    (other / "run.json").write_text(json.dumps(record))
    for folders in ((first, other), (other, first)):
        tasks = merge([read_run(folder) for folder in folders]).tasks
        assert [task.floor for task in tasks] == [TASKS[task.slug].floor for task in tasks]


def test_borrowed_references_are_those_on_which_all_others_agree(first: Path, tmp_path: Path) -> None:
    alone = write_run(tmp_path / "alone", tasks=("cartpole",), methods=("eureka",), rollouts=False)
    other = write_run(tmp_path / "other", tasks=("cartpole",), seed=9, rollouts=False)
    merged = merge([read_run(path) for path in (first, alone, other)])
    assert borrowers(merged) == []
    assert make_content(merged).analysis.scores["cartpole", "eureka (alone)"].ratio is None


def test_what_was_altered_is_said_with_its_run(first: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(first, tmp_path / "other"))
    (other / "journal.jsonl").unlink()
    change(finals(other, "ant-eureka-0")[0] / "done.json", f=1.0)
    lines = alterations(merge([read_run(first), read_run(other)]))
    assert lines[0].startswith("other: journal.jsonl is missing")
    assert lines[1].startswith("eureka (other) on ant, search 0, seed 0 (trial ")
    assert len(lines) == 2
