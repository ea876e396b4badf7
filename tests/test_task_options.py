"""What is chosen of a task makes another task, another trial, another key, wherever one is kept."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.code import task_digest
from harness.context import context_of
from harness.errors import UserError
from harness.execution.trial_runner import human_graph
from harness.identity import TaskId
from harness.keys import training_key, trial_key
from harness.prompts import initial_messages
from harness.registry import TASKS, load_task, resolve
from harness.rewards.probing import recorded_states
from harness.task import TextOptions
from harness.task_options import chosen, options_class, options_of, values_of, with_options
from harness.trial import TrialSpec, make_spec
from tests.option_tasks import GIVEN, TRUE, write_option_task

DEFAULTS = {"text": "given", "floor": 0.5, "level": 1, "side": "left", "heavy": False, "name": "ball"}


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskId:
    return resolve(write_option_task(tmp_path_factory.mktemp("options")))


def spec_of(task: TaskId) -> TrialSpec:
    return make_spec(task, "pass", role="final", seed=0, budget="smoke", engine="cpu", protocol="strict")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ({"floor": "2"}, {"floor": 2.0}),
        ({"floor": "-1e-3"}, {"floor": -0.001}),
        ({"level": "2"}, {"level": 2}),
        ({"side": "right"}, {"side": "right"}),
        ({"heavy": "yes"}, {"heavy": True}),
        ({"name": "a=b.c d"}, {"name": "a=b.c d"}),
        ({"name": ""}, {"name": ""}),
        ({"text": "true", "floor": "1"}, {"text": "true", "floor": 1.0}),
    ],
)
def test_texts_stand_for_what_they_spell(
    task: TaskId, text: Mapping[str, str], value: dict[str, Any]
) -> None:
    found = with_options(task, text)
    assert chosen(found) == value
    assert values_of(options_of(found)) == DEFAULTS | value
    assert with_options(task, value) == found
    assert with_options(task, DEFAULTS | value) == found
    assert {type(v) for v in chosen(found).values()} == {type(v) for v in value.values()}


def test_a_default_that_is_asked_for_is_the_same_task(task: TaskId) -> None:
    assert with_options(task, {"floor": "0.5", "heavy": "off"}) == task
    assert load_task(task, {"floor": 0.5}) is load_task(task)
    assert load_task(with_options(task, {"floor": 2.0}), {}) is load_task(task)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"flor": "1"}, "task 'mine' has no option 'flor': expected text, floor, level, side, heavy, name"),
        ({"floor": "high"}, "option 'floor' of task 'mine' is 'high': expected a valid number"),
        ({"floor": "101"}, "option 'floor' of task 'mine' is '101': expected less than or equal to 100"),
        ({"floor": "nan"}, "expected a finite number"),
        ({"level": "3"}, "option 'level' of task 'mine' is '3': expected 1 or 2"),
        ({"side": "up"}, "option 'side' of task 'mine' is 'up': expected left or right"),
        ({"heavy": "perhaps"}, "option 'heavy' of task 'mine' is 'perhaps': expected true or false"),
        ({"text": "best"}, "option 'text' of task 'mine' is 'best': expected given or true"),
    ],
)
def test_what_cannot_be_is_one_line_with_the_choices(
    task: TaskId, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError) as caught:
        load_task(task, values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_task_without_options_has_none_to_choose() -> None:
    with pytest.raises(UserError, match="task 'ant' has no option 'speed': there are none"):
        load_task("ant", {"speed": 1})
    assert values_of(load_task("ant").options) == {}
    spec = spec_of(resolve("ant"))
    assert "options" not in spec.to_dict()


def test_tasks_of_other_options_are_other_tasks_in_every_store(task: TaskId) -> None:
    other = with_options(task, {"floor": 1.2, "text": "true"})
    assert (task.slug, task.reference) == (other.slug, other.reference)
    assert load_task(other).options.model_dump()["floor"] == 1.2
    assert load_task(task) is not load_task(other)
    assert recorded_states(task) != recorded_states(other)  # of where episodes ended, among others
    before = human_graph.cache_info().misses
    assert human_graph(task, 8) == human_graph(other, 8)
    assert human_graph.cache_info().misses == before + 2


def test_options_are_in_the_keys_but_for_the_words(task: TaskId) -> None:
    plain = spec_of(task)
    deeper = spec_of(with_options(task, {"floor": 0.1}))
    worded = spec_of(with_options(task, {"text": "true"}))
    assert plain.options == DEFAULTS
    assert deeper.to_dict()["options"] == DEFAULTS | {"floor": 0.1}
    assert deeper.hash != plain.hash
    assert deeper.training != plain.training
    assert (worded.hash, worded.training) == (plain.hash, plain.training)
    stored = json.loads(json.dumps(deeper.to_dict()))
    assert TrialSpec.from_dict(stored, deeper.task) == deeper
    assert (training_key(stored), trial_key(stored)) == (deeper.training, deeper.hash)
    seeds = [(spec.training_seed, spec.evaluation_seed) for spec in (plain, deeper)]
    assert seeds[0] == seeds[1]


def test_only_options_differ_in_the_spec_where_the_scene_does_not(task: TaskId) -> None:
    plain, deeper = spec_of(task), spec_of(with_options(task, {"floor": 0.1}))
    same = dataclasses.replace(deeper, options=plain.options, task=plain.task)
    assert same == plain


def test_a_designer_is_told_the_wording_that_is_chosen(task: TaskId) -> None:
    loaded = {text: load_task(task, {"text": text}) for text in ("given", "true")}
    assert {text: one.description for text, one in loaded.items()} == {"given": GIVEN, "true": TRUE}
    prompts = {text: initial_messages(one)[1]["content"] for text, one in loaded.items()}
    assert GIVEN in prompts["given"]
    assert TRUE in prompts["true"]
    assert GIVEN not in prompts["true"]


def test_the_excerpt_says_the_options_that_it_reads(task: TaskId) -> None:
    context = context_of(load_task(task, {"floor": 0.25, "heavy": True}))
    assert "# self.options.floor is 0.25" in context
    assert "heavy" not in context
    assert "# options" not in context_of(load_task("cartpole"))


def test_words_about_options_change_no_key(tmp_path: Path) -> None:
    digests = []
    for folder, old, new in (("a", "How hard", "How hard"), ("b", "How hard", "How very hard")):
        reference = write_option_task(tmp_path / folder)
        file = tmp_path / folder / "mine.py"
        text = file.read_text().replace(old, new).replace(GIVEN, f"{GIVEN} {folder}")
        file.write_text(text.replace("le=100.0", f"le=100.0, description={new!r}"))
        digests.append(task_digest(load_task(reference)))
    assert digests[0] == digests[1]
    write_option_task(tmp_path / "c")
    file = tmp_path / "c" / "mine.py"
    file.write_text(file.read_text().replace("default=0.5", "default=0.6"))
    assert task_digest(load_task(f"{file}:Mine")) != digests[0]


@pytest.mark.parametrize("name", TASKS)
def test_every_option_of_a_built_in_task_is_explained(name: str) -> None:
    model = options_class(resolve(name))
    assert all(field.description for field in model.model_fields.values())
    assert (load_task(name).text is not None) <= issubclass(model, TextOptions)
