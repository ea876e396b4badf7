"""Who writes candidates: a language model, the built-in grammar, or a recorded journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.errors import UserError
from harness.proposers.contract import Answer, Parent, Proposer, Request, RewardContext
from harness.proposers.grammar import GrammarProposer
from harness.proposers.journal import Journal
from harness.proposers.limits import Limits
from harness.proposers.prices import load_prices, price_of
from harness.proposers.replay import ReplayProposer, recording
from harness.proposers.server import Server, find_server, setting

__all__ = [
    "Answer",
    "Journal",
    "Limits",
    "Parent",
    "Proposer",
    "Request",
    "RewardContext",
    "Server",
    "display_name",
    "make_proposer",
    "model_server",
    "resolve_proposer",
]

DEFAULT_MODEL = "gpt-5.4-mini"
"""For `auto` with a key, unless OPENAI_MODEL names another."""
DEFAULT_TIMEOUT_S = 600.0
"""For a whole request: eight long answers of a model that thinks, or of a small machine, take minutes."""
DEFAULT_CONCURRENCY = 4


def resolve_proposer(text: str) -> str:
    """`auto` as what it stands for here, anything else as it is. UserError if it is no proposer."""
    if text == "auto":
        model = setting("OPENAI_MODEL") or DEFAULT_MODEL
        return f"openai:{model}" if setting("OPENAI_API_KEY") else "grammar"
    kind, _, rest = text.partition(":")
    if kind == "openai" and not rest.isprintable():
        raise UserError(
            f"the model's name in --proposer {text!r} holds control characters: write openai:MODEL"
        )
    if text != "grammar" and not (kind in ("openai", "replay") and rest):
        raise UserError(
            f"unknown proposer {text!r}: expected auto, grammar, openai:MODEL or replay:FILE (a run's folder)"
        )
    return text


def display_name(text: str) -> str:
    """What tables call a proposer: `grammar` or `openai:MODEL`; a replay is called what it replays."""
    resolved = resolve_proposer(text)
    kind, _, rest = resolved.partition(":")
    return recording(Path(rest))[1] if kind == "replay" else resolved


def make_proposer(
    text: str,
    journal: Journal,
    *,
    limits: Limits = Limits(),  # noqa: B008 (immutable)
    base_url: str | None = None,
    prices: str | Path | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    concurrency: int = DEFAULT_CONCURRENCY,
    sleep: Callable[[float], None] | None = None,
) -> Proposer:
    """The proposer called `text`: `auto`, `grammar`, `openai:MODEL` or `replay:FILE`.

    `limits`, `prices` (a JSON file), `timeout_s` (seconds for one request) and `concurrency` (requests at a time) are
    for models only. The server is `base_url`, else OPENAI_BASE_URL or OPENAI_API_BASE, else OpenAI's; the key is
    OPENAI_API_KEY, which a server on this machine can do without. `sleep` replaces the waiting between retries.
    UserError for an unknown proposer or an unusable journal, EnvironmentProblem without a key.
    """
    kind, _, rest = resolve_proposer(text).partition(":")
    if kind == "grammar":
        return GrammarProposer(journal)
    if kind == "replay":
        return ReplayProposer(Path(rest), journal)
    from harness.proposers.openai import OpenAIProposer  # takes a second to import

    return OpenAIProposer(
        rest,
        journal,
        limits,
        find_server(rest, base_url),
        price=price_of(rest, load_prices(prices)),
        timeout_s=timeout_s,
        concurrency=concurrency,
        sleep=sleep,
    )


def model_server(text: str, *, key_needed: bool = True) -> Server | None:
    """The server that the proposer `text` would speak to, its settings checked; None if it is no model.

    UserError for an unusable address, EnvironmentProblem for an unusable key, or a missing one if `key_needed`.
    """
    kind, _, model = resolve_proposer(text).partition(":")
    return find_server(model, key_needed=key_needed) if kind == "openai" else None
