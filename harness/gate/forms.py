"""What a gate found, in the forms that people and CI systems read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

from harness.scoring.cells import Cell, pooled
from harness.scoring.gate import Difference
from harness.scoring.gate_runs import Result, TaskResult

SUITE: Final = "eureka-harness gate"


def to_text(result: Result) -> str:
    """For people: the verdict, the difference, a line a task, what was left out."""
    return "\n".join(_lines(result)) + "\n"


def to_json(result: Result) -> str:
    """For programs. Keys: see docs/ci.md; a number that is unknown is null."""
    decision = result.decision
    data = {
        "schema": 1,
        "verdict": result.verdict,
        "exit_code": result.exit_code,
        "why": result.why,
        "base": result.base,
        "new": result.new,
        "method": result.method,
        "against": result.against,
        "margin": result.margin,
        "setting": result.setting,
        "difference": None if decision is None else _numbers(decision.difference),
        "smallest_detectable_drop": None if decision is None else decision.smallest,
        "tasks": [
            {
                "task": row.task.slug,
                "unit": row.task.unit,
                "new": _arm(row.new),
                "base": _arm(row.base),
                **_numbers(row.difference),
                "dropped": row.dropped,
            }
            for row in result.tasks
        ],
        "missing": list(result.missing),
        "notes": list(result.notes),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_github(result: Result) -> str:
    """Workflow commands of GitHub Actions: an error where it is no pass, a warning for each task that dropped alone."""
    title = f"{result.verdict}: {result.method} in {result.new} against {result.against} in {result.base}"
    kind = "notice" if result.verdict == "pass" else "error"
    lines = [_annotation(kind, title, result.why)]
    for row in result.tasks:
        if row.dropped:
            lines.append(_annotation("warning", f"drop on {row.task.slug}", _task_line(row)))
    lines += [_annotation("notice", "gate", note) for note in result.notes]
    return "\n".join(lines) + "\n"


def to_junit(result: Result) -> str:
    """JUnit XML: a test case per task and one for all; a task alone never fails, it is told of in its output."""
    cases = [ET.Element("testcase", classname=SUITE, name=_xml(row.task.slug)) for row in result.tasks]
    for case, row in zip(cases, result.tasks, strict=True):
        ET.SubElement(case, "system-out").text = _xml(_task_line(row))
    aggregate = ET.Element("testcase", classname=SUITE, name="aggregate")
    if result.verdict == "regression":
        ET.SubElement(aggregate, "failure", message=_xml(result.why)).text = _xml(to_text(result))
    elif result.verdict == "undecided":
        ET.SubElement(aggregate, "error", message=_xml(result.why)).text = _xml(to_text(result))
    else:
        ET.SubElement(aggregate, "system-out").text = _xml(to_text(result))
    suite = ET.Element(
        "testsuite",
        name=SUITE,
        tests=str(len(cases) + 1),
        failures=str(int(result.verdict == "regression")),
        errors=str(int(result.verdict == "undecided")),
    )
    suite.extend([*cases, aggregate])
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


FORMS: Final[dict[str, Callable[[Result], str]]] = {
    "text": to_text,
    "json": to_json,
    "github": to_github,
    "junit": to_junit,
}


def _lines(result: Result) -> Iterator[str]:
    yield f"{result.verdict.upper()}: {result.why}"
    yield (
        f"NEW {result.new} ({result.method}) against BASE {result.base} ({result.against}); {result.setting}; "
        f"margin {result.margin:g} of the human-normalised score"
    )
    if result.decision is not None:
        found = result.decision.difference
        yield f"all tasks: {_interval(found)}, p = {found.p:.3g} (permutation test for a drop)"
        smallest = result.decision.smallest
        yield (
            "smallest detectable drop (80 % power): "
            + ("none: so few trials cannot show any" if smallest is None else f"{smallest:.3g}")
        )
    for row in result.tasks:
        yield _task_line(row)
    if result.tasks:
        yield "intervals: two-sided 90 %, those of single tasks unadjusted; p of single tasks: Holm-adjusted"
    for note in result.notes:
        yield f"note: {note}"


def _task_line(row: TaskResult) -> str:
    new, base = _arm(row.new), _arm(row.base)
    found = row.difference
    return (
        f"{row.task.slug}: {new['mean']:.4g} (n = {new['n']}) against {base['mean']:.4g} (n = {base['n']}) "
        f"{row.task.unit}; "
        f"{_interval(found)}, p = {found.p:.3g}{' DROPPED' if row.dropped else ''}"
    )


def _interval(found: Difference) -> str:
    if found.low is None or found.high is None:
        return f"{found.point:+.3f} (no interval: the scores have no spread)"
    return f"{found.point:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _numbers(found: Difference) -> dict[str, Any]:
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
