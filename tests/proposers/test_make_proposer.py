"""Which proposer a text means, and what is missing when it cannot be had."""

from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.proposers import DEFAULT_MODEL, Journal, display_name, make_proposer, resolve_proposer
from harness.proposers.prices import Price, load_prices, price_of


def test_auto_is_a_model_only_with_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert resolve_proposer("auto") == display_name("auto") == "grammar"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert resolve_proposer("auto") == f"openai:{DEFAULT_MODEL}"
    monkeypatch.setenv("OPENAI_MODEL", "my-model")
    assert display_name("auto") == "openai:my-model"
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert make_proposer("auto", journal).name == "openai:my-model"


@pytest.mark.parametrize("text", ["gpt", "openai", "openai:", "replay:", "Grammar", "", "grammar:1"])
def test_an_unknown_proposer_is_a_user_error(text: str) -> None:
    with pytest.raises(UserError, match="expected auto, grammar, openai:MODEL or replay:FILE"):
        resolve_proposer(text)


def test_a_model_without_a_key_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        with pytest.raises(EnvironmentProblem, match="openai:m needs a key: set OPENAI_API_KEY"):
            make_proposer("openai:m", journal)
        with pytest.raises(EnvironmentProblem, match="set OPENAI_API_KEY"):
            make_proposer("openai:m", journal, base_url="https://models.example.org/v1")
        for url in ("http://localhost:11434/v1", "http://127.0.0.1:8000/v1", "http://[::1]:8000/v1"):
            monkeypatch.setenv("OPENAI_BASE_URL", url)
            assert make_proposer("openai:m", journal).name == "openai:m"
        monkeypatch.setenv("OPENAI_BASE_URL", "localhost:8000")
        with pytest.raises(UserError, match="'localhost:8000' is no address: expected for example http://"):
            make_proposer("openai:m", journal)


def test_prices_are_per_million_tokens_and_can_be_overridden(tmp_path: Path) -> None:
    price = price_of("gpt-4", load_prices(None))
    assert price == Price(prompt=30, completion=60)
    assert price.cost(40_772, 45_622) == pytest.approx(3.96, abs=0.01)  # the Ant run of 5 x 16
    assert price_of("gpt-4o-2024-08-06", load_prices(None)) == price_of("gpt-4o", load_prices(None))
    assert price_of("gpt-4-0314", load_prices(None)) == price
    assert price_of("gpt-4o-unheard-of", load_prices(None)) is None
    own = tmp_path / "prices.json"
    own.write_text('{"gpt-4": {"prompt": 1, "completion": 2}, "mine": {"prompt": 0, "completion": 0}}')
    assert price_of("gpt-4", load_prices(own)) == Price(prompt=1, completion=2)
    assert price_of("mine", load_prices(own)) == Price(prompt=0, completion=0)
    assert price_of("gpt-4o", load_prices(own)) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Expecting property name"),
        ('{"m": {"prompt": 1}}', "m.completion: Field required"),
        ('{"m": {"prompt": -1, "completion": 1}}', "m.prompt: Input should be greater than"),
        ("[]", "Input should be a valid dictionary"),
    ],
)
def test_a_wrong_price_file_says_what_was_expected(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(UserError, match=message) as caught:
        load_prices(file)
    assert '{"MODEL": {"prompt": 1.0, "completion": 2.0}}' in str(caught.value)
    with pytest.raises(UserError, match="cannot read it"):
        load_prices(tmp_path / "none.json")
