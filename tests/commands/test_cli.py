"""What users meet on the command line: help, plans, and one clear line for every mistake."""

import json
import re
import stat
import subprocess
from pathlib import Path

import pytest

from harness.confine.child import Child
from harness.estimate import typical_speeds
from harness.registry import SUITES
from tests.end_to_end.runs import SMALL, harness, program


def fails(run: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line on stderr with all of `words`, and the exit code."""
    assert run.returncode == code, run.stderr or run.stdout
    assert "Traceback" not in run.stderr
    lines = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert lines[-1] == run.stderr.splitlines()[-1]
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--suite", "carpole"), ("unknown suite or task 'carpole'", "did you mean 'cartpole'")),
        (("--suite", "nowhere/task.py:Mine"), ("does not import", "FileNotFoundError")),
        (("--suite", "cartpole", "--methods", "humna"), ("unknown method 'humna'", "did you mean 'human'")),
        (("--suite", "cartpole", "--seeds", "0"), ("--seeds '0'", "greater than or equal to 1")),
        (("--suite", "cartpole", "--seeds", "three"), ("--seeds 'three'", "valid integer")),
        (("--suite", "cartpole", "--proposer", "gpt"), ("unknown proposer 'gpt'", "replay:FILE")),
        (("--suite", "cartpole", "--proposer", "replay:missing.jsonl"), ("missing.jsonl",)),
        (("--suite", "cartpole", "--methods", ","), ("no method to run",)),
    ],
)
def test_usage_mistakes(tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    fails(harness("run", *arguments, "--dry-run", cwd=tmp_path), 2, *words)
    assert list(tmp_path.iterdir()) == []


def test_wrong_choices_are_named(tmp_path: Path) -> None:
    run = harness("run", "--budget", "huge", cwd=tmp_path)
    assert run.returncode == 2
    assert "invalid choice: 'huge'" in run.stderr
    assert "paper" in run.stderr


def test_a_model_without_a_key(tmp_path: Path) -> None:
    run = harness(
        "run", "--suite", "cartpole", "--budget", "smoke", "--proposer", "openai:gpt-5.4", cwd=tmp_path
    )
    fails(run, 4, "OPENAI_API_KEY")
    assert not list(tmp_path.glob("runs/*/trials/*/done.json"))


def test_a_malformed_journal(tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_text(
        '{"kind": "header", "proposer": "grammar", "schema": 1}\nnot json\n{}\n'
    )
    fails(
        harness("run", "--suite", "cartpole", "--proposer", "replay:j.jsonl", cwd=tmp_path),
        2,
        "j.jsonl",
        "line 2",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["j.jsonl"]


def test_a_plugin_that_does_not_import(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import no_such_module\n")
    fails(
        harness("tasks", "mine.py:Mine", cwd=tmp_path), 2, "mine.py:Mine", "No module named 'no_such_module'"
    )


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file")
    fails(harness(*SMALL, "--out", "occupied/run", cwd=tmp_path), 4, "cannot write the run folder")
    assert (tmp_path / "occupied").read_text() == "a file"


def test_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        (folder / "probe").touch()
    except PermissionError:
        fails(harness(*SMALL, "--out", "locked/run", cwd=tmp_path), 4, "cannot write the run folder")
    else:
        pytest.skip("this user may write everywhere")


def test_reports_and_replays_of_what_is_not_there(tmp_path: Path) -> None:
    fails(harness("report", "nowhere", cwd=tmp_path), 2, "nowhere")
    fails(harness("replay", "nowhere", "--task", "ant", "--method", "human", cwd=tmp_path), 2, "nowhere")


def test_a_run_from_start_to_page_then_again_then_other_configurations(tmp_path: Path) -> None:
    first = program(*SMALL, "--out", "r", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "cartpole human seed 0: F = " in first.stdout
    assert (tmp_path / "r/report/index.html").exists()
    before = {p: p.stat().st_mtime_ns for p in tmp_path.glob("r/trials/*/*")}

    again = harness(*SMALL, "--no-report", "--out", "r", cwd=tmp_path)
    assert again.returncode == 0
    assert {p: p.stat().st_mtime_ns for p in tmp_path.glob("r/trials/*/*")} == before

    fails(
        harness(*SMALL, "--out", "r", "--protocol", "paper", cwd=tmp_path),
        2,
        "protocol 'strict', not 'paper'",
        "--out",
    )
    fails(harness(*SMALL, "--out", "r", "--budget", "quick", cwd=tmp_path), 2, "budget 'smoke', not 'quick'")

    more = harness(*SMALL, "--no-report", "--out", "r", "--methods", "sparse", "--seeds", "2", cwd=tmp_path)
    assert more.returncode == 0
    record = json.loads((tmp_path / "r/run.json").read_text())
    assert (record["methods"], record["seeds"]) == (["human", "sparse"], 2)
    trials = set(tmp_path.glob("r/trials/*/done.json"))
    assert len(trials) == 3  # what was asked for, and nothing else
    assert {p for p in before if p.name == "done.json"} <= trials

    checkpoint = next(tmp_path.glob("r/trials/*/checkpoints/10.pt"))
    for path in tmp_path.glob("r/trials/*/checkpoints/10.pt"):
        path.write_bytes(checkpoint.read_bytes()[:100])
    arguments = ("replay", "r", "--task", "cartpole", "--method", "human", "--out", "p.webp")
    fails(harness(*arguments, cwd=tmp_path), 4, "checkpoints/10.pt is not what was stored")
    assert not (tmp_path / "p.webp").exists()
    fails(harness("replay", "r", "--task", "ant", "--method", "human", cwd=tmp_path), 2, "no task 'ant'")
    fails(
        harness("replay", "r", "--task", "cartpole", "--method", "eureka", cwd=tmp_path),
        4,
        "no eureka on cartpole",
    )
    assert "MUJOCO_LOG.TXT" not in {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("suite", "tasks"),
    [
        ("quick", ("cartpole", "ball_balance", "switch")),
        pytest.param(
            "isaac", ("cartpole", "ball_balance", "quadcopter", "ant", "humanoid"), marks=pytest.mark.slow
        ),
    ],
)
def test_dry_run_of_a_whole_suite_says_what_it_falls_back_to(
    tmp_path: Path, suite: str, tasks: tuple[str, ...]
) -> None:
    run = harness("run", "--suite", suite, "--seeds", "5", "--dry-run", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "note: budget quick" in run.stdout
    assert "note: engine cpu" in run.stdout
    assert "note: proposer grammar (no language model): OPENAI_API_KEY is not set" in run.stdout
    for name in tasks:
        assert name in run.stdout
    assert "env steps" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_starts_no_process_and_computes_no_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times are those of a table, whose machine is named."""

    def refuse(*arguments: object, **more: object) -> None:
        pytest.fail("too much for a dry run")

    monkeypatch.setattr(Child, "start", refuse)
    monkeypatch.setattr("harness.trial._code", refuse)
    run = harness("run", "--suite", "all", "--seeds", "5", "--dry-run", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert f"on cores of {typical_speeds().machine}" in run.stdout
    for suite in ("isaac", "dexterity"):
        assert all(
            re.search(rf"^{name} +23 .* (h|min|s|\?)$", run.stdout, re.MULTILINE) for name in SUITES[suite]
        )
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_still_tries_what_is_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def compute_reward(nothing):\n    return nothing, {}\n")
    run = harness("run", "--suite", "cartpole", "--methods", "mine.py", "--dry-run", cwd=tmp_path)
    fails(run, 2, "reward program mine is refused on task 'cartpole'")


def test_help_names_every_command_and_option(tmp_path: Path) -> None:
    top = harness("--help", cwd=tmp_path).stdout
    for command in ("run", "report", "tasks", "replay", "states", "profile", "doctor", "selftest"):
        assert command in top
    options = harness("run", "--help", cwd=tmp_path).stdout
    for option in ("--suite", "--seeds", "--max-usd", "--dry-run", "--proposer", "--jobs"):
        assert option in options


@pytest.mark.parametrize("option", [("--picture", "x.png"), ("--task-option", "ant.x=1")])
def test_tasks_needs_a_task_for_what_is_of_one(tmp_path: Path, option: tuple[str, str]) -> None:
    fails(harness("tasks", *option, cwd=tmp_path), 2, option[0], "name it, `tasks TASK`")


def test_tasks_lists_and_shows(tmp_path: Path) -> None:
    listed = harness("tasks", cwd=tmp_path).stdout
    assert "humanoid" in listed
    shown = harness("tasks", "ant", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    for word in ("potentials", "m/s", "quick", "what a designer is shown", "def observe"):
        assert word in shown.stdout


def test_doctor_finds_this_machine_ready(tmp_path: Path) -> None:
    run = harness("doctor", cwd=tmp_path)
    assert run.returncode == 0, run.stdout
    assert "ready" in run.stdout
    assert list(tmp_path.iterdir()) == []
