"""Numbers drawn by mask, tensors written by mask, constants made once."""

from __future__ import annotations

import pytest
import torch

from harness.task import constant, put, rand

MASKS = [[True, True, True], [False, True, True], [False, False, False]]


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_rows_of_the_mask_come_from_the_plain_stream_and_others_are_zero(
    mask: list[bool], shape: tuple[int, ...]
) -> None:
    ours, plain = (torch.Generator().manual_seed(3) for _ in range(2))
    worlds = torch.tensor(mask)
    drawn = rand(worlds, *shape, rng=ours)
    expected = torch.rand(sum(mask), *shape, generator=plain, dtype=torch.float64)
    assert drawn.shape == (3, *shape)
    assert drawn.dtype == torch.float64
    assert torch.equal(drawn[worlds], expected)
    assert not drawn[~worlds].any()
    assert torch.equal(ours.get_state(), plain.get_state())


@pytest.mark.parametrize("values", [7.0, torch.tensor([7.0, 8.0]), torch.tensor([[1.0], [2.0], [3.0]])])
def test_only_rows_of_the_mask_are_written_in_place(values: torch.Tensor | float) -> None:
    whole = torch.arange(12, dtype=torch.float64).view(3, 4)
    before, worlds = whole.clone(), torch.tensor([True, False, True])
    put(whole[:, 1:3], worlds, values)
    expected = torch.as_tensor(values, dtype=torch.float64).expand(3, 2)
    assert torch.equal(whole[worlds, 1:3], expected[worlds])
    assert torch.equal(whole[1], before[1])
    assert torch.equal(whole[:, [0, 3]], before[:, [0, 3]])


def test_truth_values_are_written_too() -> None:
    fresh = torch.zeros(3, dtype=torch.bool)
    put(fresh, torch.tensor([False, True, False]), True)
    assert fresh.tolist() == [False, True, False]


def test_a_constant_is_made_once_for_each_type() -> None:
    limits = ((0.1, 2.0), (3.0, 4.0))
    single, double = torch.zeros(1), torch.zeros(1, dtype=torch.float64)
    assert constant(limits, single) is constant(limits, single + 1.0)
    assert constant(limits, single).dtype == torch.float32
    assert torch.equal(constant(limits, double), torch.tensor(limits, dtype=torch.float64))
    assert constant(0.5, single).item() == 0.5
    assert constant((2, 0), single, torch.long).dtype == torch.int64
