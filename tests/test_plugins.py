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


BROKEN = [
    ("= no_such_module:Mine", None, "task '{}' does not import: ModuleNotFoundError"),
    ("= {}_tasks:Mine", "raise SystemExit(3)", "task '{}' does not import: SystemExit: 3"),
    ("= {}_tasks:Mine", "x = 1", "task '{}': {}_tasks has no harness.task.Task subclass called 'Mine'"),
    ("= {}_tasks", SOUND, "task '{}' of {}-tasks is '{}_tasks': expected module:Class"),
    ("/d = {}_tasks:Mine", SOUND, "task '{}/d' of {}-tasks has an unusable name: expected"),
    ("= {}_tasks:Mine", SOUND.replace("    quick = ", "    swift = "), "Mine.quick is not there"),
]
"""How an entry point goes on after its name, what its module says, and what is said of it; {} is the name."""


def test_broken_ones_are_listed_with_their_errors(site: Path) -> None:
    for index, (entry_point, source, _) in enumerate(BROKEN):
        name = f"bad{index}"
        package(site, f"{name}-tasks", name + entry_point.replace("{}", name), source)
    code, lines, errors = listed(site)
    assert (code, errors) == (0, [])
    for index, (_, _, message) in enumerate(BROKEN):
        expected = message.replace("{}", f"bad{index}")
        assert len([line for line in lines if expected in line]) == 1, expected
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
