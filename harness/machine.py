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
VECTORS = ("avx", "fma", "amx", "asimd", "sve")
"""How flags of instructions for vectors begin, of x86 and ARM."""


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
    return not BF16.isdisjoint(_cpuinfo("flags", "Features").split())


def vector_instructions() -> str:
    """The processor's instructions for vectors of numbers (Linux; empty elsewhere), by which libraries choose code.

    Processors of one name differ in them, and with them the last bits of what is computed.
    """
    found = _cpuinfo("flags", "Features").split()
    return " ".join(sorted(flag for flag in found if flag.startswith(VECTORS)))


def fast_precision() -> str:
    """The precision in which networks are trained fastest here: what `--precision auto` means."""
    return "bf16" if multiplies_bf16() else "fp32"


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name() -> str:
    """The processor's name."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(*names: str) -> str:
    """What Linux says of the first core under the first of these names that it has; empty if there is none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(names)), "")


def gpu_name() -> str | None:
    """The GPU that torch would use, None without one; torch is asked only where there is a driver."""
    if not any(Path(driver).exists() for driver in DRIVERS):
        return None
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
