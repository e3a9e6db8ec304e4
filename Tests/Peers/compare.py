#!/usr/bin/env python3
"""Runs denju-bench and the public PyTorch PTv3 alternately and prints ratios with their spread.

Each round runs every row once on both sides, one after the other, so that other load of the machine
affects both. A ratio is PyTorch's time over Denju's, of medians over a run's steps; printed are the
median, the least and the largest over the rounds. Begin on an idle machine.

The PyTorch side needs torch, addict and numpy, a checkout of github.com/Pointcept/PointTransformerV3
(PTV3_UPSTREAM) and the package ptv3_peer with torch_step.py (PTV3_PEER; by default ../shared/peer
beside this repository). With libtcmalloc installed PyTorch runs under it, which is its strongest.
Our side runs with OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset, but for the row that says Haswell.

    Tests/Peers/compare.py --bench .build/release/denju-bench --rounds 3
"""
import argparse
import ctypes.util
import json
import os
import statistics
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--bench", default=os.path.join(root, ".build/release/denju-bench"))
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=8, help="steps that are timed in a run")
parser.add_argument("--points", type=int, default=20_000)
parser.add_argument("--scan", type=int, default=80_000, help="points of the scan to label")
parser.add_argument("--only", nargs="*", help="rows by name")
arguments = parser.parse_args()

peer = os.environ.get("PTV3_PEER", os.path.join(root, "../shared/peer"))
for name, path in [("PTV3_PEER", peer + "/torch_step.py"),
                   ("PTV3_UPSTREAM", os.environ.get("PTV3_UPSTREAM", "") + "/model.py"),
                   ("--bench", arguments.bench)]:
    if not os.path.exists(path):
        sys.exit(f"compare: there is no {path}: set {name}.")


def run(command, **changes):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    environment.update(PTV3_PEER=peer, PYTHONDONTWRITEBYTECODE="1", **changes)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(f"compare: {' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(lines[-1])


def ours(*options, **changes):
    report = run(
        [arguments.bench, "step", "--steps", str(arguments.steps), "--warm-up", "4",
         "--points", str(arguments.points), *options], **changes)
    return report["median_s"]["total"], report


def ours_predicting(threads):
    report = run([arguments.bench, "predict", "--points", str(arguments.scan),
                  "--threads", str(threads)])
    return report["median_s"]["total"], report


tcmalloc = next((f"libtcmalloc_minimal.so.{n}" for n in (4,)
                 if ctypes.util.find_library("tcmalloc_minimal")), "")


def theirs(*options):
    report = run(
        [sys.executable, peer + "/torch_step.py", "--points", str(arguments.points), "--batch", "4",
         "--ddp", "2", "--threads", "1", "--teacher-micro", "1", "--steps", str(arguments.steps),
         *options], LD_PRELOAD=tcmalloc)
    return report["median_s"]["total"], report


def theirs_predicting(threads):
    report = run(
        [sys.executable, here + "/torch_predict.py", "--points", str(arguments.scan),
         "--threads", str(threads), "--patch", "128"], LD_PRELOAD=tcmalloc)
    return report["median_s"], report


two, pack = (), ("--knowledge", "auto")
rows = {  # name -> (ours, theirs): seconds and the report of each
    "step, live teacher": (lambda: ours(*two), theirs),
    "step, bfloat16 against theirs in bfloat16": (
        lambda: ours("--precision", "bfloat16"), lambda: theirs("--amp", "bf16")),
    "step, knowledge pack": (lambda: ours(*pack), None),
    "step, live teacher, OpenBLAS core Haswell": (
        lambda: ours(OPENBLAS_CORETYPE="Haswell"), None),
    "one worker instead of two": (None, lambda: ours("--workers", "1")),
    "scan labelled by 1 thread": (lambda: ours_predicting(1), lambda: theirs_predicting(1)),
    "scan labelled by 2 threads": (lambda: ours_predicting(2), lambda: theirs_predicting(2)),
}
if arguments.only:
    rows = {name: row for name, row in rows.items() if any(o in name for o in arguments.only)}

taken = {name: [] for name in rows}
for number in range(arguments.rounds):
    live = {}
    for name, (mine, other) in rows.items():
        # Rows without a side of their own are set against the live step of the same round.
        mine = mine() if mine else live.setdefault("ours", None) or ours()
        other = other() if other else live.setdefault("theirs", None) or theirs()
        if name == "step, live teacher":
            live = {"ours": mine, "theirs": other}
        taken[name].append((mine, other))
        print(f"round {number + 1}: {name}: {mine[0]:.3f} s, {other[0]:.3f} s", file=sys.stderr)

print(f"{'':44} {'ours s':>8} {'theirs s':>9} {'ratio':>6} {'least':>6} {'most':>6} {'GB':>10}")
for name, pairs in taken.items():
    ratios = [other[0] / mine[0] for mine, other in pairs]
    memory = [max(pair[side][1].get("maxrss_gb", 0) for pair in pairs) for side in (0, 1)]
    print(
        f"{name:44} {statistics.median(m[0] for m, _ in pairs):8.3f} "
        f"{statistics.median(o[0] for _, o in pairs):9.3f} {statistics.median(ratios):6.2f} "
        f"{min(ratios):6.2f} {max(ratios):6.2f} {memory[0]:5.2f}/{memory[1]:4.2f}")
core = next(iter(taken.values()))[0][0][1].get("blas_core")
print(f"our OpenBLAS core {core}, torch {taken[next(iter(taken))][0][1][1].get('torch')}, "
      f"{'tcmalloc' if tcmalloc else 'no tcmalloc'}, {arguments.rounds} rounds")
