"""Writes the fixtures beside it with the formats' public writers.

    pip install numpy laspy lazrs plyfile pypcd4
    python make.py
    python make.py numpy las     # only these

Point i of every file: x = i / 2, y = 10 - i, z = i * i / 8, intensity i / 8 of full scale,
colour (30 i mod 256, 255 - i, i), normal (1, 0, 0) for even i and (0, 0, -1) for odd, label i mod 3,
temperature 20 + i / 4.
"""

import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
N = 9
I = np.arange(N)
XYZ = np.stack([I / 2, 10.0 - I, I * I / 8], 1)
INTENSITY = I / 8
COLOUR = np.stack([30 * I % 256, 255 - I, I], 1).astype(np.uint8)
NORMAL = np.where((I % 2 == 0)[:, None], [1.0, 0, 0], [0.0, 0, -1])
LABEL = I % 3
TEMPERATURE = 20 + I / 4


def path(*names):
    full = os.path.join(HERE, *names)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def arrays():
    """The same arrays in the types and orders that NumPy knows."""
    np.save(path("numpy/plain/coord.npy"), XYZ.astype("<f4"))
    np.save(path("numpy/plain/color.npy"), COLOUR)
    np.save(path("numpy/plain/normal.npy"), NORMAL.astype("<f4"))
    np.save(path("numpy/plain/strength.npy"), INTENSITY.astype("<f4"))
    np.save(path("numpy/plain/segment.npy"), LABEL.astype("<i2"))
    np.save(path("numpy/plain/temperature.npy"), TEMPERATURE.astype("<f8"))
    np.save(path("numpy/plain/instance.npy"), I.astype("<i4"))

    np.save(path("numpy/other/coord.npy"), np.asfortranarray(XYZ.astype(">f8")))
    np.save(path("numpy/other/color.npy"), np.asfortranarray(COLOUR))
    np.save(path("numpy/other/normal.npy"), NORMAL.astype("<f2"))
    np.save(path("numpy/other/strength.npy"), INTENSITY.astype(">f4")[:, None])
    with open(path("numpy/other/segment.npy"), "wb") as file:
        np.lib.format.write_array(file, LABEL.astype(">i8")[:, None], version=(2, 0))
    table = np.zeros(N, dtype=[("temperature", "<f4"), ("spare", "V3"), ("pair", "<u2", (2,))])
    table["temperature"] = TEMPERATURE
    table["pair"] = np.stack([I, I * 2], 1)
    np.save(path("numpy/other/table.npy"), table)

    names = dict(
        coord=XYZ.astype("<f4"), color=COLOUR, normal=NORMAL.astype("<f4"),
        strength=INTENSITY.astype("<f4"), segment=LABEL.astype("<i8"), temperature=TEMPERATURE)
    np.savez(path("numpy/stored.npz"), **names)
    np.savez_compressed(path("numpy/packed.npz"), **names)
    np.save(path("numpy/objects.npy"), np.array([{"a": 1}], dtype=object), allow_pickle=True)


def foreign():
    """The arrays of plain with what people save beside them."""
    names = dict(
        coord=XYZ.astype("<f4"), color=COLOUR, normal=NORMAL.astype("<f4"),
        strength=INTENSITY.astype("<f4"), segment=LABEL.astype("<i8"), temperature=TEMPERATURE,
        name=np.array("office_12"), names=np.array(["a", "b"] * 4 + ["c"]),
        raw=np.array([b"xy"] * N), matrix=np.eye(4), box=np.zeros((2, 3), "<f4"),
        views=np.zeros((N, 2, 2), "<f4"), taken=np.array("2024-05-01", dtype="datetime64[s]"),
        objects=np.array([{"a": 1}], dtype=object), complex=np.zeros(N, "<c8"),
        empty=np.zeros((0, 3), "<f4"))
    for name, array in names.items():
        np.save(path(f"cases/foreign-arrays/arrays/{name}.npy"), array, allow_pickle=True)
    np.savez_compressed(path("cases/foreign-arrays/archive.npz"), **names)


def las():
    """All point formats, as LAS and as LAZ (lazrs); coordinates far from zero."""
    import laspy

    for number in range(11):
        version = "1.4" if number > 5 else "1.2" if number < 4 else "1.3"
        header = laspy.LasHeader(point_format=number, version=version)
        header.scales, header.offsets = [0.001, 0.001, 0.001], [650000, 6860000, 100]
        if number in (3, 8):
            header.add_extra_dim(laspy.ExtraBytesParams("temperature", np.float32))
            header.add_extra_dim(
                laspy.ExtraBytesParams(
                    "warmth", np.int16, scales=np.array([0.25]), offsets=np.array([20.0])))
            header.add_extra_dim(laspy.ExtraBytesParams("pair", "2u1"))
        points = laspy.LasData(header)
        points.x, points.y, points.z = 650000 + XYZ[:, 0], 6860000 + XYZ[:, 1], 100 + XYZ[:, 2]
        points.intensity = np.minimum(INTENSITY * 65536, 65535)
        points.classification = LABEL
        points.return_number = I % 5 + 1
        points.number_of_returns = np.full(N, 5)
        points.synthetic = I % 2
        names = set(header.point_format.dimension_names)
        if "gps_time" in names:
            points.gps_time = 1e9 + I / 1024
        if "red" in names:
            points.red, points.green, points.blue = (COLOUR.astype(np.uint16) * 257).T
        if "nir" in names:
            points.nir = I * 8191
        if "scan_angle" in names:
            points.scan_angle = I * 1000 - 4000
            points.scanner_channel = I % 3
        else:
            points.scan_angle_rank = I - 4
        if "wavepacket_index" in names:
            points.wavepacket_index, points.wavepacket_offset = I % 2, I * 64
        if number in (3, 8):
            points.temperature, points.warmth = TEMPERATURE, TEMPERATURE
            points.pair = np.stack([I, 2 * I], 1)
        points.write(path(f"las/format{number}.las"))
        points.write(path(f"las/format{number}.laz"), laz_backend=laspy.LazBackend.Lazrs)


def dense():
    """Points that make every part of the LAZ codec work; their sums stand in LASTests.swift."""
    import laspy

    for number in (3, 10):
        random = np.random.default_rng(number)
        n = 300
        header = laspy.LasHeader(point_format=number, version="1.4")
        header.scales = [0.01, 0.01, 0.01]
        header.add_extra_dim(laspy.ExtraBytesParams("noise", np.float32))
        points = laspy.LasData(header)
        points.x, points.y = random.normal(0, 1, (2, n)).cumsum(1)
        points.z = random.normal(100, 5, n)
        points.intensity = random.integers(0, 65535, n)
        most = 15 if number > 5 else 7
        points.number_of_returns = random.integers(0, most + 1, n)
        points.return_number = random.integers(0, most + 1, n)
        points.classification = random.integers(0, 200 if number > 5 else 32, n)
        points.scan_direction_flag, points.edge_of_flight_line = random.integers(0, 2, (2, n))
        points.user_data = random.integers(0, 255, n)
        points.point_source_id = random.integers(0, 5, n) * 1000
        time = 1000 + (random.random(n) * 1e-4).cumsum()
        time[100:] += 1e9
        time[150:170] = time[:20] + 1
        points.gps_time = np.repeat(time, 2)[:n]
        red = random.integers(0, 65535, n)
        points.red = red
        points.green = np.where(random.random(n) < 0.5, red, random.integers(0, 65535, n))
        points.blue = np.where(random.random(n) < 0.5, red, random.integers(0, 256, n))
        points.noise = random.normal(0, 1, n)
        if number > 5:
            points.scan_angle = random.integers(-30000, 30000, n)
            points.scanner_channel = np.repeat(random.integers(0, 4, n), 3)[:n]
            points.nir = np.repeat(red, 2)[:n]
            points.wavepacket_index = random.integers(0, 3, n)
            step = np.where(random.random(n) < 0.5, 64, random.integers(0, 10**9, n) * 1000)
            points.wavepacket_offset = step.cumsum()
            points.wavepacket_size = np.where(
                random.random(n) < 0.8, 64, random.integers(0, 2**31, n))
            points.x_t, points.y_t, points.z_t = random.random((3, n))
        points.write(path(f"las/dense{number}.laz"), laz_backend=laspy.LazBackend.Lazrs)
        sum = 0xCBF29CE484222325
        # As read again: lazrs 0.8 does not write every wave packet of several channels as it was.
        for byte in laspy.read(path(f"las/dense{number}.laz")).points.memoryview().tobytes():
            sum = (sum ^ byte) * 0x100000001B3 % 2**64
        print(f"dense{number}: 0x{sum:016x}")


def ply():
    """Texts and both binary orders, with faces behind and edges before; names of one's own."""
    from plyfile import PlyData, PlyElement

    def element(types, columns):
        table = np.zeros(N, dtype=types)
        for (name, *_), column in zip(types, columns):
            table[name] = column
        return PlyElement.describe(table, "vertex")

    usual = element(
        [("x", "f4"), ("y", "f4"), ("z", "f4"), ("red", "u1"), ("green", "u1"), ("blue", "u1"),
         ("nx", "f4"), ("ny", "f4"), ("nz", "f4"), ("scalar_Intensity", "f4"), ("label", "i4"),
         ("temperature", "f8")],
        [*XYZ.T, *COLOUR.T, *NORMAL.T, INTENSITY, LABEL, TEMPERATURE])
    own = element(
        [("east", "f8"), ("north", "f8"), ("up", "f8"), ("klass", "u2"), ("echo", "u2"),
         ("heat", "i2")],
        [*XYZ.T, LABEL + 10, INTENSITY * 4000, TEMPERATURE * 4])
    faces = np.zeros(2, dtype=[("vertex_indices", "i4", (3,)), ("quality", "f4")])
    faces["vertex_indices"] = [[0, 1, 2], [2, 3, 4]]
    faces = PlyElement.describe(faces, "face")
    edges = np.zeros(2, dtype=[("vertex1", "i4"), ("vertex2", "i4")])
    edges = PlyElement.describe(edges, "edge")
    comments = ["made by plyfile"]
    for name, text, order in [("text", True, "="), ("little", False, "<"), ("big", False, ">")]:
        PlyData([usual, faces], text, order, comments).write(path(f"ply/{name}.ply"))
        PlyData([edges, faces, own], text, order, comments).write(path(f"ply/{name}-own.ply"))


def pcd():
    """The three kinds of data; colours packed into four bytes."""
    from pypcd4 import Encoding, PointCloud

    packed = PointCloud.encode_rgb(COLOUR)
    fields = ["x", "y", "z", "rgb", "normal_x", "normal_y", "normal_z", "intensity", "label",
              "temperature"]
    types = [np.float32] * 4 + [np.float32] * 4 + [np.uint16, np.float64]
    columns = [*XYZ.T, packed, *NORMAL.T, INTENSITY, LABEL, TEMPERATURE]
    cloud = PointCloud.from_points(
        [np.asarray(c).astype(t) for c, t in zip(columns, types)], fields, types)
    for encoding in (Encoding.ASCII, Encoding.BINARY, Encoding.BINARY_COMPRESSED):
        name = encoding.value.lower()
        os.makedirs(os.path.join(HERE, "pcd"), exist_ok=True)
        cloud.save(path(f"pcd/{name}.pcd"), encoding=encoding)


if __name__ == "__main__":
    parts = {"numpy": arrays, "foreign": foreign, "las": las, "dense": dense,
             "ply": ply, "pcd": pcd}
    for part in sys.argv[1:] or parts:
        parts[part]()
