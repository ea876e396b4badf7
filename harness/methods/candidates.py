"""Candidates of a search: from an answer to a program, its outcome, and what the designer is told of that."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from harness.methods.contract import Outcome
from harness.methods.reflection import flags_of, parent_of, reflection, remarks, stride
from harness.prompts import error_feedback, policy_feedback
from harness.proposers import Answer, Parent
from harness.records import Candidate, Half, SearchRecord
from harness.rewards import RewardError, extract
from harness.task import Task

REMEDIES = {
    "cut_off": "raise --max-answer-tokens, with another --out",
    "no_code": "the answers are in search.json; another model, or a longer --max-answer-tokens, may write code",
    "resources": "more --samples or --repairs, or another model, may find a cheaper program",
    "failed": "log.txt of the trial may say more",
}
"""By class of rejection; all others are a program's own faults."""
REPAIR = "more --samples or --repairs, or another model, may find one that runs"


def candidate_of(
    answer: Answer, iteration: int, response: int, parent: str | None, attempt: int = 0
) -> Candidate:
    """An answer as a candidate: with its reward program, or rejected for want of one."""
    candidate = Candidate(
        id=f"{iteration}-{response}" + (f".{attempt}" if attempt else ""),
        response=response,
        attempt=attempt,
        parent=parent,
        answer=answer.text,
        finish_reason=answer.finish_reason,
        note=answer.note,
    )
    cut_off = answer.finish_reason == "length"
    try:
        return replace(candidate, source=extract(answer.text, cut_off))
    except RewardError as error:
        return replace(candidate, status="rejected", error=_unusable(error, cut_off, answer.note).to_dict())


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


def measured(candidate: Candidate, outcome: Outcome | None, task: Task) -> Candidate:
    """A candidate with its outcome (None: it has no program), and what the designer will be told of it."""
    if outcome is not None:
        candidate = replace(
            candidate,
            trial=outcome.trial,
            status=outcome.status,
            error=outcome.error,
            f=outcome.f,
            flags=tuple(flag.to_dict() for flag in flags_of(outcome.flags)),
            half=Half(outcome.trial, None) if outcome.half else candidate.half,
        )
    odd = remarks(flags_of(candidate.flags))
    if outcome is None or candidate.status != "ok":
        assert candidate.error is not None
        return replace(candidate, feedback=error_feedback(candidate.error["designer"], odd))
    curve = outcome.curve()
    numbers = reflection(curve, candidate.f)
    return replace(candidate, feedback=policy_feedback(task, numbers, stride(len(curve.f)), odd))


def as_parent(candidate: Candidate, outcome: Outcome) -> Parent:
    """A trained candidate as the parent of the next ones."""
    return parent_of(candidate.answer, candidate.source or "", outcome.curve())


def best_of(candidates: Sequence[Candidate]) -> Candidate | None:
    """The first candidate with the highest finite score."""
    scored = [c for c in candidates if c.status == "ok" and c.f is not None and math.isfinite(c.f)]
    return max(scored, key=lambda candidate: candidate.f or 0.0, default=None)


def why_nothing(record: SearchRecord) -> str:
    """Why a search ended without a program: the most frequent reason with an example, and its remedy."""
    errors = [candidate.error for candidate in record.candidates if candidate.error]
    what = "no candidate could be trained"
    if not errors:
        return what
    ((kind, count),) = Counter(error["kind"] for error in errors).most_common(1)
    first = next(error["message"] for error in errors if error["kind"] == kind)
    remedy = REMEDIES.get(kind, REPAIR)
    said = "" if remedy in first else f"; {remedy}"
    return f"{what}; most often ({count} of {len(errors)} answers) {kind}: {first}{said}"
