"""What a run's options come to, before anything starts."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from harness.config import RunConfig
from harness.errors import EnvironmentProblem, UserError
from harness.files import write_json
from harness.missing import Missing, env_steps, missing
from harness.not_reused import not_reused
from harness.plan import Plan
from harness.planning import make_plan
from harness.precheck import check_written
from harness.records import Candidate, Iteration, SearchRecord
from harness.registry import expert_reward, resolve
from harness.run_record import run_record
from harness.store import Store

DONE = {"status": "ok", "f": 1.5, "error": None}
PROGRAM = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def plan_of(**options: Any) -> Plan:
    config = {"suite": "cartpole", "budget": "smoke", "precision": "fp32", "out": "run"} | options
    return make_plan(RunConfig.model_validate(config), gpu=False)


def begun(**options: Any) -> Plan:
    """A plan whose run.json is written, as when a run starts."""
    plan = plan_of(**options)
    store = Store(plan.folder)
    store.searches.mkdir(parents=True, exist_ok=True)
    write_json(store.folder / "run.json", run_record(plan, store))
    return plan


def searched(plan: Plan, iterations: int, status: str = "ok", seeds: int = 0) -> None:
    """Leave the record of a search, and so many of its final trials."""
    store, task = Store(plan.folder), plan.tasks[0]
    record = SearchRecord(
        task.slug,
        "eureka",
        0,
        PROGRAM,
        settings=plan.described(plan.usual),
        status=status,
        iterations=tuple(Iteration(index, (), ()) for index in range(iterations)),
    )
    store.write_search(record)
    with store.opened():
        for spec in plan.finals(task, "eureka", PROGRAM)[:seeds]:
            store.begin_trial(spec)
            store.finish_trial(spec, DONE)


@pytest.mark.parametrize(
    ("protocol", "asked", "bonus"),
    [("strict", "auto", 0.0), ("paper", "auto", 250.0), ("strict", "on", 250.0), ("paper", "off", 0.0)],
)
def test_the_goal_bonus_follows_the_protocol_unless_asked_for(
    protocol: str, asked: str, bonus: float
) -> None:
    plan = plan_of(suite="shadow_hand,ant", protocol=protocol, goal_bonus=asked)
    assert plan.goal_bonus is (bonus > 0)

    def bonus_of(task: str, method: str) -> float:
        return plan.spec(resolve(task), method, "", "final", 0).goal_bonus

    assert bonus_of("shadow_hand", "eureka") == bonus
    assert bonus_of("shadow_hand", "human") == 0.0
    assert bonus_of("ant", "eureka") == 0.0


def test_only_what_is_missing_is_counted() -> None:
    plan = begun(seeds=3, iterations=2, samples=4)
    store, task = Store(plan.folder), plan.tasks[0]
    assert missing(plan, store)[task] == Missing(finals=9, candidates=8)
    human = plan.finals(task, "human", expert_reward("human", task) or "")
    with store.opened():
        store.begin_trial(human[0])
        store.finish_trial(human[0], DONE)
    assert missing(plan, store)[task] == Missing(finals=8, candidates=8)
    searched(plan, 1, "stopped")
    assert missing(plan, store)[task] == Missing(finals=8, candidates=4)
    searched(plan, 2, seeds=2)
    assert missing(plan, store)[task] == Missing(finals=6, candidates=0)
    more = plan_of(seeds=3, iterations=3)
    assert missing(more, store)[task] == Missing(finals=8, candidates=4)


def test_env_steps_follow_the_length_of_a_candidates_training() -> None:
    task = resolve("cartpole")
    plain, longer = plan_of(), plan_of(candidate_epochs=30)
    amount = Missing(finals=1, candidates=2)
    each = env_steps(plain, task, Missing(finals=1))
    assert env_steps(plain, task, amount) == 3 * each
    assert env_steps(longer, task, amount) == each + 2 * 3 * each  # 10 epochs are the budget's
    assert longer.spec(task, "eureka", "", "search", 0).budget.epochs == 30
    assert longer.spec(task, "eureka", "", "final", 0).budget.epochs == 10


def test_what_is_not_asked_for_stays_as_the_folder_has_it() -> None:
    first = begun(iterations=3, samples=5, elitism=True, temperature=0.5, protocol="paper", precision="bf16")
    searched(first, 3)
    again = plan_of(precision="auto")
    assert (again.settings, again.protocol, again.goal_bonus) == (first.settings, "paper", True)
    assert again.precision == "bf16"
    assert plan_of(budget="auto").budget == "smoke"
    assert run_record(again, Store(first.folder))["search"] == first.described(first.usual)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"protocol": "paper"}, "protocol 'strict', not 'paper'"),
        ({"budget": "quick"}, "budget 'smoke', not 'quick'"),
        ({"goal_bonus": "on"}, "goal_bonus False, not True"),
        ({"candidate_epochs": 7}, "candidate_epochs None, not 7"),
        ({"samples": 3}, "searches with samples 2, not 3"),
        ({"elitism": True}, "searches with elitism False, not True"),
        ({"repairs": 1}, "searches with repairs 0, not 1"),
        ({"racing": True}, "searches with racing False, not True"),
        ({"precision": "bf16"}, "precision 'fp32', not 'bf16'"),
        ({"temperature": 0.2}, "searches with temperature 1.0, not 0.2"),
        ({"max_answer_tokens": 99}, "searches with max_answer_tokens 4096, not 99"),
        ({"proposer": "openai:other"}, "searches with proposer 'grammar', not 'openai:other'"),
    ],
)
def test_other_settings_on_a_folder_are_refused(options: dict[str, Any], words: str) -> None:
    searched(begun(), 1)
    before = (Path("run") / "run.json").read_bytes()
    with pytest.raises(UserError, match=words) as caught:
        begun(**options)
    assert "--out" in str(caught.value)
    assert (Path("run") / "run.json").read_bytes() == before


def test_a_race_is_kept_and_is_not_for_the_paper_protocol() -> None:
    first = begun(racing=True)
    searched(first, 1)
    assert plan_of().races("eureka")
    assert run_record(begun(iterations=2), Store(Path("run")))["search"]["racing"] is True
    with pytest.raises(UserError, match="--racing is not the paper's protocol"):
        plan_of(racing=True, protocol="paper", out="other")


def test_a_replay_is_done_as_the_run_was_but_for_what_is_given() -> None:
    first = begun(racing=True, samples=3, seeds=4, precision="bf16", candidate_epochs=20)
    searched(first, 1)
    again = plan_of(out="again", proposer="replay:run", precision="auto", budget="auto")
    assert again.settings == first.settings
    assert (again.precision, again.budget, again.seeds, again.candidate_epochs) == ("bf16", "smoke", 4, 20)
    assert again.proposer == "replay:run"
    assert plan_of(out="again", proposer="replay:run", samples=2, precision="fp32").precision == "fp32"
    assert plan_of(out="again", proposer="replay:run/journal.jsonl").races("eureka")


@pytest.mark.parametrize(("can", "precision"), [(True, "bf16"), (False, "fp32")])
def test_precision_is_what_the_processor_can_do_fast(
    can: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.machine.multiplies_bf16", lambda: can)
    plan = plan_of(precision="auto")
    assert plan.precision == precision
    assert plan.spec(plan.tasks[0], "human", "", "final", 0).precision == precision
    assert any("precision" in note for note in plan.notes) == can
    slow = plan_of(precision="bf16").notes
    assert any("precision bf16 is slow here" in note for note in slow) == (not can)


def test_fewer_iterations_are_refused_and_more_go_on() -> None:
    searched(begun(iterations=2), 2)
    with pytest.raises(UserError, match="iterations 2, not 1"):
        begun(iterations=1)
    assert begun(iterations=3).settings["eureka"].iterations == 3


def test_the_proposer_is_settled_by_the_first_search_not_by_the_first_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun(methods="human")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-something-long-enough")
    monkeypatch.setenv("OPENAI_MODEL", "some-model")
    assert begun().proposer == "openai:some-model"  # nothing was searched: another command may ask another
    monkeypatch.delenv("OPENAI_API_KEY")
    assert begun(proposer="grammar").proposer == "grammar"
    searched(begun(proposer="grammar"), 1)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-something-long-enough")
    assert plan_of().proposer == "grammar"


def test_a_command_does_what_it_says_and_the_folder_keeps_what_was_asked() -> None:
    begun(seeds=4, suite="cartpole,ant")
    plan = begun(methods="human", seeds=2)
    assert (plan.methods, [task.slug for task in plan.tasks], plan.seeds) == (("human",), ["cartpole"], 2)
    record = json.loads((Path("run") / "run.json").read_text())
    assert record["tasks"] == ["cartpole", "ant"]
    assert record["methods"] == ["human", "sparse", "eureka"]
    assert record["asked"]["cartpole"]["human"] == {"searches": 1, "seeds": 4}


def task_file(folder: Path, limit: float) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "near.py").write_text(
        "from suites.isaac.cartpole import Cartpole\nclass Near(Cartpole):\n"
        f"    def terminated(self, state): return state.dof_pos[:, 0].abs() > {limit}\n"
    )
    (folder / "near_human_reward.py").write_text(PROGRAM)
    return f"{folder}/near.py:Near"


def test_another_task_of_the_same_name_is_refused(tmp_path: Path) -> None:
    begun(suite=task_file(tmp_path / "a", 1.0))
    begun(suite=task_file(tmp_path / "b", 1.0))  # moved, but the same
    with pytest.raises(UserError, match=r"holds results of another task called 'near' .*near\.py:Near"):
        begun(suite=task_file(tmp_path / "c", 2.0))


def test_a_run_folder_names_nothing_that_is_imported(tmp_path: Path) -> None:
    plan = begun()
    (tmp_path / "evil.py").write_text("open('evil-was-here', 'w')\n")
    path = plan.folder / "run.json"
    record = json.loads(path.read_text())
    evil = f"{tmp_path}/evil.py:Evil"
    record["tasks"].append("evil")
    record["task_info"]["evil"] = record["task_info"]["cartpole"] | {
        "module": f"{tmp_path}/evil.py",
        "qualname": "Evil",
    }
    record["asked"]["evil"] = record["asked"]["cartpole"]
    record["methods"].append(evil)
    path.write_text(json.dumps(record))
    again = begun()
    assert again.tasks == plan.tasks
    assert missing(again, Store(again.folder)).keys() == set(plan.tasks)
    assert not (tmp_path / "evil-was-here").exists()


def test_a_reward_program_of_ones_own_is_a_method(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PROGRAM)
    plan = plan_of(methods="human,./mine.py", seeds=2)
    assert plan.methods == ("human", "mine")
    assert plan.program(plan.tasks[0], "mine") == PROGRAM
    assert missing(plan, Store(plan.folder))[plan.tasks[0]].finals == 4
    check_written(plan)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "mine.py",
            "def compute_reward(nothing): return nothing, {}",
            "mine is refused on task 'cartpole' .*nothing",
        ),
        ("human.py", PROGRAM, "has the name of a built-in method"),
        ("a b.py", PROGRAM, "use letters, digits"),
        ("none.py", None, "cannot be read .No such file"),
        ("folder.py", "", "cannot be read .Is a directory"),
    ],
)
def test_a_reward_program_that_is_none_is_one_line(name: str, text: str | None, words: str) -> None:
    if text:
        Path(name).write_text(text)
    elif text == "":
        Path(name).mkdir()
    with pytest.raises(UserError, match=words) as caught:
        check_written(plan_of(methods=name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["human", "sparse"])
def test_an_experts_mistake_is_said_of_the_task_before_anything_is_trained(tmp_path: Path, kind: str) -> None:
    reference = task_file(tmp_path / "a", 1.0)
    (tmp_path / "a" / "near_sparse_reward.py").write_text(PROGRAM)
    (tmp_path / "a" / f"near_{kind}_reward.py").write_text(
        "def compute_reward(dof_pos):\n    return dof_poss, {}\n"
    )
    plan = plan_of(suite=reference)
    with pytest.raises(UserError, match=f"the {kind} reward of task .*near.py:Near' is refused .*dof_poss"):
        check_written(plan)


def test_trials_of_other_versions_are_said_and_reused_when_asked() -> None:
    plan = begun(methods="human", seeds=2)
    store, task = Store(plan.folder), plan.tasks[0]
    source = expert_reward("human", task) or ""
    older = [
        dataclasses.replace(spec, versions=spec.versions | {"mujoco": "3.16.0"})
        for spec in plan.finals(task, "human", source)
    ]
    with store.opened():
        for spec in older:
            store.begin_trial(spec)
            store.finish_trial(spec, DONE)
    (line,) = not_reused(plan, store)
    assert line.startswith("2 trial(s) of mujoco 3.16.0 are not reused")
    assert missing(plan, store)[task].finals == 2
    any_version = plan_of(methods="human", seeds=2, reuse_any_version=True)
    assert not_reused(any_version, store) == []
    assert missing(any_version, store)[task].finals == 0


def test_failed_trials_are_results_unless_they_are_to_be_tried_again() -> None:
    plan = begun(methods="human", seeds=1)
    store, task = Store(plan.folder), plan.tasks[0]
    (spec,) = plan.finals(task, "human", expert_reward("human", task) or "")
    with store.opened():
        store.begin_trial(spec)
        store.finish_trial(spec, {"status": "failed", "f": None, "error": {"kind": "failed", "message": "x"}})
    assert missing(plan, store)[task].finals == 0
    assert missing(plan_of(methods="human", seeds=1, retry_failed=True), store)[task].finals == 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"engine": "warp"}, "engine 'warp' is not here: expected one of cpu"),
        ({"executor": "ray"}, "executor 'ray' is not here: expected one of local"),
        ({"trainer": "skrl"}, "trainer 'skrl' is not here: expected one of rl_games"),
    ],
)
def test_what_is_not_there_is_one_line(option: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        plan_of(**option)


def test_a_program_that_was_edited_is_another_one_words_apart() -> None:
    Path("mine.py").write_text(PROGRAM)
    begun(methods="mine.py")
    Path("mine.py").write_text("# a remark\n" + PROGRAM)
    begun(methods="mine.py", suite="ball_balance")
    Path("mine.py").write_text(PROGRAM.replace("1", "0"))
    with pytest.raises(UserError, match="holds results of another text of mine"):
        begun(methods="mine.py", suite="ant")


def test_seeds_and_searches_stay_as_they_were_unless_asked_for() -> None:
    begun(seeds=3, searches=2)
    assert (plan_of().seeds, plan_of().searches) == (3, 2)
    assert plan_of(seeds=1).seeds == 1


def test_candidates_that_are_gone_are_counted() -> None:
    plan = begun(seeds=1, iterations=1)
    searched(plan, 1, seeds=1)
    store = Store(plan.folder)
    record = store.search("cartpole", "eureka", 0)
    assert record is not None
    tried = tuple(
        Candidate(name, 0, 0, None, "", source=source) for name, source in (("a", PROGRAM), ("b", None))
    )
    iteration = dataclasses.replace(record.iterations[0], candidates=tried)
    store.write_search(dataclasses.replace(record, iterations=(iteration,)))
    assert missing(plan, store)[plan.tasks[0]] == Missing(finals=2, candidates=1)


@pytest.mark.parametrize(
    "edit",
    [
        {"budget": "foo"},
        {"protocol": "foo"},
        {"task_info": {}},
        {"task_info": {"cartpole": {"slug": "cartpole"}}},
        {"seeds": -1},
        {"candidate_epochs": -3},
        {"search": {"proposer": "replay:/etc/passwd"}},
        {"asked": None},
    ],
)
def test_a_run_record_with_strange_values_is_one_line(edit: dict[str, Any]) -> None:
    begun()
    path = Path("run") / "run.json"
    record = json.loads(path.read_text())
    if isinstance(edit.get("search"), dict):
        edit = {"search": record["search"] | edit["search"]}
    path.write_text(json.dumps(record | edit))
    with pytest.raises(UserError, match=r"run\.json is damaged") as caught:
        begun()
    assert "\n" not in str(caught.value)
    path.write_text("[" * 100_000)
    with pytest.raises(EnvironmentProblem, match=r"run\.json"):
        plan_of()
