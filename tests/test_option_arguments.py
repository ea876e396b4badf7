"""`--task-option`: which tasks an argument means, and which of several wins."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import option_arguments
from harness.config import RunConfig
from harness.errors import UserError
from harness.files import write_json
from harness.identity import TaskId
from harness.option_arguments import adopted, assigned
from harness.plan import Plan
from harness.planning import make_plan
from harness.registry import resolve
from harness.run_record import run_record
from harness.store import Store
from harness.task_options import chosen, options_of, values_of, with_options
from tests.option_tasks import write_option_task


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[TaskId]:
    """Two tasks with options and one without, all in a suite called `few`."""
    found = [resolve(write_option_task(tmp_path))]
    other = tmp_path / "other.py"
    other.write_text((tmp_path / "mine.py").read_text().replace("class Mine", "class Other"))
    found += [resolve(f"{other}:Other"), resolve("ant")]
    suites = {"few": ("mine", "other", "ant"), "quick": ("cartpole",)}
    monkeypatch.setattr(option_arguments, "SUITES", suites)
    return found


def floors(tasks: Sequence[TaskId]) -> list[object]:
    return [chosen(task).get("floor") for task in tasks]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [None, None, None]),
        (["mine.floor=1"], [1.0, None, None]),
        (["mine.floor=1", "mine.floor=2"], [2.0, None, None]),
        (["few.floor=1"], [1.0, 1.0, None]),
        (["few.floor=1", "few.floor=2"], [2.0, 2.0, None]),
        (["few.floor=1", "other.floor=2"], [1.0, 2.0, None]),
        (["other.floor=2", "few.floor=1"], [1.0, 2.0, None]),
        (["few.floor=1", "mine.floor=0.5"], [None, 1.0, None]),
    ],
)
def test_later_wins_and_a_tasks_own_name_over_its_suites(
    tasks: list[TaskId], arguments: list[str], expected: list[float | None]
) -> None:
    assert floors(assigned(tasks, arguments)) == expected
    assert [task.slug for task in assigned(tasks, arguments)] == ["mine", "other", "ant"]


def test_a_task_may_be_named_by_its_path(tasks: list[TaskId]) -> None:
    assert floors(assigned(tasks, [f"{tasks[1].reference}.floor=1.5"])) == [None, 1.5, None]


def test_other_options_stay(tasks: list[TaskId]) -> None:
    before = [with_options(tasks[0], {"floor": 2.0, "heavy": True}), *tasks[1:]]
    found = assigned(before, ["few.level=2", "mine.heavy=false"])
    assert chosen(found[0]) == {"floor": 2.0, "level": 2}
    assert chosen(found[1]) == {"level": 2}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("floor=1", "expected NAME.FIELD=VALUE, where NAME is a task or a suite"),
        ("mine.floor", "expected NAME.FIELD=VALUE"),
        ("", "expected NAME.FIELD=VALUE"),
        (".floor=1", "expected NAME.FIELD=VALUE"),
        ("mime.floor=1", "unknown task or suite 'mime': did you mean 'mine'?"),
        ("zzzzzz.floor=1", "unknown task or suite 'zzzzzz': expected one of: mine, other, ant, few, quick"),
        ("cartpole.floor=1", "no task here is meant by 'cartpole': expected mine, other, ant"),
        ("quick.floor=1", "no task here is meant by 'quick': expected mine, other, ant"),
        ("ant.floor=1", "task 'ant' has no option 'floor': there are none"),
        ("mine.flor=1", "task 'mine' has no option 'flor': expected text, floor, level, side, heavy, name"),
        ("few.flor=1", "none of mine, other, ant has an option 'flor': expected text, floor"),
        ("few.level=3", "option 'level' of task 'mine' is '3': expected 1 or 2"),
        ("mine.heavy=", "option 'heavy' of task 'mine' is '': expected true or false"),
    ],
)
def test_a_wrong_argument_is_one_line(tasks: list[TaskId], argument: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        assigned(tasks, [argument])
    assert str(caught.value).startswith("--task-option")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_folder_was_made_with_is_taken_over(tasks: list[TaskId], tmp_path: Path) -> None:
    held = {"task_info": {"mine": {"options": {"floor": 2.0, "heavy": True, "gone": 1}}}}
    task = adopted(tasks[0], json.loads(json.dumps(held)), tmp_path)
    assert chosen(task) == {"floor": 2.0, "heavy": True}
    assert adopted(tasks[1], held, tmp_path) == tasks[1]
    assert adopted(tasks[2], {}, tmp_path) == tasks[2]
    with pytest.raises(UserError, match="option 'floor' of task 'mine' is 'x'"):
        adopted(tasks[0], {"task_info": {"mine": {"options": {"floor": "x"}}}}, tmp_path)


def planned(**options: Any) -> Plan:
    config = {"budget": "smoke", "methods": "human", "out": "run"} | options
    return make_plan(RunConfig.model_validate(config), gpu=False)


def test_a_folder_holds_one_value_of_each_option_of_a_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = write_option_task(tmp_path)
    suite, store = f"{mine},cartpole", Store(Path("run"))
    store.folder.mkdir()
    plan = planned(suite=suite, task_option=("mine.floor=2", "mine.text=true"))
    write_json(store.folder / "run.json", run_record(plan, store))
    for again in (planned(suite=suite), planned(suite=suite, task_option=("mine.floor=2",))):
        assert again.tasks == plan.tasks
        assert chosen(again.tasks[0]) == {"floor": 2.0, "text": "true"}
    info = (store.run_record() or {})["task_info"]
    assert info["mine"]["options"]["floor"] == 2.0
    assert info["mine"]["default_options"]["floor"] == 0.5
    assert info["cartpole"].keys() == info["mine"].keys() - {"options", "default_options"}
    assert info["mine"]["floor"] == info["cartpole"]["floor"] == 0.0
    others = {
        "floor=0.5": "floor=2.0, not mine.floor=0.5",
        "text=given": "text=true, not mine.text=given",
        "heavy=1": "heavy=false, not mine.heavy=true",
    }
    for option, words in others.items():
        other = planned(suite=mine, task_option=(f"mine.{option}",))
        with pytest.raises(UserError, match=f"results of mine.{words}: choose another folder with --out"):
            run_record(other, store)
    assert planned(suite="cartpole", out="other").tasks == (resolve("cartpole"),)


def test_what_is_asked_for_does_not_turn_into_what_the_folder_holds(tmp_path: Path) -> None:
    over = with_options(resolve("over"), {"fidelity": "original"})
    assert assigned([over], []) == assigned([over], ["over.fidelity=original"]) == [over]
    assert assigned([over], ["over.left_fingertips=right"]) == [over]
    assert assigned([over], ["over.fidelity=fixed"]) == [resolve("over")]
    plain = adopted(
        resolve("over"), {"task_info": {"over": {"options": values_of(options_of(over))}}}, tmp_path
    )
    assert assigned([plain], ["dexterity.fidelity=fixed"]) == [resolve("over")]


def test_all_options_that_differ_are_named_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store(Path("run"))
    store.folder.mkdir()
    write_json(store.folder / "run.json", run_record(planned(suite="over"), store))
    words = (
        "over.fidelity=fixed, over.sparse=latched, not over.fidelity=mixed, over.sparse=instant: "
        "choose another"
    )
    with pytest.raises(UserError, match=words):
        run_record(planned(suite="over", task_option=("over.sparse=instant",)), store)
