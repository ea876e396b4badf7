"""Which methods a run compares, and with which settings."""

from pathlib import Path
from typing import Any

import pytest

from harness.errors import UserError
from harness.methods.chosen import Chosen, choose, searches, settings_of
from harness.methods.eureka import EurekaSettings
from harness.roles import REFERENCES

METHOD = """
from pydantic import Field

from harness.methods.contract import SearchSettings


class OwnSettings(SearchSettings):
    width: float = Field(default=1.0, gt=0)
    '''How far apart programs are drawn.'''


class Wide:
    role = "search"
    Settings = OwnSettings

    def search(self, problem, tools):
        raise NotImplementedError
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}")
    (tmp_path / "wide.py").write_text(METHOD)
    return tmp_path


def only(text: str) -> Chosen:
    (chosen,) = choose([text]).values()
    return chosen


def test_references_programs_and_searches_have_their_roles() -> None:
    found = choose(["human", "sparse", "mine.py", "eureka", "wide.py:Wide"])
    assert list(found) == ["human", "sparse", "mine", "eureka", "wide"]
    assert [chosen.method.role for chosen in found.values()] == [
        "reference",
        "reference",
        "program",
        "search",
        "search",
    ]
    assert tuple(name for name, one in found.items() if one.method.role == "reference") == REFERENCES
    assert [chosen.origin for chosen in found.values()] == [None, None, "mine.py", None, "wide.py:Wide"]


def test_a_variant_is_a_method_with_settings_in_its_name() -> None:
    chosen = only("eureka:elitism=true:repairs=2")
    assert (chosen.name, chosen.base) == ("eureka:elitism=true:repairs=2", "eureka")
    usual: dict[str, Any] = {"iterations": 3, "samples": 5, "repairs": 1, "temperature": 0.3}
    found = settings_of(chosen, usual)
    assert found == EurekaSettings(iterations=3, samples=5, elitism=True, repairs=2)
    assert settings_of(only("eureka"), usual, {"samples": "7"}).samples == 7


def test_a_methods_own_settings_are_read_from_text() -> None:
    found = settings_of(only("wide.py:Wide:width=0.5"), {"iterations": 1, "elitism": True})
    assert found.described() == {"iterations": 1, "samples": 1, "width": 0.5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("eurka", "unknown method 'eurka': did you mean 'eureka'?"),
        ("eureka:elitsm=true", "method 'eureka' has no setting 'elitsm': expected iterations, samples"),
        ("eureka:elitism=maybe", "setting 'elitism' of method 'eureka' is 'maybe': expected a valid boolean"),
        (
            "eureka:samples=0",
            "setting 'samples' of method 'eureka' is '0': expected greater than or equal to 1",
        ),
        ("wide.py:Wide:width=-1", "setting 'width' of method 'wide' is '-1': expected greater than 0"),
        ("human:elitism=true", "human does not search, and has no settings"),
        ("missing.py", "reward program missing.py cannot be read"),
        ("missing.py:Wide", "method 'missing.py:Wide' does not import: FileNotFoundError"),
        ("wide.py:Narrow", "wide.py:Narrow is no method: expected a class with `role`"),
        ("wide.py:OwnSettings", "is no method"),
        ("eureka:" + "a" * 80 + "=1", "more than 80 characters"),
    ],
)
def test_what_is_no_method_is_named_in_one_line(text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        settings_of(only(text), {})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reference_of_ones_own_and_a_name_that_is_taken_are_refused(folder: Path) -> None:
    (folder / "own.py").write_text(
        METHOD.replace('"search"', '"reference"').replace("def search", "def program")
    )
    with pytest.raises(UserError, match="only human, sparse are references"):
        choose(["own.py:Wide"])
    (folder / "taken.py").write_text(METHOD.replace("class Wide", "class Eureka"))
    with pytest.raises(UserError, match="would be called 'eureka': give its class another name"):
        choose(["taken.py:Eureka"])
    (folder / "other").mkdir()
    (folder / "other" / "mine.py").write_text("other")
    with pytest.raises(UserError, match="two reward programs are called 'mine'"):
        choose(["mine.py", "other/mine.py"])


def test_every_built_in_method_says_what_it_is() -> None:
    for name in ("human", "sparse", "eureka"):
        method = only(name).method
        assert getattr(method, "about", None) or type(method).__doc__
        assert searches(method) == (name == "eureka")
