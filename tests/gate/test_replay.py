"""A recorded search again: what changed in the search's own code, and where."""

import copy
import json
from pathlib import Path

import pytest

from harness import prompts
from harness.errors import EnvironmentProblem, UserError
from harness.gate.replay import replay
from harness.gate.transcript import OWN, Transcript, exchanges, read_transcript
from harness.methods import candidates, eureka, reflection


@pytest.fixture(scope="module")
def transcript() -> Transcript:
    return read_transcript(OWN)


def test_what_came_with_the_harness_is_what_it_does(transcript: Transcript) -> None:
    assert replay(transcript) is None
    assert len(exchanges(transcript)) == 2


def test_a_changed_prompt_is_named_with_its_difference(
    transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = prompts.piece
    monkeypatch.setattr(
        prompts,
        "piece",
        lambda name, **slots: piece(name, **slots) + ("\nBe brief.\n" if name == "advice" else ""),
    )
    found = replay(transcript)
    assert found is not None
    assert found.startswith("message 4 (user) at iteration 1 is another one:\n--- recorded\n+++ now\n")
    assert "+Be brief." in found


def test_another_reflection_is_another_prompt(
    transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "reflection", lambda curve, f: reflection.reflection(curve, f + 1.0))
    assert "at iteration 1" in (replay(transcript) or "")


def test_another_program_is_shown_beside_the_nearest(
    transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = candidates.extract
    monkeypatch.setattr(candidates, "extract", lambda text, cut: extract(text, cut) + "# more\n")
    found = replay(transcript)
    assert found is not None
    assert found.startswith(
        "another program is taken out of the answer of cartpole eureka search 0 candidate 0-0"
    )
    assert "+# more" in found


def test_another_selection_is_found(transcript: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    best = eureka.best_of
    monkeypatch.setattr(eureka, "best_of", lambda found: best(found[:1]))
    assert replay(transcript) is not None


def test_a_request_too_few_or_too_many_is_found(transcript: Transcript) -> None:
    fewer, more = copy.deepcopy(transcript), copy.deepcopy(transcript)
    fewer["settings"]["iterations"] = 1
    more["settings"]["iterations"] = 3
    assert "1 recorded request(s) were not asked again, the first at iteration 1" in (replay(fewer) or "")
    assert "not recorded: at iteration 2" in (replay(more) or "")
    fewer["settings"]["samples"] = 1
    assert "1 samples are asked for at iteration 0, 2 were recorded" in (replay(fewer) or "")


def test_what_is_no_transcript_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    with pytest.raises(UserError, match="no transcript"):
        read_transcript(path)
    path.write_text(OWN.read_text().replace("cartpole", "carpole", 1))
    with pytest.raises(EnvironmentProblem, match="not what was recorded"):
        read_transcript(path)
    path.write_text(json.dumps({"schema": 9}))
    with pytest.raises(UserError, match="record it again"):
        read_transcript(path)
