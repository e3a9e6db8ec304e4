"""Tests of the Python package: test_denju.py MODEL SCAN.bin"""

import sys
import threading
import unittest

import denju
import numpy as np

MODEL, SCAN = sys.argv[1:3]
scan = np.fromfile(SCAN, dtype="<f4").reshape(-1, 4)
points, intensity = scan[:, :3], scan[:, 3]
model = denju.Model(MODEL, threads=2)
labels = model(points, intensity=intensity)


class InputTests(unittest.TestCase):
    """Arrays of every form give the labels of the plain one."""

    def same(self, array, **channels):
        np.testing.assert_array_equal(model(array, **channels), labels)

    def test_types_and_strides(self):
        self.same(points.astype("f8"), intensity=intensity.astype(">f4"))
        self.same(np.asfortranarray(points), intensity=np.repeat(intensity, 3)[::3])
        self.same(points.tolist(), intensity=intensity[:, None])
        self.same(scan[::-1][::-1][:, :3], intensity=intensity.astype("f2").astype("f4") * 0 + intensity)

    def test_structured_records(self):
        kind = [("time", "u2"), ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4")]
        records = np.zeros(len(scan), dtype=kind)
        for column, name in enumerate(("x", "y", "z", "intensity")):
            records[name] = scan[:, column]
        self.same(records)

    def test_input_is_neither_copied_nor_changed(self):
        before = scan.copy()
        frozen = scan.copy()
        frozen.setflags(write=False)
        self.same(frozen[:, :3], intensity=frozen[:, 3])
        np.testing.assert_array_equal(scan, before)

    def test_broadcast_and_whole_numbers(self):
        zeros = model(points, intensity=np.zeros(len(points)))
        np.testing.assert_array_equal(
            model(points, intensity=np.broadcast_to(np.int64(0), len(points))), zeros
        )
        np.testing.assert_array_equal(model(points, intensity=np.zeros(len(points), "u1")), zeros)

    def test_no_points(self):
        self.assertEqual(model(np.zeros((0, 3)), intensity=[]).shape, (0,))


class OutputTests(unittest.TestCase):
    def test_outputs_agree(self):
        found = model.predict(
            points, intensity=intensity, confidence=True, probabilities=True, tap="enc1"
        )
        np.testing.assert_array_equal(found.labels, labels)
        np.testing.assert_array_equal(found.probabilities.argmax(1), labels)
        np.testing.assert_array_equal(found.probabilities.max(1), found.confidence)
        np.testing.assert_allclose(found.probabilities.sum(1), 1, rtol=1e-5)
        self.assertEqual(found.features.shape, (len(points), model.taps["enc1"]))
        np.testing.assert_array_equal(
            model.predict_proba(points, intensity=intensity), found.probabilities
        )

    def test_skipped_points(self):
        holes = points.copy()
        holes[::7] = np.nan
        found = model.predict(holes, intensity=intensity, skip_invalid=True, confidence=True)
        self.assertTrue((found.labels[::7] == -1).all() and (found.confidence[::7] == 0).all())
        kept = np.delete(np.arange(len(points)), np.s_[::7])
        np.testing.assert_array_equal(
            found.labels[kept], model(points[kept], intensity=intensity[kept])
        )

    def test_views_and_tiles(self):
        four = model.predict(points, intensity=intensity, views=4).labels
        self.assertGreater((four == labels).mean(), 0.5)
        tiled = model.predict(points, intensity=intensity, tile_voxels=1000, tile_margin=1e3).labels
        self.assertGreater((tiled == labels).mean(), 0.99)

    def test_description(self):
        self.assertEqual(model.fields, ("x", "y", "z", "intensity"))
        self.assertEqual(len(model.numbers), len(model.classes))
        self.assertTrue(all(each.name for each in model.classes))
        self.assertGreater(model.grid, 0)
        self.assertIn("intensity", repr(model))


class UseTests(unittest.TestCase):
    def test_bytes_and_threads(self):
        with open(MODEL, "rb") as file:
            single = denju.Model(file.read(), threads=1)
        np.testing.assert_array_equal(single(points, intensity=intensity), labels)

    def test_batches(self):
        batch = model.predict_batch([(points, {"intensity": intensity})] * 6, confidence=True)
        self.assertEqual(len(batch), 6)
        for found in batch:
            np.testing.assert_array_equal(found.labels, labels)
            self.assertIsNotNone(found.confidence)

    def test_cancelling(self):
        own = denju.Model(MODEL, threads=1)
        failures = []

        def label():
            try:
                while True:
                    own(points, intensity=intensity)
            except denju.Error as error:
                failures.append(str(error))

        worker = threading.Thread(target=label)
        worker.start()
        while worker.is_alive():
            own.cancel()
        self.assertEqual(failures, ["The labelling was cancelled."])
        np.testing.assert_array_equal(own(points, intensity=intensity), labels)

    def test_errors(self):
        mistakes = {
            "does not have": lambda: model(points),
            "give N x 3": lambda: model(points[:, :2], intensity=intensity),
            "one row for each": lambda: model(points, intensity=intensity[:5]),
            "no tap 'head'": lambda: model.predict(points, intensity=intensity, tap="head"),
            "cannot be opened": lambda: denju.Model("nowhere.safetensors"),
            "is cut short": lambda: denju.Model(b"abc"),
            "skip_invalid": lambda: model(np.full((1, 3), np.nan), intensity=[0]),
            "from zero": lambda: model(points * 1e6, intensity=intensity),
            "give numbers": lambda: model(points, intensity=["a"] * len(points)),
            "give 1 to 8": lambda: model.predict(points, intensity=intensity, views=9),
        }
        for words, call in mistakes.items():
            with self.subTest(words), self.assertRaisesRegex(denju.Error, words):
                call()


unittest.main(argv=sys.argv[:1])
