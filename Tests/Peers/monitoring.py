#!/usr/bin/env python3
"""Reads a run's metrics and event files with the public Prometheus and TensorBoard clients.

    pip install tensorboard prometheus_client
    Tests/Peers/monitoring.py --denju .build/release/denju

Trains a small student for some steps with --tensorboard and --monitor 0. Reads its live metrics with
prometheus_client's parser during the run, and its event files with tensorboard's own reader afterwards.
Every number of the step log must be present.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

from prometheus_client.parser import text_string_to_metric_families
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

RECIPE = """
seed: 3
data:
  source: streets
  scenes: {training: 6, validation: 2}
  options: {beams: 16, azimuth-steps: 64, range: 15}
grid: 0.4
points: 200
features: [position, intensity]
student: {stride: [2], enc_depths: [1, 1], enc_channels: [8, 16], enc_num_head: [1, 2], dec_depths: [1],
  dec_channels: [8], dec_num_head: [1], patch_size: 32, order: [z, hilbert]}
objectives: [task.cross-entropy, task.lovasz]
steps: 400
validation: {every: 100}
checkpoints: {every: 100}
"""


def fetch(address, path):
    try:
        with urllib.request.urlopen(address + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--denju", default=".build/release/denju")
    arguments = parser.parse_args()
    passed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "recipe.yaml").write_text(RECIPE)
        run = folder / "run"
        process = subprocess.Popen(
            [arguments.denju, "train", "--recipe", str(folder / "recipe.yaml"), "--run", str(run),
             "--workers", "2", "--tensorboard", "--monitor", "0"], stderr=subprocess.PIPE, text=True)
        place, log = run / "monitor", run / "steps.jsonl"
        end = time.monotonic() + 120
        while not (place.exists() and log.exists() and log.read_text().count("\n") >= 5):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(process.stderr.read())
            time.sleep(0.02)
        address = place.read_text().strip()
        status, text = fetch(address, "metrics")
        families = {family.name: family for family in text_string_to_metric_families(text)}
        assert status == 200 and families["denju_steps"].samples[-1].value >= 5, text
        assert len(families["denju_worker_up"].samples) == 2, text
        passed += 1
        for path, expected in (("healthz", 200), ("readyz", 200), ("nothing", 404), ("", 200)):
            status, text = fetch(address, path)
            assert status == expected, (path, status, text)
            passed += 1
        trace = json.loads(fetch(address, "trace.json")[1])
        assert {"student", "backward", "reduce"} <= {event["name"] for event in trace}, trace
        passed += 1
        process.stderr.read()
        assert process.wait() == 0

        steps = [json.loads(line) for line in log.read_text().splitlines()]
        board = EventAccumulator(
            str(run / "tensorboard"), size_guidance={"scalars": 0, "images": 0, "histograms": 0})
        board.Reload()
        tags = board.Tags()
        told = {event.step: event.value for event in board.Scalars("loss")}
        assert len(steps) == 400 and set(told) == {line["step"] for line in steps}
        assert all(math.isclose(told[s["step"]], s["loss"], rel_tol=1e-6) for s in steps)
        term = board.Scalars("terms/task.lovasz")
        assert all(math.isclose(e.value, s["terms"]["task.lovasz"], rel_tol=1e-6, abs_tol=1e-9)
                   for e, s in zip(term, steps))
        passed += 2
        checks = [json.loads(line) for line in (run / "validations.jsonl").read_text().splitlines()]
        scores = board.Scalars("validation/mIoU")
        assert [e.step for e in scores] == [100, 200, 300, 400] == [c["step"] for c in checks]
        picture = board.Images("validation/confusion")[-1]
        assert picture.encoded_image_string.startswith(b"\x89PNG") and picture.width == picture.height
        weights = board.Histograms("seg_head.weight" if "seg_head.weight" in tags["histograms"]
                                   else tags["histograms"][0])
        value = weights[-1].histogram_value
        assert value.num > 0 and math.isclose(sum(value.bucket), value.num), value
        passed += 3
        lost = sum(s["unattributed"] for s in steps) / sum(s["seconds"] for s in steps)
        print(f"unattributed time: {100 * lost:.3f} %")
        assert lost < 0.02
        passed += 1
    print(f"{passed} passed, 0 failed")


if __name__ == "__main__":
    main()
