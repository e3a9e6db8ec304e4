"""Models and their predictions."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from denju import _library as library


class Error(ValueError):
    """The reason why a model cannot be read or a scan cannot be labelled, in one sentence."""


@dataclass(frozen=True)
class Class:
    """A class of a model."""

    name: str
    #: The number of the class in files of the training data.
    number: int


@dataclass(frozen=True)
class Prediction:
    """The outputs for N points; those that were not asked for are None."""

    #: The class of each point, a place in ``Model.classes``; -1 for points that were skipped.
    labels: NDArray[np.int32]
    #: The probability of each point's class.
    confidence: NDArray[np.float32] | None = None
    #: Probabilities, N x classes.
    probabilities: NDArray[np.float32] | None = None
    #: The features at the tap that was asked for, N x its width.
    features: NDArray[np.float32] | None = None


class Model:
    """A trained network, ready to label point clouds.

    Any number of threads may use a model at once. The results do not depend on the number of
    threads, on the processor or on what else is labelled.

    Args:
        source: the path of a ``.safetensors`` file that ``denju export`` wrote, or its bytes.
        threads: the threads with which a scan is labelled; all processors by default.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes, *, threads: int | None = None):
        self._model = None
        self._threads = threads or len(os.sched_getaffinity(0))
        handle = ctypes.c_void_p()
        error = library.ErrorText()
        if isinstance(source, bytes):
            status = library.model_read(source, len(source), None, ctypes.byref(handle), error)
        else:
            status = library.model_open(os.fsencode(source), ctypes.byref(handle), error)
        _check(status, error)
        self._model = handle
        self._idle: queue.SimpleQueue[ctypes.c_void_p] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workspaces: list[ctypes.c_void_p] = []
        count = library.class_count(handle)
        #: The classes, in the order of labels.
        self.classes = tuple(
            Class(library.class_name(handle, place).decode(), library.class_number(handle, place))
            for place in range(count)
        )
        #: The number of each class in files of the training data: ``numbers[labels]``.
        self.numbers = np.array([each.number for each in self.classes], dtype=np.int64)
        #: The side of a voxel in metres.
        self.grid: float = library.model_grid(handle)
        #: The names of the fields that the model reads, x, y and z first.
        self.fields = tuple(
            library.field_name(handle, place).decode()
            for place in range(library.field_count(handle))
        )
        #: The width of each place whose features can be returned, by its name.
        self.taps: Mapping[str, int] = {
            library.tap_name(handle, place).decode(): library.tap_width(handle, place)
            for place in range(library.tap_count(handle))
        }

    def __del__(self) -> None:
        if getattr(self, "_model", None):
            for workspace in self._workspaces:
                library.workspace_destroy(workspace)
            library.model_close(self._model)

    def __repr__(self) -> str:
        names = ", ".join(each.name for each in self.classes)
        return f"<denju.Model: {names}; reads {', '.join(self.fields)}; grid {self.grid:g} m>"

    def __call__(self, points: ArrayLike, **channels: ArrayLike) -> NDArray[np.int32]:
        """The class of each point. See ``predict``."""
        return self.predict(points, **channels).labels

    def predict_proba(self, points: ArrayLike, **channels: ArrayLike) -> NDArray[np.float32]:
        """The probabilities of each point's classes, N x classes. See ``predict``."""
        probabilities = self.predict(points, probabilities=True, **channels).probabilities
        assert probabilities is not None
        return probabilities

    def predict(
        self,
        points: ArrayLike,
        *,
        confidence: bool = False,
        probabilities: bool = False,
        tap: str | None = None,
        views: int = 1,
        skip_invalid: bool = False,
        tile_voxels: int = 0,
        tile_margin: float = 0,
        recentre_tiles: bool = False,
        **channels: ArrayLike,
    ) -> Prediction:
        """Labels a scan.

        Args:
            points: N points in metres: an array whose first three columns are x, y and z, or a
                structured array with fields of these names, whose other fields are channels.
            confidence: whether to return the probability of each point's class.
            probabilities: whether to return all probabilities.
            tap: a place of ``taps`` whose features to return.
            views: the poses, 1 to 8, whose probabilities are averaged.
            skip_invalid: whether to give points with coordinates that are not finite the label -1.
            tile_voxels: the most voxels of a tile, into which larger scans are divided.
            tile_margin: metres of context around a tile.
            recentre_tiles: whether positions are relative to each tile.
            **channels: the other fields that the model reads, such as ``intensity``: N numbers, or
                N x 3 for colours and normals.

        Raises:
            Error: the scan lacks a field that the model reads, or cannot be labelled.
        """
        scan = _Scan(points, channels)
        options = library.Options(
            size=ctypes.sizeof(library.Options),
            views=views,
            skip_invalid=skip_invalid,
            tile_voxels=tile_voxels,
            tile_margin=tile_margin,
            recentre_tiles=recentre_tiles,
        )
        if tap is not None and tap not in self.taps:
            raise Error(f"The network has no tap '{tap}'; its taps are {', '.join(self.taps)}.")
        count = scan.count
        found = Prediction(
            labels=np.empty(count, np.int32),
            confidence=np.empty(count, np.float32) if confidence else None,
            probabilities=(
                np.empty((count, len(self.classes)), np.float32) if probabilities else None
            ),
            features=np.empty((count, self.taps[tap]), np.float32) if tap is not None else None,
        )
        outputs = library.Outputs(
            size=ctypes.sizeof(library.Outputs),
            labels=found.labels.ctypes.data,
            confidence=_address(found.confidence),
            probabilities=_address(found.probabilities),
            tap=tap.encode() if tap is not None else None,
            features=_address(found.features),
        )
        error = library.ErrorText()
        with self._workspace() as workspace:
            status = library.label(
                workspace, scan.fields, len(scan.fields), count, options, outputs, error
            )
        _check(status, error)
        return found

    def predict_batch(
        self,
        scans: Iterable[ArrayLike | tuple[ArrayLike, Mapping[str, ArrayLike]]],
        *,
        parallel: int | None = None,
        **options: Any,
    ) -> Sequence[Prediction]:
        """Labels scans, several at once.

        Args:
            scans: points, or pairs of points and their channels by name.
            parallel: the scans that are labelled at once; all processors by default.
            **options: those of ``predict``.
        """

        def one(scan: Any) -> Prediction:
            points, channels = scan if isinstance(scan, tuple) else (scan, {})
            return self.predict(points, **options, **channels)

        with ThreadPoolExecutor(parallel or len(os.sched_getaffinity(0))) as pool:
            return list(pool.map(one, scans))

    def cancel(self) -> None:
        """Ends every labelling in progress, which raises ``Error``; for other threads to call."""
        with self._lock:
            for workspace in self._workspaces:
                library.workspace_cancel(workspace)

    @contextlib.contextmanager
    def _workspace(self) -> Iterator[ctypes.c_void_p]:
        """A workspace that no other thread uses meanwhile."""
        try:
            workspace = self._idle.get_nowait()
        except queue.Empty:
            workspace = ctypes.c_void_p()
            error = library.ErrorText()
            _check(
                library.workspace_create(
                    self._model, self._threads, ctypes.byref(workspace), error
                ),
                error,
            )
            with self._lock:
                self._workspaces.append(workspace)
        try:
            yield workspace
        finally:
            self._idle.put(workspace)


class _Scan:
    """The fields of a scan and the arrays that they lie in."""

    def __init__(self, points: ArrayLike, channels: Mapping[str, ArrayLike]):
        self._arrays: list[NDArray[Any]] = []
        self._columns: list[tuple[str, NDArray[Any]]] = []
        points = np.asarray(points)
        if points.dtype.names is not None:
            if points.ndim != 1:
                raise Error(f"points have the shape {points.shape}: give one record per point.")
            for name in points.dtype.names:
                self._add(name, points[name])
        else:
            if points.ndim != 2 or points.shape[1] < 3:
                raise Error(f"points have the shape {points.shape}: give N x 3.")
            for axis, name in enumerate("xyz"):
                self._add(name, points[:, axis])
        self.count = len(points)
        for name, values in channels.items():
            values = np.asarray(values)
            if values.ndim not in (1, 2) or len(values) != self.count:
                raise Error(
                    f"{name} has the shape {values.shape}: give one row for each of the "
                    f"{self.count} points."
                )
            self._add(name, values)
        self.fields = (library.Field * len(self._columns))(
            *(self._field(name, values) for name, values in self._columns)
        )

    def _add(self, name: str, values: NDArray[Any]) -> None:
        if values.ndim == 1:
            self._columns.append((name, values))
        elif values.shape[1] == 1:
            self._columns.append((name, values[:, 0]))
        else:
            for column in range(values.shape[1]):
                self._columns.append((f"{name}[{column}]", values[:, column]))

    def _field(self, name: str, values: NDArray[Any]) -> library.Field:
        kind = values.dtype.kind + str(values.dtype.itemsize)
        # A broadcast array has a stride of 0, which denju.h reserves for numbers side by side.
        if kind not in library.TYPES or (values.strides[0] == 0 and self.count > 1):
            try:
                values = np.ascontiguousarray(values, dtype=np.float64)
            except (TypeError, ValueError):
                raise Error(f"{name} has the type {values.dtype}: give numbers.") from None
            kind = "f8"
        self._arrays.append(values)
        return library.Field(
            name=name.encode(),
            first=values.ctypes.data,
            stride=values.strides[0],
            type=library.TYPES[kind],
            big_endian=values.dtype.byteorder == ">",
        )


def _address(array: NDArray[Any] | None) -> int | None:
    return None if array is None else array.ctypes.data


def _check(status: int, error: library.ErrorText) -> None:
    if status != library.OK:
        raise Error(error.message.decode(errors="replace"))
