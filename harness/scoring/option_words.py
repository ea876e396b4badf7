"""Options of tasks, and what else of trainings was chosen, as captions name them."""

from __future__ import annotations

from collections.abc import Mapping

from harness.fields import line

MOST_NAMED = 3
LONGEST = 100


def option_words(options: Mapping[str, Mapping[str, object]]) -> str:
    """Options by task, `a.speed=2.0, b.text=true`; empty if there are none.

    What more tasks share than three is said once, with how many they are.
    """
    sharing: dict[str, list[str]] = {}
    for slug, values in options.items():
        for name, value in values.items():
            sharing.setdefault(f"{name}={shown(value)}", []).append(slug)
    return ", ".join(
        f"{what} on {len(slugs)} tasks"
        if len(slugs) > MOST_NAMED
        else ", ".join(f"{slug}.{what}" for slug in slugs)
        for what, slugs in sharing.items()
    )


def override_words(overrides: Mapping[str, object]) -> str:
    """In what trainings are not the benchmark's, `ppo.gamma=0.98, worlds=64`."""
    return ", ".join(f"{line(name, LONGEST)}={shown(value)}" for name, value in sorted(overrides.items()))


def shown(value: object) -> str:
    """The value of an option as the command line takes it, in one line."""
    return str(value).lower() if isinstance(value, bool) else line(value, LONGEST)
