"""The grammar writes programs that run, draws them reproducibly, and heeds the reflection."""

import ast
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from harness.context import visible_fields
from harness.errors import UserError
from harness.proposers import Answer, Journal, Parent, Request, make_proposer
from harness.proposers.grammar import compose
from harness.proposers.grammar_catalogue import BY_KIND, catalogue
from harness.proposers.grammar_program import ALIVE, Gene, Program, read, render
from harness.proposers.grammar_search import dominating, flat, hopeless
from harness.registry import load_task
from harness.rewards import compile_reward, extract
from harness.rotations import REWARD_HELPERS
from tests.proposers.requests import request

CARTPOLE = visible_fields(load_task("cartpole"))
TERMS = catalogue(CARTPOLE)
RISING = [10.0, 40.0, 200.0, 450.0]


def asked(samples: int = 8, fields: dict[str, Any] = CARTPOLE, **changes: Any) -> Request:
    return request(samples, fields=fields, **changes)


def source_of(answer: Answer) -> str:
    return extract(answer.text)


def run(source: str, named: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    names: dict[str, Any] = dict(REWARD_HELPERS)
    exec(source, names)
    function = names["compute_reward"]
    wanted = function.__code__.co_varnames[: function.__code__.co_argcount]
    reward, components = function(**{name: named[name] for name in wanted})
    return reward, components


def gene(name: str, weight: float = 1.0) -> Gene:
    term = TERMS[name]
    return Gene(term, weight, {parameter: bounds[0] for parameter, bounds in term.parameters.items()})


def parent(program: Program, components: dict[str, list[float]], fitness: list[float] = RISING) -> Parent:
    return Parent("answer", render(program), fitness, components)


def children(parent: Parent, count: int = 40) -> list[Program]:
    """Mutated samples: each is number 0 of a request of one."""
    programs = []
    for seed in range(count):
        answer = compose(asked(1, iteration=1, seed=seed, parent=parent), 0, TERMS)
        program = read(source_of(answer), TERMS)
        assert program is not None
        programs.append(program)
    return programs


def test_the_same_request_gives_the_same_answers() -> None:
    first = [compose(asked(), index, TERMS) for index in range(8)]
    assert first == [compose(asked(), index, TERMS) for index in range(8)]
    assert len({answer.text for answer in first}) == 8
    for other in (asked(seed=2), asked(iteration=1), asked(attempt=1, response=0)):
        assert compose(other, 0, TERMS) != first[0]


def test_first_samples_do_not_depend_on_how_many_are_asked() -> None:
    assert compose(asked(2), 1, TERMS) == compose(asked(16), 1, TERMS)


def mother() -> Parent:
    program = read(source_of(compose(asked(1), 0, TERMS)), TERMS)
    assert program is not None
    return parent(program, {name: [0.1, 0.5] for name in program.names})


@pytest.mark.parametrize("parts", [(1, 4), (2, 4), (3, 4), (1, 2, 3, 4), (4, 16), (3, 5, 16)])
@pytest.mark.parametrize("iteration", [0, 1])
def test_answers_do_not_depend_on_how_they_are_batched(
    tmp_path: Path, parts: tuple[int, ...], iteration: int
) -> None:
    later: dict[str, Any] = {"iteration": 1, "parent": mother()} if iteration else {}
    with Journal(tmp_path / "whole.jsonl") as journal:
        whole = make_proposer("grammar", journal).propose(asked(parts[-1], **later))
    for count in parts:  # interrupted, and gone on with
        with Journal(tmp_path / "parts.jsonl") as journal:
            answers = make_proposer("grammar", journal).propose(asked(count, **later))
        assert answers == whole[:count]


def test_one_answer_in_four_is_crossed() -> None:
    answers = [compose(asked(8, iteration=1, parent=mother()), index, TERMS).text for index in range(8)]
    crossed = [index for index, text in enumerate(answers) if text.startswith("What worked in the last")]
    assert crossed == [3, 7]


@pytest.mark.parametrize("name", ["cartpole", "ball_balance", "ant"])
def test_every_term_and_program_passes_the_checks_of_rewards(name: str) -> None:
    task = load_task(name)
    fields = visible_fields(task)
    terms = catalogue(fields)
    everything = Program(
        tuple(Gene(t, 1.0, {p: b[1] for p, b in t.parameters.items()}) for t in terms.values()), 1.0
    )
    graph = compile_reward(render(everything), task, 16)
    assert set(graph.components) == {*terms, ALIVE}
    answers = [compose(asked(2, fields), index, terms) for index in range(2)]
    known = {component: [0.5, 0.5] for component in terms}
    mother = Parent(answers[0].text, source_of(answers[0]), RISING, known)
    answers += [compose(asked(3, fields, iteration=1, parent=mother), index, terms) for index in range(3)]
    for answer in answers:
        assert answer.finish_reason == "stop"
        compile_reward(source_of(answer), task, 16)


SHAPES = st.sampled_from([(), (2,), (3,), (4,), (7,), (13,), (5, 3), (2, 4), (3, 3)])
FIELDS = st.dictionaries(
    st.sampled_from(
        [
            *(
                "pos",
                "goal_pos",
                "tip_pos",
                "object_rot",
                "goal_rot",
                "vel",
                "target_vel",
                "spin",
                "q",
                "prev_q",
            ),
            *(
                "dq",
                "up",
                "gravity_vec",
                "force",
                "a",
                "last_a",
                "potential",
                "prev_potential",
                "distance",
                "obs",
            ),
            "body_state",
        ]
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([*BY_KIND, "observation"]),
            "unit": st.just("1"),
            "about": st.sampled_from(["position, quaternion, velocities", "something"]),
            "shape": SHAPES,
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(fields=FIELDS, seed=st.integers(0, 99), size=st.sampled_from([0.0, 1.0, 1e3, 1e9]))
def test_whatever_the_state_programs_read_it_only_and_stay_finite(
    fields: dict[str, Any], seed: int, size: float
) -> None:
    terms = catalogue(fields)
    if not terms:
        return
    rng = torch.Generator().manual_seed(seed)
    state = {name: size * torch.randn(6, *about["shape"], generator=rng) for name, about in fields.items()}
    source = source_of(compose(asked(1, fields, seed=seed), 0, terms))
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    assert {argument.arg for argument in function.args.args} <= set(fields)
    reward, components = run(source, state)
    assert reward.shape == (6,)
    assert reward.isfinite().all()
    assert torch.allclose(reward, sum(components.values(), torch.zeros(6)))
    for name, values in components.items():
        assert values.shape == (6,)
        assert len(name) <= 64
        assert name not in fields


@settings(max_examples=50, deadline=None)
@given(fields=FIELDS, seed=st.integers(0, 99))
def test_a_program_can_be_read_back(fields: dict[str, Any], seed: int) -> None:
    terms = catalogue(fields)
    if terms:
        source = source_of(compose(asked(1, fields, seed=seed), 0, terms))
        program = read(source, terms)
        assert program is not None
        assert render(program) == source.strip() + "\n"


def test_first_rewards_mostly_prefer_the_state_that_most_tasks_want() -> None:
    """Cart and pole near zero; a ball resting above the middle of the table."""
    ball = visible_fields(load_task("ball_balance"))
    zero = {name: torch.zeros(1, *about["shape"]) for name, about in (CARTPOLE | ball).items()}
    fallen = {name: torch.zeros_like(value) for name, value in zero.items()}
    fallen |= {"dof_pos": torch.tensor([[2.5, 1.4]]), "dof_vel": torch.tensor([[3.0, 4.0]])}
    fallen |= {
        "ball_positions": torch.tensor([[0.4, -0.5, 0.2]]),
        "ball_linvels": torch.tensor([[1.0, -1.0, -2.0]]),
    }
    zero["ball_positions"] = torch.tensor([[0.0, 0.0, 0.7]])
    for fields in (CARTPOLE, ball):
        terms = catalogue(fields)
        sources = [source_of(compose(asked(100, fields), index, terms)) for index in range(100)]
        better = sum(bool(run(source, zero)[0] > run(source, fallen)[0]) for source in sources)
        assert better >= 75


def test_no_child_has_two_components_of_one_subject() -> None:
    names = ["near_dof_pos", "near_dof_pos_0", "near_dof_pos_1", "still_dof_vel"]
    known = parent(Program(tuple(map(gene, names))), {name: [0.5, 0.5, 0.5] for name in names})
    for child in children(known, 100):
        assert len(set(child.names)) == len(child.names)
        assert len({g.term.subject for g in child.genes}) == len(child.genes)
    for seed in range(50):
        crossed = read(source_of(compose(asked(4, iteration=1, seed=seed, parent=known), 3, TERMS)), TERMS)
        assert crossed is not None
        assert len({g.term.subject for g in crossed.genes}) == len(crossed.genes)


def test_a_flat_component_is_changed_or_dropped() -> None:
    known = parent(
        Program((gene("near_dof_pos_0"), gene("near_dof_pos_1")), alive=0.5),
        {"near_dof_pos_0": [0.9, 0.9, 0.9, 0.91], "near_dof_pos_1": [0.2, 0.5, 0.7, 0.9], ALIVE: [0.5] * 4},
    )
    dropped = rescaled = rewritten = 0
    for child in children(known):
        kept = [g for g in child.genes if g.term.name == "near_dof_pos_0"]
        if kept:
            assert kept[0].parameters != gene("near_dof_pos_0").parameters
            rescaled += 1
        elif any(g.term.subject == "joint dof_pos_0" for g in child.genes):
            rewritten += 1
        else:
            dropped += 1
    assert min(dropped, rescaled, rewritten) >= 3


def test_the_temperature_of_a_flat_component_moves_to_where_its_values_are() -> None:
    for level, direction in ((0.02, 1), (0.98, -1)):
        known = parent(Program((gene("near_dof_pos_0"),)), {"near_dof_pos_0": [level] * 4})
        before = gene("near_dof_pos_0").parameters["temperature"]
        factors = [
            g.parameters["temperature"] / before
            for child in children(known)
            for g in child.genes
            if g.term.name == "near_dof_pos_0"
        ]
        assert len(factors) >= 10
        assert all(1.9 <= factor**direction <= 5.3 for factor in factors)  # two digits


def test_a_dominating_component_is_scaled_down() -> None:
    known = parent(
        Program((gene("near_dof_pos_0", 3.0), gene("near_dof_pos_1", 0.3))),
        {"near_dof_pos_0": [1.0, 2.0, 2.5, 2.9], "near_dof_pos_1": [0.01, 0.1, 0.2, 0.3]},
    )
    weights = [g.weight for child in children(known) for g in child.genes if g.term.name == "near_dof_pos_0"]
    assert len(weights) == 40
    assert all(0.3 <= weight <= 1.5 for weight in weights)


def test_a_sound_parent_is_changed_a_little_and_never_copied() -> None:
    program = Program((gene("near_dof_pos_0"), gene("near_dof_pos_1")), alive=0.5)
    known = parent(
        program, {"near_dof_pos_0": [0.1, 0.5, 0.7], "near_dof_pos_1": [0.2, 0.5, 0.9], ALIVE: [0.5] * 3}
    )
    offspring = children(known)
    assert program not in offspring
    related = [child for child in offspring if {"near_dof_pos_0", "near_dof_pos_1"} & set(child.names)]
    assert len(related) >= 0.9 * len(offspring)


@pytest.mark.parametrize("fitness", [[0.0, 0.001, 0.0], [9.0, 9.0, 9.01], [math.nan, math.nan], []])
def test_after_a_hopeless_parent_all_but_one_sample_start_afresh(fitness: list[float]) -> None:
    program = Program((gene("raised_dof_pos_0"),))
    known = parent(program, {"raised_dof_pos_0": [0.1, 0.5, 0.9]}, fitness)
    answers = [compose(asked(4, iteration=1, parent=known), index, TERMS) for index in range(4)]
    fresh = ["a new start" in answer.text for answer in answers]
    assert fresh == [False, True, True, True]


def test_every_fourth_sample_crosses_the_parent_with_new_components() -> None:
    program = Program((gene("near_dof_pos_1"), gene("raised_dof_pos_0")))
    known = parent(program, {"near_dof_pos_1": [0.1, 0.5, 0.9], "raised_dof_pos_0": [0.5, 0.5, 0.5]})
    kept = 0
    for seed in range(30):
        answer = compose(asked(4, iteration=1, seed=seed, parent=known), 3, TERMS)
        assert "with new components" in answer.text
        child = read(source_of(answer), TERMS)
        assert child is not None
        kept += gene("near_dof_pos_1") in child.genes
    assert 10 <= kept <= 28


def test_a_parent_that_someone_else_wrote_is_no_obstacle() -> None:
    for source in ("def compute_reward(dof_pos):\n    return dof_pos[:, 0], {}", "not python ("):
        known = Parent("answer", source, RISING, {"x": [math.nan, 1.0]})
        answer = compose(asked(4, iteration=1, parent=known), 0, TERMS)
        assert read(source_of(answer), TERMS) is not None


def test_diagnoses_by_hand() -> None:
    moves = {"a": [1.0, 1.04], "b": [1.0, 1.2], "c": [0.0, 0.0], ALIVE: [1.0, 1.0], "d": [math.nan, 1.0]}
    assert flat(moves, {}) == ["a", "c"]
    assert flat({"tiny": [0.0, 0.02], "small": [0.0, 0.2]}, {"tiny": 1.0, "small": 1.0}) == ["tiny"]
    assert dominating({"a": [10.0, -10.0], "b": [1.0], "c": [2.0]}) == ["a"]
    assert dominating({"a": [10.0], "b": [4.0]}) == []
    assert dominating({"a": [10.0]}) == []
    assert hopeless([0.0, 0.009])
    assert not hopeless([-1.2, -0.5, -0.3])
    assert not hopeless([5.0, 5.0])  # too short to tell


def test_answers_go_through_the_journal_at_no_cost(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        proposer = make_proposer("grammar", journal)
        assert proposer.name == journal.proposer == "grammar"
        two = proposer.propose(asked(2))
    with Journal(path) as journal:
        proposer = make_proposer("grammar", journal)
        before = path.read_bytes()
        assert proposer.propose(asked(2)) == two
        assert path.read_bytes() == before
        four = proposer.propose(asked(4))
        assert four[:2] == two
        assert four == [compose(asked(4), index, TERMS) for index in range(4)]
        assert journal.spending.total.tokens == 0
        assert journal.spending.total.usd == 0.0


def test_a_state_without_anything_to_reward_is_a_user_error(tmp_path: Path) -> None:
    nothing = {"obs": {"kind": "observation", "unit": "1", "about": "everything", "shape": (9,)}}
    with (
        Journal(tmp_path / "journal.jsonl") as journal,
        pytest.raises(UserError, match="finds nothing to reward in task 'cartpole'"),
    ):
        make_proposer("grammar", journal).propose(asked(1, nothing))
