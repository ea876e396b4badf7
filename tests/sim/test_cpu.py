"""The CPU engine against MuJoCo itself."""

import copy

import mujoco
import numpy as np
import pytest
import torch

from harness.errors import UserError
from harness.registry import load_task
from harness.sim import compile_scene, make_simulation
from harness.sim.cpu import CpuSimulation

FREEJOINT = """
<mujoco><option timestep="0.005" integrator="implicitfast"/>
  <worldbody><geom name="floor" type="plane" size="5 5 0.1"/>
    <body name="box" pos="0 0 1"><freejoint/><geom name="shape" size="0.1" mass="1"/>
      <site name="tip" pos="0 0 0.2"/>
      <body name="arm" pos="0.2 0 0"><joint name="hinge" axis="0 1 0" damping="0.1"/>
        <geom type="capsule" size="0.02" fromto="0 0 0 0.3 0 0" mass="0.2"/></body></body></worldbody>
  <actuator><motor joint="hinge" gear="2"/></actuator>
  <sensor><gyro site="tip" name="gyro"/></sensor>
</mujoco>"""


@pytest.fixture
def model() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_string(FREEJOINT)


def test_states_and_derived_fields_equal_a_loop_over_mujoco(model: mujoco.MjModel) -> None:
    sim = CpuSimulation(model, worlds=3, threads=2)
    controls = torch.tensor([[-1.0], [0.0], [1.0]], dtype=torch.float64)
    sim.ctrl[:] = controls
    sim.qvel[:, 3] = torch.tensor([1.0, 2.0, 3.0])
    names = ("qpos", "qvel", "xpos", "xquat", "cvel", "sensordata", "site_xpos")
    before = [getattr(sim, name) for name in names]  # bound once: the tensors are live
    for _ in range(5):
        sim.step(4)
    for world in range(3):
        data = mujoco.MjData(model)
        data.ctrl[:] = controls[world]
        data.qvel[3] = world + 1.0
        for _ in range(20):
            mujoco.mj_step(model, data)
        mujoco.mj_forward(model, data)
        for name, tensor in zip(names, before, strict=True):
            np.testing.assert_allclose(tensor[world].numpy(), getattr(data, name), atol=1e-12, err_msg=name)


def test_thread_count_does_not_change_a_bit(model: mujoco.MjModel) -> None:
    ends = []
    for threads in (1, 2, 3):
        sim = CpuSimulation(model, worlds=16, threads=threads)
        sim.ctrl[:, 0] = torch.linspace(-1, 1, 16, dtype=torch.float64)
        for _ in range(50):
            sim.step(2)
        ends.append(sim.qpos.clone())
    assert torch.equal(ends[0], ends[1])
    assert torch.equal(ends[0], ends[2])


def test_views_share_memory_with_the_batch(model: mujoco.MjModel) -> None:
    sim = CpuSimulation(model, worlds=2)
    assert sim.qpos.data_ptr() == torch.from_numpy(sim._batch.bind("qpos")).data_ptr()
    sim.qpos[1, 2] = 3.0
    sim.forward(torch.tensor([False, True]))
    assert sim.body("box").xpos[:, 2].tolist() == [1.0, 3.0]
    assert sim.site("tip").xpos[1, 2] == pytest.approx(3.2)
    assert sim.joint("hinge").qpos.shape == (2, 1)
    assert sim.sensor("gyro").data.shape == (2, 3)


def test_reset_touches_only_the_worlds_named(model: mujoco.MjModel) -> None:
    sim = CpuSimulation(model, worlds=4)
    sim.ctrl[:] = 1.0
    sim.step(20)
    moved = sim.qpos.clone()
    worlds = torch.tensor([True, False, False, True])
    sim.reset(worlds)
    sim.forward(worlds)
    start = torch.from_numpy(model.qpos0)
    assert torch.equal(sim.qpos[[0, 3]], start.expand(2, -1))
    assert torch.equal(sim.qpos[[1, 2]], moved[[1, 2]])
    assert sim.ctrl[:, 0].tolist() == [0.0, 1.0, 1.0, 0.0]
    assert sim.body("box").xpos[0].tolist() == [0.0, 0.0, 1.0]


def test_unstable_worlds_are_reported_every_time_and_leave_no_file(
    model: mujoco.MjModel,
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(str(tmp_path))
    sim = CpuSimulation(model, worlds=3)
    assert sim.step(1).tolist() == [False, False, False]
    for _ in range(3):  # a world that fails again after a reset is seen again
        sim.qvel[1, 0] = float("nan")
        failed = sim.step(1)
        assert failed.tolist() == [False, True, False]
        sim.reset(failed)
        sim.forward(failed)
        assert sim.step(1).tolist() == [False, False, False]
    assert sim.qpos.isfinite().all()
    assert list(__import__("pathlib").Path().iterdir()) == []
    assert capfd.readouterr().err == ""


INPUTS = ("qvel", "ctrl", "qfrc_applied", "xfrc_applied", "mocap_pos", "mocap_quat", "userdata", "eq_active")


def test_another_simulation_goes_on_with_the_same_bits() -> None:
    held = FREEJOINT.replace("<mujoco>", '<mujoco><size nuserdata="2"/>').replace(
        "</worldbody>",
        '<body name="hand" mocap="true"/></worldbody><equality><weld body1="hand" body2="box"/></equality>',
    )
    model = mujoco.MjModel.from_xml_string(held)
    random = torch.Generator().manual_seed(0)
    first = CpuSimulation(model, worlds=4, threads=2)
    seen = [
        first.xpos,
        first.sensordata,
        first.qacc,
        first.joint("hinge").qfrc_actuator,
        first.body("box").cvel,
    ]
    for name in INPUTS:
        field = getattr(first, name)
        field += 0.1 * torch.rand(field.shape, generator=random, dtype=field.dtype)
    first.eq_active[1:] = 0.0
    first.qvel[3, 0] = torch.nan
    first.step(7)
    first.ctrl[:] = 0.5  # an input of the next step
    second = CpuSimulation(model, worlds=4)
    second.restore(copy.deepcopy(first.state()))
    also = [second.xpos, second.sensordata, second.qacc, second.joint("hinge").qfrc_actuator]
    also.append(second.body("box").cvel)
    for _ in range(3):
        assert first.state().keys() == second.state().keys()
        for part in ("rows", "warnings"):
            assert torch.equal(first.state()[part], second.state()[part]), part
        for one, other in zip(seen, also, strict=True):
            assert one.abs().max() > 0.0
            assert torch.equal(one, other)
        assert first.step(5).tolist() == second.step(5).tolist()


def test_unknown_fields_are_named(model: mujoco.MjModel) -> None:
    with pytest.raises(AttributeError, match="qpso"):
        _ = CpuSimulation(model, worlds=1).qpso


def test_scene_gets_the_time_step_of_the_task() -> None:
    task = load_task("cartpole")
    assert compile_scene(task).opt.timestep == pytest.approx(0.0083)
    with pytest.raises(UserError, match="engine 'nope' is not here"):
        make_simulation(task, 1, engine="nope")


def test_a_model_field_may_differ_between_worlds_and_outlives_a_reset(model: mujoco.MjModel) -> None:
    """Each world as MuJoCo itself moves a model with that mass and that gravity."""
    sim = CpuSimulation(model, worlds=3, threads=2)
    box = model.body("box").id
    masses = torch.tensor([0.5, 1.0, 4.0], dtype=torch.float64)
    sim.expand("body_mass")[:, box] = masses
    sim.set_const()
    sim.expand("opt.gravity")[:, 2] = torch.tensor([-9.81, -1.62, 0.0], dtype=torch.float64)
    for again in range(2):
        sim.ctrl[:] = 1.0
        sim.step(40)
        for world in range(3):
            other = mujoco.MjModel.from_xml_string(FREEJOINT)
            other.body_mass[box] = masses[world]
            other.opt.gravity[2] = (-9.81, -1.62, 0.0)[world]
            data = mujoco.MjData(other)
            mujoco.mj_setConst(other, data)
            mujoco.mj_resetData(other, data)
            data.ctrl[:] = 1.0
            for _ in range(40):
                mujoco.mj_step(other, data)
            np.testing.assert_allclose(sim.qpos[world].numpy(), data.qpos, atol=1e-9, err_msg=str(again))
        if not again:
            sim.reset(torch.ones(3, dtype=torch.bool))
            sim.forward()
    assert sim.expand("body_mass")[:, box].tolist() == masses.tolist()
    assert model.body("box").mass[0] == 1.0  # the model that was given is as it was
    with pytest.raises(AttributeError, match="no field of MjModel"):
        sim.expand("body_mas")


def test_a_simulation_with_fields_of_its_own_goes_on_with_the_same_bits(model: mujoco.MjModel) -> None:
    def begun() -> CpuSimulation:
        return CpuSimulation(model, worlds=2)

    first = begun()
    first.expand("body_mass")[:, 1] = torch.tensor([0.5, 2.0], dtype=torch.float64)
    first.set_const()
    first.step(10)
    state = copy.deepcopy(first.state())
    second = begun()
    second.restore(state)
    for sim in (first, second):
        sim.step(10)
    assert torch.equal(first.qpos, second.qpos)
    assert torch.equal(first.xpos, second.xpos)


def test_one_worlds_data_is_what_mujoco_would_have(model: mujoco.MjModel) -> None:
    sim = CpuSimulation(model, worlds=2)
    sim.qvel[1, 2] = 3.0
    sim.step(5)
    data = sim.data(1)
    np.testing.assert_array_equal(data.qpos, sim.qpos[1].numpy())
    np.testing.assert_array_equal(data.xpos, sim.xpos[1].numpy())
    assert sim.device == sim.qpos.device
