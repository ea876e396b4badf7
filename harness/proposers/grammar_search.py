"""How the grammar writes the next rewards: afresh, or changed in the light of the last training.

The advice is the one a model gets: a component that hardly moved is rescaled, rewritten or dropped; one
that outweighs the others is scaled down; if the fitness stayed near zero or flat, start anew.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.proposers.contract import Parent
from harness.proposers.grammar_program import ALIVE, Gene, Program, drawn, log_uniform
from harness.proposers.grammar_terms import Term

Terms = Mapping[str, Term]
FAMILY_ODDS = {
    "meeting": 4.0,
    "progress": 4.0,
    "joints": 2.0,
    "towards": 2.0,
    "tracking": 2.0,
    "place": 2.0,
    "aligned": 1.5,
    "upright": 1.5,
    "along": 0.7,
    "height": 1.0,
    "number": 0.5,
    "raised": 0.4,
}
"""How often a family is drawn beside the others that a task has; 1 for those not named here."""
GOALS = (1, 2, 2, 3)
ALIVE_RANGE = (0.2, 2.0)
FLAT = 0.05
"""A component hardly moves if its snapshots differ by less than this share of the largest."""
DOMINATES = 3.0
"""A component outweighs the others if it is larger than so many times their sum."""
HOPELESS = 0.01
"""Fitness is near zero below this."""
STUCK = 0.01
"""Fitness is flat if it varies by less than this share."""


@dataclass(frozen=True)
class Draft:
    """A program and, for the reader, how it came about."""

    program: Program
    why: str


def fresh(terms: Terms, rng: random.Random, why: str = "") -> Draft:
    """A reward from the prior: one to three goals, often a calming term, a price or a bonus for living."""
    wanted = ["goal"] * rng.choice(GOALS)
    wanted += [group for group, odds in (("calm", 0.5), ("cost", 0.3)) if rng.random() < odds]
    genes: list[Gene] = []
    for group in wanted:
        genes += _another(terms, genes, rng, group)
    if not genes:
        genes = _another(terms, genes, rng)
    alive = log_uniform(ALIVE_RANGE, rng) if rng.random() < 0.6 else 0.0
    return Draft(_ordered(genes, alive, terms), why or "A first guess from what the state offers.")


def mutate(parent: Program, known: Parent, terms: Terms, rng: random.Random) -> Draft:
    """The parent with its weak components mended, and one or two changes at random elsewhere."""
    genes: list[Gene] = []
    changed: dict[str, str] = {}
    for place, gene in enumerate(parent.genes):
        others = [*genes, *parent.genes[place + 1 :]]
        mended, reason = _mended(gene, others, known, terms, rng)
        genes += mended
        if reason:
            changed |= dict.fromkeys((gene.term.name, *(other.term.name for other in mended)), reason)
    alive = parent.alive
    if ALIVE in dominating(known.components) and alive:
        alive = log_uniform((0.1 * alive, 0.5 * alive), rng)
        changed[ALIVE] = f"{ALIVE} outweighed the rest and is scaled down"
    for _ in range(rng.choice((0, 1)) if changed else rng.choice((1, 1, 2))):
        genes, alive = _nudged(genes, alive, changed, terms, rng)
    if not genes:
        genes = _another(_except(terms, changed), genes, rng) or _another(terms, genes, rng)
    program = _ordered(genes, alive, terms)
    if program == parent:  # a change too small to see
        genes, alive = _nudged(genes, alive, changed, terms, rng)
        program = _ordered(genes, alive, terms)
    return Draft(program, _sentence(changed.values()))


def cross(parent: Program, known: Parent, terms: Terms, rng: random.Random) -> Draft:
    """The parent's sound components together with those of a new reward."""
    unsound = set(flat(known.components, parent.bounds)) | set(dominating(known.components))
    genes = [gene for gene in parent.genes if gene.term.name not in unsound and rng.random() < 0.7]
    other = fresh(terms, rng).program
    taken = {gene.term.subject for gene in genes}
    genes += [gene for gene in other.genes if gene.term.subject not in taken]
    alive = rng.choice((parent.alive, other.alive))
    return Draft(_ordered(genes, alive, terms), "What worked in the last reward, with new components.")


def hopeless(fitness: Sequence[float]) -> bool:
    """Whether fitness stayed near zero, or where it was, throughout a training."""
    values = _finite(fitness)
    largest = max(map(abs, values), default=0.0)
    return largest < HOPELESS or (len(values) > 2 and max(values) - min(values) < STUCK * largest)


def flat(components: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> list[str]:
    """Components that hardly moved over a training, by their own size or the weight that bounds them.

    The bonus for living is constant by design, and not among them.
    """
    found = []
    for name, series in components.items():
        values = _finite(series)
        scale = max([weights.get(name, 0.0), *map(abs, values)])
        if name != ALIVE and len(values) > 1 and max(values) - min(values) <= FLAT * scale:
            found.append(name)
    return found


def dominating(components: Mapping[str, Sequence[float]]) -> list[str]:
    """Components that outweigh the sum of all others."""
    sizes = {name: _size(series) for name, series in components.items()}
    total = sum(sizes.values())
    return [name for name, size in sizes.items() if len(sizes) > 1 and size > DOMINATES * (total - size)]


def _mended(
    gene: Gene, others: list[Gene], known: Parent, terms: Terms, rng: random.Random
) -> tuple[list[Gene], str]:
    """What becomes of a component in the light of its reflection, and why; unchanged if nothing is wrong."""
    name = gene.term.name
    if name in flat(known.components, {name: gene.weight} if gene.term.bounded else {}):
        draw = rng.random()
        if draw < 0.2:
            return [], f"{name} hardly changed and is left out"
        if draw < 0.5 or not gene.term.bounded:
            return _rewritten(gene, others, terms, rng), f"{name} hardly changed and is written differently"
        warmer = _size(known.components[name]) < 0.5 * gene.weight  # small all along: reach farther
        factor = log_uniform((2.0, 5.0), rng)
        change = "raised" if warmer else "lowered"
        return (
            [gene.with_temperature(factor if warmer else 1.0 / factor)],
            f"{name} hardly changed, so its temperature is {change}",
        )
    if name in dominating(known.components):
        return [gene.scaled(log_uniform((0.1, 0.5), rng))], f"{name} outweighed the rest and is scaled down"
    return [gene], ""


def _nudged(
    genes: list[Gene], alive: float, changed: dict[str, str], terms: Terms, rng: random.Random
) -> tuple[list[Gene], float]:
    """One change at random, of what is not in `changed` yet; notes it there."""
    free = [gene for gene in genes if gene.term.name not in changed]
    options = ["add"] + ["alive"] * (ALIVE not in changed)
    if free:
        options += ["weight"] * 2 + ["drop", "rewrite"] * (len(genes) > 1)
        options += ["temperature"] * 2 * any(gene.term.bounded for gene in free)
    option = rng.choice(options)
    if option == "alive":
        changed[ALIVE] = "the bonus for every step is changed"
        return genes, 0.0 if alive and rng.random() < 0.5 else log_uniform(ALIVE_RANGE, rng)
    if option == "add":
        added = _another(_except(terms, changed), genes, rng)
        changed |= {gene.term.name: f"{gene.term.name} is added" for gene in added}
        return genes + added, alive
    gene = rng.choice([gene for gene in free if gene.term.bounded or option != "temperature"])
    name, rest = gene.term.name, [other for other in genes if other is not gene]
    factor = log_uniform((1.3, 3.0), rng) ** rng.choice((-1, 1))
    if option == "drop":
        changed[name] = f"{name} is left out"
        return rest, alive
    if option == "rewrite":
        written = _rewritten(gene, rest, terms, rng)
        changed |= dict.fromkeys((name, *(g.term.name for g in written)), f"{name} is written differently")
        return rest + written, alive
    changed[name] = f"the {option} of {name} is changed"
    return [*rest, gene.with_temperature(factor) if option == "temperature" else gene.scaled(factor)], alive


def _rewritten(gene: Gene, others: list[Gene], terms: Terms, rng: random.Random) -> list[Gene]:
    """Another form of a gene's subject, or something else about the same inputs, or else anything."""
    taken = {other.term.subject for other in others}
    open_terms = [term for term in terms.values() if term.subject not in taken and term != gene.term]
    same = [term for term in open_terms if term.subject == gene.term.subject]
    near = [term for term in open_terms if set(term.inputs) & set(gene.term.inputs)]
    choice = same if same and rng.random() < 0.7 else near
    return [drawn(rng.choice(choice), rng)] if choice else _another(terms, [*others, gene], rng)


def _another(terms: Terms, genes: list[Gene], rng: random.Random, group: str | None = None) -> list[Gene]:
    """A gene of a subject that is not there yet, drawn by family and then by term; [] if none is left."""
    taken = {gene.term.subject for gene in genes}
    families: dict[str, list[Term]] = {}
    for term in terms.values():
        if term.subject not in taken and group in (None, term.group):
            families.setdefault(term.family, []).append(term)
    if not families:
        return []
    (family,) = rng.choices(list(families), [FAMILY_ODDS.get(name, 1.0) for name in families])
    (term,) = rng.choices(families[family], [term.prior for term in families[family]])
    return [drawn(term, rng)]


def _except(terms: Terms, names: Mapping[str, str]) -> Terms:
    return {name: term for name, term in terms.items() if name not in names}


def _ordered(genes: list[Gene], alive: float, terms: Terms) -> Program:
    """Goals first, as the catalogue has them."""
    places = {name: place for place, name in enumerate(terms)}
    groups = ("goal", "calm", "cost")
    by_place = sorted(genes, key=lambda gene: (groups.index(gene.term.group), places[gene.term.name]))
    return Program(tuple(by_place), alive)


def _sentence(reasons: Iterable[str]) -> str:
    text = "; ".join(dict.fromkeys(reasons)) or "nothing is left to change"
    return f"{text[:1].upper()}{text[1:]}."


def _finite(series: Sequence[float]) -> list[float]:
    return [value for value in series if math.isfinite(value)]


def _size(series: Sequence[float]) -> float:
    values = _finite(series)
    return math.fsum(map(abs, values)) / max(len(values), 1)
