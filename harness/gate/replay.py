"""The search's own code against a transcript: no training, no model, whatever the processor.

The same prompts must be asked, the same programs taken out of the answers, and the same record made of them.
"""

from __future__ import annotations

import difflib
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from harness.gate.transcript import METHOD, Exchange, RecordedOutcome, Transcript, comparable, exchanges
from harness.methods.contract import Problem
from harness.methods.eureka import Eureka, EurekaSettings
from harness.methods.searching import RunTools
from harness.prompts import initial_messages
from harness.proposers import Answer, Request
from harness.registry import load_task, resolve
from harness.seeds import Role, derive
from harness.trial import TrialResult, TrialSpec, make_spec

CONTEXT: Final = 2
"""Lines shown on either side of a change."""
MOST_LINES: Final = 60
"""Of a difference."""


class Differs(Exception):
    """What the search does otherwise than it was recorded, in words and as a difference."""


def replay(transcript: Transcript) -> str | None:
    """Do the search again with the recorded answers and outcomes; what differs first, None if nothing does."""
    proposer = _Proposer(transcript)
    outcomes = {outcome["source"]: outcome for outcome in transcript["outcomes"]}
    described = transcript["settings"]
    settings = {name: value for name, value in described.items() if name in EurekaSettings.model_fields}
    task = resolve(transcript["task"])
    loaded = load_task(task)
    problem = Problem(
        task=loaded,
        slug=task.slug,
        method=METHOD,
        index=0,
        seed=derive(Role.PROPOSER, task.slug, METHOD, 0),
        settings=EurekaSettings(**settings),
        described=described,
        messages=tuple(initial_messages(loaded)),
        temperature=described["temperature"],
    )
    with tempfile.TemporaryDirectory() as folder:
        tools = RunTools(
            proposer=proposer,
            make_spec=lambda source: make_spec(
                task, source, role="search", seed=0, budget="smoke", engine="cpu", protocol="strict"
            ),
            submit=lambda spec, label: _submit(outcomes, Path(folder), spec, label),
            give_up=lambda spec: None,
            trial_folder=lambda key: Path(folder) / key,
            write=lambda record: None,
            place=(task.slug, METHOD, 0),
        )
        try:
            record = comparable(Eureka().search(problem, tools))
        except Differs as difference:
            return str(difference)
    left = [request for index, request in enumerate(proposer.requests) if index not in proposer.asked]
    if left:
        return f"{len(left)} recorded request(s) were not asked again, the first {_place(left[0])}"
    recorded = transcript["record"]
    if record != recorded:
        return "the search's record is another one:\n" + changes(_json(recorded), _json(record))
    return None


class _Proposer:
    """Answers as recorded to what was recorded, and to nothing else."""

    def __init__(self, transcript: Transcript) -> None:
        self.name = str(transcript["settings"]["proposer"])
        self.asked: set[int] = set()
        self.requests = exchanges(transcript)

    def propose(self, request: Request) -> list[Answer]:
        """The recorded answers. Differs where the request is another one."""
        iteration, attempt, response = (request.place[name] for name in ("iteration", "attempt", "response"))
        place = (iteration, attempt, response)
        for index, recorded in enumerate(self.requests):
            if index not in self.asked and _place_of(recorded) == place:
                break
        else:
            raise Differs(f"a request that was not recorded: {_words(*place)}")
        if request.messages != recorded["messages"]:
            raise Differs(_changed_prompt(recorded, request.messages))
        if request.samples != recorded["samples"]:
            raise Differs(
                f"{request.samples} samples are asked for {_place(recorded)}, {recorded['samples']} were recorded"
            )
        self.asked.add(index)
        return [Answer(part["text"], part["finish_reason"], part["note"]) for part in recorded["answers"]]

    def stop(self, now: bool = False) -> None:
        """Nothing is under way."""


def _submit(
    outcomes: dict[str, RecordedOutcome], folder: Path, spec: TrialSpec, label: str
) -> Future[TrialResult]:
    outcome = outcomes.get(spec.source)
    if outcome is None:
        nearest = difflib.get_close_matches(spec.source, outcomes, 1, 0.0)
        shown = changes(nearest[0], spec.source) if nearest else spec.source
        raise Differs(f"another program is taken out of the answer of {label}:\n{shown}")
    if outcome["curve"] is not None:
        (folder / spec.hash).mkdir(exist_ok=True)
        (folder / spec.hash / "curve.csv").write_text(outcome["curve"], encoding="utf-8")
    future: Future[TrialResult] = Future()
    result = TrialResult(
        spec.hash, outcome["status"], outcome["f"], outcome["error"], tuple(outcome["flags"])
    )
    future.set_result(result)
    return future


def _changed_prompt(recorded: Exchange, messages: Sequence[dict[str, str]]) -> str:
    """Which message of a request is another one, with the difference."""
    before = recorded["messages"]
    if [m["role"] for m in before] != [m["role"] for m in messages]:
        roles = (", ".join(m["role"] for m in group) for group in (before, messages))
        return "the messages {} are {}, were {}".format(_place(recorded), *reversed(tuple(roles)))
    index = next(i for i, (old, new) in enumerate(zip(before, messages, strict=True)) if old != new)
    difference = changes(before[index]["content"], messages[index]["content"])
    return f"message {index + 1} ({before[index]['role']}) {_place(recorded)} is another one:\n{difference}"


def changes(old: str, new: str) -> str:
    """A unified difference of two texts, recorded first, at most `MOST_LINES` long."""
    lines = list(
        difflib.unified_diff(old.splitlines(), new.splitlines(), "recorded", "now", n=CONTEXT, lineterm="")
    )
    more = [f"... {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more]) or "(they differ in line ends alone)"


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False)


def _place_of(recorded: Exchange) -> tuple[int, int, int | None]:
    return recorded["iteration"], recorded["attempt"], recorded["response"]


def _place(recorded: Exchange) -> str:
    return _words(*_place_of(recorded))


def _words(iteration: int, attempt: int, response: int | None) -> str:
    repair = "" if response is None else f", repair {attempt} of response {response}"
    return f"at iteration {iteration}{repair}"
