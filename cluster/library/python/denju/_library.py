"""The functions and structures of denju.h."""

from __future__ import annotations

import ctypes
from pathlib import Path

# A status of denju_status.
OK, INVALID_ARGUMENT, INVALID_MODEL, CANCELLED, BUSY = range(5)

# The codes of denju_type by the kinds and sizes of NumPy.
TYPES = {"i1": 1, "u1": 2, "i2": 3, "u2": 4, "i4": 5, "u4": 6, "f4": 7, "f8": 8}


class ErrorText(ctypes.Structure):
    """denju_error."""

    _fields_ = [("message", ctypes.c_char * 512)]


class Field(ctypes.Structure):
    """denju_field."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("first", ctypes.c_void_p),
        ("stride", ctypes.c_ssize_t),
        ("type", ctypes.c_uint32),
        ("big_endian", ctypes.c_uint32),
        ("scale", ctypes.c_double),
        ("offset", ctypes.c_double),
    ]


class Options(ctypes.Structure):
    """denju_options."""

    _fields_ = [
        ("size", ctypes.c_size_t),
        ("views", ctypes.c_uint32),
        ("skip_invalid", ctypes.c_uint32),
        ("tile_voxels", ctypes.c_size_t),
        ("tile_margin", ctypes.c_float),
        ("recentre_tiles", ctypes.c_uint32),
    ]


class Outputs(ctypes.Structure):
    """denju_outputs."""

    _fields_ = [
        ("size", ctypes.c_size_t),
        ("labels", ctypes.c_void_p),
        ("confidence", ctypes.c_void_p),
        ("probabilities", ctypes.c_void_p),
        ("tap", ctypes.c_char_p),
        ("features", ctypes.c_void_p),
    ]


_library = ctypes.CDLL(str(Path(__file__).with_name("libdenju.so.1")))


def _function(name: str, result, *arguments):
    function = getattr(_library, name)
    function.restype = result
    function.argtypes = arguments
    return function


_pointer = ctypes.c_void_p
_place = ctypes.POINTER(ctypes.c_void_p)
_error = ctypes.POINTER(ErrorText)
_size = ctypes.c_size_t
_text = ctypes.c_char_p

_version = _function("denju_version", _text)
model_open = _function("denju_model_open", ctypes.c_int, _text, _place, _error)
model_read = _function("denju_model_read", ctypes.c_int, _pointer, _size, _text, _place, _error)
model_close = _function("denju_model_close", None, _pointer)
model_grid = _function("denju_model_grid", ctypes.c_float, _pointer)
class_count = _function("denju_model_class_count", _size, _pointer)
class_name = _function("denju_model_class_name", _text, _pointer, _size)
class_number = _function("denju_model_class_number", ctypes.c_int64, _pointer, _size)
field_count = _function("denju_model_field_count", _size, _pointer)
field_name = _function("denju_model_field_name", _text, _pointer, _size)
tap_count = _function("denju_model_tap_count", _size, _pointer)
tap_name = _function("denju_model_tap_name", _text, _pointer, _size)
tap_width = _function("denju_model_tap_width", _size, _pointer, _size)
workspace_create = _function("denju_workspace_create", ctypes.c_int, _pointer, _size, _place, _error)
workspace_destroy = _function("denju_workspace_destroy", None, _pointer)
workspace_cancel = _function("denju_workspace_cancel", None, _pointer)
label = _function(
    "denju_label",
    ctypes.c_int,
    _pointer,
    ctypes.POINTER(Field),
    _size,
    _size,
    ctypes.POINTER(Options),
    ctypes.POINTER(Outputs),
    _error,
)


def version() -> str:
    """The version of the library."""
    return _version().decode()
