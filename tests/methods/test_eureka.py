"""The search loop with scripted answers and real trainings."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from harness.errors import Lost, UserError
from harness.execution.local import LocalExecutor
from harness.methods.contract import Problem
from harness.methods.eureka import Eureka, EurekaSettings
from harness.methods.searching import RunTools, run_search
from harness.prompts import initial_messages
from harness.proposers import Answer, Request
from harness.registry import load_task
from harness.seeds import Role, derive
from harness.store import Store
from harness.trial import make_spec

UPRIGHT = "Stay upright.\n```python\ndef compute_reward(dof_pos):\n    up = torch.exp(-dof_pos[:, 1] ** 2 / 0.1)\n    return up, {'up': up}\n```"
MIDDLE = "Stay in the middle.\n```python\ndef compute_reward(dof_pos):\n    near = torch.exp(-dof_pos[:, 0] ** 2)\n    return near, {'near': near}\n```"
FALLING = "Fall.\n```python\ndef compute_reward(dof_pos):\n    down = dof_pos[:, 1].abs()\n    return down, {'down': down}\n```"
UNKNOWN = "Oh.\n```python\ndef compute_reward(pole_angle):\n    return pole_angle, {}\n```"
PROSE = "I cannot write code today."


class Scripted:
    """Gives the answers of a script, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, *rounds: list[str | Answer]) -> None:
        self.rounds = iter(rounds)
        self.requests: list[Request] = []

    def propose(self, request: Request) -> list[Answer]:
        self.requests.append(request)
        texts = next(self.rounds)
        assert len(texts) == request.samples
        return [text if isinstance(text, Answer) else Answer(text, "stop") for text in texts]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, LocalExecutor]]:
    store = Store(tmp_path_factory.mktemp("run"))
    with store.opened():
        executor = LocalExecutor(store)
        yield store, executor
        executor.stop()


def search(
    parts: tuple[Store, LocalExecutor], proposer: Scripted, index: int = 0, **settings: Any
) -> dict[str, Any]:
    store, executor = parts
    task = load_task("cartpole")
    problem = Problem(
        task=task,
        slug="cartpole",
        method="eureka",
        index=index,
        seed=derive(Role.PROPOSER, "cartpole", "eureka", index),
        settings=EurekaSettings(**settings),
        described={"proposer": "scripted", **settings},
        messages=tuple(initial_messages(task)),
    )
    tools = RunTools(
        proposer=proposer,
        make_spec=lambda source: make_spec(
            "cartpole", source, role="search", seed=index, budget="smoke", engine="cpu", protocol="strict"
        ),
        submit=executor.submit,
        give_up=store.give_up,
        trial_folder=store.trial_folder,
        write=store.write_search,
        place=("cartpole", "eureka", index),
    )
    return run_search(Eureka(), problem, tools, lambda: len(proposer.requests) > 1).to_dict()


def test_the_best_of_an_iteration_is_reflected_and_every_answer_has_a_record(
    parts: tuple[Store, LocalExecutor],
) -> None:
    proposer = Scripted([PROSE, UPRIGHT, UNKNOWN, FALLING], [MIDDLE, PROSE, PROSE, PROSE])
    record = search(parts, proposer, iterations=2, samples=4)
    first, second = record["iterations"]
    assert [c["id"] for c in first["candidates"]] == ["0-0", "0-1", "0-2", "0-3"]
    assert [c["status"] for c in first["candidates"]] == ["rejected", "ok", "rejected", "ok"]
    assert [c["error"] and c["error"]["kind"] for c in first["candidates"]] == [
        "no_code",
        None,
        "unknown_name",
        None,
    ]
    scores = {c["id"]: c["f"] for c in first["candidates"] + second["candidates"] if c["f"] is not None}
    assert record["best"] == max(scores, key=lambda name: scores[name])
    assert record["reward_score"] == max(scores.values())
    best = next(c for c in first["candidates"] if c["id"] == first["best"])
    system, user, assistant, feedback = proposer.requests[1].messages
    assert [system, user] == proposer.requests[0].messages
    assert assistant == {"role": "assistant", "content": best["answer"]}
    assert feedback == {"role": "user", "content": best["feedback"]}
    assert f"final_task_score: {best['f']:.2f}" in best["feedback"]
    assert "reward" in first["candidates"][2]["feedback"]
    assert "pole_angle" in first["candidates"][2]["feedback"]
    assert all(c["parent"] == first["best"] for c in second["candidates"])
    reward = proposer.requests[1].reward
    assert reward is not None
    assert reward.parent is not None
    assert reward.parent.source == best["source"]


def test_without_elitism_the_best_of_the_newest_iteration_is_fed_back(
    parts: tuple[Store, LocalExecutor],
) -> None:
    results = {}
    for elitism in (False, True):
        proposer = Scripted([UPRIGHT], [FALLING], [MIDDLE])
        record = search(parts, proposer, iterations=3, samples=1, elitism=elitism)
        scores = [iteration["candidates"][0]["f"] for iteration in record["iterations"]]
        results[elitism] = (proposer.requests[2].messages[2]["content"], scores)
    assert results[False][0] == FALLING
    better = UPRIGHT if results[True][1][0] >= results[True][1][1] else FALLING
    assert results[True][0] == better
    assert results[True][1] == results[False][1]


def test_an_iteration_of_failures_is_recorded_and_asked_again(parts: tuple[Store, LocalExecutor]) -> None:
    proposer = Scripted([PROSE, UNKNOWN], [UPRIGHT, PROSE])
    record = search(parts, proposer, iterations=2, samples=2)
    assert record["iterations"][0]["best"] is None
    assert proposer.requests[1].messages == proposer.requests[0].messages
    assert record["best"] == "1-0"


def test_a_single_failing_sample_is_told_its_error(parts: tuple[Store, LocalExecutor]) -> None:
    proposer = Scripted([UNKNOWN], [UPRIGHT])
    record = search(parts, proposer, iterations=2, samples=1)
    assert proposer.requests[1].messages[2]["content"] == UNKNOWN
    assert "pole_angle" in proposer.requests[1].messages[3]["content"]
    assert record["best"] == "1-0"


def test_thoughts_are_not_fed_back(parts: tuple[Store, LocalExecutor]) -> None:
    thinking = f"<think>A draft:\n{FALLING}</think>\n{UPRIGHT}<|im_end|>"
    proposer = Scripted([thinking], [MIDDLE])
    record = search(parts, proposer, iterations=2, samples=1)
    (candidate,) = record["iterations"][0]["candidates"]
    assert candidate["answer"] == thinking
    assert "up = torch.exp" in candidate["source"]
    assert proposer.requests[1].messages[2] == {"role": "assistant", "content": UPRIGHT}


def test_an_answer_without_words_is_not_fed_back_as_nothing(parts: tuple[Store, LocalExecutor]) -> None:
    proposer = Scripted([""], ["<think>Let me see"], [UPRIGHT])
    search(parts, proposer, iterations=3, samples=1)
    for request in proposer.requests[1:]:
        assert request.messages[2]["content"] == "(no answer)"
        assert all(message["content"].strip() for message in request.messages)


def test_answers_that_were_cut_off_are_a_class_with_a_remedy(parts: tuple[Store, LocalExecutor]) -> None:
    thoughts = Answer("", "length", "its hidden thoughts used up the 4096 tokens of --max-answer-tokens")
    half = Answer(UPRIGHT.replace("```\n", "", 1)[: len(UPRIGHT) // 2], "length")
    complete = Answer(UPRIGHT.rpartition("```")[0], "length")  # perhaps: more may have followed
    record = search(parts, Scripted([thoughts, half, complete]), iterations=1, samples=3)
    errors = [c["error"] for c in record["iterations"][0]["candidates"]]
    assert [error["kind"] for error in errors] == ["cut_off"] * 3
    assert all("raise --max-answer-tokens" in error["message"] for error in errors)
    assert "hidden thoughts" in errors[0]["message"]
    assert "keep thoughts and answer shorter" in errors[0]["designer"]
    assert record["error"].startswith("no candidate could be trained; most often (3 of 3 answers) cut_off: ")
    assert record["error"].count("raise --max-answer-tokens") == 1


def test_what_the_server_said_of_an_answer_is_kept(parts: tuple[Store, LocalExecutor]) -> None:
    refused = Answer("I cannot help with that.", "stop", "refused: I cannot help with that.")
    record = search(parts, Scripted([refused]), iterations=1, samples=1)
    (candidate,) = record["iterations"][0]["candidates"]
    assert candidate["note"] == refused.note
    assert candidate["error"]["message"] == "the answer has no code block (refused: I cannot help with that.)"


def test_what_is_odd_about_a_program_is_told_to_its_designer(parts: tuple[Store, LocalExecutor]) -> None:
    odd = "```python\ndef compute_reward(dof_pos):\n    print(1)\n    return torch.ones_like(dof_pos[:, 0]), {}\n```"
    record = search(parts, Scripted([odd]), iterations=1, samples=1)
    (candidate,) = record["iterations"][0]["candidates"]
    assert [flag["kind"] for flag in candidate["flags"]] == ["constant", "dropped"]
    for flag in candidate["flags"]:
        assert f"\n- {flag['message']}\n" in candidate["feedback"]


def test_a_search_without_any_program_is_a_failed_search(parts: tuple[Store, LocalExecutor]) -> None:
    record = search(parts, Scripted([PROSE, PROSE]), iterations=1, samples=2)
    assert (record["status"], record["program"]) == ("failed", None)
    assert record["error"] == (
        "no candidate could be trained; most often (2 of 2 answers) no_code: the answer has no code block; "
        "the answers are in search.json; another model, or a longer --max-answer-tokens, may write code"
    )


def test_the_most_frequent_reason_of_a_failed_search_comes_with_its_remedy(
    parts: tuple[Store, LocalExecutor],
) -> None:
    record = search(parts, Scripted([UNKNOWN, PROSE, UNKNOWN]), iterations=1, samples=3)
    assert re.search(r"\(2 of 3 answers\) unknown_name: .*pole_angle.*; .*--repairs", record["error"])


def test_repairs_give_the_error_back_for_each_rejected_candidate(parts: tuple[Store, LocalExecutor]) -> None:
    proposer = Scripted([UNKNOWN, UPRIGHT], [PROSE], [MIDDLE])
    record = search(parts, proposer, iterations=1, samples=2, repairs=2)
    candidates = record["iterations"][0]["candidates"]
    assert [(c["id"], c["status"], c["parent"]) for c in candidates] == [
        ("0-0", "rejected", None),
        ("0-1", "ok", None),
        ("0-0.1", "rejected", "0-0"),
        ("0-0.2", "ok", "0-0.1"),
    ]
    assert [(r.place["attempt"], r.place["response"], r.samples) for r in proposer.requests] == [
        (0, None, 2),
        (1, 0, 1),
        (2, 0, 1),
    ]
    assert "pole_angle" in proposer.requests[1].messages[-1]["content"]


def test_a_program_proposed_twice_is_trained_once(parts: tuple[Store, LocalExecutor]) -> None:
    record = search(parts, Scripted([UPRIGHT, UPRIGHT]), index=3, iterations=1, samples=2)
    first, second = record["iterations"][0]["candidates"]
    assert first["trial"] == second["trial"]
    assert first["f"] == second["f"]
    assert record["best"] == "0-0"  # the first of equals


def test_the_record_is_on_disk_after_every_iteration(parts: tuple[Store, LocalExecutor]) -> None:
    class Dies(Scripted):
        def propose(self, request: Request) -> list[Answer]:
            if request.place["iteration"] == 1:
                raise KeyboardInterrupt
            return super().propose(request)

    with pytest.raises(KeyboardInterrupt):
        search(parts, Dies([UPRIGHT]), index=5, iterations=2, samples=1)
    saved = parts[0].search_path("cartpole", "eureka", 5)
    assert '"best": "0-0"' in saved.read_text()
    record = parts[0].search("cartpole", "eureka", 5)
    assert record is not None
    assert (record.status, record.program is None) == ("stopped", False)
    assert "running it again goes on" in (record.error or "")


@pytest.mark.parametrize("why", [UserError("the money is spent"), Lost("cartpole was lost 3 times")])
def test_a_search_that_cannot_go_on_is_stopped_and_keeps_what_it_has(
    parts: tuple[Store, LocalExecutor], why: Exception
) -> None:
    class Ends(Scripted):
        def propose(self, request: Request) -> list[Answer]:
            if request.place["iteration"] == 1:
                raise why
            return super().propose(request)

    proposer = Ends([UPRIGHT])
    record = search(parts, proposer, index=6, iterations=3, samples=1)
    assert (record["status"], record["error"]) == ("stopped", str(why))
    assert (len(record["iterations"]), record["best"]) == (1, "0-0")
    assert record["settings"] == {"proposer": "scripted", "iterations": 3, "samples": 1}
    again = search(parts, Scripted([UPRIGHT], [MIDDLE], [PROSE]), index=6, iterations=3, samples=1)
    assert (again["status"], again["error"]) == ("ok", None)
    assert again["iterations"][0] == record["iterations"][0]


def test_a_search_that_never_got_an_answer_says_so_at_once(parts: tuple[Store, LocalExecutor]) -> None:
    class Deaf(Scripted):
        def propose(self, request: Request) -> list[Answer]:
            raise UserError("wrong key")

    with pytest.raises(UserError, match="wrong key"):
        search(parts, Deaf(), index=7, iterations=1, samples=1)
