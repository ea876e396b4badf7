"""Several runs on one page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.scoring.load import load_run
from reports.content import make_content
from reports.merge import merge
from reports.page import render
from tests.reports.fake_run import write_run


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("merge") / "first", tasks=("cartpole", "ant"), rollouts=False)


def test_methods_stand_side_by_side_with_the_references_of_their_runs(first: Path, tmp_path: Path) -> None:
    other = write_run(
        tmp_path / "second", tasks=("cartpole",), seeds=4, seed=9, proposer="openai:m", rollouts=False
    )
    merged = merge([load_run(first), load_run(other)])
    references = ("human (first)", "human (second)", "sparse (first)", "sparse (second)")
    expected = (*references, "eureka (first)", "eureka (second)")
    assert merged.methods == expected
    assert [task.slug for task in merged.tasks] == ["cartpole", "ant"]
    assert (
        merged.of("cartpole", "human (first)")[0].finals == load_run(first).of("cartpole", "human")[0].finals
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
    merged = merge([load_run(first), load_run(copy)])
    assert merged.methods == ("human", "sparse", "eureka (first)", "eureka (copy)")


def test_references_may_come_from_another_run(first: Path, tmp_path: Path) -> None:
    alone = write_run(tmp_path / "alone", tasks=("cartpole",), methods=("eureka",), rollouts=False)
    merged = merge([load_run(alone), load_run(first)])
    content = make_content(merged)
    ratio = content.analysis.scores["cartpole", "eureka (alone)"].ratio
    assert ratio is not None
    assert ("cartpole", "eureka (alone)") not in content.analysis.unscaled
    assert "Without references of its own, and compared with those of the other runs: alone." in content.notes


def test_one_run_is_itself(first: Path) -> None:
    run = load_run(first)
    assert merge([run]) is run


@pytest.mark.parametrize(("key", "value"), [("budget", "smoke"), ("protocol", "paper")])
def test_numbers_of_different_terms_never_share_a_page(
    first: Path, tmp_path: Path, key: str, value: str
) -> None:
    options = {key: value}
    other = write_run(tmp_path / "other", tasks=("cartpole",), rollouts=False, **options)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=f"different {key}.*quick|different {key}.*strict"):
        merge([load_run(first), load_run(other)])


def test_runs_with_and_without_the_goal_bonus_never_share_a_page(first: Path, tmp_path: Path) -> None:
    other = shutil.copytree(first, tmp_path / "other")
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"goal_bonus": True}))
    with pytest.raises(UserError, match="different goal_bonus"):
        merge([load_run(first), load_run(other)])


def test_runs_of_one_name_cannot_be_told_apart(first: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(first, tmp_path / "first")
    with pytest.raises(UserError, match="different names"):
        merge([load_run(first), load_run(copy)])
