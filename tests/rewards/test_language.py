"""Every function, method and operator that the language offers can be used and traced."""

from __future__ import annotations

import re

import pytest
import torch

from harness.registry import load_task
from harness.rewards import check
from harness.rewards.allowed import CONSTRUCTORS, FUNCTIONAL, IN_PLACE, IN_PLACE_FUNCTIONS, LINALG, OPERATIONS
from harness.rewards.graph.behaviour import Behaviour
from harness.rewards.graph.compile import compare, trace_program

from .examples import ATTRIBUTES, CALLS, EXPRESSIONS, SETUP
from .examples import IN_PLACE as IN_PLACE_CALLS
from .fixtures import states

TOGETHER = 12
BATCHES = [EXPRESSIONS[i : i + TOGETHER] for i in range(0, len(EXPRESSIONS), TOGETHER)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expressions", BATCHES, ids=lambda batch: batch[0].partition("(")[0])
def test_what_is_offered_runs_traces_and_gives_the_same(expressions: list[str]) -> None:
    task = load_task("cartpole")
    program = check(SETUP.replace("EXPRESSIONS", ", ".join(expressions)), task)
    recorded = states("cartpole", 8)
    behaviour = Behaviour(program, task, 8, torch.device("cpu"))
    graph = trace_program(behaviour, recorded.real[1])
    for state in recorded.real:
        compare(graph, behaviour, behaviour.run(state))


def test_no_offer_is_left_out_here() -> None:
    shown = {
        re.split(r"[(.=]", call.removeprefix("nn.functional.").removeprefix("linalg."))[0] for call in CALLS
    }
    assert shown >= (OPERATIONS | CONSTRUCTORS | FUNCTIONAL | LINALG)
    assert {call.partition("(")[0] for call in IN_PLACE_CALLS} == IN_PLACE
    assert len(ATTRIBUTES) > 20


def test_in_place_functions_are_those_that_torch_has() -> None:
    assert {name for name in IN_PLACE if hasattr(torch, name)} == IN_PLACE_FUNCTIONS
