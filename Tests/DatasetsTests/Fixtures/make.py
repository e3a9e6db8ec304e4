"""Writes the fixtures beside it with the formats' public writers.

    pip install numpy laspy lazrs plyfile pypcd4
    python make.py

Point i of every file: x = i / 2, y = 10 - i, z = i * i / 8, intensity i / 8 of full scale,
colour (30 i mod 256, 255 - i, i), normal (1, 0, 0) for even i and (0, 0, -1) for odd, label i mod 3,
temperature 20 + i / 4.
"""

import io
import os

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


if __name__ == "__main__":
    arrays()
