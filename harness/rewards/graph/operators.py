"""What a graph calls its operators: ATen's public names, and own ones for those that are torch's private business.

`aten.add.Tensor` means the same in every version of torch; `aten._softmax.default` may be gone in the next one, so a
graph says `own.softmax.default`. Another interpreter, or another version, has this table to fulfil and nothing else.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
"""Of the set of operators, as graphs bear it; one that says nothing is of the first."""
OWN: Final = {
    "cdist": "_cdist_forward",
    "det": "_linalg_det",
    "eigh": "_linalg_eigh",
    "euclidean_distance": "_euclidean_dist",
    "log_softmax": "_log_softmax",
    "pdist": "_pdist_forward",
    "slogdet": "_linalg_slogdet",
    "softmax": "_softmax",
    "solve": "_linalg_solve_ex",
    "svd": "_linalg_svd",
    "to": "_to_copy",
    "unsafe_view": "_unsafe_view",
}
"""Own name → torch's."""
_WRITTEN: Final = {torch_name: name for name, torch_name in OWN.items()}


def written(torch_name: str) -> str:
    """How a graph names the operator that torch calls `aten.<name>.<overload>`."""
    space, _, rest = torch_name.partition(".")
    name, dot, overload = rest.partition(".")
    return f"own.{_WRITTEN[name]}{dot}{overload}" if space == "aten" and name in _WRITTEN else torch_name


def in_torch(text: str) -> str:
    """What torch calls the operator that a graph names so."""
    space, _, rest = text.partition(".")
    name, dot, overload = rest.partition(".")
    return f"aten.{OWN[name]}{dot}{overload}" if space == "own" and name in OWN else text
