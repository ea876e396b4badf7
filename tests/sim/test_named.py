"""Named access against the numbers that MuJoCo itself gives the same names."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
import torch

from harness.sim.cpu import CpuSimulation

SCENE = """
<mujoco><option timestep="0.002"/>
  <worldbody>
    <body name="goal" mocap="true" pos="1 0 1"/>
    <body name="box" pos="0 0 1"><freejoint name="root"/><geom size="0.1" mass="1"/>
      <site name="tip" pos="0 0 0.2"/>
      <body name="upper" pos="0.2 0 0"><joint name="hip" axis="0 1 0"/><joint name="twist" axis="1 0 0"/>
        <geom type="capsule" size="0.02" fromto="0 0 0 0.3 0 0" mass="0.2"/>
        <body name="lower" pos="0.3 0 0"><joint name="knee" axis="0 0 1"/>
          <geom type="capsule" size="0.02" fromto="0 0 0 0.2 0.1 0" mass="0.1"/>
          <site name="end" pos="0.2 0.1 0"/></body></body></body>
    <body name="post" pos="2 0 0"><joint name="spin" axis="0 0 1"/><geom pos="0.3 0 0" size="0.1" mass="1"/></body>
    <body name="swing" pos="3 0 0"><joint name="swivel" type="ball"/><geom pos="0 0 -0.2" size="0.1"/></body>
  </worldbody>
  <actuator><motor name="knee" joint="knee"/><motor name="hip" joint="hip"/><motor name="spin" joint="spin"/>
  </actuator>
  <sensor><gyro name="gyro" site="tip"/><jointpos name="angle" joint="hip"/><velocimeter name="speed" site="end"/>
  </sensor>
</mujoco>"""
WORLDS = 3
BODY_FIELDS = ("xpos", "xquat", "xmat", "xipos", "ximat", "cvel", "subtree_com", "xfrc_applied")


@pytest.fixture
def sim() -> CpuSimulation:
    """Three worlds in motion."""
    sim = CpuSimulation(mujoco.MjModel.from_xml_string(SCENE), WORLDS)
    rng = torch.Generator().manual_seed(0)
    for field in (sim.qvel, sim.ctrl, sim.mocap_pos, sim.xfrc_applied):
        field += torch.randn(field.shape, generator=rng, dtype=field.dtype)
    sim.step(50)
    return sim


def same(ours: torch.Tensor, sim: CpuSimulation, theirs: str, kind: str, *names: str) -> None:
    """Whether a tensor holds, world by world, what MjData's own named access gives for each name."""
    expected = [
        [np.asarray(getattr(getattr(sim.data(world), kind)(name), theirs)) for name in names]
        for world in range(WORLDS)
    ]
    assert np.abs(expected).max() > 0.0
    np.testing.assert_allclose(
        ours.reshape(WORLDS, len(names), -1), np.reshape(expected, (WORLDS, len(names), -1))
    )


@pytest.mark.parametrize("field", BODY_FIELDS)
def test_bodies_have_the_fields_of_mjdata(sim: CpuSimulation, field: str) -> None:
    entry = (3, 3) if "mat" in field else getattr(sim, field).shape[2:]
    assert getattr(sim.body("lower"), field).shape == (WORLDS, *entry)
    same(getattr(sim.body("lower"), field), sim, field, "body", "lower")
    for names in (
        ("box", "upper", "lower"),
        ("lower", "box"),
        ("box", "lower", "post"),
        ("box", "lower", "swing"),
    ):
        assert getattr(sim.bodies(names), field).shape == (WORLDS, len(names), *entry)
        same(getattr(sim.bodies(names), field), sim, field, "body", *names)


def test_joints_actuators_sites_and_sensors_do_too(sim: CpuSimulation) -> None:
    for field in ("qpos", "qvel", "qacc", "qfrc_actuator"):
        for joint, widths in {"root": (7, 6), "swivel": (4, 3), "knee": (1, 1)}.items():
            assert getattr(sim.joint(joint), field).shape == (WORLDS, widths[field != "qpos"])
            if field != "qfrc_actuator" or joint == "knee":
                same(getattr(sim.joint(joint), field), sim, field, "joint", joint)
        for names in (("hip", "twist", "knee"), ("knee", "hip"), ("hip", "twist", "spin")):
            assert getattr(sim.joints(names), field).shape == (WORLDS, len(names))
            same(getattr(sim.joints(names), field), sim, field, "joint", *names)
    for field in ("ctrl", "force", "velocity"):
        assert getattr(sim.actuator("hip"), field).shape == (WORLDS, 1)
        same(getattr(sim.actuator("hip"), field), sim, field, "actuator", "hip")
        same(getattr(sim.actuators(["spin", "knee"]), field), sim, field, "actuator", "spin", "knee")
    for field, entry in (("xpos", (3,)), ("xmat", (3, 3))):
        assert getattr(sim.site("end"), field).shape == (WORLDS, *entry)
        assert getattr(sim.sites(("end", "tip")), field).shape == (WORLDS, 2, *entry)
        same(getattr(sim.sites(("end", "tip")), field), sim, field, "site", "end", "tip")
    assert sim.sensor("speed").data.shape == (WORLDS, 3)
    same(sim.sensor("angle").data, sim, "data", "sensor", "angle")
    assert sim.sensors(("gyro", "speed")).data.shape == (WORLDS, 2, 3)
    same(sim.sensors(("speed", "gyro")).data, sim, "data", "sensor", "speed", "gyro")
    assert sim.body("goal").mocap_pos.tolist() == sim.mocap_pos[:, 0].tolist()


@pytest.mark.parametrize("names", [("box",), ("upper", "lower"), ("lower", "post", "box")])
def test_velocity_is_that_of_the_origin_of_the_frame(sim: CpuSimulation, names: tuple[str, ...]) -> None:
    found = sim.bodies(names).velocity
    for world in range(WORLDS):
        data = sim.data(world)
        for name, ours in zip(names, found[world], strict=True):
            motion = np.zeros(6)
            body = sim.model.body(name).id
            mujoco.mj_objectVelocity(sim.model, data, mujoco.mjtObj.mjOBJ_XBODY, body, motion, 0)
            np.testing.assert_allclose(ours.numpy(), [*motion[3:], *motion[:3]], atol=1e-12)
            np.testing.assert_allclose(sim.body(name).velocity[world].numpy(), ours.numpy(), atol=1e-12)


@pytest.mark.parametrize("names", [("hip", "twist", "knee"), ("hip", "knee"), ("knee", "hip"), ("spin",)])
def test_what_is_written_reaches_the_simulation_and_nothing_else(
    sim: CpuSimulation, names: tuple[str, ...]
) -> None:
    columns = [int(sim.model.joint(name).qposadr[0]) for name in names]
    others = [column for column in range(sim.model.nq) if column not in columns]
    before = sim.qpos.clone()
    values = torch.arange(1.0, 1.0 + WORLDS * len(names)).view(WORLDS, -1)  # float32
    sim.joints(names).put(torch.tensor([False, True, False]), qpos=values)
    assert torch.equal(sim.qpos[1, columns], values[1].double())
    assert torch.equal(sim.qpos[[0, 2]], before[[0, 2]])
    sim.joints(names).qpos = values
    assert torch.equal(sim.qpos[:, columns], values.double())
    sim.joints(names).qpos += values[0]
    assert torch.equal(sim.qpos[:, columns], (values + values[0]).double())
    sim.joints(names).qpos = 0.5
    assert (sim.qpos[:, columns] == 0.5).all()
    assert torch.equal(sim.qpos[:, others], before[:, others])


def test_several_fields_are_written_by_name_and_broadcast(sim: CpuSimulation) -> None:
    worlds = torch.tensor([True, False, True])
    before = sim.qvel.clone()
    pose = torch.tensor([1.0, 2.0, 3.0, 1.0, 0.0, 0.0, 0.0])
    sim.joint("root").put(worlds, qpos=pose, qvel=0.0)
    sim.bodies(("lower", "box")).put(worlds, xfrc_applied=torch.tensor([[1.0], [2.0]]))
    assert sim.qpos[worlds, :7].tolist() == [pose.tolist()] * 2
    assert not sim.qvel[worlds, :6].any()
    assert torch.equal(sim.qvel[1], before[1])
    assert torch.equal(sim.qvel[:, 6:], before[:, 6:])
    assert (sim.body("lower").xfrc_applied[worlds] == 1.0).all()
    assert (sim.body("box").xfrc_applied[worlds] == 2.0).all()
    sim.body("goal").put(worlds, mocap_pos=torch.tensor([4.0, 5.0, 6.0]))
    assert sim.mocap_pos[worlds, 0].tolist() == [[4.0, 5.0, 6.0]] * 2


def test_names_are_looked_up_once_and_stay_current(sim: CpuSimulation) -> None:
    box, gathered = sim.body("box"), sim.bodies(("lower", "box"))
    assert sim.body("box") is box
    assert sim.bodies(["lower", "box"]) is gathered
    place, before = box.xpos, gathered.xpos
    sim.step(10)
    assert torch.equal(place, sim.xpos[:, sim.model.body("box").id])
    assert not torch.equal(before, gathered.xpos)
    assert torch.equal(gathered.xpos[:, 1], place)


def test_what_is_not_there_is_said(sim: CpuSimulation) -> None:
    with pytest.raises(KeyError, match="'bax'"):
        sim.body("bax")
    with pytest.raises(AttributeError, match="a body has no 'qpos': expected xpos, xquat"):
        _ = sim.body("box").qpos
    with pytest.raises(AttributeError, match="a joint has no 'xpos'"):
        sim.joint("hip").xpos = 0.0
    with pytest.raises(
        ValueError, match=r"a list of joints with \[7, 1\] columns of qpos: ask for each by itself"
    ):
        _ = sim.joints(("root", "hip")).qpos
    with pytest.raises(ValueError, match=r"a list of sensors with \[3, 1\] columns of sensordata"):
        _ = sim.sensors(("gyro", "angle")).data
    with pytest.raises(ValueError, match="'box' is no mocap body"):
        _ = sim.body("box").mocap_pos
    with pytest.raises(ValueError, match="no names"):
        sim.bodies(())
