"""What a run compares is said before its first trial, and what its trials are numbered by."""

import dataclasses
import json
from typing import Any

from harness.files import write_json
from harness.registry import expert_reward
from harness.repetitions import REFERENCE
from harness.run_record import run_record
from harness.store import Store
from tests.test_plan import DONE, PROGRAM, _no_key, begun, plan_of  # noqa: F401


def test_the_comparison_is_declared_before_the_first_trial_and_extensions_are_kept() -> None:
    plan = begun(seeds=3)
    store, task = Store(plan.folder), plan.tasks[0]

    def declared(**options: Any) -> list[tuple[int, int]]:
        record = run_record(plan_of(**options), store)
        write_json(store.folder / "run.json", record)
        return [(entry["seeds"], entry["after"]) for entry in record["declared"]]

    assert declared(seeds=3) == [(3, 0)]
    assert declared(seeds=4) == [(4, 0)]  # nothing had been looked at
    human = plan.finals(task, "human", expert_reward("human", task) or "")[0]
    with store.opened():
        store.begin_trial(human)
        store.finish_trial(human, DONE)
    assert declared(seeds=2) == [(4, 0)]  # nothing more is asked for
    assert declared(seeds=8) == [(4, 0), (8, 1)]
    assert declared(seeds=8) == [(4, 0), (8, 1)]
    record = json.loads((store.folder / "run.json").read_text())
    del record["declared"]
    write_json(store.folder / "run.json", record)
    assert declared(seeds=9) == []  # it began without a declaration: none is made up


def test_no_two_searches_and_no_reference_set_share_a_final_trial() -> None:
    plan = plan_of(seeds=3, searches=2)
    task = plan.tasks[0]
    of_reference = dataclasses.replace(plan, first_seed=REFERENCE)
    sets = [
        plan.finals(task, "eureka", PROGRAM, 0),
        plan.finals(task, "eureka", PROGRAM, 1),
        of_reference.finals(task, "eureka", PROGRAM),
    ]
    specs = [spec for group in sets for spec in group]
    assert [spec.seed for spec in sets[0]] == [0, 1, 2]
    for name in ("hash", "training_seed", "evaluation_seed"):
        assert len({getattr(spec, name) for spec in specs}) == 9
