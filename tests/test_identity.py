"""One task has one identity, however it is named; two tasks never pass for one."""

import textwrap
from pathlib import Path

import pytest

from harness.code import task_digest
from harness.errors import UserError
from harness.registry import TASKS, load_task, resolve, resolve_suite
from harness.trial import make_spec

TASK = """
from suites.isaac.cartpole import Cartpole
{imports}
class {name}(Cartpole):
    description = {about!r}
    def terminated(self, state):
        return super().terminated(state) | (state.dof_pos[:, 0].abs() > {limit})
"""


def write(
    folder: Path, name: str, *, limit: str = "1.0", about: str = "mine", imports: str = "", file: str = ""
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (file or f"{name.lower()}.py")
    path.write_text(textwrap.dedent(TASK).format(name=name, limit=limit, about=about, imports=imports))
    return path


def key(reference: str) -> str:
    return make_spec(
        reference, "pass", role="final", seed=0, budget="smoke", engine="cpu", protocol="strict"
    ).hash


def test_spellings_of_one_path_are_one_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "tasks", "Reach")
    monkeypatch.chdir(tmp_path)
    spellings = [f"{path}:Reach", "tasks/reach.py:Reach", "./tasks/../tasks/reach.py:Reach"]
    assert len({resolve(spelling) for spelling in spellings}) == 1
    assert len({id(load_task(spelling)) for spelling in spellings}) == 1
    assert len(resolve_suite(",".join(spellings))) == 1
    monkeypatch.chdir(tmp_path / "tasks")
    assert resolve("reach.py:Reach") == resolve(spellings[0])


def test_a_built_in_task_is_itself_by_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import suites.isaac.cartpole as module

    names = ["cartpole", "suites.isaac.cartpole:Cartpole", f"{module.__file__}:Cartpole"]
    assert {resolve(name) for name in names} == {resolve("cartpole")}
    assert {key(name) for name in names} == {key("cartpole")}


def test_seeds_hang_on_the_name_not_on_the_path(tmp_path: Path) -> None:
    specs = [
        make_spec(
            f"{write(tmp_path / folder, 'Reach')}:Reach",
            "pass",
            role="final",
            seed=0,
            budget="smoke",
            engine="cpu",
            protocol="strict",
        )
        for folder in ("a", "b")
    ]
    assert specs[0].training_seed == specs[1].training_seed
    assert specs[0].hash == specs[1].hash  # the same code: the same trial


def test_one_file_name_in_two_folders_is_two_tasks(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", "Reach", limit="1.0"), write(tmp_path / "b", "Reach", limit="2.0")
    left, right = resolve(f"{first}:Reach"), resolve(f"{second}:Reach")
    assert left != right
    assert load_task(left) is not load_task(right)
    assert key(left.reference) != key(right.reference)
    with pytest.raises(UserError, match="two tasks are called 'reach'"):
        resolve_suite(f"{first}:Reach,{second}:Reach")


def test_two_classes_of_one_name_in_one_suite_are_refused(tmp_path: Path) -> None:
    first, second = (
        write(tmp_path, "Reach", file="one.py"),
        write(tmp_path, "Reach", file="two.py", limit="2.0"),
    )
    with pytest.raises(UserError, match="two tasks are called 'reach'"):
        resolve_suite(f"{first}:Reach,{second}:Reach")


def test_the_name_of_a_built_in_task_is_its_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "Ant")
    with pytest.raises(UserError, match="has the name of the built-in task 'ant'"):
        resolve(f"{path}:Ant")


def test_modules_beside_a_task_are_found_and_never_mixed_up(tmp_path: Path) -> None:
    for folder, limit in (("a", 1.0), ("b", 2.0)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "limits_beside.py").write_text(f"LIMIT = {limit}\n")
    first = write(tmp_path / "a", "Near", limit="LIMIT", imports="from limits_beside import LIMIT")
    second = write(tmp_path / "b", "Far", limit="LIMIT", imports="from limits_beside import LIMIT")
    load_task(f"{first}:Near")
    with pytest.raises(
        UserError, match=r"'limits_beside', which could be .*give the one beside it another name"
    ):
        load_task(f"{second}:Far")


def test_a_module_beside_a_task_that_shadows_pythons_own_is_named(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("LIMIT = 1.0\n")
    path = write(tmp_path, "Shadow", limit="LIMIT", imports="from random import LIMIT")
    with pytest.raises(UserError, match="imports 'random'"):
        load_task(f"{path}:Shadow")


def test_a_class_taken_from_another_module_is_that_modules_task(tmp_path: Path) -> None:
    path = tmp_path / "again.py"
    path.write_text("from suites.isaac.cartpole import Cartpole\n")
    assert resolve(f"{path}:Cartpole") == resolve("cartpole")


@pytest.mark.parametrize("name", list(TASKS))
def test_every_built_in_task_loads_from_its_reference(name: str) -> None:
    assert load_task(resolve(name).reference) is load_task(name)
    assert resolve(resolve(name).reference) == resolve(name)


def test_built_in_tasks_differ_in_their_code() -> None:
    assert len({task_digest(load_task(name)) for name in TASKS}) == len(TASKS)
