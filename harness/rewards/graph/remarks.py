"""What the try-out of a program shows that is odd, though no reason to refuse it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from harness.bound import PROGRESS
from harness.rewards.errors import RewardError
from harness.rewards.flags import Flag, non_finite_flags
from harness.rewards.graph.behaviour import Behaviour, Outcome
from harness.rewards.graph.graph import Graph

if TYPE_CHECKING:
    from torch import Tensor

COUNTERS = (PROGRESS,)
"""Names that a program may read and that count steps."""
FEWER = 7
"""Worlds of the try-out that shows whether worlds are rewarded alone."""
LARGEST, SMALLEST = 1e6, 1e-6
"""Rewards of a step beyond which a scale is absurd: a value network learns neither."""
OPERATION_S, ELEMENT_S = 5e-6, 1e-9
"""Of a core, about: what the cost of a graph is estimated from, so that it is the same on any machine."""
CALL_S, WORLD_S = 2e-3, 6e-6
"""A reward may cost so much a call, and so much a world: a tenth of what simulating a world takes."""


def remarks(
    graph: Graph, behaviour: Behaviour, simulated: Sequence[Outcome], artificial: Sequence[Outcome]
) -> tuple[Flag, ...]:
    """The flags of a program that was tried on `simulated` and `artificial` states, and of its graph."""
    found = [
        *_cast(behaviour),
        *_constant([*simulated, *artificial]),
        *_batch(behaviour, simulated[1]),
        *_scale(simulated),
        *_non_finite(simulated),
        *_counter(graph),
        *_slow(graph),
    ]
    return (*found, *behaviour.program.flags)


def _cast(behaviour: Behaviour) -> list[Flag]:
    dtype = behaviour.reward_dtype
    if dtype.is_floating_point:
        return []
    return [Flag("cast", f"the reward is {str(dtype).removeprefix('torch.')}, and was converted to float32")]


def _constant(outcomes: Sequence[Outcome]) -> list[Flag]:
    rewards = torch.cat([outcome.results[0] for outcome in outcomes])
    if not bool((rewards == rewards[0]).all()):
        return []
    return [
        Flag(
            "constant",
            f"the reward is {float(rewards[0]):g} in every state that was tried: nothing there says what is better",
        )
    ]


def _batch(behaviour: Behaviour, outcome: Outcome) -> list[Flag]:
    """Whether a few worlds alone get other rewards than among the others."""
    fewer = min(FEWER, behaviour.worlds - 1)
    if fewer < 2:
        return []
    alone = behaviour.fresh(fewer)
    chosen = torch.linspace(0, behaviour.worlds - 1, fewer).long()
    state = {name: value[chosen] for name, value in outcome.state.items()}
    try:
        found = alone.run(state).results[0]
    except RewardError as error:
        return [Flag("batch", f"the program works for {behaviour.worlds} worlds only: {error.message}")]
    if torch.allclose(found, outcome.results[0][chosen], rtol=1e-3, atol=1e-5, equal_nan=True):
        return []
    what = "the reward of a world depends on the other worlds or on how many there are"
    return [Flag("batch", f"{what}: the same behaviour can earn different rewards")]


def _scale(outcomes: Sequence[Outcome]) -> list[Flag]:
    flags = []
    for title, values in _series(outcomes).items():
        finite = values[values.isfinite()]
        size = float(finite.abs().max()) if len(finite) else 0.0
        if size > LARGEST:
            flags.append(Flag("scale", f"{title} reaches {size:.1e}: 0.01 to 10 a step is what trains well"))
        elif title == "the reward" and 0.0 < size < SMALLEST:
            flags.append(
                Flag("scale", f"{title} stays below {size:.1e}: 0.01 to 10 a step is what trains well")
            )
    return flags


def _non_finite(outcomes: Sequence[Outcome]) -> list[Flag]:
    counts = {title: int((~values.isfinite()).sum()) for title, values in _series(outcomes).items()}
    return non_finite_flags(counts, sum(len(outcome.results[0]) for outcome in outcomes), "tried states")


def _counter(graph: Graph) -> list[Flag]:
    read = [name for name in graph.inputs if name in COUNTERS]
    return [
        Flag("counter", f"the reward reads `{name}`, a step counter that no policy sees") for name in read
    ]


def _slow(graph: Graph) -> list[Flag]:
    cost = graph.operations * OPERATION_S + graph.elements * ELEMENT_S
    if cost <= CALL_S + graph.worlds * WORLD_S:
        return []
    size = f"{graph.operations:,} operations on {graph.elements:,} numbers a step of {graph.worlds:,} worlds"
    return [Flag("slow", f"{size}: about {1e3 * cost:.0f} ms, much beside the simulation")]


def _series(outcomes: Sequence[Outcome]) -> dict[str, Tensor]:
    titles = outcomes[0].series()
    return {title: torch.cat([outcome.series()[title] for outcome in outcomes]) for title in titles}
