"""A task's options on their way: command line, key, training and evaluation in child processes, caption, replay."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.commands import replay
from harness.run_json import check_run_json
from tests.end_to_end.runs import harness
from tests.option_tasks import TRUE, write_option_task

HIGH = ("--task-option", "mine.floor=100", "--task-option", "mine.text=true")
"""Every episode ends with its first step."""


def run(folder: Path, *arguments: str, out: str = "run") -> Any:
    small = ("--budget", "smoke", "--seeds", "1", "--methods", "human", "--no-pictures", "--out", out)
    return harness("run", "--suite", "mine.py:Mine", *small, *arguments, cwd=folder)


def trials(folder: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Key → spec and done of the finished trials."""
    return {
        path.parent.name: (json.loads((path.parent / "spec.json").read_text()), json.loads(path.read_text()))
        for path in (folder / "trials").glob("*/done.json")
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the task, with a run of other options than the defaults."""
    folder = tmp_path_factory.mktemp("options")
    write_option_task(folder)
    done = run(folder, *HIGH)
    assert done.returncode == 0, done.stderr
    assert "protocol strict, options mine.floor=100.0, mine.text=true." in done.stdout
    return folder


def test_the_option_reaches_the_key_the_training_and_the_evaluation(made: Path) -> None:
    ((spec, done),) = trials(made / "run").values()
    assert spec["options"]["floor"] == 100.0
    assert done["f"] == 1.0
    curve = (made / "run" / "trials").glob("*/curve.csv")
    rows = [line.split(",") for line in next(curve).read_text().splitlines()]
    assert {row[rows[0].index("episode_length")] for row in rows[1:]} == {"1"}


def test_it_is_in_run_json_and_in_every_caption(made: Path) -> None:
    path = made / "run" / "run.json"
    info = check_run_json(json.loads(path.read_text()), path)["task_info"]["mine"]
    changed = {name: v for name, v in info["options"].items() if info["default_options"][name] != v}
    assert changed == {"text": "true", "floor": 100.0}
    assert info["description"] == TRUE
    words = ", options mine.floor=100.0, mine.text=true."
    tables = list((made / "run" / "report" / "tables").glob("*.csv"))
    assert tables
    for table in tables:
        assert words in table.read_text().splitlines()[0], table.name
    page = (made / "run" / "report" / "index.html").read_text()
    captions = re.findall(r"<b>(?:Figure|Table) \d+\..*?</figcaption>", page, re.DOTALL)
    assert len(captions) > 3
    assert all(words in caption for caption in captions)
    assert re.search(r"by default [^<]*mine.level=1", page)


def test_running_again_takes_the_options_over_and_refuses_others(made: Path) -> None:
    before = (made / "run" / "run.json").read_bytes()
    again = run(made, "--dry-run")
    assert again.returncode == 0, again.stderr
    assert "nothing is missing" in again.stdout
    assert "options mine.floor=100.0, mine.text=true." in again.stdout
    other = run(made, "--task-option", "mine.floor=0.5")
    assert other.returncode == 2
    (line,) = other.stderr.splitlines()
    assert "holds results of mine.floor=100.0, not mine.floor=0.5: choose another folder with --out" in line
    assert (made / "run" / "run.json").read_bytes() == before


def test_another_option_is_another_trial(made: Path) -> None:
    plain = run(made, out="plain")
    assert plain.returncode == 0, plain.stderr
    ((key, (_, done)),) = trials(made / "plain").items()
    assert key not in trials(made / "run")
    assert done["f"] > 1.0
    assert "options" not in (made / "plain" / "report" / "tables" / "scores.csv").read_text().splitlines()[0]
    page = harness("report", "run", "plain", "--out", "page", cwd=made)
    assert page.returncode == 2
    assert "task 'mine' is not the same in run and plain (options " in page.stderr
    assert len(page.stderr.splitlines()) == 1


def test_replay_draws_the_task_that_was_trained(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made)
    _, record = replay.opened(made / "run")
    task = replay._task("mine.py:Mine", record, Path("run"))
    assert json.loads(task.options) == {"text": "true", "floor": 100.0}


def test_a_wrong_option_ends_the_command_with_one_line(made: Path) -> None:
    for command in (("run", "--suite", "mine.py:Mine", "--out", "never"), ("tasks", "mine.py:Mine")):
        wrong = harness(*command, "--task-option", "mine.flor=1", cwd=made)
        assert wrong.returncode == 2
        (line,) = wrong.stderr.splitlines()
        assert "task 'mine' has no option 'flor': expected text, floor" in line
    assert not (made / "never").exists()


def test_tasks_shows_the_options_and_what_is_chosen(made: Path) -> None:
    shown = harness("tasks", "mine.py:Mine", *HIGH, cwd=made)
    assert shown.returncode == 0, shown.stderr
    assert f"goal: {TRUE}" in shown.stdout
    rows = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "floor 100.0 0.5 float Height (m) below which an episode ends." in rows
    assert "side left left left or right Where the ball starts." in rows
    assert "# self.options.floor is 100.0" in shown.stdout
