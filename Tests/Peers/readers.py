#!/usr/bin/env python3
"""Compares Denju's readers and writers with the formats' public readers on real scans.

    pip install numpy laspy lazrs plyfile pypcd4 open3d
    Tests/Peers/readers.py ../shared/data --denju .build/release/denju

The folder holds `ign-lidar-hd/{train,val}` (LAZ) and `semantickitti/dataset` (KITTI's own layout).
Counts of points and of every class must equal those of laspy and numpy. A part of one tile is then
written by the public writers in every format (LAS 1.2 to 1.4, LAZ, PLY as text and in both binary
orders, PCD as text, binary and compressed, PLY and PCD by Open3D, arrays), read by Denju and labelled
by `denju predict`. The public readers read the result: classes must be the model's, all other numbers
unchanged. Prints a line per check; the exit status is 1 if one fails.
"""
import argparse
import collections
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import laspy
import numpy
import open3d
import plyfile
import pypcd4

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("data", help="the folder with both data sets")
parser.add_argument("--denju", default="denju")
parser.add_argument("--points", type=int, default=20000, help="of the tile's part")
arguments = parser.parse_args()
failures = 0

# The raw labels of each training class, as in semantic-kitti.yaml.
KITTI = {
    "car": [10, 252], "bicycle": [11], "motorcycle": [15], "truck": [18, 258],
    "other-vehicle": [13, 16, 20, 256, 257, 259], "person": [30, 254], "bicyclist": [31, 253],
    "motorcyclist": [32, 255], "road": [40, 60], "parking": [44], "sidewalk": [48],
    "other-ground": [49], "building": [50], "fence": [51], "vegetation": [70], "trunk": [71],
    "terrain": [72], "pole": [80], "traffic-sign": [81],
}
RECIPE = """
data:
  source: las
  path: {path}
  classes: [ground: 2, low vegetation: 3, medium vegetation: 4, high vegetation: 5, building: 6,
            ignored: rest]
grid: 1.0
points: 2000
features: [position]
student: {{preset: tiny-student}}
objectives: [task.cross-entropy]
batch: 2
steps: 4
"""


def denju(*words):
    done = subprocess.run([arguments.denju, *words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"denju {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def checked(*words):
    """The points and the points of each class that `denju data check` counts."""
    said = denju("data", "check", *words)
    points = int(re.search(r"^([\d ]+) points;", said, re.M)[1].replace(" ", ""))
    table = said.split("\nclass ", 1)[1].split("\n\n")[0].splitlines()[2:]
    classes = {}
    for line in table:
        # Names may contain spaces: columns are separated by two or more.
        columns = re.split(r"\s{2,}", line.strip())
        classes[columns[0]] = int(columns[-2].replace(" ", ""))
    return points, {name: count for name, count in classes.items() if count}


def numbered(classes):
    """Counts by the number a name begins with ("2 ground" and "2" are both 2)."""
    return {int(name.split()[0]): count for name, count in classes.items() if name != "no class"}


def expect(what, holds, detail=""):
    global failures
    failures += not holds
    print(("ok    " if holds else "WRONG ") + what + ("" if holds else f": {detail}"), flush=True)


def same(what, ours, theirs):
    expect(what, ours == theirs, f"{ours} here, {theirs} there")


def counted(labels):
    return dict(collections.Counter(numpy.asarray(labels).tolist()))


def tiles():
    for split in ("train", "val"):
        folder = os.path.join(arguments.data, "ign-lidar-hd", split)
        total, classes = 0, collections.Counter()
        for path in glob.glob(folder + "/*.la[sz]"):
            tile = laspy.read(path)
            total += len(tile.points)
            classes.update(counted(tile.classification))
        points, ours = checked(folder)
        same(f"laspy counts the points of ign-lidar-hd/{split} ({total})", points, total)
        same(f"laspy counts the {len(classes)} classes of ign-lidar-hd/{split}", numbered(ours),
             dict(classes))


def scans():
    folder = os.path.join(arguments.data, "semantickitti")
    total, classes = 0, collections.Counter()
    classOf = {raw: name for name, raws in KITTI.items() for raw in raws}
    for path in glob.glob(folder + "/dataset/sequences/*/labels/*.label"):
        scan = path.replace("/labels/", "/velodyne/").replace(".label", ".bin")
        total += len(numpy.fromfile(scan, "<f4")) // 4
        for raw, count in counted(numpy.fromfile(path, "<u4") & 0xFFFF).items():
            classes[classOf.get(raw, "no class")] += count
    points, ours = checked(folder)
    same(f"numpy counts the points of semantickitti ({total})", points, total)
    same(f"numpy counts the {len(classes)} classes of semantickitti", ours, dict(classes))


class Files:
    """Part of a tile in every format, as its public writer leaves it."""

    def __init__(self, tile, folder):
        pick = numpy.sort(numpy.random.default_rng(1).permutation(len(tile.points))[: arguments.points])
        self.tile, self.part, self.folder = tile, tile.points[pick], folder
        self.xyz = numpy.stack([tile.x[pick], tile.y[pick], tile.z[pick]], 1)
        # Formats with single precision need coordinates near zero.
        self.near = (self.xyz - numpy.floor(self.xyz.mean(0))).astype(numpy.float32)
        self.labels = numpy.asarray(tile.classification)[pick]
        self.intensity = numpy.asarray(tile.intensity)[pick]

    def path(self, *names):
        full = os.path.join(self.folder, *names)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def las(self, version, form, ending):
        header = laspy.LasHeader(point_format=form, version=version)
        header.scales, header.offsets = self.tile.header.scales, self.tile.header.offsets
        file = laspy.LasData(header)
        file.x, file.y, file.z = self.xyz.T
        # LAS point formats below 6 have five bits for the class.
        file.classification = self.labels if form > 5 else self.labels % 32
        file.intensity = self.intensity
        path = self.path(f"las{version}-{form}-{ending}", "tile." + ending)
        file.write(path)
        return path, laspy.read(path).classification

    def ply(self, name, text, order):
        table = numpy.zeros(len(self.near), dtype=[
            ("x", "f4"), ("y", "f4"), ("z", "f4"), ("scalar_Intensity", "f4"), ("label", "i4")])
        table["x"], table["y"], table["z"] = self.near.T
        table["scalar_Intensity"], table["label"] = self.intensity / 65535, self.labels
        path = self.path("ply-" + name, "tile.ply")
        plyfile.PlyData([plyfile.PlyElement.describe(table, "vertex")], text, order).write(path)
        return path, self.labels

    def pcd(self, encoding):
        fields, types = ["x", "y", "z", "intensity", "label"], [numpy.float32] * 4 + [numpy.uint16]
        cloud = pypcd4.PointCloud.from_points(
            [*self.near.T, (self.intensity / 65535).astype("f4"), self.labels.astype("u2")],
            fields, types)
        path = self.path("pcd-" + encoding.value.lower(), "tile.pcd")
        cloud.save(path, encoding=encoding)
        return path, self.labels

    def open3d(self, ending, text, compressed):
        cloud = open3d.t.geometry.PointCloud()
        cloud.point.positions = open3d.core.Tensor(self.near)
        cloud.point.label = open3d.core.Tensor(self.labels.astype("i4")[:, None])
        path = self.path(f"open3d-{ending}-{text}-{compressed}", "tile." + ending)
        open3d.t.io.write_point_cloud(path, cloud, write_ascii=text, compressed=compressed)
        return path, self.labels

    def arrays(self):
        numpy.save(self.path("numpy", "tile", "coord.npy"), self.near)
        numpy.save(self.path("numpy", "tile", "segment.npy"), self.labels.astype("i2"))
        return self.path("numpy", "tile"), self.labels

    def every(self):
        for version, form in [("1.2", 0), ("1.2", 3), ("1.3", 5), ("1.4", 6), ("1.4", 7), ("1.4", 8)]:
            for ending in ("las", "laz"):
                yield self.las(version, form, ending)
        yield self.ply("text", True, "=")
        yield self.ply("little", False, "<")
        yield self.ply("big", False, ">")
        for encoding in ("ASCII", "BINARY", "BINARY_COMPRESSED"):
            yield self.pcd(pypcd4.Encoding[encoding])
        for text, compressed in [(True, False), (False, False), (False, True)]:
            yield self.open3d("pcd", text, compressed)
            if not compressed:
                yield self.open3d("ply", text, compressed)
        yield self.arrays()


def columns(path):
    """What a public reader finds in a file: classes, and all the rest."""
    if "open3d" in path:
        points = open3d.t.io.read_point_cloud(path).point
        values = {name: points[name].numpy() for name in points}
        return values.pop("label").reshape(-1), values
    if path.endswith((".las", ".laz")):
        file = laspy.read(path)
        names = [name for name in file.point_format.dimension_names if name != "classification"]
        return numpy.asarray(file.classification), {n: numpy.asarray(file[n]) for n in names}
    if path.endswith(".ply"):
        vertex = plyfile.PlyData.read(path)["vertex"]
        names = [p.name for p in vertex.properties]
        return numpy.asarray(vertex["label"]), {n: numpy.asarray(vertex[n]) for n in names if n != "label"}
    if path.endswith(".pcd"):
        cloud = pypcd4.PointCloud.from_path(path)
        table = dict(zip(cloud.fields, cloud.pc_data.dtype.names))
        values = {n: numpy.asarray(cloud.pc_data[table[n]]) for n in cloud.fields}
        return values.pop("label"), values
    return numpy.load(path).reshape(-1), {}


def formats(folder):
    folders = os.path.abspath(os.path.join(arguments.data, "ign-lidar-hd"))
    recipe = os.path.join(folder, "recipe.yaml")
    with open(recipe, "w") as file:
        file.write(RECIPE.format(path=folders))
    run = os.path.join(folder, "run")
    denju("train", "--recipe", recipe, "--run", run)
    tile = laspy.read(sorted(glob.glob(os.path.join(arguments.data, "ign-lidar-hd/val/*.laz")))[0])
    for path, labels in Files(tile, os.path.join(folder, "files")).every():
        name = os.path.basename(os.path.dirname(path)) if os.path.isfile(path) else "numpy"
        points, classes = checked(os.path.dirname(path))
        same(f"{name}: its {len(labels)} points", points, len(labels))
        same(f"{name}: its {len(counted(labels))} classes", numbered(classes), counted(labels))
        output = os.path.join(folder, "labels", name)
        denju("predict", run, "--output", output, path)
        back = [p for p in glob.glob(output + "/**", recursive=True) if os.path.isfile(p)]
        expect(f"{name}: one file comes back", len(back) == 1, back)
        predicted, rest = columns(back[0])
        same(f"{name}: a class for every point", len(predicted), len(labels))
        expect(f"{name}: the model's classes", set(predicted.tolist()) <= {2, 3, 4, 5, 6},
               set(predicted.tolist()))
        if os.path.isfile(path):
            theirs = columns(path)[1]
            expect(f"{name}: {len(theirs)} other fields as they were", rest.keys() == theirs.keys()
                   and all(numpy.array_equal(rest[n], theirs[n]) for n in theirs))


tiles()
scans()
scratch = tempfile.mkdtemp()
try:
    formats(scratch)
finally:
    shutil.rmtree(scratch)
print("all checks agree with the public readers" if not failures else f"{failures} checks failed")
sys.exit(failures > 0)
