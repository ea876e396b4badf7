"""The numbers a designer is told of a training."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EnvironmentProblem
from harness.methods.reflection import (
    Curve,
    flags_of,
    parent_of,
    read_curve,
    reflection,
    remarks,
    snapshots,
    stride,
)
from harness.rewards.flags import Flag

NAN = math.nan


@pytest.mark.parametrize(
    ("epochs", "count"),
    [(1, 1), (9, 9), (10, 10), (19, 19), (25, 13), (100, 10), (1000, 10), (1005, 11), (3000, 10)],
)
def test_the_number_of_snapshots(epochs: int, count: int) -> None:
    assert len(snapshots([0.0] * epochs)) == count == math.ceil(epochs / stride(epochs))


def test_snapshots_begin_with_the_first_epoch() -> None:
    assert snapshots([float(epoch) for epoch in range(30)]) == [
        0.0,
        3.0,
        6.0,
        9.0,
        12.0,
        15.0,
        18.0,
        21.0,
        24.0,
        27.0,
    ]
    assert snapshots([]) == []


def test_maximum_mean_and_minimum_are_of_all_epochs() -> None:
    series = [float(epoch) for epoch in range(20)]
    first, *_ = reflection(
        Curve(f=[0.0] * 20, episode_length=[0.0] * 20, components={"near": series})
    ).splitlines()
    shown = ", ".join(f"'{epoch}.00'" for epoch in range(0, 20, 2))
    assert first == f"near: [{shown}], max 19.00, mean 9.50, min 0.00"


def test_score_and_lengths_are_shown_under_names_of_their_own() -> None:
    curve = Curve(
        f=[1.0, 2.0],
        episode_length=[10.0, 20.0],
        components={"near": [0.5, 0.6], "task_score": [7.0, 7.0], "episode_lengths": [8.0, 8.0]},
    )
    names = [line.partition(":")[0] for line in reflection(curve).splitlines()]
    assert names == ["near", "reward/task_score", "reward/episode_lengths", "task_score", "episode_lengths"]
    assert "task_score: ['1.00', '2.00'], max 2.00, mean 1.50, min 1.00" in reflection(curve).splitlines()


def test_the_evaluated_score_stands_beside_the_curve() -> None:
    curve = Curve(f=[1.0, 2.0], episode_length=[9.0, 9.0], components={"final_task_score": [7.0, 7.0]})
    assert reflection(curve, 453.2).splitlines()[-1] == "final_task_score: 453.20"
    assert reflection(curve, -0.0004).splitlines()[-1] == "final_task_score: -0.0004"
    assert reflection(curve, 453.2).splitlines()[0].startswith("reward/final_task_score: ")
    assert "\nfinal" not in reflection(curve)


def test_small_numbers_are_not_shown_as_zeros_nor_huge_ones_in_full() -> None:
    curve = Curve(
        f=[0.0, 2e9],
        episode_length=[1.0, 1.0],
        components={"tiny": [0.0001234567, -0.002], "zero": [0.0, 0.0]},
    )
    tiny, zero, huge, _ = reflection(curve).splitlines()
    assert tiny == "tiny: ['0.0001235', '-0.002'], max 0.0001235, mean -0.0009383, min -0.002"
    assert zero == "zero: ['0.00', '0.00'], max 0.00, mean 0.00, min 0.00"
    assert huge == "task_score: ['0', '2e+09'], max 2e+09, mean 1e+09, min 0"


def test_what_is_not_finite_is_shown_and_left_out() -> None:
    curve = Curve(
        f=[NAN, 3.0, 5.0], episode_length=[NAN, NAN, NAN], components={"wild": [math.inf, 1.0, 2.0]}
    )
    wild, score, lengths = reflection(curve).splitlines()
    assert wild == "wild: ['nan', '1.00', '2.00'], max 2.00, mean 1.50, min 1.00"
    assert score == "task_score: ['nan', '3.00', '5.00'], max 5.00, mean 4.00, min 3.00"
    assert lengths == "episode_lengths: never measured"


@given(st.lists(st.floats(width=32), max_size=40))
def test_any_series_can_be_shown(series: list[float]) -> None:
    text = reflection(Curve(f=series, episode_length=series, components={"c": series}))
    assert len(text.splitlines()) == 3
    assert "inf" not in text
    assert max(map(len, text.splitlines())) < 19 * 16 + 100


def test_a_curve_is_read_from_a_trial(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text(
        "epoch,env_steps,f,legacy_f,episode_length,reward,human_reward,reward/near,reward/task_score\n"
        "1,8192,1.5,0,,9,,0.25,1\n"
        "2,16384,2.5,0,20,9,,nan,2\n"
    )
    curve = read_curve(path)
    assert curve.f == [1.5, 2.5]
    assert math.isnan(curve.episode_length[0])
    assert curve.episode_length[1] == 20.0
    assert list(curve.components) == ["near", "task_score"]
    assert curve.components["near"][0] == 0.25
    assert math.isnan(curve.components["near"][1])
    text = reflection(curve)
    assert "9" not in text  # the total reward
    assert "human" not in text


@pytest.mark.parametrize(
    "text", [None, "epoch,f\n1,2\n", "epoch,f,episode_length\n1,x,2\n", "epoch,f,episode_length\n1\n"]
)
def test_a_damaged_curve_is_an_environment_problem(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "curve.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(EnvironmentProblem, match=r"curve.csv is no complete training curve"):
        read_curve(path)


def test_a_parent_carries_the_same_snapshots() -> None:
    curve = Curve(f=[float(x) for x in range(20)], episode_length=[0.0] * 20, components={"near": [1.0] * 20})
    parent = parent_of("the answer", "the source", curve)
    assert (parent.answer, parent.source) == ("the answer", "the source")
    assert parent.fitness == [float(x) for x in range(0, 20, 2)]
    assert parent.components == {"near": [1.0] * 10}


def test_remarks_come_once_and_the_harmless_ones_last() -> None:
    raw = [
        {"kind": "dropped", "message": "line 2:\nprint was dropped"},
        {"kind": "batch", "message": "other worlds"},
        {"kind": "cast", "message": "float64 to float32"},
        {"kind": "batch", "message": "other worlds"},
        {"kind": "scale", "message": "huge"},
    ]
    flags = flags_of(raw)
    assert flags[0] == Flag("batch", "other worlds")
    assert remarks(flags) == ["other worlds", "huge", "line 2: print was dropped", "float64 to float32"]
    assert remarks([]) == []


def test_many_remarks_are_cut() -> None:
    lines = remarks([Flag("dropped", f"line {n}: print was dropped") for n in range(40)])
    assert (len(lines), lines[-1]) == (13, "and 28 more such remarks")
