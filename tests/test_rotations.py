"""Quaternion helpers against scipy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from harness import rotations as R

angles = st.floats(-math.pi, math.pi)


@pytest.fixture
def pairs() -> tuple[torch.Tensor, torch.Tensor]:
    random = Rotation.random(50, random_state=3).as_quat()
    other = Rotation.random(50, random_state=4).as_quat()
    return torch.from_numpy(random), torch.from_numpy(other)


def test_products_and_rotated_vectors(pairs: tuple[torch.Tensor, torch.Tensor]) -> None:
    a, b = pairs
    ra, rb = Rotation.from_quat(a.numpy()), Rotation.from_quat(b.numpy())
    v = np.random.default_rng(0).normal(size=(50, 3))
    product = Rotation.from_quat(R.quat_mul(a, b).numpy())
    np.testing.assert_allclose(product.as_matrix(), (ra * rb).as_matrix(), atol=1e-12)
    np.testing.assert_allclose(R.quat_apply(a, torch.from_numpy(v)), ra.apply(v), atol=1e-12)
    np.testing.assert_allclose(R.quat_rotate_inverse(a, torch.from_numpy(v)), ra.inv().apply(v), atol=1e-12)
    np.testing.assert_allclose(R.quat_axis(a, 1), ra.as_matrix()[:, :, 1], atol=1e-12)
    angle = (ra * rb.inv()).magnitude()
    np.testing.assert_allclose(R.quat_diff_rad(a, b), angle, atol=1e-6)


@given(angles, st.floats(-1.5, 1.5), angles)
def test_euler_angles_round_trip(roll: float, pitch: float, yaw: float) -> None:
    q = R.quat_from_euler_xyz(*(torch.tensor([x], dtype=torch.float64) for x in (roll, pitch, yaw)))
    expected = Rotation.from_euler("xyz", [roll, pitch, yaw]).as_matrix()
    np.testing.assert_allclose(Rotation.from_quat(q[0].numpy()).as_matrix(), expected, atol=1e-9)
    back = [float(x) for x in R.get_euler_xyz(q)]
    assert all(0 <= x < 2 * math.pi + 1e-9 for x in back)
    for found, given_ in zip(back, (roll, pitch, yaw), strict=True):
        assert math.cos(found - given_) == pytest.approx(1.0, abs=1e-9)


def test_poses_combine_and_invert(pairs: tuple[torch.Tensor, torch.Tensor]) -> None:
    q, _ = pairs
    t = torch.randn(50, 3, dtype=torch.float64)
    inverse = R.tf_inverse(q, t)
    rotation, translation = R.tf_combine(q, t, *inverse)
    np.testing.assert_allclose(rotation[:, 3].abs(), 1.0, atol=1e-9)
    np.testing.assert_allclose(translation, 0.0, atol=1e-9)
    point = torch.randn(50, 3, dtype=torch.float64)
    np.testing.assert_allclose(R.tf_apply(*inverse, R.tf_apply(q, t, point)), point, atol=1e-9)


def test_scaling_and_orders() -> None:
    x = torch.linspace(-1, 1, 5)
    assert R.scale(x, 2.0, 4.0).tolist() == [2.0, 2.5, 3.0, 3.5, 4.0]
    assert torch.allclose(R.unscale(R.scale(x, -3.0, 7.0), -3.0, 7.0), x)
    q = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert R.wxyz_to_xyzw(q).tolist() == [[2.0, 3.0, 4.0, 1.0]]
    assert torch.equal(R.xyzw_to_wxyz(R.wxyz_to_xyzw(q)), q)
    assert float(R.normalize_angle(torch.tensor(3 * math.pi / 2))) == pytest.approx(-math.pi / 2, abs=1e-6)
    assert R.copysign(2.0, torch.tensor([-0.5, 3.0])).tolist() == [-2.0, 2.0]
    turned = R.quat_apply(
        R.quat_from_angle_axis(torch.tensor([math.pi / 2]), torch.tensor([[0.0, 0.0, 2.0]])), torch.eye(3)[:1]
    )
    assert torch.allclose(turned, torch.tensor([[0.0, 1.0, 0.0]]), atol=1e-6)
