"""The authors' released code, run as it stands, where they released any.

Nothing of it is copied here: it is read from checkouts below a folder, whose commit does not matter
as long as the sums below fit:

    git clone https://github.com/winycg/CIRKD               (CVPR 2022)
    git clone https://github.com/winycg/HSAKD               (IJCAI 2021)
    git clone https://github.com/roymiles/Simple-Recipe-Distillation
    git clone https://github.com/arcaninez/crld             (CRLD; the goldens were made with the
                                                            same file of scx-822/CRLD-main)
    git clone https://github.com/bermanmaxim/LovaszSoftmax

Their classes want a GPU, images of one size, networks: what stands in for these is below.
"""

import ast
import hashlib
import pathlib
import types
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

import transcribed as own_form
from transcribed import cat, labels, linear

FILES = {
    "CIRKD relation": "CIRKD/losses/cirkd_mini_batch.py",
    "CIRKD channel": "CIRKD/losses/cwd.py",
    "CIRKD scores": "CIRKD/losses/kd.py",
    "HSAKD": "HSAKD/train_student_cifar.py",
    "Simple Recipe": "Simple-Recipe-Distillation/imagenet/torchdistill/losses/single.py",
    "CRLD": "crld/mdistiller/distillers/CRLD.py",
    "Lovász": "LovaszSoftmax/pytorch/lovasz_losses.py",
}


class Released:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def code(self, what):
        """Classes and functions of a file, without its imports and its main program."""
        path = self.folder / FILES[what]
        text = path.read_text()
        tree = ast.parse(text)
        tree.body = [n for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef))]
        for node in tree.body:
            node.decorator_list = []
        base = types.SimpleNamespace(distributed=None)
        scope = {
            "torch": torch, "nn": nn, "F": F, "dist": base, "Variable": lambda x: x,
            "Distiller": object, "filterfalse": None, "mean": None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), scope)
        return scope

    def note(self, what):
        digest = hashlib.sha256((self.folder / FILES[what]).read_bytes()).hexdigest()[:12]
        return f"{FILES[what]} (sha256 {digest}…)"


def without_gpu(function):
    """Runs with tensors that stay where they are, in Float64."""
    def run(*arguments):
        kept = torch.Tensor.cuda, torch.Tensor.float, nn.Module.cuda
        torch.Tensor.cuda = lambda self: self.double()
        torch.Tensor.float = torch.Tensor.double
        nn.Module.cuda = lambda self: self
        try:
            return function(*arguments)
        finally:
            torch.Tensor.cuda, torch.Tensor.float, nn.Module.cuda = kept
    return run


def image(rows):
    """Points of a cloud as the pixels of an image: 1 x channels x points x 1."""
    return rows.T[None, :, :, None]


def relation(code, clouds, own):
    images = [torch.cat([image(c[v]["dec0"]) for c in clouds]) for v in ("student", "teacher")]
    return code["CriterionMiniBatchCrossImagePair"](0.1)(*images)


def channel(code, clouds, own):
    s, t = (torch.cat([image(c[v]["dec0"]) for c in clouds]) for v in ("student", "teacher"))
    criterion = code["CriterionCWD"](s.shape[1], t.shape[1], "channel", "kl", 2.0)
    del criterion.conv.weight
    criterion.conv.weight = own["projector.weight"][:, :, None, None]
    # Where widths differ they divide by the student's channels, not by those that are compared.
    return criterion(s, t) * s.shape[1] / t.shape[1]


def scores(code, clouds, own):
    return code["CriterionKD"](2.0)(
        image(cat(clouds, "student", "logits")), image(cat(clouds, "teacher", "logits")))


def projector(code, clouds, own):
    loss = code["OurDistillationLoss"]("log_bn_corr_4")
    # Its layer is made for 512 channels; ours goes before it.
    loss.embed = nn.Identity()
    width = own["projector.weight"].shape[0]
    loss.bn_s, loss.bn_t = (nn.BatchNorm1d(width, eps=1e-4, affine=False) for _ in range(2))
    projected = linear(cat(clouds, "student", "dec0"), own, "projector")
    return loss.forward_loss(projected, cat(clouds, "teacher", "dec0"))


def cross_view(code, clouds, own):
    """In the numbers for small data; their labels have -100 for none."""
    self = object.__new__(code["CRLD"])
    self.ce_loss_weight, self.wv_loss_weight, self.cv_loss_weight = 1.0, 2.0, 0.5
    self.t, self.tau_w, self.tau_s = 4.0, 0.9, 0.2
    said = lambda weak, strong: lambda view: (cat(clouds, strong if view else weak, "logits"), None)
    self.student, self.teacher = said("student", "strongStudent"), said("teacher", "strongTeacher")
    y = labels(clouds)
    _, losses = self.forward_train(0, 1, torch.where(y < 0, -100, y))
    return sum(losses.values())


def layered(code, clouds, own):
    criterion = code["DistillKL"](3.0)
    return own_form.layered_student(clouds, own, upright=True, criterion=criterion)


def lovasz(code, clouds, own):
    code["mean"] = lambda values: sum(values) / len(values)
    return own_form.lovasz(clouds, own, lambda p, y: code["lovasz_softmax_flat"](p, y))


# What computes a golden of make_goldens.py, and which code of theirs it runs.
ADAPTERS = {
    "relation as released": ("CIRKD relation", relation),
    "channel as released": ("CIRKD channel", channel),
    "soft targets": ("CIRKD scores", scores),
    "projector": ("Simple Recipe", projector),
    "two views": ("CRLD", cross_view),
    "layered student as released": ("HSAKD", layered),
    "Lovász": ("Lovász", lovasz),
}
