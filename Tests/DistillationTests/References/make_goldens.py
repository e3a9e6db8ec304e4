"""Golden values and whole gradients of every objective, in Float64, by PyTorch.

    python3 make_goldens.py [folder of the authors' code]

rewrites goldens.json beside it. Each is computed by transcribed.py, from the formulas of the papers;
where the authors released their code (released.py says where to get it), by that code as well: the
two must agree, and the golden is what theirs gives. Gradients are by what the student says and by
the objective's own parameters; those that are missing are zero.
"""

import json
import pathlib
import sys

import torch

import released
import transcribed as form

torch.set_default_dtype(torch.float64)
CLASSES = 5
SIZES = [8, 3, 14, 1, 8]
# Clouds of one size: the released code knows images of one size alone.
ALIKE = [0, 4]
STUDENT = {"logits": CLASSES, "enc0": 2, "enc1": 4, "dec0": 4}
TEACHER = {"logits": CLASSES, "enc0": 3, "enc1": 6, "dec0": 6}
LIDAR = dict(grid="cylindrical", cells=[6, 8, 4], span=[3, 4, 2])
ROOM = dict(grid="cubic", side=0.25, division=3)


def projectors(inputs, outputs, bias=True):
    return {"projector.weight": (outputs, inputs)} | ({"projector.bias": (1, outputs)} if bias else {})


def at_taps(taps, outputs):
    return {
        f"projectors.{tap}.{part}": (outputs(tap), STUDENT[tap]) if part == "weight" else (1, outputs(tap))
        for tap in taps for part in ("weight", "bias")}


def head_shapes(taps):
    shapes = {}
    for tap in taps:
        n, path = STUDENT[tap], f"auxiliary.{tap}."
        shapes |= {
            path + "norm.weight": (1, n), path + "norm.bias": (1, n), path + "hidden.weight": (n, n),
            path + "hidden.bias": (1, n), path + "classes.weight": (4 * CLASSES, n),
            path + "classes.bias": (1, 4 * CLASSES)}
    return shapes


BARE, BIASED = projectors(4, 6, bias=False), projectors(4, 6)
SELF = head_shapes(form.TAPS) | at_taps(["enc0", "enc1"], lambda tap: STUDENT["dec0"])


# Name; objective with its settings, as a recipe has them; its loss; the shapes of its parameters;
# the clouds, if not all.
GOLDENS = [
    ("cross entropy", "task.cross-entropy", {}, form.cross_entropy, {}),
    ("weighted cross entropy", "task.cross-entropy",
     {"class_weights": [1, 2, 0.5, 1, 0.25], "label_smoothing": 0.1},
     lambda c, o: form.cross_entropy(c, o, [1, 2, 0.5, 1, 0.25], 0.1), {}),
    ("Lovász", "task.lovasz", {}, form.lovasz, {}),
    ("soft targets", "semantic.soft-targets", {"temperature": 2}, form.soft_targets, {}),
    ("soft targets unscaled", "semantic.soft-targets", {"temperature": 4, "scale_by_temperature": False},
     lambda c, o: form.soft_targets(c, o, 4.0, False), {}),
    ("correlation", "semantic.correlation", {}, form.correlation, {}),
    ("correlation of points", "semantic.correlation", {"classes": 0.5, "points": 2, "temperature": 2},
     lambda c, o: form.correlation(c, o, 0.5, 2.0, 2.0), {}),
    ("alignment", "relation.alignment", {}, form.alignment, {}),
    ("alignment at two taps", "relation.alignment", {"levels": {"dec0": 0.5, "enc1": 2}, "balance": 1},
     lambda c, o: form.alignment(c, o, {"dec0": 0.5, "enc1": 2.0}, 1.0), {}),
    ("alignment without weights", "relation.alignment", {"levels": {"enc1": 1}, "balance": 0},
     lambda c, o: form.alignment(c, o, {"enc1": 1.0}, 0.0), {}),
    ("readout", "relation.readout", {}, form.readout, {}),
    ("readout at two taps", "relation.readout", {"levels": {"dec0": 0.5, "enc1": 2}, "balance": 1, "ridge": 0.3},
     lambda c, o: form.readout(c, o, {"dec0": 0.5, "enc1": 2.0}, 1.0, 0.3), {}),
    ("dense", "relation.dense", {"within": 1, "across": 0.5}, lambda c, o: form.dense(c, o, 1, 0.5), {}),
    ("relation", "relation.cross-sample", {"temperature": 0.1}, form.cross_sample, {}),
    ("relation flat", "relation.cross-sample", {"preset": "srkd-paper"}, lambda c, o: form.cross_sample(c, o, 2.0), {}),
    ("relation as released", "relation.cross-sample", {}, form.cross_sample, {}, ALIKE),
    ("super-voxels", "relation.super-voxel", {"super_voxels": 64, **LIDAR},
     lambda c, o: form.super_voxel(c, o, **LIDAR), {}),
    ("super-voxels by distance", "relation.super-voxel",
     {"affinity": "distance", "super_voxels": 64, "point": 2, "voxel": 0.5, **LIDAR},
     lambda c, o: form.super_voxel(c, o, "distance", 2.0, 0.5, **LIDAR), {}),
    ("super-voxels of a room", "relation.super-voxel",
     {"affinity": "distance", "super_voxels": 64, **ROOM},
     lambda c, o: form.super_voxel(c, o, "distance", **ROOM), {}),
    ("channel", "feature.channel", {}, form.channel, BARE),
    ("channel as released", "feature.channel", {}, form.channel, BARE, ALIKE),
    ("projector", "feature.projector", {}, form.projector, BARE),
    ("projector, exponent 2", "feature.projector", {"exponent": 2}, lambda c, o: form.projector(c, o, 2), BARE),
    ("projector by rows", "feature.projector", {"normalization": "layer"},
     lambda c, o: form.projector(c, o, norm=form.row_norm(1)), BIASED),
    ("projector by groups", "feature.projector", {"normalization": "group", "groups": 2, "exponent": 3},
     lambda c, o: form.projector(c, o, 3, form.row_norm(2)), BIASED),
    ("projector as it is", "feature.projector", {"normalization": "none", "exponent": 1},
     lambda c, o: form.projector(c, o, 1, lambda x: x), BIASED),
    ("stages", "hierarchy.stages", {}, form.stages, at_taps(form.TAPS, TEACHER.get)),
    ("stages by weight", "hierarchy.stages", {"levels": {"enc1": 2, "dec0": 0.5}},
     lambda c, o: form.stages(c, o, {"dec0": 0.5, "enc1": 2.0}), at_taps(["enc1", "dec0"], TEACHER.get)),
    ("regions", "hierarchy.regions", LIDAR, lambda c, o: form.regions(c, o, **LIDAR), BIASED),
    ("regions by class", "hierarchy.regions", {"by_class": True, **ROOM},
     lambda c, o: form.regions(c, o, True, **ROOM), BIASED),
    ("two views", "view.cross", {}, form.cross_view, {}),
    ("two views, masks by view", "view.cross",
     {"preset": "large", "threshold_weak": 0.6, "threshold_strong": 0.5, "mask": "view"},
     lambda c, o: form.cross_view(c, o, 2.0, t=1.0, weak=0.6, strong=0.5, by_view=True), {}),
    ("layered heads", "layered.heads", {}, form.layered_heads, head_shapes(form.TAPS)),
    ("layered student", "layered.student", {}, form.layered_student, head_shapes(["enc1", "dec0"])),
    ("layered student as released", "layered.student", {"labelled": "upright"},
     lambda c, o: form.layered_student(c, o, upright=True), head_shapes(["enc1", "dec0"])),
    ("layered self", "layered.self", {}, form.layered_self, SELF),
    ("layered self by average", "layered.self", {"target": "average"},
     lambda c, o: form.layered_self(c, o, average=True), SELF),
    ("layered self, coarse last", "layered.self", {"taps": ["enc0", "enc1"], "temperature": 2, "l_f": 2},
     lambda c, o: form.layered_self(c, o, 2.0, taps=["enc0", "enc1"], l_f=2.0),
     head_shapes(["enc0", "enc1"]) | at_taps(["enc0"], lambda tap: STUDENT["enc1"])),
]


def exact(g, *shape):
    """Normal numbers of few digits that Float32 holds exactly."""
    return (torch.randn(*shape, generator=g) * 64).round() / 64


def voice(g, points, voxels, widths):
    said = {tap: exact(g, voxels if tap == "enc1" else points, n) for tap, n in widths.items()}
    return said | {"logits": 2 * said["logits"]}


def cloud(g, place, points):
    numbers = torch.randperm(4**3, generator=g)[:points]
    cells = torch.stack([numbers % 4, numbers // 4 % 4, numbers // 16], 1)
    coarse, pooled = torch.unique(cells // 2, dim=0, return_inverse=True)
    y = torch.randint(0, CLASSES, (points,), generator=g)
    y[torch.rand(points, generator=g) < 0.2] = -1
    # About the origin, in 64ths of a metre; no point stands on a border between cells.
    jitter = torch.randint(0, 6, (points, 3), generator=g)
    student = voice(g, points, len(coarse), STUDENT)
    teacher = voice(g, points, len(coarse), TEACHER)
    scores = {"logits": CLASSES}
    return {
        "labels": y, "cells": cells, "coarse": coarse, "pooled": pooled.tolist(), "turn": place % 4,
        "positions": (6 * cells + jitter - 13).double() / 64 + 1 / 128,
        "student": student, "teacher": teacher,
        "strongStudent": voice(g, points, 0, scores), "strongTeacher": voice(g, points, 0, scores),
        "average": {k: v for k, v in voice(g, points, len(coarse), STUDENT).items() if k != "logits"},
        "heads": {"enc1": exact(g, len(coarse), 4 * CLASSES), "dec0": exact(g, points, 4 * CLASSES)},
    }


LEAVES = [("student", k) for k in STUDENT] + [("strongStudent", "logits")]


def computed(loss, clouds, parameters):
    """The value, and the gradients by name, clouds one after the other."""
    leaves = [[c[v][k].detach().requires_grad_(True) for c in clouds] for v, k in LEAVES]
    moved = [c | {"student": dict(c["student"]), "strongStudent": dict(c["strongStudent"])} for c in clouds]
    for (v, k), tensors in zip(LEAVES, leaves):
        for c, tensor in zip(moved, tensors):
            c[v][k] = tensor
    own = {name: p.detach().requires_grad_(True) for name, p in parameters.items()}
    value = loss(moved, own)
    flat = sum(leaves, []) + list(own.values())
    found = iter(torch.autograd.grad(value, flat, allow_unused=True, materialize_grads=True))
    gradients = {
        (k if v == "student" else "strong." + k): torch.cat([next(found) for _ in tensors])
        for (v, k), tensors in zip(LEAVES, leaves)}
    return value.item(), gradients | {name: next(found) for name in own}


def agree(name, one, other):
    (value, gradients), (wanted, slopes) = one, other
    # The released projector has no epsilon in its logarithm.
    assert abs(value - wanted) < 1e-7 * abs(wanted), (name, value, wanted)
    for key, slope in slopes.items():
        assert (gradients[key] - slope).norm() <= 1e-7 * slope.norm() + 1e-12, (name, key)


def main():
    theirs = released.Released(sys.argv[1]) if len(sys.argv) > 1 else None
    g = torch.Generator().manual_seed(23)
    clouds = [cloud(g, place, n) for place, n in enumerate(SIZES)]
    parameters, goldens = {}, []
    for name, objective, settings, loss, shapes, *chosen in GOLDENS:
        own = {}
        for key, shape in shapes.items():
            place = f"{key} {shape[0]}x{shape[1]}"
            if place not in parameters:
                parameters[place] = exact(g, *shape) / 2 + (1 if key.endswith("norm.weight") else 0)
            own[key] = parameters[place]
        used = [clouds[i] for i in chosen[0]] if chosen else clouds
        found = computed(loss, used, own)
        by = "transcribed.py"
        if theirs and name in released.ADAPTERS:
            what, adapter = released.ADAPTERS[name]
            code = theirs.code(what)
            run = released.without_gpu(lambda c, o: adapter(code, c, o))
            again = computed(run, used, own)
            agree(name, again, found)
            found, by = again, theirs.note(what)
        value, gradients = found
        rounded = {
            key: [float(f"{x:.6g}") for x in slope.flatten().tolist()]
            for key, slope in gradients.items() if slope.any()}
        goldens.append({
            "name": name, "objective": objective, "settings": settings, "by": by,
            "clouds": chosen[0] if chosen else list(range(len(clouds))), "value": value,
            "gradients": rounded})
        print(f"{name:32} {value:.6f}  {by}")

    def plain(value):
        if isinstance(value, torch.Tensor):
            return value.tolist()
        return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else value

    page = {
        "classes": CLASSES,
        "clouds": [plain({k: v for k, v in c.items() if k != "pooled"}) for c in clouds],
        "parameters": plain(parameters), "goldens": goldens}
    path = pathlib.Path(__file__).with_name("goldens.json")
    path.write_text(json.dumps(page, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
