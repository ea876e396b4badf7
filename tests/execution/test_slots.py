"""Who is served first, and what becomes of what waits when it is all over."""

import threading
from concurrent.futures import CancelledError

import pytest

from harness.execution.slots import Slots


def test_the_most_urgent_is_next_and_of_equals_the_oldest() -> None:
    slots, begun, go = Slots(1, "test"), threading.Event(), threading.Event()
    first = slots.submit((1.0,), lambda: (begun.set(), go.wait(10)))
    assert begun.wait(10)
    order: list[str] = []
    urgencies = {
        "picture": (2.0,),
        "short": (1.0, -5.0),
        "long": (1.0, -50.0),
        "candidate": (0.0,),
        "later": (0.0,),
    }
    waiting = [
        slots.submit(urgency, lambda name=name: order.append(name)) for name, urgency in urgencies.items()
    ]
    go.set()
    for future in (first, *waiting):
        future.result(10)
    assert order == ["candidate", "later", "long", "short", "picture"]
    slots.stop()
    slots.join()


def test_what_has_begun_ends_and_what_waits_is_cancelled() -> None:
    slots, begun, go = Slots(1, "test"), threading.Event(), threading.Event()
    first = slots.submit((0.0,), lambda: (begun.set(), go.wait(10)))
    second = slots.submit((0.0,), lambda: pytest.fail("it was given up"))
    assert begun.wait(10)
    slots.stop()
    with pytest.raises(CancelledError):
        second.result(10)
    go.set()
    slots.join()
    assert first.result(0) == (None, True)


def test_an_exception_is_the_futures() -> None:
    slots = Slots(2, "test")
    with pytest.raises(ZeroDivisionError):
        slots.submit((0.0,), lambda: 1 / 0).result(10)
    assert slots.submit((0.0,), lambda: 7).result(10) == 7
    slots.stop()
    slots.join()
