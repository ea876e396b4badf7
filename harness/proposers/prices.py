"""What a model costs: list prices of a few models, which a user's own file overrides."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harness.errors import UserError
from harness.proposers.limits import Limits

DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4})$")
"""The end of a model's name that says which snapshot it is."""


class Price(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: float = Field(ge=0, le=1e6, allow_inf_nan=False)
    completion: float = Field(ge=0, le=1e6, allow_inf_nan=False)

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Dollars for an exchange."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / 1e6


Prices = dict[str, Price]
_TABLE: TypeAdapter[Prices] = TypeAdapter(Prices)


def load_prices(path: str | Path | None) -> Prices:
    """Model → price: the built-in list prices (November 2026), overridden by the JSON file `path`.

    The file reads {"MODEL": {"prompt": 1.0, "completion": 2.0}}. UserError if it does not.
    """
    built_in = _TABLE.validate_json((files("harness.proposers") / "prices.json").read_text())
    if path is None:
        return built_in
    try:
        return built_in | _TABLE.validate_python(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"--prices {path}: cannot read it: {error.strerror}") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        found = f"{where}: {error.errors()[0]['msg']}" if where else error.errors()[0]["msg"]
    except RecursionError:
        found = "JSON that is nested too deeply"
    except ValueError as error:
        found = str(error)
    raise UserError(
        f'--prices {path}: expected {{"MODEL": {{"prompt": 1.0, "completion": 2.0}}}} in dollars per million '
        f"tokens, found {found}"
    )


def price_of(model: str, prices: Prices) -> Price | None:
    """The price of `model`, or of the model that it is a dated snapshot of; None if there is none."""
    return prices.get(model) or prices.get(DATED.sub("", model))


def check_money_limit(model: str, limits: Limits, price: Price | None) -> None:
    """UserError for a limit on dollars where a model's price is unknown."""
    if limits.max_usd is not None and price is None:
        raise UserError(
            f"--max-usd needs the price of {model!r}, which is unknown: put "
            f'{{"{model}": {{"prompt": USD, "completion": USD}}}} per million tokens into a file '
            "and give it as --prices FILE"
        )
