#!/usr/bin/env python3
"""Compares Denju's readers and writers with the formats' public readers on real scans.

    pip install numpy laspy lazrs plyfile pypcd4 open3d
    Tests/Peers/readers.py ../shared/data --denju .build/release/denju

The folder holds `ign-lidar-hd/{train,val}` (LAZ) and `semantickitti/dataset` (KITTI's own layout).
Counts of points and of every class must equal those of laspy and numpy. A part of one tile is then
written by the public writers in every format (LAS 1.2 to 1.4, LAZ, PLY as text and in both binary
orders, PCD as text, binary and compressed, PLY and PCD by Open3D, arrays), read by Denju and labelled
by `denju predict`. The public readers read the result: classes must be the model's, all other numbers
unchanged. Cloud Optimized Point Clouds must lead laspy to all points of the copy, archives may hold
arrays that do not describe points, and headers may be legal but unusual. Predictions of whole splits
must satisfy the rules of the benchmarks' own validation: semantic-kitti-api's `validate_submission.py`
and nuscenes-devkit's `eval/lidarseg/validate_submission.py`.
Prints a line per check; the exit status is 1 if one fails.
"""
import argparse
import collections
import glob
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

import laspy
import lazrs
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
SUBMISSION = """
data:
  source: {source}
  path: {path}{sequences}
grid: 0.5
points: 2000
features: [position, intensity]
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
    copc(tile, run, folder)
    foreign_arrays(Files(tile, os.path.join(folder, "foreign")), run, folder)
    unusual_headers(Files(tile, os.path.join(folder, "unusual")), run, folder)


def labelled(run, path, folder):
    """What `denju predict` writes for a scan."""
    output = os.path.join(folder, "labels", os.path.basename(os.path.dirname(path)))
    shutil.rmtree(output, ignore_errors=True)
    denju("predict", run, "--output", output, path)
    return glob.glob(output + "/*")[0]


def record(user, number, data, extended=False):
    head = b"\0\0" + user.ljust(16, b"\0") + struct.pack("<HQ" if extended else "<HH", number, len(data))
    return head + b"\0" * 32 + data


def write_copc(tile, path):
    """An octree of chunks with its hierarchy in two pages, as the COPC 1.0 specification has it."""
    las = laspy.convert(tile, point_format_id=6, file_version="1.4")
    raw = numpy.frombuffer(las.points.memoryview(), numpy.uint8).reshape(len(las.points), -1)[:, :30]
    xyz = numpy.stack([las.x, las.y, las.z], 1)
    half = (xyz.max(0) - xyz.min(0)).max() / 2 + 1e-3
    centre = xyz.min(0) + half
    level = numpy.random.default_rng(2).choice(3, len(raw), p=[0.1, 0.3, 0.6])
    cell = ((xyz - centre + half) / (2 * half) * 2.0 ** level[:, None]).astype(int)
    keys, group = numpy.unique(numpy.column_stack([level, cell]), axis=0, return_inverse=True)
    vlr = lazrs.LazVlr.new_for_compression(6, 0, use_variable_size_chunks=True)
    layout = record(b"laszip encoded", 22204, bytes(vlr.record_data()))
    start = 375 + 54 + 160 + len(layout)
    body = io.BytesIO(b"\0" * start)
    body.seek(start)
    writer = lazrs.LasZipCompressor(body, vlr)
    writer.reserve_offset_to_chunk_table()
    for node in range(len(keys)):
        writer.compress_many(raw[group.ravel() == node].tobytes())
        writer.finish_current_chunk()
    writer.done()
    body.seek(start)
    entries, place = {}, start + 8
    for key, (points, size) in zip(map(tuple, keys.tolist()), lazrs.read_chunk_table(body, vlr)):
        entries[key] = struct.pack("<4iQii", *key, place, size, points)
        place += size
    # Readers reach a node by its ancestors, of which some have no points.
    for key in list(entries):
        for up in range(1, key[0] + 1):
            parent = (key[0] - up, *(n >> up for n in key[1:]))
            entries.setdefault(parent, struct.pack("<4iQii", *parent, 0, 0, 0))
    evlr = len(body.getvalue())
    # The subtree of one child of the root has a page of its own.
    top = next(key for key in sorted(entries) if key[0] == 1)
    below = [k for k in sorted(entries) if k[0] and tuple(n >> k[0] - 1 for n in k[1:]) == top[1:]]
    child = b"".join(entries[key] for key in below)
    root = b"".join(entries[key] for key in sorted(entries) if key not in below)
    root += struct.pack("<4iQii", *top, evlr + 60 + len(root) + 32, len(child), -1)
    info = struct.pack("<5d2Q2d", *centre, half, half / 64, evlr + 60, len(root), 0, 1) + b"\0" * 88
    header = bytearray(375)
    header[:4], header[24:26] = b"LASF", b"\1\4"
    struct.pack_into("<HIIBH", header, 94, 375, start, 2, 6 | 0x80, 30)
    struct.pack_into("<6d", header, 131, *las.header.scales, *las.header.offsets)
    struct.pack_into("<6d", header, 179, *numpy.column_stack([xyz.max(0), xyz.min(0)]).ravel())
    struct.pack_into("<QIQ", header, 235, evlr, 1, len(raw))
    content = bytearray(body.getvalue()) + record(b"copc", 1000, root + child, extended=True)
    content[:start] = bytes(header) + record(b"copc", 1, info) + layout
    with open(path, "wb") as file:
        file.write(content)
    return las


def copc(tile, run, folder):
    os.makedirs(os.path.join(folder, "files", "copc"), exist_ok=True)
    path = os.path.join(folder, "files", "copc", "tile.copc.laz")
    las = write_copc(tile, path)
    theirs = laspy.CopcReader.open(path).query()
    same("copc: laspy finds all points of the original", len(theirs), len(las.points))
    back = labelled(run, path, folder)
    expect("copc: the copy keeps its name", back.endswith("/tile.copc.laz"), back)
    ours = laspy.CopcReader.open(back).query()
    same("copc: laspy finds all points of the copy", len(ours), len(theirs))
    order = [numpy.lexsort((p.Z, p.Y, p.X)) for p in (ours, theirs)]
    expect("copc: coordinates as they were", all(
        numpy.array_equal(ours[n][order[0]], theirs[n][order[1]]) for n in "XYZ"))
    classes = set(numpy.asarray(ours.classification).tolist())
    expect("copc: the model's classes", classes <= {2, 3, 4, 5, 6}, classes)
    middle = (numpy.asarray(las.header.maxs) + las.header.mins) / 2
    bounds = laspy.Bounds(mins=las.header.mins, maxs=numpy.append(middle[:2], las.header.maxs[2]))
    readers = [laspy.CopcReader.open(file) for file in (back, path)]
    same("copc: a quarter has as many points", *[len(r.query(bounds)) for r in readers])
    with open(path, "r+b") as file:
        file.seek(375 + 54 + 48)
        file.write(struct.pack("<Q", 32))
    stale = labelled(run, path, folder)
    expect("copc: a copy of a stale index is plain LAZ", stale.endswith("/tile.laz"), stale)
    same("copc: and laspy reads it", len(laspy.read(stale).points), len(las.points))
    expect("copc: and it has no records of an index",
           not any(v.user_id == "copc" for v in [*laspy.open(stale).header.vlrs,
                                                  *(laspy.read(stale).evlrs or [])]))


def foreign_arrays(files, run, folder):
    names = dict(
        coord=files.near, segment=files.labels.astype("i2"), room=numpy.array("office_12"),
        names=numpy.array(["a", "bc"]), pose=numpy.eye(4), objects=numpy.array([{}], object),
        box=numpy.zeros((2, 3)), taken=numpy.array("2024-05-01", "datetime64[s]"),
        complex=numpy.zeros(len(files.near), "c8"))
    numpy.savez_compressed(files.path("npz", "tile.npz"), **names)
    for name, array in names.items():
        numpy.save(files.path("arrays", "tile", name + ".npy"), array, allow_pickle=True)
    for name, path in [("npz", files.path("npz", "tile.npz")), ("arrays", files.path("arrays", "tile"))]:
        points, classes = checked(os.path.dirname(path))
        same(f"foreign {name}: its {len(files.labels)} points", points, len(files.labels))
        same(f"foreign {name}: its classes", numbered(classes), counted(files.labels))
        back = numpy.load(labelled(run, path, folder))
        same(f"foreign {name}: a class for every point", len(back), len(files.labels))


def unusual_headers(files, run, folder):
    near, labels = files.near[:200].astype("<f4"), files.labels[:200]
    table = numpy.zeros(200, dtype=[("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("label", "<f4")])
    table["x"], table["y"], table["z"], table["label"] = *near.T, labels
    rows = "\n".join(" ".join(map(repr, map(float, row))) for row in table.tolist()) + "\n"
    pcd = {
        # Written as PCL 1.0 did, without SIZE, TYPE, COUNT, WIDTH and HEIGHT.
        "old": "VERSION .5\nCOLUMNS x y z label\nPOINTS 200\nDATA binary\n",
        "no-height": "FIELDS x y z label\nSIZE 4 4 4 4\nTYPE F F F F\nWIDTH 200\nPOINTS 200\n"
                     "DATA binary\n",
        "order": "# by hand\n\nPOINTS 200\nHEIGHT 20\nWIDTH 10\nVIEWPOINT 0 0 0 1 0 0 0\n"
                 "FIELDS x y z label\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nDATA binary\n",
        "crlf": "FIELDS x y z label\r\nSIZE 4 4 4 4\r\nTYPE F F F F\r\nCOUNT 1 1 1 1\r\n"
                "WIDTH 200\r\nHEIGHT 1\r\nPOINTS 200\r\nDATA binary\r\n",
    }
    for name, header in pcd.items():
        path = files.path("pcd-" + name, "tile.pcd")
        with open(path, "wb") as file:
            file.write(header.encode() + table.tobytes())
        points, classes = checked(os.path.dirname(path))
        same(f"pcd {name}: its 200 points and their classes", (points, numbered(classes)),
             (200, counted(labels)))
        cloud = pypcd4.PointCloud.from_path(labelled(run, path, folder)) if name == "crlf" else None
        if cloud:
            same(f"pcd {name}: pypcd4 reads the copy", cloud.points, 200)
    for end in ("\n", "\r\n", "\r"):
        for form, body in [("ascii", rows.replace("\n", end).encode()),
                           ("binary_little_endian", table.tobytes())]:
            lines = ["ply", f"format {form} 1.0", "comment made by hand", "obj_info  x",
                     "element vertex 200", *[f"property float32 {n}" for n in table.dtype.names],
                     "element face 0", "property list uint8 int32 vertex_indices", "end_header"]
            name = f"{form} with {end!r}"
            path = files.path(f"ply-{form}-{len(end)}{ord(end[0])}", "tile.ply")
            with open(path, "wb") as file:
                file.write((end.join(lines) + end).encode() + body)
            theirs = plyfile.PlyData.read(path)["vertex"]
            points, classes = checked(os.path.dirname(path))
            same(f"ply {name}: plyfile reads the same", (points, numbered(classes)),
                 (theirs.count, counted(theirs["label"])))
            back = plyfile.PlyData.read(labelled(run, path, folder))["vertex"]
            expect(f"ply {name}: plyfile reads the copy", numpy.array_equal(back["x"], table["x"]))


def kitti_submission(folder):
    """The rules of semantic-kitti-api's validate_submission.py, of the sequence that is there."""
    data = os.path.abspath(os.path.join(arguments.data, "semantickitti"))
    recipe, run = os.path.join(folder, "kitti.yaml"), os.path.join(folder, "kitti")
    with open(recipe, "w") as file:
        file.write(SUBMISSION.format(source="semantickitti", path=data, sequences="""
  sequences: {training: [00], validation: [08], test: [08]}"""))
    denju("train", "--recipe", recipe, "--run", run)
    output = os.path.join(folder, "kitti-labels")
    denju("predict", run, "--output", output, "--split", "test")
    bundle = shutil.make_archive(os.path.join(folder, "bundle"), "zip", output)
    with zipfile.ZipFile(bundle) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        for name in ("sequences/", "sequences/08/", "sequences/08/predictions/"):
            expect(f"kitti: {name} is in the bundle", name in sizes, sorted(sizes))
        known = {raw for raws in KITTI.values() for raw in raws}
        for scan in sorted(glob.glob(data + "/dataset/sequences/08/velodyne/*.bin")):
            name = "sequences/08/predictions/" + os.path.basename(scan).replace(".bin", ".label")
            points = os.path.getsize(scan) // 16
            same(f"kitti: {name} has a label for each of {points} points", sizes.get(name), 4 * points)
            labels = numpy.frombuffer(archive.read(name), "<u4")
            expect(f"kitti: {name} has the numbers of the files", set(labels.tolist()) <= known,
                   set(labels.tolist()) - known)


def nuscenes_submission(folder):
    """The rules of nuscenes-devkit's validate_submission, for a download made of real points."""
    scans = sorted(glob.glob(os.path.join(
        arguments.data, "semantickitti/dataset/sequences/0[02]/velodyne/*.bin")))[:4]
    root = os.path.join(folder, "nuscenes")
    for part in ("v1.0-trainval", "samples/LIDAR_TOP", "lidarseg/v1.0-trainval"):
        os.makedirs(os.path.join(root, part))
    tables = collections.defaultdict(list)
    raw = numpy.array([9, 14, 15, 17, 18, 21, 2, 12, 22, 23, 24, 25, 26, 27, 28, 30, 31], "u1")
    for index, scan in enumerate(scans):
        token, points = f"{index:032x}", numpy.fromfile(scan, "<f4").reshape(-1, 4)[::10]
        # Scene 3 belongs to the official validation split.
        scene = "scene-0001" if index < 2 else "scene-0003"
        if not any(row["name"] == scene for row in tables["scene"]):
            tables["scene"].append({"token": scene, "name": scene})
        tables["sample"].append({"token": "s" + token, "timestamp": index, "scene_token": scene})
        file = f"samples/LIDAR_TOP/{token}.pcd.bin"
        tables["sample_data"].append({"token": token, "sample_token": "s" + token, "filename": file,
                                      "is_key_frame": True})
        labels = f"lidarseg/v1.0-trainval/{token}_lidarseg.bin"
        tables["lidarseg"].append({"sample_data_token": token, "filename": labels})
        points[:, 3] = numpy.round(points[:, 3] * 255)
        numpy.column_stack([points, numpy.arange(len(points)) % 32]).astype("<f4").tofile(
            os.path.join(root, file))
        raw[numpy.arange(len(points)) % 17].tofile(os.path.join(root, labels))
    for name, rows in tables.items():
        with open(os.path.join(root, "v1.0-trainval", name + ".json"), "w") as file:
            json.dump(rows, file)
    recipe, run = os.path.join(folder, "nuscenes.yaml"), os.path.join(folder, "nuscenes-run")
    with open(recipe, "w") as file:
        file.write(SUBMISSION.format(source="nuscenes", path=root, sequences=""))
    denju("train", "--recipe", recipe, "--run", run)
    output = os.path.join(folder, "nuscenes-labels")
    denju("predict", run, "--output", output, "--split", "validation")
    with open(os.path.join(output, "val", "submission.json")) as file:
        meta = json.load(file)["meta"]
    same("nuscenes: submission.json has the five truths", {k: type(v) for k, v in meta.items()}, {
        k: bool for k in ("use_camera", "use_lidar", "use_radar", "use_map", "use_external")})
    for row in tables["lidarseg"][2:]:
        token = row["sample_data_token"]
        path = os.path.join(output, "lidarseg", "val", token + "_lidarseg.bin")
        truth = numpy.fromfile(os.path.join(root, row["filename"]), "u1")
        labels = numpy.fromfile(path, "u1")
        same(f"nuscenes: {token[-2:]} has a label for each point", len(labels), len(truth))
        expect(f"nuscenes: {token[-2:]} has the numbers 1 to 16", labels.min() > 0 and labels.max() < 17,
               (labels.min(), labels.max()))


tiles()
scans()
scratch = tempfile.mkdtemp()
try:
    formats(scratch)
    kitti_submission(scratch)
    nuscenes_submission(scratch)
finally:
    shutil.rmtree(scratch)
print("all checks agree with the public readers" if not failures else f"{failures} checks failed")
sys.exit(failures > 0)
