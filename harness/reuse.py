"""Which stored results of trials count."""

from __future__ import annotations

from dataclasses import dataclass

from harness.store import Store
from harness.trial import TrialResult, TrialSpec


@dataclass(frozen=True)
class Reuse:
    """Which stored results count."""

    any_version: bool = False
    """Also those of other versions of the libraries."""
    failed: bool = True
    """Also trainings that failed."""


def stored(store: Store, spec: TrialSpec, reuse: Reuse) -> TrialResult | None:
    """The result of a trial in a store, if it is one that counts."""
    result = store.result(spec.hash)
    if result is not None:
        return result if reuse.failed or result.status != "failed" else None
    if reuse.any_version:
        results = (store.result(key) for key in store.others(spec))
        return next((result for result in results if result is not None and result.ok), None)
    return None
