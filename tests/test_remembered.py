"""What was measured here is not measured again at once."""

import json
from pathlib import Path

import pytest

from harness import remembered as module
from harness.remembered import cache_file, remembered


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_file()


def ask(number: float, **question: str) -> list[float]:
    """The answer to a question, `number` if it is not known."""
    return remembered(question, lambda: [number, 2.0])


def test_a_question_is_answered_once() -> None:
    assert ask(1.0, task="a") == [1.0, 2.0]
    assert ask(5.0, task="a") == [1.0, 2.0]
    assert ask(5.0, task="a", machine="another") == [5.0, 2.0]
    assert ask(7.0, task="a") == [1.0, 2.0]


def test_after_a_week_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(1.0, task="a")
    now = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 6.9 * 24 * 3600)
    assert ask(5.0, task="a") == [1.0, 2.0]
    monkeypatch.setattr(module.time, "time", lambda: now + 7.1 * 24 * 3600)
    assert ask(5.0, task="a") == [5.0, 2.0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"k": 3}', '{"k": {"numbers": [NaN], "when": 0}}', '{"k": {"numbers": "x"}}'],
)
def test_a_damaged_file_is_none_and_is_mended(cache: Path, text: str) -> None:
    cache.parent.mkdir()
    cache.write_text(text)
    assert ask(1.0, task="a") == [1.0, 2.0]
    assert ask(5.0, task="a") == [1.0, 2.0]


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("inf"), "fast"])
def test_numbers_that_are_no_speeds_are_not_believed(cache: Path, wrong: object) -> None:
    ask(1.0, task="a")
    data = json.loads(cache.read_text())
    for answer in data.values():
        answer["numbers"][0] = wrong
    cache.write_text(json.dumps(data))
    assert ask(3.0, task="a") == [3.0, 2.0]


def test_a_place_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert ask(1.0, task="a") == [1.0, 2.0]
    assert ask(5.0, task="a") == [5.0, 2.0]


def test_the_oldest_make_room(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    for task in "abc":
        ask(1.0, task=task)
    assert ask(5.0, task="c") == [1.0, 2.0]
    assert ask(5.0, task="a") == [5.0, 2.0]
    assert len(json.loads(cache.read_text())) == 2
