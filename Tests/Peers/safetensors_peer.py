#!/usr/bin/env python3
"""Reads and writes a run's checkpoint with the public safetensors package.

The package opens every file of the newest checkpoint; its tensors must be finite and in the files
that the index names. Then the package writes the model's shards as one file, in which `denju diff`
must find the same bits. Prints a line per file; the exit status is 1 at the first difference.
Requires the packages safetensors and numpy.

    Tests/Peers/safetensors_peer.py --denju .build/release/denju RUN
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy
import safetensors
import safetensors.numpy

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("run", help="a run's folder, or one of its checkpoints")
parser.add_argument("--denju", default=".build/release/denju")
arguments = parser.parse_args()


def fail(sentence):
    sys.exit(f"safetensors_peer: {sentence}")


checkpoint = arguments.run
if not os.path.exists(os.path.join(checkpoint, "MANIFEST.json")):
    found = sorted(glob.glob(os.path.join(checkpoint, "checkpoints", "step-*")))
    checkpoint = found[-1] if found else fail(f"{checkpoint} holds no checkpoint.")

index = json.load(open(os.path.join(checkpoint, "model.safetensors.index.json")))["weight_map"]
model, metadata, tensors = {}, {}, 0
for path in sorted(glob.glob(os.path.join(checkpoint, "*.safetensors"))):
    name = os.path.basename(path)
    with safetensors.safe_open(path, "numpy") as file:
        metadata.update(file.metadata() or {})
        for key in file.keys():
            tensor = file.get_tensor(key)
            tensors += 1
            if tensor.dtype.kind == "f" and not numpy.isfinite(tensor).all():
                fail(f"{name}: {key} holds numbers that are not finite.")
            if name.startswith("model-"):
                model[key] = tensor
                if index.get(key) != name:
                    fail(f"{key} stands in {name}, but the index says {index.get(key)}.")
        print(f"{name}: {len(file.keys())} tensors, metadata {sorted(file.metadata() or {})}")
if set(model) != set(index):
    fail(f"the index and the files differ in {sorted(set(model) ^ set(index))[:3]}.")

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "again.safetensors")
    safetensors.numpy.save_file(model, path, metadata=metadata)
    result = subprocess.run(
        [arguments.denju, "diff", checkpoint, path, "--json"], capture_output=True, text=True)
    if result.returncode != 0:
        fail(f"denju diff says {result.stdout or result.stderr}")
print(
    f"safetensors {safetensors.__version__}: {tensors} tensors read, {len(model)} written and read "
    "back by denju with the same bits")
