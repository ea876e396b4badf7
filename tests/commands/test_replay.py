"""`replay`: every mistake is one line, and leaves nothing."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from harness.commands import replay
from harness.errors import EnvironmentProblem, UserError
from tests.end_to_end.runs import harness

POLICY = ("--task", "cartpole", "--method", "human")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with one trained policy."""
    folder = tmp_path_factory.mktemp("replay")
    small = ("--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--methods", "human")
    made = harness("run", *small, "--no-pictures", "--no-report", "--out", "r", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder / "r"


def replayed(*arguments: str) -> str:
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    console = Console(file=io.StringIO())
    assert replay.execute(parser.parse_args(arguments), console) == 0
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--checkpoint", "99"), "--checkpoint 99: this training has 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
        (("--checkpoint", "-1"), "--checkpoint -1: expected a whole number, 0 or more"),
        (("--seconds", "-1"), "--seconds -1: expected more than 0 and at most 60"),
        (("--seconds", "0"), "--seconds 0: expected more than 0"),
        (("--seconds", "nan"), "--seconds nan: expected more than 0"),
        (("--seconds", "inf"), "--seconds inf: expected more than 0"),
        (("--seconds", "1e9"), r"--seconds 1e\+09: expected more than 0 and at most 60"),
        (("--seed", "-1"), "--seed -1: expected a whole number"),
        (("--search", "-1"), "--search -1: expected a whole number"),
        (("--seed", "7"), "no finished seed 7 of human on cartpole"),
        (("--method", "humna"), "unknown method 'humna': did you mean 'human'"),
        (("--method", "eureka"), "no eureka on cartpole: run it first"),
        (("--task", "ant"), "no task 'ant': it has cartpole"),
        (("--out", "x.mp4"), "expected a name ending in .webp or .gif"),
        (("--out", "nodir/x.webp"), "there is no folder nodir; make it"),
        (("--out", "folder.webp"), "folder.webp: this is a folder"),
        (("--out", "file/x.webp"), "there is no folder file"),
    ],
)
def test_a_wrong_option_is_one_line(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.webp").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=message) as caught:
        replayed(str(run), *POLICY, *arguments)
    assert "\n" not in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} == {"folder.webp", "file"}
    assert list((tmp_path / "folder.webp").iterdir()) == []


@pytest.mark.parametrize("content", [None, "[]", "{}", '{"tasks": 1}', "no json", "\x00"])
def test_a_folder_that_is_no_run(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(UserError) as caught:
        replayed(str(tmp_path), *POLICY)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_and_nothing_instead_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps({"tasks": ["cartpole"]}))
    for name in ("file", "nowhere"):
        with pytest.raises(UserError, match=f"{name} is not a run folder: it has no run.json"):
            replayed(str(tmp_path / name), *POLICY)


def test_a_place_that_cannot_be_written(run: Path) -> None:
    with pytest.raises(
        EnvironmentProblem, match=r"cannot write picture /proc/x.webp: .*; name another place"
    ):
        replayed(str(run), *POLICY, "--out", "/proc/x.webp")


def test_on_the_command_line(run: Path, tmp_path: Path) -> None:
    failed = harness("replay", str(run), *POLICY, "--checkpoint", "99", cwd=tmp_path)
    assert failed.returncode == 2
    assert failed.stderr.startswith("error: --checkpoint 99: ")
    assert len(failed.stderr.splitlines()) == 1
    long = harness("replay", str(run), *POLICY, "--out", "x" * 300 + ".webp", cwd=tmp_path)
    assert long.returncode == 4
    assert len(long.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
