"""Eureka (Ma et al., ICLR 2024, algorithm 1): sample reward programs, train, reflect, repeat.

One record per answer, whatever becomes of it. Only the newest best program and its reflection are kept in
the conversation, as in the paper; of an answer what was said, without thoughts. An iteration in which every
candidate fails is recorded and the next one asks again with the same messages; with one sample per iteration the
error itself is fed back.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from harness.context import visible_fields
from harness.errors import CannotWrite, Lost, UserError
from harness.identity import TaskId
from harness.methods import UNDER_WAY, Record, SearchSettings, new_record
from harness.methods.racing import drop, enter, going_on, stand
from harness.methods.reflection import flags_of, parent_of, read_curve, reflection, remarks, stride
from harness.prompts import error_feedback, initial_messages, policy_feedback
from harness.proposers import Answer, Parent, Proposer, Request
from harness.registry import load_task
from harness.rewards import RewardError, extract, spoken
from harness.seeds import Role, derive
from harness.trial import TrialResult, TrialSpec

Messages = list[dict[str, str]]
NOTHING = "(no answer)"
"""Stands for an answer in which nothing was said: servers refuse messages without content."""
REMEDIES = {
    "cut_off": "raise --max-answer-tokens, with another --out",
    "no_code": "the answers are in search.json; another model, or a longer --max-answer-tokens, may write code",
    "resources": "more --samples or --repairs, or another model, may find a cheaper program",
    "failed": "log.txt of the trial may say more",
}
"""By class of rejection; all others are a program's own faults."""
REPAIR = "more --samples or --repairs, or another model, may find one that runs"


@dataclass(frozen=True)
class Search:
    """One search of one method on one task, and the parts it uses."""

    task: TaskId
    method: str
    index: int
    settings: SearchSettings
    described: Record
    """The settings and the proposer, as the record keeps them."""
    proposer: Proposer
    make_spec: Callable[[str], TrialSpec]
    """Reward program → the trial that measures it inside this search."""
    submit: Callable[[TrialSpec, str], Future[TrialResult]]
    give_up: Callable[[TrialSpec], None]
    """Forget what was begun of a trial."""
    trial_folder: Callable[[str], Path]
    save: Callable[[Record], None]
    """Called with the record after every iteration."""
    asked: Callable[[], bool]
    """Whether the proposer has answered anything in this run."""


def run_search(search: Search) -> Record:
    """Search for a reward program; returns the record that search.json holds (without final trainings).

    Its status is `ok`, `failed` (no program of any iteration could be trained) or `stopped`: it could not go on, by
    what `error` says; what it has found until then counts, and running it again goes on.
    """
    record = new_record(search.task.slug, search.method, search.index, settings=search.described)
    try:
        best = _iterations(search, record)
    except CannotWrite:
        raise
    except (UserError, Lost) as error:
        if not record["iterations"] and not search.asked():
            raise
        return record | {"status": "stopped", "error": str(error)}
    if best is None:
        return record | {"status": "failed", "error": _why_nothing(record)}
    return record | {"status": "ok", "error": None}


def _iterations(search: Search, record: Record) -> Record | None:
    """Fill the record, iteration by iteration; returns the best candidate."""
    initial = initial_messages(load_task(search.task))
    messages, parent = initial, None
    best: Record | None = None
    for index in range(search.settings.iterations):
        candidates = _iterate(search, index, messages, parent)
        winner = _best_of(candidates)
        if winner is not None and (best is None or winner["f"] > best["f"]):
            best = winner
        record["iterations"].append(
            {
                "index": index,
                "messages": messages,
                "candidates": candidates,
                "best": winner and winner["id"],
                "best_so_far": best and best["id"],
            }
        )
        if best is not None:
            record |= {"program": best["source"], "best": best["id"], "reward_score": best["f"]}
        search.save(record | {"status": "stopped", "error": UNDER_WAY})
        chosen = best if search.settings.elitism else winner
        if chosen is not None:
            messages = [*initial, _said(chosen["answer"]), _asked(chosen["feedback"])]
            parent = chosen
        elif search.settings.samples == 1:
            messages = [*initial, _said(candidates[-1]["answer"]), _asked(candidates[-1]["feedback"])]
    return best


def _why_nothing(record: Record) -> str:
    """Why a search ended without a program: the most frequent reason with an example, and its remedy."""
    errors = [c["error"] for iteration in record["iterations"] for c in iteration["candidates"] if c["error"]]
    what = "no candidate could be trained"
    if not errors:
        return what
    ((kind, count),) = Counter(error["kind"] for error in errors).most_common(1)
    first = next(error["message"] for error in errors if error["kind"] == kind)
    remedy = REMEDIES.get(kind, REPAIR)
    said = "" if remedy in first else f"; {remedy}"
    return f"{what}; most often ({count} of {len(errors)} answers) {kind}: {first}{said}"


def _iterate(search: Search, index: int, messages: Messages, parent: Record | None) -> list[Record]:
    """The candidates of one iteration, trained; rejected ones repaired if asked for."""
    answers = search.proposer.propose(_request(search, index, messages, search.settings.samples, parent))
    candidates = [
        _candidate(search, index, response, 0, answer, parent) for response, answer in enumerate(answers)
    ]
    _train(search, candidates)
    for attempt in range(1, search.settings.repairs + 1):
        repaired = [
            _repair(search, index, attempt, messages, candidate, parent)
            for candidate in candidates
            if candidate["attempt"] == attempt - 1 and candidate["status"] == "rejected"
        ]
        _train(search, repaired)
        candidates += repaired
    if search.settings.racing:
        _race(search, candidates)
    return candidates


def _train(search: Search, candidates: list[Record]) -> None:
    """Train candidates side by side, in a race to half, and note what becomes of them."""
    waiting = [(candidate, _start(search, candidate)) for candidate in candidates]
    for candidate, future in waiting:
        _finish(search, candidate, future)


def _race(search: Search, candidates: list[Record]) -> None:
    """Train the better half of the candidates to the end; one more as long as none of them comes to it."""
    order = stand(candidates)
    first = going_on(len(order))
    batch, rest = order[:first], order[first:]
    specs = {candidate["id"]: search.make_spec(candidate["source"]) for candidate in order}
    trained: set[str] = set()
    while batch:
        waiting = [(c, search.submit(specs[c["id"]], _label(search, c))) for c in batch]
        trained |= {specs[c["id"]].hash for c in batch}
        for candidate, future in waiting:
            _finish(search, candidate, future)
        if any(candidate["status"] == "ok" for candidate in batch):
            break
        batch, rest = rest[:1], rest[1:]
    for candidate in rest:
        drop(candidate)
        if specs[candidate["id"]].hash not in trained:  # another candidate may be the same program
            search.give_up(specs[candidate["id"]])


def _repair(
    search: Search, index: int, attempt: int, messages: Messages, failed: Record, parent: Record | None
) -> Record:
    conversation = [*messages, _said(failed["answer"]), _asked(failed["feedback"])]
    request = _request(search, index, conversation, 1, parent, attempt, failed["response"])
    (answer,) = search.proposer.propose(request)
    return _candidate(search, index, failed["response"], attempt, answer, parent) | {"parent": failed["id"]}


def _request(
    search: Search,
    index: int,
    messages: Messages,
    samples: int,
    parent: Record | None,
    attempt: int = 0,
    response: int | None = None,
) -> Request:
    task = load_task(search.task)
    return Request(
        task=search.task.slug,
        method=search.method,
        search=search.index,
        iteration=index,
        attempt=attempt,
        response=response,
        messages=messages,
        samples=samples,
        seed=derive(Role.PROPOSER, search.task.slug, search.method, search.index),
        fields=visible_fields(task),
        constants=dict(task.constants),
        parent=None if parent is None else _as_parent(search, parent),
    )


def _candidate(
    search: Search, index: int, response: int, attempt: int, answer: Answer, parent: Record | None
) -> Record:
    suffix = f".{attempt}" if attempt else ""
    return {
        "id": f"{index}-{response}{suffix}",
        "response": response,
        "attempt": attempt,
        "parent": parent and parent["id"],
        "answer": answer.text,
        "finish_reason": answer.finish_reason,
        "note": answer.note,
        "source": None,
        "trial": None,
        "status": "ok",
        "error": None,
        "f": None,
        "flags": [],
        "feedback": None,
    }


def _start(search: Search, candidate: Record) -> Future[TrialResult] | None:
    """Submit a candidate's trial, or reject an answer without a program."""
    cut_off = candidate["finish_reason"] == "length"
    try:
        candidate["source"] = extract(candidate["answer"], cut_off)
    except RewardError as error:
        candidate |= {"status": "rejected", "error": _unusable(error, cut_off, candidate["note"]).to_dict()}
        return None
    spec, label = search.make_spec(candidate["source"]), _label(search, candidate)
    half = spec.half if search.settings.racing else None
    if half is not None:
        enter(candidate, half.hash)
        spec, label = half, f"{label} at half"
    candidate["trial"] = spec.hash
    return search.submit(spec, label)


def _label(search: Search, candidate: Record) -> str:
    return f"{search.task.slug} {search.method} search {search.index} candidate {candidate['id']}"


def _unusable(error: RewardError, cut_off: bool, note: str) -> RewardError:
    """Why an answer holds no program, given what the server said of it."""
    if cut_off:
        message = (
            f"the answer was cut off ({note or error.message}): raise --max-answer-tokens, with another --out"
        )
        designer = f"{error.designer}\nThe answer was cut off: keep thoughts and answer shorter."
        return RewardError("cut_off", message, designer, error.line)
    message = f"{error.message} ({note})" if note else error.message
    return RewardError(error.kind, message, error.designer, error.line)


def _finish(search: Search, candidate: Record, future: Future[TrialResult] | None) -> None:
    """Wait for a candidate's trial and note its outcome and what the designer will be told of it."""
    if future is not None:
        result = future.result()
        candidate |= {"trial": result.hash, "status": result.status, "error": result.error, "f": result.f}
        candidate["flags"] = [flag.to_dict() for flag in flags_of(result.flags)]
    odd = remarks(flags_of(candidate["flags"]))
    if candidate["status"] == "ok":
        curve = read_curve(search.trial_folder(candidate["trial"]) / "curve.csv")
        numbers = reflection(curve, candidate["f"])
        candidate["feedback"] = policy_feedback(load_task(search.task), numbers, stride(len(curve.f)), odd)
    else:
        candidate["feedback"] = error_feedback(candidate["error"]["designer"], odd)


def _best_of(candidates: list[Record]) -> Record | None:
    """The first candidate with the highest finite score."""
    scored = [c for c in candidates if c["status"] == "ok" and c["f"] is not None and math.isfinite(c["f"])]
    return max(scored, key=lambda candidate: candidate["f"], default=None)


def _as_parent(search: Search, candidate: Record) -> Parent:
    curve = read_curve(search.trial_folder(candidate["trial"]) / "curve.csv")
    return parent_of(candidate["answer"], candidate["source"], curve)


def _said(answer: str) -> dict[str, str]:
    return {"role": "assistant", "content": spoken(answer) or NOTHING}


def _asked(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}
