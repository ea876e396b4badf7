"""The state of a whole training in one file: from it the same training goes on, with the same bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import logging
import pickle
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.environment import Environment
from harness.task import PPO, Budget
from harness.training.durable import write_durably

log = logging.getLogger(__name__)
DIGEST = 32  # bytes of SHA-256, before what torch has written: torch does not check sums when it reads


def write_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write dicts of tensors and numbers, durably. Of a task that keeps something else, nothing is written."""
    buffer = io.BytesIO()
    try:
        torch.save(dict(state), buffer)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        log.warning("this training cannot be resumed, its state has more than tensors and numbers: %s", error)
        return
    content = buffer.getvalue()
    write_durably(path, lambda file: file.write_bytes(hashlib.sha256(content).digest() + content))


def read_state(
    path: Path, identity: Mapping[str, Any], checkpoints: Mapping[int, Path], device: torch.device
) -> Any:
    """The state in `path`, on a device, or None where a training starts from the beginning; the log says why.

    It must be of the training with this `identity`, all of whose `checkpoints` (epoch → file) up to there exist.
    """
    if not path.exists():
        return None
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            raise ValueError("it is not whole")
        state = torch.load(io.BytesIO(content[DIGEST:]), map_location=device, weights_only=True)
        if state["identity"] != identity:
            raise ValueError("it is of another training")
        epoch = state["agent"]["epoch_num"]
        if missing := [file.name for e, file in checkpoints.items() if e <= epoch and not file.exists()]:
            raise ValueError(f"its checkpoint {missing[0]} is missing")
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        log.warning("the training starts from the beginning: its state %s is of no use: %s", path, reason)
        return None
    log.warning("the training goes on after epoch %d", epoch)
    return state


def identity_of(
    environment: Environment, ppo: PPO, budget: Budget, seed: int, checkpoints: Mapping[int, Path]
) -> dict[str, Any]:
    """What a training is recognised by: task, settings, seed, saved epochs, shapes of all that it keeps."""
    return {
        "task": f"{type(environment.task).__module__}:{type(environment.task).__qualname__}",
        "ppo": dataclasses.asdict(ppo),
        "budget": dataclasses.asdict(budget) | {"why": ""},
        "seed": seed,
        "epochs": sorted(checkpoints),
        "environment": _form(environment.state()),
    }


def random_state() -> dict[str, Any]:
    """Where the random generators of torch, numpy and Python stand."""
    return {"torch": torch.get_rng_state(), "numpy": _numpy_state(), "python": random.getstate()}


def restore_random(state: Mapping[str, Any]) -> None:
    """Put them back there."""
    torch.set_rng_state(state["torch"])
    np.random.set_state(state["numpy"] | {"state": _numpy_key(state["numpy"]["state"])})
    random.setstate(state["python"])


def _numpy_state() -> dict[str, Any]:
    state = dict(np.random.get_state(legacy=False))
    key = state["state"]
    return state | {"state": {"key": torch.from_numpy(key["key"].astype(np.int64)), "pos": int(key["pos"])}}


def _numpy_key(state: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": state["key"].numpy().astype(np.uint32), "pos": state["pos"]}


def _form(value: Any) -> Any:
    """Types and shapes without numbers."""
    if isinstance(value, Tensor):
        return str(value.dtype), tuple(value.shape)
    if isinstance(value, dict):
        return {name: _form(part) for name, part in value.items()}
    return type(value).__name__
