"""Who writes candidates: a language model, the built-in grammar, or a recorded journal."""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from harness.errors import EnvironmentProblem, UserError
from harness.proposers.contract import Answer, Parent, Proposer, Request
from harness.proposers.grammar import GrammarProposer
from harness.proposers.journal import Journal
from harness.proposers.limits import Limits
from harness.proposers.prices import load_prices, price_of
from harness.proposers.replay import ReplayProposer, recording

__all__ = [
    "Answer",
    "Journal",
    "Limits",
    "Parent",
    "Proposer",
    "Request",
    "display_name",
    "make_proposer",
    "settle",
]

DEFAULT_MODEL = "gpt-5.4-mini"
"""For `auto` with a key, unless OPENAI_MODEL names another."""
OFFICIAL_URL = "https://api.openai.com/v1"


def settle(text: str) -> str:
    """`auto` as what it stands for here, anything else as it is. UserError if it is no proposer."""
    if text == "auto":
        model = os.environ.get("OPENAI_MODEL") or DEFAULT_MODEL
        return f"openai:{model}" if os.environ.get("OPENAI_API_KEY") else "grammar"
    kind, _, rest = text.partition(":")
    if text != "grammar" and not (kind in ("openai", "replay") and rest):
        raise UserError(
            f"unknown proposer {text!r}: expected auto, grammar, openai:MODEL or replay:FILE (a run's folder)"
        )
    return text


def display_name(text: str) -> str:
    """What tables call a proposer: `grammar` or `openai:MODEL`; a replay is called what it replays."""
    settled = settle(text)
    kind, _, rest = settled.partition(":")
    return recording(Path(rest))[1] if kind == "replay" else settled


def make_proposer(
    text: str,
    journal: Journal,
    *,
    limits: Limits = Limits(),  # noqa: B008 (immutable)
    base_url: str | None = None,
    prices: str | Path | None = None,
    temperature: float = 1.0,
    timeout_s: float = 120.0,
    concurrency: int = 4,
    sleep: Callable[[float], None] = time.sleep,
) -> Proposer:
    """The proposer called `text`: `auto`, `grammar`, `openai:MODEL` or `replay:FILE`.

    `limits`, `prices` (a JSON file), `temperature`, `timeout_s` (seconds for one request) and `concurrency`
    (requests at a time) are for models only. The server is `base_url`, else OPENAI_BASE_URL, else OpenAI's;
    the key is OPENAI_API_KEY, which a server on this machine can do without. `sleep` waits between retries.
    UserError for an unknown proposer or an unusable journal, EnvironmentProblem without a key.
    """
    kind, _, rest = settle(text).partition(":")
    if kind == "grammar":
        return GrammarProposer(journal)
    if kind == "replay":
        return ReplayProposer(Path(rest), journal)
    from harness.proposers.openai import OpenAIProposer  # takes a second to import

    url = base_url or os.environ.get("OPENAI_BASE_URL") or OFFICIAL_URL
    return OpenAIProposer(
        rest,
        journal,
        limits,
        api_key=_key_for(url, rest),
        base_url=url,
        price=price_of(rest, load_prices(prices)),
        temperature=temperature,
        timeout_s=timeout_s,
        concurrency=concurrency,
        sleep=sleep,
    )


def _key_for(url: str, model: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(
            f"OPENAI_BASE_URL {url!r} is no address: expected for example http://localhost:8000/v1"
        )
    key = os.environ.get("OPENAI_API_KEY")
    if key:
        return key
    if _is_loopback(parts.hostname):
        return "none"
    raise EnvironmentProblem(
        f"openai:{model} needs a key: set OPENAI_API_KEY (for another server also OPENAI_BASE_URL), "
        "or use --proposer grammar"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
