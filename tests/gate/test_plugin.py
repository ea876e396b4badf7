"""The gate in a test suite of a user's own, through pytest's own tester of plugins."""

import importlib
import json
import tomllib
from pathlib import Path

import pytest

from harness.scoring.baseline import baseline_of
from tests.reports.fake_run import write_run

pytest_plugins = ("pytester",)
TEST = """
from harness.gate import assert_no_regression as assertion

def test_by_fixture(assert_no_regression):
    assert_no_regression({base!r}, {new!r}, margin=0.25)

def test_by_import():
    assertion({base!r}, {new!r}, margin=0.25)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A baseline file; a run that is as good; one that was never asked for a task of it."""
    folder = tmp_path_factory.mktemp("plugin")
    options = {"seeds": 5, "rollouts": False, "failures": "none"}
    write_run(folder / "base", tasks=("ball_balance", "quadcopter"), **options)  # type: ignore[arg-type]
    (folder / "baseline.json").write_text(json.dumps(baseline_of(folder / "base", 0.25)))
    write_run(folder / "part", tasks=("quadcopter",), **options)  # type: ignore[arg-type]
    return {name: folder / name for name in ("baseline.json", "base", "part")}


def test_a_good_run_passes(pytester: pytest.Pytester, runs: dict[str, Path]) -> None:
    pytester.makepyfile(TEST.format(base=str(runs["baseline.json"]), new=str(runs["base"])))
    pytester.runpytest_subprocess("-p", "harness.gate.plugin").assert_outcomes(passed=2)


def test_a_failure_says_why(pytester: pytest.Pytester, runs: dict[str, Path]) -> None:
    pytester.makepyfile(TEST.format(base=str(runs["baseline.json"]), new=str(runs["part"])))
    found = pytester.runpytest_subprocess("-p", "harness.gate.plugin")
    found.assert_outcomes(failed=2)
    found.stdout.fnmatch_lines(["E*AssertionError: UNDECIDED: not enough data: ball_balance is not in part"])


def test_pytest_finds_it_by_its_entry_point() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    (module,) = project["entry-points"]["pytest11"].values()
    assert hasattr(importlib.import_module(module), "assert_no_regression")
