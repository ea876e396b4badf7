"""What the first pictures of tasks with some seeds show, as JSON. A program: MUJOCO_GL has to be set before mujoco is imported."""

import json
import sys
from contextlib import closing

import mujoco
import numpy as np
from PIL import ImageFilter

from harness.drawing import Scene
from harness.environment import Environment
from harness.registry import load_task

KINDS = {
    mujoco.mjtObj.mjOBJ_GEOM: ("geom", "geom_bodyid"),
    mujoco.mjtObj.mjOBJ_SITE: ("site", "site_bodyid"),
}


def shown(name: str, seed: int) -> dict[str, object]:
    """`share` of the picture that every body (but the world) and every named site covers, and `specks`, the share of
    the ground's pixels that differ from all around them."""
    task = load_task(name)
    environment = Environment(task, worlds=1, seed=seed)
    model = environment.sim.model
    share: dict[str, float] = {}
    with closing(Scene(task, environment.sim)) as scene:
        picture = scene.picture()
        scene.renderer.enable_segmentation_rendering()
        number, kind = np.moveaxis(scene.render(), -1, 0)
    for which, (what, bodies) in KINDS.items():
        for index in np.unique(number[kind == int(which)]):
            seen = float(((kind == int(which)) & (number == index)).mean())
            body = getattr(model, bodies)[index]
            label = getattr(model, what)(int(index)).name if body == 0 else model.body(body).name
            share[label] = share.get(label, 0.0) + seen
    grey = np.asarray(picture.convert("L"), dtype=float)
    around = np.asarray(picture.convert("L").filter(ImageFilter.MedianFilter(3)), dtype=float)
    ground = (kind == int(mujoco.mjtObj.mjOBJ_GEOM)) & (number == model.geom("ground").id)
    fine = ground.shape[0] // grey.shape[0]
    ground = ground.reshape(grey.shape[0], fine, grey.shape[1], fine).all(axis=(1, 3))
    colours = np.asarray(picture, dtype=float)
    alpha = {geom: float(_alpha(model, geom)) for geom in ("object", "goal") if _has(model, geom)}
    return {
        "size": picture.size,
        "spread": float(colours.std()),
        "share": share,
        "specks": float((np.abs(grey - around)[ground] > 20.0).mean()),
        "alpha": alpha,
    }


def _has(model: mujoco.MjModel, geom: str) -> bool:
    return mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_GEOM, geom) >= 0


def _alpha(model: mujoco.MjModel, geom: str) -> float:
    return float(model.mat_rgba[model.geom(geom).matid[0], 3])


if __name__ == "__main__":
    names, seeds = sys.argv[1].split(","), [int(word) for word in sys.argv[2:]]
    json.dump({f"{name} {seed}": shown(name, seed) for name in names for seed in seeds}, sys.stdout)
