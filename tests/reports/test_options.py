"""Options of tasks: named wherever numbers are, never mixed."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.commands.summary import show_summary
from harness.errors import EnvironmentProblem, UserError
from harness.scoring.altered import alterations
from harness.scoring.load import read_run
from harness.scoring.merge import merge
from reports.content import make_content
from tests.reports.fake_run import OPTIONS, write_run
from tests.reports.hand_edits import change, finals, load, retrial

FAST = {"ant": OPTIONS | {"speed": 2.0}}


def small(folder: Path, options: dict[str, dict[str, Any]] | None = None) -> Path:
    return write_run(
        folder, tasks=("ant", "cartpole"), seeds=2, failures="none", rollouts=False, options=options
    )


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("options") / "fast", FAST)


def test_what_is_not_at_its_default_is_in_every_caption_and_all_in_the_facts(fast: Path) -> None:
    content = make_content(read_run(fast))
    words = (
        "Protocol strict, budget quick, engine cpu, precision fp32, proposer grammar, options ant.speed=2.0."
    )
    assert content.context == words
    assert {picture.context for picture in content.pictures} == {words}
    assert dict(content.facts)["task options"] == "ant.speed=2.0; by default ant.text=given"
    console = Console(file=io.StringIO(), width=200)
    show_summary(content.analysis, console)
    assert isinstance(console.file, io.StringIO)
    assert ", options ant.speed=2.0" in " ".join(console.file.getvalue().split())


def test_the_wording_is_named_where_it_is_not_the_originals(tmp_path: Path) -> None:
    run = read_run(small(tmp_path / "true", {"ant": OPTIONS | {"text": "true"}}))
    assert make_content(run).context.endswith(", options ant.text=true.")


def test_defaults_and_tasks_without_options_are_not_mentioned(tmp_path: Path) -> None:
    for name, options in (("default", {"ant": OPTIONS}), ("none", None)):
        content = make_content(read_run(small(tmp_path / name, options)))
        assert (
            content.context == "Protocol strict, budget quick, engine cpu, precision fp32, proposer grammar."
        )
        assert ("task options" in dict(content.facts)) is (options is not None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ant": OPTIONS}, "speed=2.0 and speed=1.0"),
        ({"ant": FAST["ant"] | {"text": "true"}}, "text=given and text=true"),
        (None, "speed=2.0, text=given and none"),
    ],
)
def test_runs_of_other_options_never_share_a_page(
    fast: Path, tmp_path: Path, options: Any, words: str
) -> None:
    other = read_run(small(tmp_path / "other", options))
    said = rf"task 'ant' is not the same in fast and other \(options {words}\)"
    with pytest.raises(UserError, match=said) as caught:
        merge([read_run(fast), other])
    assert "\n" not in str(caught.value)
    same = read_run(small(tmp_path / "same", FAST))
    assert make_content(merge([read_run(fast), same])).context.endswith("options ant.speed=2.0.")


@pytest.mark.parametrize(("options", "believed"), [({"speed": 3.0}, False), ({"text": "true"}, True)])
def test_a_trial_of_other_options_is_not_believed(
    fast: Path, tmp_path: Path, options: dict[str, Any], believed: bool
) -> None:
    """But for the wording, which no training depends on: such a trial may be taken from another folder."""
    run = Path(shutil.copytree(fast, tmp_path / "run"))
    trial = finals(run, "ant-human-0")[0]
    change(trial / "spec.json", options=FAST["ant"] | options)
    retrial(trial, run)
    said = alterations(read_run(run))
    assert said == [] if believed else "it was trained with other options of ant" in said[0]


@pytest.mark.parametrize("name", ["options", "default_options"])
@pytest.mark.parametrize(
    "strange", [None, [], 7, {}, {"speed": None}, {"speed": [1]}, {"a b": 1, "text": "x"}]
)
def test_strange_options_are_one_line(fast: Path, tmp_path: Path, name: str, strange: object) -> None:
    run = Path(shutil.copytree(fast, tmp_path / "run"))
    record = load(run / "run.json")
    record["task_info"]["ant"][name] = strange
    change(run / "run.json", task_info=record["task_info"])
    with pytest.raises(EnvironmentProblem, match=r"run.json is damaged \(.*options") as caught:
        read_run(run)
    assert "\n" not in str(caught.value)
