"""What a gate found, in the forms that people and CI systems read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from xml.etree import ElementTree as ET

from harness.scoring.cells import Cell, pooled
from harness.scoring.gate import ALPHA, POWER, Decision, Difference, Verdict
from harness.scoring.gate_runs import EXIT, Result, TaskResult
from harness.scoring.intervals import percent

SUITE: Final = "eureka-harness gate"


@dataclass(frozen=True)
class Case:
    """A part of a gate, as CI systems list it."""

    name: str
    verdict: Verdict | Literal["told"]
    """`told` where it decides nothing by itself."""
    line: str
    warning: bool = False
    """Whether somebody should look at it although it decides nothing."""


@dataclass(frozen=True)
class Findings:
    """What a gate found, whatever it looked at."""

    title: str
    verdict: Verdict
    why: str
    cases: tuple[Case, ...]
    lines: tuple[str, ...]
    """For people, after the verdict."""
    notes: tuple[str, ...]
    data: Mapping[str, Any]
    """For programs, beside verdict, exit code, why and notes."""

    @property
    def exit_code(self) -> int:
        """0 pass, 1 regression, 3 undecided."""
        return EXIT[self.verdict]


def to_text(found: Findings) -> str:
    """For people: the verdict and its reason, then all else a line each."""
    notes = (f"note: {note}" for note in found.notes)
    return "\n".join([f"{found.verdict.upper()}: {found.why}", *found.lines, *notes]) + "\n"


def to_json(found: Findings) -> str:
    """For programs. Keys: see docs/ci.md; a number that is unknown is null."""
    data = {
        "schema": 1,
        "verdict": found.verdict,
        "exit_code": found.exit_code,
        "why": found.why,
        **found.data,
        "notes": list(found.notes),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_github(found: Findings) -> str:
    """Workflow commands of GitHub Actions: an error for what is no pass, a warning for a task that dropped alone."""
    kind = "notice" if found.verdict == "pass" else "error"
    lines = [_annotation(kind, f"{found.verdict}: {found.title}", found.why)]
    for case in found.cases:
        if case.verdict in ("regression", "undecided"):
            lines.append(_annotation("error", f"{case.verdict}: {case.name}", case.line))
        elif case.warning:
            lines.append(_annotation("warning", case.name, case.line))
    return "\n".join([*lines, *(_annotation("notice", "gate", note) for note in found.notes)]) + "\n"


def to_junit(found: Findings) -> str:
    """JUnit XML: a test case for each part and one for the verdict; what decides nothing alone never fails."""
    tags = {"regression": "failure", "undecided": "error"}
    whole = Case(found.title, found.verdict, found.why)
    cases = []
    for part in (*found.cases, whole):
        case = ET.Element("testcase", classname=SUITE, name=_xml(part.name))
        text = to_text(found) if part is whole else part.line
        if part.verdict in tags:
            ET.SubElement(case, tags[part.verdict], message=_xml(part.line)).text = _xml(text)
        else:
            ET.SubElement(case, "system-out").text = _xml(text)
        cases.append(case)
    counts = {tag: str(sum(case.find(tag) is not None for case in cases)) for tag in tags.values()}
    suite = ET.Element(
        "testsuite", name=SUITE, tests=str(len(cases)), failures=counts["failure"], errors=counts["error"]
    )
    suite.extend(cases)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def of_comparison(result: Result) -> Findings:
    """What `compare` found."""
    decision = result.decision
    return Findings(
        title=f"{result.method} in {result.new} against {result.against} in {result.base}",
        verdict=result.verdict,
        why=result.why,
        cases=tuple(Case(row.task.slug, "told", task_line(row), row.dropped) for row in result.tasks),
        lines=tuple(_lines(result)),
        notes=result.notes,
        data={
            "base": result.base,
            "new": result.new,
            "method": result.method,
            "against": result.against,
            "margin": result.margin,
            "setting": result.setting,
            "difference": None if decision is None else numbers(decision.difference),
            "smallest_detectable_drop": None if decision is None else decision.smallest,
            "tasks": [
                {
                    "task": row.task.slug,
                    "unit": row.task.unit,
                    "new": _arm(row.new),
                    "base": _arm(row.base),
                    **numbers(row.difference),
                    "dropped": row.dropped,
                }
                for row in result.tasks
            ],
            "missing": list(result.missing),
        },
    )


FORMS: Final[dict[str, Callable[[Findings], str]]] = {
    "text": to_text,
    "json": to_json,
    "github": to_github,
    "junit": to_junit,
}


def _lines(result: Result) -> Iterator[str]:
    yield (
        f"NEW {result.new} ({result.method}) against BASE {result.base} ({result.against}); {result.setting}; "
        f"margin {result.margin:g} of the human-normalised score"
    )
    if result.decision is not None:
        yield from decision_lines(result.decision)
    for row in result.tasks:
        yield task_line(row)
    if result.tasks:
        level = percent(1 - 2 * ALPHA)
        yield f"intervals: two-sided {level}, those of single tasks unadjusted; p of single tasks: Holm-adjusted"


def decision_lines(decision: Decision) -> Iterator[str]:
    """The difference, and what could have been found."""
    found, smallest = decision.difference, decision.smallest
    yield f"all tasks: {interval(found)}, p = {found.p:.3g} (permutation test for a drop)"
    known = "none: so few trials cannot show any" if smallest is None else f"{smallest:.3g}"
    yield f"smallest detectable drop ({percent(POWER)} power): {known}"


def task_line(row: TaskResult) -> str:
    """A task: its scores on both sides, and the difference."""
    new, base = _arm(row.new), _arm(row.base)
    found = row.difference
    return (
        f"{row.task.slug}: {new['mean']:.4g} (n = {new['n']}) against {base['mean']:.4g} (n = {base['n']}) "
        f"{row.task.unit}; "
        f"{interval(found)}, p = {found.p:.3g}{' DROPPED' if row.dropped else ''}"
    )


def interval(found: Difference) -> str:
    """A difference and its interval."""
    if found.low is None or found.high is None:
        return f"{found.point:+.3f} (no interval: the scores have no spread)"
    return f"{found.point:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def numbers(found: Difference) -> dict[str, Any]:
    """A difference for programs."""
    return {
        "point": _number(found.point),
        "low": found.low,
        "high": found.high,
        "p": _number(found.p),
    }


def _arm(cell: Cell) -> dict[str, Any]:
    """Mean over searches of the mean over seeds, and how many trials and searches."""
    return {
        "mean": sum(float(row.mean()) for row in cell) / len(cell),
        "n": int(pooled(cell).size),
        "searches": len(cell),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _annotation(kind: str, title: str, message: str) -> str:
    """A workflow command; what would end a property or the line is escaped."""

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    name = escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={name}::{escaped(message)}"


def _xml(text: str) -> str:
    """Without characters that XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
