"""Baseline files."""

import json
from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.scoring.baseline import baseline_of, load_side, read_baseline
from harness.scoring.gate_runs import compare
from harness.scoring.load import read_run
from harness.scoring.scores import cell
from harness.seal import sealed
from tests.reports.fake_run import write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline") / "run"
    return write_run(folder, tasks=("cartpole", "ant"), seeds=3, searches=2, rollouts=False)


@pytest.fixture
def file(run: Path, tmp_path: Path) -> Path:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(baseline_of(run, 0.2)))
    return path


def test_it_is_the_run_that_it_is_of(run: Path, file: Path) -> None:
    """The run has a failed trial on the ant, whose floor is kept."""
    base, margin = read_baseline(file)
    whole = read_run(run)
    assert margin == 0.2
    assert base.expected == whole.expected
    for task in whole.tasks:
        for method in whole.methods:
            pairs = zip(cell(base, task, method), cell(whole, task, method), strict=True)
            assert all((one == other).all() for one, other in pairs)
    found = compare(base, whole, margin)
    assert found.verdict == "pass"
    assert found.setting == "budget quick, engine cpu, precision fp32, protocol strict"


def test_a_folder_and_a_file_are_both_sides(run: Path, file: Path, tmp_path: Path) -> None:
    assert load_side(run)[1] is None
    assert load_side(file)[1] == 0.2
    with pytest.raises(UserError, match="no run folder or baseline file"):
        load_side(tmp_path / "none")


def test_an_edit_is_refused(file: Path) -> None:
    raw = json.loads(file.read_text())
    raw["scores"]["cartpole"]["eureka"][0]["trials"][0]["f"] -= 1.0
    file.write_text(json.dumps(raw))
    with pytest.raises(EnvironmentProblem, match="not what was written"):
        read_baseline(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "has schema 2, expected 1"),
        ({"margin": -1.0}, "margin: expected a number of 0 or more"),
        ({"run": None}, "is damaged"),
        ({"scores": {}}, "is damaged .cartpole: expected an object, found nothing"),
        ({"scores": {"cartpole": 1}}, "is damaged .cartpole: expected an object"),
    ],
)
def test_what_is_no_baseline_is_one_line(file: Path, change: dict[str, object], words: str) -> None:
    raw = {name: part for name, part in json.loads(file.read_text()).items() if name != "seal"}
    file.write_text(json.dumps(sealed(raw | change)))
    with pytest.raises(UserError, match=words) as refused:
        read_baseline(file)
    assert "\n" not in str(refused.value)


def test_other_files_are_none(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for text, error in (("[1]", UserError), ("{", EnvironmentProblem)):
        path.write_text(text)
        with pytest.raises(error):
            read_baseline(path)


def test_a_run_that_is_not_whole_is_no_baseline(run: Path, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", tasks=("cartpole",), rollouts=False, stopped=("cartpole",))
    with pytest.raises(UserError, match="lacks trials of eureka on cartpole"):
        baseline_of(folder, 0.1)
