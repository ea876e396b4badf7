"""A reward as the grammar sees it: genes, each a term with its numbers; and its way to source and back."""

from __future__ import annotations

import ast
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.proposers.grammar_terms import Range, Term

ALIVE = "alive"
"""Component name of the constant bonus for every step."""
LONGEST_LINE = 110


@dataclass(frozen=True)
class Gene:
    """One component: a term, its weight (positive; the term has the sign) and its parameters."""

    term: Term
    weight: float
    parameters: Mapping[str, float]

    def scaled(self, factor: float) -> Gene:
        """With another weight."""
        return replace(self, weight=rounded(self.weight * factor))

    def with_temperature(self, factor: float) -> Gene:
        """With another temperature."""
        temperature = rounded(self.parameters["temperature"] * factor)
        return replace(self, parameters={**self.parameters, "temperature": temperature})


@dataclass(frozen=True)
class Program:
    """A reward: genes of different subjects, and the bonus for being alive (0 for none)."""

    genes: tuple[Gene, ...]
    alive: float = 0.0

    @property
    def bounds(self) -> dict[str, float]:
        """Component → the most that it can be, for those that a temperature keeps within their weight."""
        return {gene.term.name: gene.weight for gene in self.genes if gene.term.bounded}

    @property
    def names(self) -> list[str]:
        """Of the components."""
        return [gene.term.name for gene in self.genes] + [ALIVE] * (self.alive > 0)


def drawn(term: Term, rng: random.Random) -> Gene:
    """A term with numbers from its ranges."""
    parameters = {name: log_uniform(bounds, rng) for name, bounds in term.parameters.items()}
    return Gene(term, log_uniform(term.weight, rng), parameters)


def log_uniform(bounds: Range, rng: random.Random) -> float:
    """A number between two positive bounds, every factor being equally likely."""
    low, high = bounds
    return rounded(low * (high / low) ** rng.random())


def rounded(value: float) -> float:
    """With two significant digits, as a person would write it."""
    return float(f"{value:.2g}")


def render(program: Program) -> str:
    """The source of a program: one line for each component and for each of its parameters."""
    inputs = list(dict.fromkeys(name for gene in program.genes for name in gene.term.inputs))
    lines = []
    for gene in program.genes:
        name = gene.term.name
        slots = {parameter: f"{name}_{parameter}" for parameter in gene.parameters}
        lines += [f"{slots[parameter]} = {value!r}" for parameter, value in gene.parameters.items()]
        if gene.term.measured is not None:
            what, measure = gene.term.measured
            slots["measured"] = f"{name}_{what}"
            lines.append(f"{slots['measured']} = {measure.format(**slots)}")
        expression = gene.term.expression.format(**slots).removeprefix("1.0 ")
        times = "" if expression.startswith("/") else "* "
        lines.append(f"{name} = {gene.term.sign * gene.weight!r} {times}{expression}")
    if program.alive > 0:
        lines.append(f"{ALIVE} = {program.alive!r} * torch.ones_like({program.names[0]})")
    lines.append(f"reward = {' + '.join(program.names)}")
    arguments = [f"{name}: Tensor" for name in inputs]
    components = [f'"{name}": {name}' for name in program.names]
    code = [
        *("import torch", "from torch import Tensor", "", ""),
        *_wrapped("def compute_reward(", arguments, ") -> tuple[Tensor, dict[str, Tensor]]:"),
        *(f"    {line}" for line in lines),
        *_wrapped("    return reward, {", components, "}"),
    ]
    return "\n".join(code) + "\n"


def read(source: str, terms: Mapping[str, Term]) -> Program | None:
    """The program that `source` was rendered from, or what of it is left; None if nothing is."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    assigned = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    genes = []
    for name, value in assigned.items():
        weight = _factor(value)
        if name not in terms or weight is None or weight == 0:
            continue
        numbers = {slot: _number(assigned.get(f"{name}_{slot}")) for slot in terms[name].parameters}
        parameters = {slot: number for slot, number in numbers.items() if number is not None and number > 0}
        if len(parameters) == len(numbers):
            genes.append(Gene(terms[name], abs(weight), parameters))
    return Program(tuple(genes), abs(_factor(assigned.get(ALIVE)) or 0.0)) if genes else None


def _factor(node: ast.expr | None) -> float | None:
    """The number that an expression begins with: 0.5 in `0.5 * x`."""
    while isinstance(node, ast.BinOp):
        node = node.left
    return _number(node)


def _number(node: ast.expr | None) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and isinstance(node.value, float | int):
        return float(node.value)
    return None


def _wrapped(before: str, items: list[str], after: str) -> list[str]:
    """On one line if it fits, else one item a line."""
    line = before + ", ".join(items) + after
    if len(line) <= LONGEST_LINE:
        return [line]
    indent = " " * (len(before) - len(before.lstrip()))
    return [before, *(f"{indent}    {item}," for item in items), f"{indent}{after}"]
