"""Tasks of other packages: one that is broken or shares a name is named, and harms no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract_tasks import SOUND
from tests.end_to_end.runs import program

REPOSITORY = Path(__file__).parents[1]


def package(site: Path, name: str, entry_points: str, source: str | None = SOUND) -> None:
    """An installed distribution with a module of its own, both as an installer leaves them."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[eureka_harness.tasks]\n{entry_points}\n")
    if source is not None:
        (site / f"{name.replace('-', '_')}.py").write_text(source)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    package(folder, "sound-tasks", "mine = sound_tasks:Mine")
    return folder


def listed(site: Path, *arguments: str) -> tuple[int, list[str], list[str]]:
    """Exit code and lines of `tasks` with the packages of `site`."""
    run = program("tasks", *arguments, cwd=site.parent, PYTHONPATH=f"{site}:{REPOSITORY}", COLUMNS="240")
    assert "Traceback" not in run.stderr
    return run.returncode, run.stdout.splitlines(), run.stderr.splitlines()


@pytest.mark.parametrize(
    ("entry_points", "source", "message"),
    [
        ("bad = no_such_module:Mine", None, "task 'bad' does not import: ModuleNotFoundError"),
        ("bad = broken_tasks:Mine", "raise SystemExit(3)", "task 'bad' does not import: SystemExit: 3"),
        ("bad = broken_tasks:Mine", "x = 1", "has no harness.task.Task subclass called 'Mine'"),
        ("bad = broken_tasks", SOUND, "task 'bad' of broken-tasks is 'broken_tasks': expected module:Class"),
        ("b/d = broken_tasks:Mine", SOUND, "task 'b/d' of broken-tasks has an unusable name: expected"),
        ("bad = broken_tasks:Mine", SOUND.replace("    quick = ", "    swift = "), "Mine.quick is not there"),
    ],
)
def test_a_broken_one_is_listed_with_its_error(
    site: Path, entry_points: str, source: str | None, message: str
) -> None:
    package(site, "broken-tasks", entry_points, source)
    code, lines, errors = listed(site)
    assert (code, errors) == (0, [])
    assert len([line for line in lines if message in line]) == 1
    assert any(line.startswith("mine ") and "keep the ball high" in line for line in lines)
    assert any(line.startswith("cartpole ") for line in lines)


def test_a_name_of_the_harness_s_own_is_said_to_be_taken(site: Path) -> None:
    package(site, "other-tasks", "ant = other_tasks:Mine\nquick = other_tasks:Mine")
    _, lines, _ = listed(site)
    for name in ("ant", "quick"):
        hidden = (
            f"task '{name}' of other-tasks is hidden by the harness's own '{name}': name it other_tasks:Mine"
        )
        assert lines.count(hidden) == 1
    assert len([line for line in lines if line.startswith("ant ")]) == 1


def test_two_of_one_name_are_named_and_neither_is_taken(site: Path) -> None:
    package(site, "other-tasks", "mine = other_tasks:Mine")
    code, lines, _ = listed(site)
    assert code == 0
    both = "task 'mine' is offered by"
    (line,) = [line for line in lines if line.startswith(both)]
    assert "sound-tasks (sound_tasks:Mine)" in line
    assert "other-tasks (other_tasks:Mine)" in line
    code, _, errors = listed(site, "mine")
    assert code == 2
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {both}")


def test_a_distribution_found_twice_is_one(site: Path) -> None:
    package(site / "again", "sound-tasks", "mine = elsewhere:Mine")
    run = program(
        "tasks", "mine", cwd=site.parent, PYTHONPATH=f"{site}:{site / 'again'}:{REPOSITORY}", COLUMNS="240"
    )
    assert run.returncode == 0, run.stderr
    assert "goal: keep the ball high" in run.stdout
