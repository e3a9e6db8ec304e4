#!/usr/bin/env python3
"""Makes the checkpoints beside it: files of PyTorch with a public Point Transformer V3, and pickles
that must be rejected.

    pip install torch addict numpy
    PTV3_PEER=... PTV3_UPSTREAM=.../PointTransformerV3 python3 make_checkpoints.py

PTV3_PEER names the folder of the package `ptv3_peer` (the public model.py, unmodified, on a CPU),
PTV3_UPSTREAM the checkout of github.com/Pointcept/PointTransformerV3.

- plain.pth          a state_dict
- configured.pth     the same beside the arguments of a constructor, as in published encoders
- distributed.pth    a Pointcept checkpoint: module., optimiser with state, schedule, best score
- views.pth          tensors that share storages: transposed, cut out, in other precisions
- golden.json        input and class scores of the network (computed in double precision),
                     and the numbers of views.pth
- refused/NAME.pth   the error message must contain NAME
"""
import json
import os
import pickle
import pickletools
import sys
import zipfile

sys.path.insert(0, os.environ["PTV3_PEER"])
import numpy  # noqa: E402
import ptv3_peer  # noqa: E402
import torch  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
refused = os.path.join(here, "refused")
os.makedirs(refused, exist_ok=True)
torch.manual_seed(7)

network = ptv3_peer.PTv3Seg(
    num_classes=3,
    attn="naive",
    **ptv3_peer.cfg((4, 8), (4,), depths=(1, 1), dec_depths=(1,), patch=16, in_channels=4),
    drop_path=0.0,
)
network.eval()
with torch.no_grad():
    for name, value in network.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.3)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif "norm" in name or ".1." in name:
            if name.endswith("weight"):
                value.uniform_(0.5, 1.5)
state = network.state_dict()
torch.save(state, os.path.join(here, "plain.pth"))
torch.save(
    {
        "config": {
            "in_channels": 4,
            "order": ["z", "hilbert"],
            "stride": (2,),
            "enc_depths": (1, 1),
            "enc_channels": (4, 8),
            "enc_num_head": (2, 4),
            "enc_patch_size": (16, 16),
            "dec_depths": (1,),
            "dec_channels": (4,),
            "dec_num_head": (2,),
            "dec_patch_size": [16],
            "mlp_ratio": 4,
            "qkv_bias": True,
            "qk_scale": None,
            "attn_drop": 0.0,
            "proj_drop": 0.0,
            "drop_path": 0.25,
            "pre_norm": True,
            "shuffle_orders": False,
            "enable_rpe": False,
            "enable_flash": True,
            "upcast_attention": False,
            "upcast_softmax": False,
            "enc_mode": False,
            "pdnorm_bn": False,
            "pdnorm_ln": False,
            "pdnorm_conditions": ("ScanNet", "S3DIS"),
        },
        "state_dict": state,
    },
    os.path.join(here, "configured.pth"),
)

# A scan of 120 voxels on a bent surface.
cells = torch.unique(
    torch.stack(
        [
            torch.randint(0, 12, (160,)),
            torch.randint(0, 12, (160,)),
            torch.randint(0, 3, (160,)),
        ],
        1,
    ),
    dim=0,
)
cells = cells[torch.randperm(len(cells))][:120].contiguous()
cells -= cells.min(0).values
features = torch.randn(len(cells), 4)
scan = {
    "coord": cells.double() * 0.05,
    "grid_coord": cells.int(),
    "feat": features.double(),
    "offset": torch.tensor([len(cells)]),
}
with torch.no_grad():
    scores = network.double()(scan).float()
network.float()

optimiser = torch.optim.AdamW(network.parameters(), lr=0.002)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.002, total_steps=10)
network(dict(scan, feat=features, coord=scan["coord"].float())).sum().backward()
optimiser.step()
schedule.step()
network.load_state_dict(state)
torch.save(
    {
        "epoch": 3,
        # Half precision keeps the file small; a trained one has single.
        "state_dict": type(state)(
            ("module." + name, value.half() if value.is_floating_point() else value)
            for name, value in state.items()
        ),
        "optimizer": {
            "state": {
                place: {"step": moments["step"], "exp_avg": moments["exp_avg"].flatten()[:8].clone()}
                for place, moments in optimiser.state_dict()["state"].items()
            },
            "param_groups": optimiser.state_dict()["param_groups"],
        },
        "scheduler": schedule.state_dict(),
        "scaler": None,
        "best_metric_value": numpy.float64(0.5),
    },
    os.path.join(here, "distributed.pth"),
)

whole = torch.arange(24, dtype=torch.float32).reshape(4, 6)
views = {
    "whole": whole,
    "transposed": whole.t(),
    "cut": whole[1:3, 2:5],
    "every_other": whole[::2, ::3],
    "parameter": torch.nn.Parameter(whole[0]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "half": torch.tensor([0.5, -2.0, 65504.0]).half(),
    "bfloat": torch.tensor([1.5, -3.0]).bfloat16(),
    "double": torch.tensor([0.1, 1e300], dtype=torch.float64),
    "long": torch.tensor([-5, 1 << 40]),
    "byte": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
}
torch.save(views, os.path.join(here, "views.pth"))

with open(os.path.join(here, "golden.json"), "w") as file:
    json.dump(
        {
            "cells": cells.flatten().tolist(),
            "features": features.flatten().tolist(),
            "scores": scores.flatten().tolist(),
            "views": {
                name: value.detach().float().flatten().tolist()
                for name, value in views.items()
                if name != "double"
            },
        },
        file,
    )


# MARK: files that must be rejected


def archive(name, pickled, entries=None, deflated=False):
    """A zip archive as torch.save lays it out, with this pickle."""
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(os.path.join(refused, name + ".pth"), "w") as file:
        for entry, contents in {
            "archive/data.pkl": pickled,
            "archive/byteorder": b"little",
            **(entries or {}),
        }.items():
            file.writestr(zipfile.ZipInfo(entry, (2020, 1, 1, 0, 0, 0)), contents, method)


start = b"\x80\x02}q\x00"
read = """MARK STOP BININT BININT1 BININT2 LONG1 NONE NEWTRUE NEWFALSE BINFLOAT BINUNICODE
SHORT_BINUNICODE BINBYTES SHORT_BINBYTES EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2
TUPLE3 APPEND APPENDS SETITEM SETITEMS BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET GLOBAL
STACK_GLOBAL BINPERSID REDUCE BUILD PROTO FRAME""".split()
for opcode in pickletools.opcodes:
    if opcode.name not in read:
        archive("instruction " + opcode.name, start + opcode.code.encode("latin1") + b"1\n1\n.")

for module, name in [
    ("os", "system"),
    ("posix", "system"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("subprocess", "Popen"),
    ("torch", "load"),
    ("torch.hub", "load"),
    ("torch.storage", "_load_from_bytes"),
    ("torch._utils", "_rebuild_sparse_tensor"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("operator", "attrgetter"),
]:
    called = b"(X\x02\x00\x00\x00idtR."
    archive(f"{module}.{name}", start + f"c{module}\n{name}\n".encode() + called)
    text = lambda value: b"\x8c" + bytes([len(value)]) + value.encode()  # noqa: E731
    archive(f"{module}.{name} (4)", b"\x80\x04" + text(module) + text(name) + b"\x93)R.")

archive(
    "getattr",
    start + b"c__builtin__\ngetattr\nccollections\nOrderedDict\nX\x05\x00\x00\x00clear\x86R.",
)


class Key:
    """A storage's description, as a pickle's persistent id."""

    def __init__(self, *parts):
        self.parts = parts


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.parts if isinstance(value, Key) else None


def tensor(storage, offset, shape, strides):
    class Rebuilt:
        def __reduce__(self):
            return torch._utils._rebuild_tensor_v2, (storage, offset, shape, strides, False, {})

    import io

    out = io.BytesIO()
    Pickler(out, protocol=2).dump({"weight": Rebuilt()})
    return out.getvalue()


four = Key("storage", torch.FloatStorage, "0", "cpu", 4)
numbers = {"archive/data/0": bytes(16)}
archive("reaches beyond", tensor(four, 1, (2, 2), (2, 1)), numbers)
archive("reaches beyond (strides)", tensor(four, 0, (2, 2), (3, 1)), numbers)
archive("reaches beyond (repeated)", tensor(four, 0, (2, 2, 2), (0, 2, 1)), numbers)
archive("impossible shape", tensor(four, 0, (1 << 40, 1 << 40), (0, 0)), numbers)
archive("impossible shape (negative)", tensor(four, 3, (2,), (-1,)), numbers)
archive("no entry", tensor(Key("storage", torch.FloatStorage, "1", "cpu", 4), 0, (4,), (1,)))
archive(
    "no entry (short)", tensor(Key("storage", torch.FloatStorage, "0", "cpu", 5), 0, (5,), (1,)),
    numbers,
)
archive("compressed", tensor(four, 0, (4,), (1,)), numbers, deflated=True)
archive(
    "endian", tensor(four, 0, (4,), (1,)), {**numbers, "archive/byteorder": b"big"}
)
archive("instead of a dictionary of weights", b"\x80\x02]q\x00.")
archive("has no weights", start + b".")
archive("instead of a tensor", start + b"X\x01\x00\x00\x00aK\x01s.")
archive("from an empty stack", b"\x80\x020\x85."[:2] + b"\x85.")
archive("never stored", b"\x80\x02h\x07.")
archive("unknown pickle instruction", b"\x80\x02\xff.")
archive("protocol 1", b"\x80\x01}.")
with zipfile.ZipFile(os.path.join(refused, "not of torch.save.pth"), "w") as file:
    file.writestr(zipfile.ZipInfo("readme", (2020, 1, 1, 0, 0, 0)), b"")
torch.save(
    {"a": torch.zeros(2)},
    os.path.join(refused, "before 1.6.pth"),
    _use_new_zipfile_serialization=False,
)
