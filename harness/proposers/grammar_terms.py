"""The forms that a component of a composed reward can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Range = tuple[float, float]
"""From which a number is drawn log-uniformly."""
SPEED_LIMIT = "-10.0, 10.0"
"""Bounds on rewarded rates, beyond what any of the robots reaches: one unstable world cannot outweigh all."""


@dataclass(frozen=True)
class Term:
    """One component, `weight * expression`."""

    name: str
    """The component's name, unique in a catalogue."""
    group: str
    """`goal`, `calm` or `cost`: how many of each a reward gets differs."""
    family: str
    """A family of a group is drawn first, then one of its terms."""
    subject: str
    """Terms of one subject are alternatives: a reward holds at most one of them."""
    inputs: tuple[str, ...]
    expression: str
    """Python, with the parameters and `{measured}` as slots."""
    about: str
    """For the sentence above the code."""
    measured: tuple[str, str] | None = None
    """What the expression shapes, if that gets a line of its own: what it is, and Python for it."""
    weight: Range = (0.3, 3.0)
    sign: int = 1
    parameters: Mapping[str, Range] = field(default_factory=dict)
    prior: float = 1.0
    """Odds inside its family."""

    @property
    def bounded(self) -> bool:
        """Whether a temperature decides where it is steep, its values lying between 0 and its weight."""
        return "temperature" in self.parameters


@dataclass(frozen=True)
class About:
    """What a term is about, and how often it is drawn."""

    name: str
    family: str
    words: str
    inputs: tuple[str, ...]
    group: str = "goal"
    weight: Range = (0.3, 3.0)
    prior: float = 1.0
    subject: str = ""
    """Family and name, unless given."""

    def term(
        self,
        prefix: str,
        expression: str,
        *,
        measured: tuple[str, str] | None = None,
        parameters: Mapping[str, Range] | None = None,
        sign: int = 1,
        odds: float = 1.0,
    ) -> Term:
        """A form of it, named `prefix`_`name`."""
        return Term(
            name=f"{prefix}_{self.name}",
            group=self.group,
            family=self.family,
            subject=self.subject or f"{self.family} {self.name}",
            inputs=self.inputs,
            expression=expression,
            about=self.words,
            measured=measured,
            weight=self.weight,
            sign=sign,
            parameters=parameters or {},
            prior=self.prior * odds,
        )


def closeness(about: About, distance: str, temperature: Range, **parameters: Range) -> Iterator[Term]:
    """A distance (N,) as a value in (0, 1]: an exponential, and a slower shape that reaches farther."""
    shared = {**parameters, "temperature": temperature}
    near, close = "torch.exp(-{measured} / {temperature})", "1.0 / (1.0 + {measured} / {temperature})"
    measured = ("distance", distance)
    yield about.term("near", near, measured=measured, parameters=shared)
    yield about.term("close", close, measured=measured, parameters=shared, odds=0.5)


def calm(about: About, size: str, temperature: Range, prefix: str = "still") -> Term:
    """A size (N,) as a value in (0, 1], the larger the calmer."""
    form = "torch.exp(-{measured} / {temperature})"
    return about.term(prefix, form, measured=("size", size), parameters={"temperature": temperature})


def rising(about: About, value: str, temperature: Range, prefix: str) -> Term:
    """A value (N,) as one in (0, 1), the larger the larger."""
    return about.term(
        prefix, f"torch.sigmoid({value} / {{temperature}})", parameters={"temperature": temperature}
    )


def rate(about: About, value: str, prefix: str) -> Term:
    """A value (N,) that counts as it is, within wide bounds."""
    return about.term(prefix, f"torch.clamp({value}, {SPEED_LIMIT})")
