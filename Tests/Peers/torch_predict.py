#!/usr/bin/env python3
"""Times the public PyTorch student's forward pass on one scan and prints one JSON object.

The network is Pointcept's own model.py, run on the CPU through the package `ptv3_peer` (PTV3_PEER
names the folder that holds it, PTV3_UPSTREAM the checkout of Pointcept/PointTransformerV3). A
forward pass here is everything from voxels to class scores: serialisation, neighbour maps, network.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--points", type=int, default=80_000, help="voxels of the scan")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--patch", type=int, default=1024)
parser.add_argument("--classes", type=int, default=13)
parser.add_argument("--passes", type=int, default=7, help="timed passes")
parser.add_argument("--warm-up", type=int, default=2)
parser.add_argument("--file", help="also write the weights as a file here and report its size")
arguments = parser.parse_args()

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(arguments.threads)
sys.path.insert(0, os.environ["PTV3_PEER"])
import torch  # noqa: E402 (the number of threads must be set before)

import ptv3_peer  # noqa: E402
from ptv3_peer import scenes  # noqa: E402

torch.set_num_threads(arguments.threads)
torch.manual_seed(0)
scan = scenes.batch(1, arguments.points, seed=0, classes=arguments.classes)
student = ptv3_peer.make(
    "student16_128", num_classes=arguments.classes, patch=arguments.patch, drop_path=0.0
).eval()
seconds = []
with torch.no_grad():
    for number in range(arguments.warm_up + arguments.passes):
        start = time.perf_counter()
        student(scan).argmax(1)
        if number >= arguments.warm_up:
            seconds.append(time.perf_counter() - start)
report = {
    "points": arguments.points,
    "threads": arguments.threads,
    "patch": arguments.patch,
    "params_student": sum(p.numel() for p in student.parameters()),
    "median_s": statistics.median(seconds),
    "min_s": min(seconds),
    "maxrss_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    "torch": torch.__version__,
}
if arguments.file:
    torch.save(student.state_dict(), arguments.file)
    report["file_mb"] = os.path.getsize(arguments.file) / 1e6
print(json.dumps(report))
