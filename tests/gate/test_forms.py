"""What a gate found, for people and for CI systems."""

import dataclasses
import json
from xml.etree import ElementTree as ET

import pytest

from harness.gate.forms import FORMS, Case, Findings, of_comparison, to_github, to_json, to_junit, to_text
from harness.scoring.gate_runs import compare
from tests.scoring.test_gate_runs import BASE, drawn


def found(lost: float = 0.0, seeds: int = 6) -> Findings:
    return of_comparison(compare(BASE, drawn("new", 1, lost=lost, seeds=seeds, code="b"), 0.25))


GOOD, BAD, SINGLE = found(), found(0.4), found(seeds=1)


@pytest.mark.parametrize(
    ("case", "word", "code"), [(GOOD, "PASS", 0), (BAD, "REGRESSION", 1), (SINGLE, "UNDECIDED", 3)]
)
def test_the_verdict_comes_first(case: Findings, word: str, code: int) -> None:
    assert to_text(case).startswith(f"{word}: ")
    assert case.exit_code == code == json.loads(to_json(case))["exit_code"]


def test_people_see_what_could_have_been_found() -> None:
    text = to_text(BAD)
    assert "smallest detectable drop (80 % power): 0." in text
    assert "quadcopter: " in text
    assert "DROPPED" in text
    assert "single seed" in to_text(SINGLE)


def test_programs_get_numbers_and_null() -> None:
    data = json.loads(to_json(BAD))
    assert data["difference"]["high"] < 0
    assert [task["task"] for task in data["tasks"]] == ["cartpole", "quadcopter"]
    assert data["tasks"][0]["new"]["n"] == 6
    assert json.loads(to_json(SINGLE))["difference"] is None


def test_junit_fails_on_the_verdict_alone() -> None:
    for case, failures, errors in ((GOOD, 0, 0), (BAD, 1, 0), (SINGLE, 0, 1)):
        suite = ET.fromstring(to_junit(case))
        assert (suite.get("failures"), suite.get("errors")) == (str(failures), str(errors))
        assert len(suite.findall("testcase")) == int(suite.get("tests", "0"))
    names = [one.get("name") for one in ET.fromstring(to_junit(BAD)).findall("testcase")]
    assert names == ["cartpole", "quadcopter", "eureka in new against eureka in base"]


def test_annotations_are_one_line_each() -> None:
    lines = to_github(BAD).splitlines()
    assert lines[0].startswith("::error title=regression%3A eureka in new")
    assert [line.split(" ")[0] for line in lines].count("::warning") == 2
    assert to_github(GOOD).startswith("::notice title=pass")
    hostile = dataclasses.replace(GOOD, why="a\n::error::b 100%", notes=("x\r\ny",))
    assert all(line.startswith("::") for line in to_github(hostile).splitlines())
    assert "a%0A::error::b 100%25" in to_github(hostile)


def test_no_character_breaks_the_xml() -> None:
    odd = dataclasses.replace(GOOD, why="\x00\x1b[31m <&> \ud800", cases=(Case("a\x07", "told", "\ufffe"),))
    assert ET.fromstring(to_junit(odd)).findall("testcase")[0].get("name") == "a"


def test_identical_findings_have_identical_bytes() -> None:
    for form in FORMS.values():
        assert form(found(0.4)) == form(BAD)
