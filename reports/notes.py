"""The sentences of a report: what came out, and what a reader must know before believing it."""

from __future__ import annotations

import math

from harness.roles import HUMAN, REFERENCES
from harness.scoring.altered import alterations
from harness.scoring.altered import where as place_of
from harness.scoring.analysis import Analysis, Headline
from harness.scoring.merge import borrowers
from harness.scoring.rundata import base_name, is_reference
from reports.flags import Flag, why_not_ok
from reports.remarks import Remarked
from reports.text import interval, listed, number, plural

MOST_NAMES = 8
"""In a sentence."""


def summary(analysis: Analysis) -> list[str]:
    """The outcome, one sentence per method that is neither reference."""
    return [_outcome(analysis, line) for line in analysis.headlines if not is_reference(line.method)]


def notes(analysis: Analysis, flags: list[Flag], remarks: list[Remarked]) -> list[str]:
    """What limits these numbers, most important first."""
    return [
        *(f"Not as it was stored: {line}." for line in alterations(analysis.run)),
        *_scope(analysis),
        *_references(analysis),
        *_losses(analysis),
        *_stopped(analysis),
        *_other_makings(analysis),
        *_doubts(flags),
        *_odd(remarks),
    ]


def _outcome(analysis: Analysis, line: Headline) -> str:
    value = analysis.normalised(line)
    parts = []
    if line.normalised_tasks and not math.isnan(value.point):
        kind = "a mean ratio of" if analysis.strict else "a mean clipped ratio of"
        where = f"on {line.normalised_tasks} of {plural(len(analysis.run.tasks), 'task')}"
        known = f"{interval(value.interval)} " if value.interval else ""
        parts.append(f"reaches {kind} {number(value.point)} {known}(sparse 0, human 1) {where}")
    if line.compared_tasks:
        chance = f"{number(line.improvement.point)} {interval(line.improvement.interval)}".strip()
        parts.append(f"beats trials of the human reward with probability {chance}")
    if not parts:
        return f"{line.method}: nothing to compare yet."
    return f"{line.method} {' and '.join(parts)}."


def _scope(analysis: Analysis) -> list[str]:
    run, out = analysis.run, []
    if run.config.budget == "smoke":
        out.append("The smoke budget shows that everything runs; its scores say nothing about rewards.")
    searching = run.searching
    proposers = {config.proposer for _, config in run.configs} - {None}
    if searching and proposers == {"grammar"}:
        out.append(
            "No language model took part: the candidates are the built-in grammar's, "
            "a control for what a search gets without one."
        )
    if not searching:
        given = ", and programs that were given" if run.compared else ""
        out.append(f"No searching method is in this run: there are only the human and sparse rewards{given}.")
    if analysis.conditional:
        out.append(
            f"One search per task stands behind the numbers of {listed(analysis.conditional)}: they are "
            "conditional on the reward programs that were found, and say nothing about how the method does "
            "on average."
        )
    sizes = {score.n for score in analysis.scores.values() if score.n}
    if sizes == {1}:
        out.append(
            "Every number rests on a single trial: there are no intervals, and differences may be noise."
        )
    return out


def _references(analysis: Analysis) -> list[str]:
    run, out = analysis.run, []
    absent = [name for name in REFERENCES if name not in map(base_name, run.methods)]
    if absent:
        return [f"There are no {' and no '.join(absent)} trials in this run: nothing is normalised."]
    if len(run.configs) > 1 and set(REFERENCES) <= set(run.methods):
        out.append(
            "Human and sparse rewards are the same in all runs: their trials are pooled, each seed once."
        )
    elif len(run.configs) > 1:
        out.append(
            "Each run's methods are compared with, and normalised by, the references of their own run."
        )
    borrowing = borrowers(run)
    if borrowing:
        out.append(
            f"Without references of its own, and compared with those of the other runs: {listed(borrowing)}."
        )
    sets = sorted(
        f"{len(held.scores)} on {slug}" + _in_another(held.precisions, run.config.precision)
        for (slug, method), held in run.references.items()
        if method == HUMAN
    )
    if sets:
        out.append(
            f"Human and sparse rewards are those of the reference set {next(iter(run.references.values())).name}, "
            f"trained beforehand ({_few(sets)}), together with the trials of this run."
        )
    alone = [task.slug for task in analysis.without_set]
    if alone and analysis.strict:
        out.append(
            f"No reference set fits {_few(alone)}: normalised by the run's own human and sparse trials alone, whose "
            "noise is in the intervals."
        )
    reasons = {task.slug: analysis.why_unscaled(task) for task in run.tasks}
    names = [slug for slug, why in reasons.items() if why]
    if names:
        share = f"{len(names)} of {plural(len(run.tasks), 'task')}"
        whys = {reasons[name] for name in names}
        why = whys.pop() if len(whys) == 1 else "the table of human-normalised scores says why"
        out.append(f"Not normalisable here, and left out of every ratio: {share} ({listed(names)}; {why}).")
    return out


def _in_another(precisions: tuple[str, ...], precision: str) -> str:
    return "" if precisions == (precision,) else f" in {listed(list(precisions))}"


def _few(names: list[str]) -> str:
    """Names, or the first of many and their number."""
    return (
        listed(names)
        if len(names) <= MOST_NAMES
        else f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"
    )


def _losses(analysis: Analysis) -> list[str]:
    out = []
    tallies = [score.tally for score in analysis.scores.values()]
    missing, failed = sum(t.missing for t in tallies), sum(t.failed for t in tallies)
    if missing:
        where = listed(
            [f"{s.method} on {s.task.slug}" for s in analysis.scores.values() if s.tally.missing][:MOST_NAMES]
        )
        out.append(
            f"Not done yet: {plural(missing, 'final trial')} ({where}). The numbers are of those that have "
            "been done; running the same command again does the rest."
        )
    if failed:
        where = listed(
            [f"{s.method} on {s.task.slug}" for s in analysis.scores.values() if s.tally.failed][:MOST_NAMES]
        )
        out.append(f"Failed, and counted at the task's floor: {plural(failed, 'final trial')} ({where}).")
    lost = [s for s in analysis.scores.values() if s.tally.failed_searches]
    if lost:
        where = listed([f"{s.method} on {s.task.slug}" for s in lost][:MOST_NAMES])
        count = sum(s.tally.failed_searches for s in lost)
        out.append(
            f"Without any program, and scored at the task's floor: {plural(count, 'search')} ({where})."
        )
    unsaid = {s.task.slug: None for s in analysis.scores.values() if s.tally.failed and s.task.floor is None}
    if unsaid:
        out.append(
            f"This run is from before tasks declared a floor: that of {listed(list(unsaid))} is the worst F that the "
            "run has seen on the task."
        )
    return out


def _stopped(analysis: Analysis) -> list[str]:
    """Searches that did not come to their end, and why: what they had found counts."""
    found = [search for group in analysis.run.searches.values() for search in group if search.stopped]
    return [
        f"{place_of(analysis.run, search)} stopped {why_not_ok(analysis, search).rstrip('.')}; "
        + ("its final trials are of what it had found." if search.finals else "it has no final trials.")
        for search in found
    ]


def _other_makings(analysis: Analysis) -> list[str]:
    """Trials that were made with other libraries, or other code of their task, than run.json names."""
    counts: dict[tuple[str, str], set[str]] = {}
    for (_, method), group in analysis.run.searches.items():
        versions = dict(analysis.run.configs)[analysis.run.family(method).run].versions
        tried = [c.trial for search in group for c in search.candidates.values() if c.trial is not None]
        for trial in (*tried, *(trial for search in group for trial in search.finals)):
            for what in trial.made_with:
                now = versions.get(what.partition(" ")[0])
                counts.setdefault((what, f"; run.json names {now}" if now else ""), set()).add(trial.hash)
    return [
        f"{plural(len(trials), 'trial')} {'was' if len(trials) == 1 else 'were'} made with {what}{now}."
        for (what, now), trials in sorted(counts.items())
    ]


def _doubts(flags: list[Flag]) -> list[str]:
    words = {
        "inflated": "did better in training than when evaluated",
        "unstable": "had worlds whose physics failed",
        "non-finite": "got rewards that were not numbers",
    }
    counts = {what: sum(flag.kind == kind for flag in flags) for kind, what in words.items()}
    parts = [f"{plural(count, 'trial')} {what}" for what, count in counts.items() if count]
    return [f"To look at twice: {listed(parts)}."] if parts else []


def _odd(remarks: list[Remarked]) -> list[str]:
    """Which searches found a program that is odd in a way that may change what was learned."""
    kinds: dict[str, dict[str, None]] = {}
    for one in remarks:
        if one.candidate is None and not one.harmless and not one.in_flags_table:
            kinds.setdefault(f"{one.method} on {one.task}", {})[one.kind] = None
    where = [f"{name}: {', '.join(found)}" for name, found in list(kinds.items())[:MOST_NAMES]]
    more = f" and {len(kinds) - MOST_NAMES} more" if len(kinds) > MOST_NAMES else ""
    return [f"Odd reward programs behind these scores: {'; '.join(where)}{more}."] if where else []
