"""Records that hold anything at all: one line each, never a traceback."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.scoring.altered import alterations
from harness.scoring.load import read_run
from harness.scoring.scores import cell, tally
from tests.reports.fake_run import write_run
from tests.reports.hand_edits import change, finals, reseal

BROKEN = ("null", "[]", "7", '"x"', "", "{", "[" * 100_000, "9" * 5000, '{"a": NaN}', "1e999")
STRANGE = (None, [], {}, 7, -1, 2.5, True, "x", "\ud800", 10**400, [None], {"a": None}, [[]], [{}])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"seeds": 1, "iterations": 1, "samples": 1, "failures": "none", "rollouts": False}
    return write_run(tmp_path_factory.mktemp("strange") / "run", tasks=("ant",), **options)  # type: ignore[arg-type]


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "copy"))


def record(run: Path, name: str) -> Path:
    places = {"done.json": finals(run, "ant-eureka-0")[0], "search.json": run / "searches" / "ant-eureka-0"}
    return places.get(name, run) / name


def test_a_trial_whose_result_is_no_record_is_altered(copy: Path) -> None:
    """One damaged trial costs nothing else."""
    path = record(copy, "done.json")
    for text in BROKEN:
        path.write_text(text)
        (said,) = alterations(read_run(copy))
        assert "done.json is not what was stored" in said


@pytest.mark.parametrize("name", ["run.json", "search.json"])
def test_what_is_no_record_is_one_line(copy: Path, name: str) -> None:
    path = record(copy, name)
    for text in BROKEN:
        path.write_text(text)
        with pytest.raises(EnvironmentProblem, match=path.name) as caught:
            read_run(copy)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 600


@pytest.mark.parametrize("name", ["run.json", "search.json", "done.json"])
def test_a_field_that_is_something_else_is_one_line_or_altered(copy: Path, name: str) -> None:
    """Every field in turn, also left out, and sealed again."""
    path = record(copy, name)
    whole = path.read_text()
    for field in json.loads(whole):
        path.write_text(json.dumps({k: v for k, v in json.loads(whole).items() if k != field}))
        look_at(copy)
        for value in STRANGE:
            path.write_text(whole)
            change(path, **{field: value})
            if name != "run.json" and field != "seal":
                reseal(path)
            look_at(copy)


@pytest.mark.parametrize("part", ["iterations", "candidates", "finals"])
def test_parts_of_a_search_that_are_something_else_are_one_line_or_altered(copy: Path, part: str) -> None:
    path = record(copy, "search.json")
    whole = path.read_text()
    for field in part_of(json.loads(whole), part):
        for value in STRANGE:
            changed = json.loads(whole)
            part_of(changed, part)[field] = value
            path.write_text(json.dumps(changed))
            reseal(path)
            look_at(copy)


def part_of(search: dict[str, Any], part: str) -> dict[str, Any]:
    place = search["iterations"][0] if part == "candidates" else search
    found: dict[str, Any] = place[part][0]
    return found


def look_at(run: Path) -> None:
    with contextlib.suppress(UserError):
        found = read_run(run)
        assert all("\n" not in line for line in alterations(found))
        for task in found.tasks:
            for method in found.methods:
                assert tally(found, task, method).ok >= len(cell(found, task, method))


@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_a_line_of_the_journal_that_is_something_else_is_a_break(copy: Path, value: object) -> None:
    lines = (copy / "journal.jsonl").read_text().splitlines()
    for number in range(len(lines)):
        changed = [*lines[:number], json.dumps(value), *lines[number + 1 :]]
        (copy / "journal.jsonl").write_text("\n".join(changed) + "\n")
        run = read_run(copy)
        assert run.usage == {}
        assert run.alterations[0].startswith(f"journal.jsonl line {number + 1} ")
