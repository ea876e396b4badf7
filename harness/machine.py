"""This machine's hardware, as far as it explains results."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import psutil
import torch

DRIVERS = ("/proc/driver/nvidia", "/dev/nvidiactl", "/dev/dxg")
"""One of them is there where an NVIDIA driver is, on Linux or in WSL."""

BF16 = frozenset(("avx512_bf16", "amx_bf16"))
"""Flags of processors that multiply numbers of that type in one instruction."""


def machine() -> dict[str, Any]:
    """What a run records of it."""
    return {
        "cpu": cpu_name(),
        "cores": available_cores(),
        "gpu": gpu_name(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
    }


def multiplies_bf16() -> bool:
    """Whether the processor has instructions for products of bfloat16 numbers (Linux; elsewhere it is not known)."""
    try:
        words = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not BF16.isdisjoint(words)


def fast_precision() -> str:
    """The precision in which networks are trained fastest here: what `--precision auto` means."""
    return "bf16" if multiplies_bf16() else "fp32"


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def gpu_name() -> str | None:
    """The GPU that torch would use, None without one; torch is asked only where there is a driver."""
    if not any(Path(driver).exists() for driver in DRIVERS):
        return None
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
