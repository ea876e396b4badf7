"""Is this data a graph that may be executed? Decided without executing anything of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import torch

from harness.rewards.allowed import OPERATORS, words
from harness.rewards.errors import RewardError
from harness.rewards.graph import operators

if TYPE_CHECKING:
    from torch._ops import OpOverload

SCHEMA = 1
LONGEST_JSON = 4_000_000
MOST_NODES = 2_000
MOST_WORLDS = 1 << 20
MOST_NUMBERS = 4_096
"""Numbers in one constant."""
MOST_COMPONENTS = 64
LONGEST_NAME = 64
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
OPERATOR = re.compile(r"aten\.([a-z_][a-z0-9_]{0,40})\.([A-Za-z_][A-Za-z0-9_]{0,40})", re.ASCII)
WORD = re.compile(r"[a-z_]{1,20}", re.ASCII)
DTYPES = words("float16 bfloat16 float32 float64 bool int8 int16 int32 int64 uint8")
MEMORY_FORMATS = {"contiguous_format", "preserve_format"}
"""Names of torch, as are those of data types."""
NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def read(text: str | bytes) -> dict[str, Any]:
    """The data in a graph's JSON, not verified yet. Raises RewardError `forbidden`."""
    if len(text) > LONGEST_JSON:
        raise refused(f"its JSON is longer than {LONGEST_JSON} bytes")
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refused(f"it is not JSON: {error}") from None
    return data  # type: ignore[no-any-return]


def verify(data: Any) -> None:
    """Check a graph's data in full: form, operators, references, constants. RewardError `forbidden`."""
    fields = {"schema", "worlds", "inputs", "constants", "nodes", "reward", "components"}
    known = isinstance(data, dict) and "operators" in data
    _fields(data, fields | {"operators"} if known else fields, "the graph")
    if data["schema"] != SCHEMA:
        raise refused(f"its schema is {data['schema']!r}, expected {SCHEMA}")
    if known and data["operators"] != operators.VERSION:
        raise refused(
            f"its operators are of version {data['operators']!r:.40}, expected {operators.VERSION}: make it again"
        )
    _integer(data["worlds"], 1, MOST_WORLDS, "worlds")
    inputs, constants = (
        _list(data["inputs"], 1_000, "inputs"),
        _list(data["constants"], MOST_NODES, "constants"),
    )
    for item in inputs:
        _fields(item, {"name", "dtype", "shape"}, "an input")
        _name(item["name"])
        _dtype(item["dtype"])
        _shape(item["shape"])
    if len({item["name"] for item in inputs}) != len(inputs):
        raise refused("two inputs have the same name")
    for item in constants:
        _verify_constant(item)
    values = len(inputs) + len(constants)
    for node in _list(data["nodes"], MOST_NODES, "nodes"):
        _verify_node(node, values)
        values += 1
    _integer(data["reward"], 0, values - 1, "the reward")
    names = []
    for item in _list(data["components"], MOST_COMPONENTS, "components"):
        _fields(item, {"name", "value"}, "a component")
        _integer(item["value"], 0, values - 1, "a component")
        names.append(item["name"])
        if not is_component_name(item["name"]):
            raise refused(f"the component name {item['name']!r:.80} cannot be used")
    if len(set(names)) != len(names):
        raise refused("two components have the same name")


def is_component_name(name: object) -> bool:
    """Whether a component may be called so: it heads a column of a CSV file."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable() and "," not in name


def operator_of(text: str) -> OpOverload:
    """The ATen overload that a graph names so. Raises RewardError unless it is allowed and pure."""
    match = OPERATOR.fullmatch(operators.in_torch(text))
    if match is None or match[1] not in OPERATORS:
        raise refused(f"the operator {text!r:.80} is not allowed")
    packet = getattr(torch.ops.aten, match[1], None)
    if packet is None or match[2] not in packet.overloads():
        raise refused(f"the operator {text!r:.80} does not exist in torch {torch.__version__}")
    overload: OpOverload = getattr(packet, match[2])
    if overload._schema.is_mutable:
        raise refused(f"the operator {text} changes its arguments")
    if torch.Tag.nondeterministic_seeded in overload.tags:
        raise refused(f"the operator {text} is random")
    return overload


def _verify_node(node: Any, values: int) -> None:
    _fields(node, {"op", "args", "kwargs"}, "a node")
    args, kwargs = _list(node["args"], 32, "arguments"), node["kwargs"]
    if not isinstance(node["op"], str) or not isinstance(kwargs, dict):
        raise refused("a node is not a call")
    if node["op"] == "getitem":
        if len(args) != 2 or kwargs or not isinstance(args[0], dict):
            raise refused("a getitem does not take one reference and one number")
        _reference(args[0], values)
        _integer(args[1], 0, 10_000, "an index")
        return
    schema = operator_of(node["op"])._schema
    positional = [argument for argument in schema.arguments if not argument.kwarg_only]
    if len(args) > len(positional) or not set(kwargs) <= {argument.name for argument in schema.arguments}:
        raise refused(f"the arguments of {node['op']} do not fit")
    for value in args:
        _verify_argument(value, values)
    for value in kwargs.values():
        if isinstance(value, (dict, list)) and (
            "ref" in value or any(isinstance(item, dict) for item in value)
        ):
            raise refused(f"a keyword argument of {node['op']} is a reference")
        _verify_argument(value, values)


def _reference(value: Any, values: int) -> None:
    _fields(value, {"ref"}, "a reference")
    _integer(value["ref"], 0, values - 1, "a reference")


def _verify_argument(value: Any, values: int, nested: bool = False) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise refused("an argument is not finite")
    elif isinstance(value, int):
        _integer(value, -(1 << 63), (1 << 63) - 1, "an argument")
    elif isinstance(value, str):
        if not WORD.fullmatch(value):
            raise refused(f"the argument {value!r:.80} is not a word")
    elif isinstance(value, list) and not nested:
        tensors = any(isinstance(item, dict) and "ref" in item for item in value)
        for item in _list(value, MOST_NUMBERS, "an argument"):
            if not tensors:
                _verify_argument(item, values, nested=True)
            elif item is not None:
                _reference(item, values)
    elif isinstance(value, dict) and len(value) == 1:
        [(tag, content)] = value.items()
        if tag == "ref":
            _reference(value, values)
        elif tag not in TOKENS or not isinstance(content, str) or content not in TOKENS[tag]:
            raise refused(f"the argument {value!r:.80} is not known")
    else:
        raise refused(f"the argument {value!r:.80} is not known")


def _verify_constant(item: Any) -> None:
    _fields(item, {"dtype", "shape", "data"}, "a constant")
    _dtype(item["dtype"])
    _shape(item["shape"])
    numbers = _list(item["data"], MOST_NUMBERS, "the numbers of a constant")
    if len(numbers) != math.prod(item["shape"]):
        raise refused("a constant's data do not fill its shape")
    for number in numbers:
        if isinstance(number, str) and number in NON_FINITE:
            continue
        if isinstance(number, float) and math.isfinite(number):
            continue
        _integer(int(number) if isinstance(number, bool) else number, -(1 << 63), (1 << 63) - 1, "a constant")


TOKENS: dict[str, Collection[str]] = {
    "dtype": DTYPES,
    "memory_format": MEMORY_FORMATS,
    "float": NON_FINITE,
    "device": {"device"},
}
"""Tagged arguments: tag → its words."""


def stands_for(tag: str, word: str, device: torch.device) -> Any:
    """What a verified tagged argument means in a graph that runs on `device`."""
    if tag == "device":
        return device
    return NON_FINITE[word] if tag == "float" else getattr(torch, word)


def _fields(item: Any, names: set[str], what: str) -> None:
    if not isinstance(item, dict) or set(item) != names:
        raise refused(f"{what} does not have exactly the fields {', '.join(sorted(names))}")


def _list(item: Any, longest: int, what: str) -> list[Any]:
    if not isinstance(item, list) or len(item) > longest:
        raise refused(f"{what}: expected a list of at most {longest}")
    return item


def _integer(value: Any, low: int, high: int, what: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise refused(f"{what}: {value!r:.40} is not a whole number from {low} to {high}")


def _name(value: Any) -> None:
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        raise refused(f"the name {value!r:.80} is not an identifier")


def _dtype(value: Any) -> None:
    if not isinstance(value, str) or value not in DTYPES:
        raise refused(f"the dtype {value!r:.40} is not known")


def _shape(value: Any) -> None:
    for size in _list(value, 8, "a shape"):
        _integer(size, 0, 1 << 32, "a size")


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a JSON number")


def refused(why: str) -> RewardError:
    """The error for a graph that may not be executed."""
    return RewardError("forbidden", f"graph refused: {why}", f"The program's graph cannot be used: {why}.")
