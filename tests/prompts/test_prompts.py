"""What a model is told: every point of the method, put together without touching what is inserted."""

import ast
import re

import pytest

from harness.prompts import error_feedback, initial_messages, piece, policy_feedback, score_in_words
from harness.registry import TASKS, load_task


def test_a_search_starts_with_the_rules_and_the_task() -> None:
    system, user = initial_messages(load_task("cartpole"))
    assert (system["role"], user["role"]) == ("system", "user")
    for point in (
        "compute_reward(object_pos: Tensor, goal_pos: Tensor) -> tuple[Tensor, dict[str, Tensor]]",
        "torch.where",
        "numpy",
        "device",
        "shape (N,)",
        "dictionary",
        "```python",
        "torch.exp",
        "temperature",
        "must not be invented",
        "The function must be called `compute_reward`",
        "torch.no_grad() and torch.jit.script do no harm",
        "What is printed is dropped",
        "default would be taken as that constant",
        "one of the names",
    ):
        assert point in system["content"]
    assert load_task("cartpole").description in user["content"]
    assert "dof_pos: Tensor  # (N, 2)" in user["content"]


@pytest.mark.parametrize("name", TASKS)
def test_what_the_model_reads_as_code_is_code(name: str) -> None:
    _, user = initial_messages(load_task(name))
    (code,) = re.findall(r"```python\n(.*?)```", user["content"], re.DOTALL)
    ast.parse(code)


def test_every_slot_is_filled_and_left_as_it_is() -> None:
    numbers = "weird {braces}: ['0.10'], $money and $every {numbers}"
    text = policy_feedback(load_task("cartpole"), numbers, 7)
    assert numbers in text
    assert "every 7 epochs" in text
    assert "$numbers" not in text
    with pytest.raises(KeyError):
        piece("feedback", numbers="")
    assert not re.search(r"\$\w", "".join(m["content"] for m in initial_messages(load_task("cartpole"))))


def test_feedback_on_a_training_gives_numbers_then_advice_then_the_form_of_the_answer() -> None:
    text = policy_feedback(load_task("cartpole"), "upright: ['0.10']", 10, ["the reward reads a counter"])
    places = [
        text.index(part)
        for part in (
            "maximum, mean and minimum",
            "final_task_score",
            "higher is better. 0 is the worst, 500 the best",
            "upright: ['0.10']",
            "- the reward reads a counter",
            "near its bad end",
            "rewrite the whole function",
            "hardly changes",
            "scale or the temperature",
            "different way",
            "leave it out",
            "much larger",
            "shape (N,)",
        )
    ]
    assert places == sorted(places)
    assert "task_score" in text
    assert "episode_lengths" in text


@pytest.mark.parametrize("name", TASKS)
def test_every_task_says_which_way_its_score_points_and_where_it_ends(name: str) -> None:
    score, bad = score_in_words(load_task(name))
    assert score.startswith("higher is better. ")
    best_is_0 = name in ("quadcopter", "anymal")
    assert ("0 is the best" in score) is best_is_0
    endless = {"ant": "as low as it began", "humanoid": "as low as it began"}
    assert bad == ("far below 0" if best_is_0 else endless.get(name, "near its bad end"))
    text = policy_feedback(load_task(name), "", 10)
    assert f"stays {bad} throughout" in text
    assert "near zero" not in text


def test_an_interval_of_one_epoch_is_said_as_people_do() -> None:
    assert "recorded after every epoch of the training" in policy_feedback(load_task("ant"), "", 1)
    assert "recorded every 3 epochs of the training" in policy_feedback(load_task("ant"), "", 3)


def test_without_remarks_there_is_no_section_for_them() -> None:
    assert "Remarks" not in policy_feedback(load_task("ant"), "", 1)


def test_feedback_on_a_rejection_gives_the_error_and_the_form_of_the_answer() -> None:
    text = error_feedback("line 3: `x[{}]` is not a name of the state\n")
    assert "line 3: `x[{}]` is not a name of the state" in text
    assert text.index("line 3") < text.index("shape (N,)")
    assert "signature" in error_feedback("  ")
    assert "Remarks" not in error_feedback("  ")
    feedback = error_feedback("too slow", ["line 2: print was dropped"])
    assert (
        feedback.index("too slow")
        < feedback.index("- line 2: print was dropped")
        < feedback.index("shape (N,)")
    )
