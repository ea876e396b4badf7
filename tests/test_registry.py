"""Names of tasks and suites, and what happens when they are wrong."""

import textwrap
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.registry import (
    SUITES,
    TASKS,
    expert_reward,
    load_task,
    resolve,
    resolve_suite,
    task_names,
)
from harness.task import Task
from tests.suites.dexterity_facts import FACTS as DEXTERITY_FACTS


def test_every_registered_task_loads_and_has_its_rewards() -> None:
    for name in task_names():
        task = load_task(name)
        assert isinstance(task, Task)
        for kind in ("human", "sparse"):
            assert "def compute_reward(" in (expert_reward(kind, name) or ""), (name, kind)


def test_suites_hold_registered_tasks() -> None:
    for members in SUITES.values():
        assert set(members) <= set(TASKS)


def test_the_suites_are_those_of_the_originals() -> None:
    known = [name for name in DEXTERITY_FACTS if name in TASKS]
    assert [task.slug for task in resolve_suite("dexterity")] == known
    assert set(known) == {name for name, place in TASKS.items() if place.startswith("suites.dexterity.")}
    isaac = [task.slug for task in resolve_suite("isaac")]
    assert len(isaac) == 9
    assert [task.slug for task in resolve_suite("all")] == isaac + known


def test_a_suite_a_task_or_a_list_of_them() -> None:
    def slugs(text: str) -> list[str]:
        return [task.slug for task in resolve_suite(text)]

    assert slugs("quick") == ["cartpole", "ball_balance", "switch"]
    assert slugs("ant") == ["ant"]
    assert slugs("ant, quick,ant") == ["ant", "cartpole", "ball_balance", "switch"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("carpole", "did you mean 'cartpole'"), ("zzz", "expected one of: isaac"), (" , ", "names none")],
)
def test_unknown_names_get_a_hint(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        resolve_suite(text)


def test_a_suite_without_tasks_says_so() -> None:
    empty = [name for name, members in SUITES.items() if not members]
    for name in empty:
        with pytest.raises(
            UserError, match=f"suite '{name}' has no tasks yet: expected one of isaac, quick, all, or a task"
        ):
            resolve_suite(f"cartpole,{name}")


def test_a_task_of_ones_own_by_path(tmp_path: Path) -> None:
    source = """
    from suites.isaac.cartpole import Cartpole
    class Slow(Cartpole):
        description = "slowly"
    """
    (tmp_path / "slow.py").write_text(textwrap.dedent(source))
    (tmp_path / "slow_human_reward.py").write_text("def compute_reward(dof_pos): ...")
    reference = f"{tmp_path / 'slow.py'}:Slow"
    task = load_task(reference)
    assert task.description == "slowly"
    assert resolve(reference).slug == "slow"
    assert expert_reward("human", reference) == "def compute_reward(dof_pos): ..."
    assert expert_reward("sparse", reference) is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "does not import: FileNotFoundError"),
        ("import nothing_of_this_name", "does not import: ModuleNotFoundError"),
        ("class Mine: ...", "no harness.task.Task subclass called 'Mine'"),
        ("from harness.task import Task\nclass Mine(Task): ...", "is incomplete: .*abstract"),
    ],
)
def test_a_broken_plugin_is_one_line(tmp_path: Path, source: str | None, message: str) -> None:
    path = tmp_path / f"plugin{abs(hash(source))}.py"
    if source is not None:
        path.write_text(source)
    with pytest.raises(UserError, match=message) as caught:
        load_task(f"{path}:Mine")
    assert "\n" not in str(caught.value)


def test_a_suite_is_no_task() -> None:
    with pytest.raises(
        UserError, match="'quick' is a suite, not a task: name one of cartpole, ball_balance, switch"
    ):
        resolve("quick")
