#!/usr/bin/env python3
"""Loads an exported model into the public PyTorch Point Transformer V3 and compares its class
probabilities with those of `denju predict` on one KITTI scan, point by point.

    pip install torch addict numpy safetensors
    export PTV3_PEER=... PTV3_UPSTREAM=.../PointTransformerV3
    denju export runs/student --output student.safetensors
    Tests/Peers/torch_export.py student.safetensors scan.bin --denju .build/release/denju

The network is Pointcept's own model.py, run on the CPU through the package `ptv3_peer` (PTV3_PEER
names its folder). Prints one JSON object; the exit status is 1 if a probability
differs by more than --tolerance.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model", help="a file of 'denju export' or 'denju import --recipe'")
parser.add_argument("scan", help="a KITTI .bin file")
parser.add_argument("--denju", default="denju")
parser.add_argument("--tolerance", type=float, default=1e-4)
arguments = parser.parse_args()

sys.path.insert(0, os.environ["PTV3_PEER"])
import numpy  # noqa: E402
import ptv3_peer  # noqa: E402
import safetensors  # noqa: E402
import safetensors.torch  # noqa: E402
import torch  # noqa: E402

with safetensors.safe_open(arguments.model, "pt") as file:
    metadata = file.metadata()
data = json.loads(metadata["denju.data"])
settings = json.loads(metadata["denju.network"])
for key in ("network", "depth_measure", "shuffle_orders"):
    settings.pop(key, None)
settings["drop_path"] = 0.0
network = ptv3_peer.PTv3Seg(attn="naive", **settings)
network.load_state_dict(safetensors.torch.load_file(arguments.model), strict=True)
network.eval().double()

# Voxels as in `denju predict`: cells counted from the minimum coordinates, with the first point of each.
points = numpy.fromfile(arguments.scan, numpy.float32).reshape(-1, 4)
grid = numpy.float32(data["grid"])
cells = numpy.floor((points[:, :3] - points[:, :3].min(0)) / grid).astype(numpy.int64)
_, first, inverse = numpy.unique(cells, axis=0, return_index=True, return_inverse=True)
inverse = inverse.reshape(-1)
columns = {"position": points[:, :3], "intensity": points[:, 3:]}
columns["distance"] = numpy.linalg.norm(points[:, :3], axis=1, keepdims=True)


def column(feature):
    """A feature by name, or on a scale of its own."""
    if isinstance(feature, str):
        return columns[feature]
    values = columns[feature["name"]]
    return (values - numpy.float32(feature["subtract"])) / numpy.float32(feature["divide"])


features = numpy.concatenate([column(feature) for feature in data["features"]], 1)[first]
with torch.no_grad():
    scores = network(
        {
            "coord": torch.from_numpy(points[first, :3]).double(),
            "grid_coord": torch.from_numpy(cells[first]).int(),
            "feat": torch.from_numpy(features).double(),
            "offset": torch.tensor([len(first)]),
        }
    )
theirs = scores.softmax(1).numpy()[inverse]

with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        [arguments.denju, "predict", arguments.model, "--output", folder, "--probabilities"]
        + [arguments.scan],
        check=True, stdout=subprocess.DEVNULL,
    )
    name = os.path.splitext(os.path.basename(arguments.scan))[0]
    ours = numpy.load(os.path.join(folder, name + ".probabilities.npy"))

worst = float(numpy.abs(ours - theirs).max())
print(
    json.dumps(
        {
            "points": len(points),
            "voxels": len(first),
            "classes": theirs.shape[1],
            "parameters": sum(p.numel() for p in network.parameters()),
            "largest_difference": worst,
            "same_class": float((ours.argmax(1) == theirs.argmax(1)).mean()),
            "torch": torch.__version__,
        }
    )
)
sys.exit(0 if worst <= arguments.tolerance else 1)
