"""What is odd about a reward program that is used all the same: said to its designer and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "dropped": "a harmless statement was left out",
    "cast": "a result was converted",
    "constant": "the reward does not depend on the state",
    "batch": "the reward of a world depends on other worlds, or on their number",
    "scale": "values of an absurd size",
    "non_finite": "values that are NaN or infinite",
    "counter": "the reward reads a step counter",
    "slow": "the program costs much time",
}


@dataclass(frozen=True)
class Flag:
    """One remark; `kind` is one of KINDS, `message` one line that names component and line where it can."""

    kind: str
    message: str

    def to_dict(self) -> dict[str, str]:
        """As stored with a trial."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Flag:
        """Back from `to_dict`. The data may be anyone's: what is unknown or long is cut."""
        kind, text = data.get("kind"), " ".join(str(data.get("message", ""))[:400].split())
        printable = "".join(char if char.isprintable() else " " for char in text)
        return cls(kind if kind in KINDS else "dropped", printable)


def non_finite_flags(counts: Mapping[str, int], total: int, where: str) -> list[Flag]:
    """The flag for values that are NaN or infinite: how many each series had, of `total`; none without any."""
    bad = [f"{title} in {count:,}" for title, count in counts.items() if count]
    if not bad:
        return []
    what = f"NaN or infinite in {total:,} {where}: {', '.join(bad)}"
    return [Flag("non_finite", f"{what}; the worst finite reward of the epoch stands for such a reward")]
