"""The objectives in Float64 PyTorch, written from the papers' formulas without the Swift code.

A mini-batch is a list of clouds: dictionaries of labels, cells, positions, turn, pooled (the coarse
row of each point), and what each voice says: student, teacher, strongStudent, strongTeacher,
average, which map logits and taps to tensors, and the teacher's heads. `own` maps the objective's
parameters to tensors. Every function gives the loss of the whole mini-batch.
"""

import math

import torch
import torch.nn.functional as F

TAPS = ["enc0", "enc1", "dec0"]


def cat(clouds, voice, what):
    return torch.cat([c[voice][what] for c in clouds])


def labels(clouds):
    return torch.cat([c["labels"] for c in clouds])


def kl(teacher, student, t=1.0, dim=1):
    p, q = F.log_softmax(teacher / t, dim), F.log_softmax(student / t, dim)
    return (p.exp() * (p - q)).sum(dim)


def linear(x, own, path):
    return x @ own[path + ".weight"].T + own.get(path + ".bias", 0)


# Task and scores.


def cross_entropy(clouds, own, weights=None, smoothing=0.0):
    z, y = cat(clouds, "student", "logits"), labels(clouds)
    z, y = z[y >= 0], y[y >= 0]
    w = torch.ones(z.shape[1]) if weights is None else torch.tensor(weights)
    cost = -F.log_softmax(z, 1)
    hard = w[y] * cost[torch.arange(len(y)), y]
    return ((1 - smoothing) * hard + smoothing * (w * cost).mean(1)).sum() / w[y].sum()


def lovasz_of_cloud(p, y):
    losses = []
    for k in y.unique():
        hit = (y == k).to(p.dtype)
        error, order = (hit - p[:, k]).abs().sort(descending=True, stable=True)
        hit = hit[order]
        jaccard = 1 - (hit.sum() - hit.cumsum(0)) / (hit.sum() + (1 - hit).cumsum(0))
        losses.append(error @ torch.diff(jaccard, prepend=torch.zeros(1)))
    return sum(losses) / len(losses)


def lovasz(clouds, own, of_cloud=lovasz_of_cloud):
    total, points = 0.0, 0
    for c in clouds:
        keep = c["labels"] >= 0
        if keep.any():
            p = c["student"]["logits"].softmax(1)[keep]
            total, points = total + len(p) * of_cloud(p, c["labels"][keep]), points + len(p)
    return total / points


def soft_targets(clouds, own, t=2.0, scaled=True):
    z = kl(cat(clouds, "teacher", "logits"), cat(clouds, "student", "logits"), t)
    return (t * t if scaled else 1) * z.mean()


def correlations(p, q):
    """Pearson's, of each column; and which columns of q vary."""
    p, q = p - p.mean(0), q - q.mean(0)
    p_square, q_square = (p**2).mean(0), (q**2).mean(0)
    return (p * q).mean(0) / ((p_square + 1e-10) * (q_square + 1e-10)) ** 0.5, q_square > 1e-10


def correlation(clouds, own, classes=1.0, points=0.0, t=1.0):
    p, q = ((cat(clouds, v, "logits") / t).softmax(1) for v in ("student", "teacher"))
    by_class, varied = correlations(p, q)
    return classes * (1 - by_class[varied].mean()) + points * (1 - correlations(p.T, q.T)[0].mean())


# Relations.


def rarity(c, tap, balance):
    """(share of a row's class in its cloud)^-balance; the class is the teacher's, or its majority."""
    said = c["teacher"]["logits"].argmax(1).tolist()
    if tap == "enc1":
        members = [[k for k, row in zip(said, c["pooled"]) if row == place] for place in range(len(c["coarse"]))]
        said = [max(sorted(set(own)), key=own.count) for own in members]
    return torch.tensor([(said.count(k) / len(said)) ** -balance for k in said])


def balanced(clouds, tap, balance):
    """Weights that sum to one, and student's and teacher's rows minus their weighted means."""
    w = torch.cat([rarity(c, tap, balance) for c in clouds])
    w = (w / w.sum())[:, None]
    s, t = (cat(clouds, v, tap) for v in ("student", "teacher"))
    return w, s - (w * s).sum(0), t - (w * t).sum(0)


def alignment(clouds, own, taps={"enc0": 1.0}, balance=0.5):
    loss = 0
    for tap, weight in taps.items():
        w, s, t = balanced(clouds, tap, balance)
        square = lambda x, y: (((w * x).T @ y) ** 2).sum()
        loss = loss + weight * (1 - square(t, s) / (square(s, s) * square(t, t)) ** 0.5)
    return loss / sum(taps.values())


def readout(clouds, own, taps={"enc0": 1.0}, balance=0.5, ridge=0.01):
    loss = 0
    for tap, weight in taps.items():
        w, s, t = balanced(clouds, tap, balance)
        square = (w * s).T @ s
        lam = ridge * square.trace() / s.shape[1]
        best = torch.linalg.solve(square + lam * torch.eye(s.shape[1]), (w * s).T @ t)
        left = (w * (t - s @ best) ** 2).sum() + lam * (best**2).sum()
        loss = loss + weight * left / (w * t**2).sum()
    return loss / sum(taps.values())


def dense(clouds, own, within=1.0, across=1.0):
    place = torch.cat([torch.full((len(c["labels"]),), i) for i, c in enumerate(clouds)])
    s, t = (F.normalize(cat(clouds, v, "dec0")) for v in ("student", "teacher"))
    gap, same = (s @ s.T - t @ t.T) ** 2, place[:, None] == place[None, :]
    return within * gap[same].mean() + across * gap[~same].mean()


def cross_sample(clouds, own, t=0.1):
    s, w = ([F.normalize(c[v]["dec0"]) for c in clouds] for v in ("student", "teacher"))
    pairs = [(i, j) for i in range(len(s)) for j in range(len(s))]
    return torch.stack([kl(w[i] @ w[j].T, s[i] @ s[j].T, t).mean() for i, j in pairs]).mean()


def cylinder(p, cells, span):
    """Voxel, super-voxel and how far out it reaches, of each point."""
    r = p[:, :2].norm(dim=1)
    z = p[:, 2] - p[:, 2].min()
    turn = torch.atan2(p[:, 1], p[:, 0]) % (2 * math.pi) / (2 * math.pi)
    share = torch.stack([r / r.max(), turn, z / z.max() if z.max() > 0 else z], 1)
    cell = (share * torch.tensor(cells)).long().minimum(torch.tensor(cells) - 1)
    box = cell // torch.tensor(span)
    return cell, box, ((box[:, 0] + 1) * span[0] / cells[0]).clamp(max=1)


def cubes(p, side, division):
    low, size = p.min(0).values, p.max(0).values - p.min(0).values
    most = ((size / side).long() + 1) * division - 1
    cell = ((p - low) / (side / division)).long().minimum(most)
    box = cell // division
    edge = box * side - size / 2
    far = edge.abs().maximum((edge + side).abs())[:, :2].norm(dim=1)
    radius = size[:2].norm() / 2
    return cell, box, (far / radius).clamp(max=1) if radius > 0 else torch.ones(len(p))


def super_voxels(c, grid, **shape):
    """Of a cloud: rows, rows of each voxel, and weight ((1 - C_cur / C_tot) / N_v) (D / R)."""
    cell, box, reach = (cylinder if grid == "cylindrical" else cubes)(c["positions"], **shape)
    found = {}
    for row, key in enumerate(map(tuple, box.tolist())):
        one = found.setdefault(key, {"rows": [], "voxels": {}, "weight": reach[row].item()})
        one["rows"].append(row)
        one["voxels"].setdefault(tuple(cell[row].tolist()), []).append(row)
    y = c["labels"].tolist()
    for one in found.values():
        own = [y[r] for r in one["rows"]]
        # The most frequent class, the smaller among equals; to have no label comes last.
        best = max(set(own), key=lambda k: (own.count(k), k >= 0, -k))
        share = y.count(best) / len(y)
        one["weight"] *= (1 - share if share < 1 else 1) / len(found)
        one["voxels"] = list(one["voxels"].values())
    return list(found.values())


def affinity(x, form, weight):
    if form == "cosine":
        return F.normalize(x) @ F.normalize(x).T
    return weight * ((x[:, None] - x[None, :]) ** 2).sum(2)


def super_voxel(clouds, own, form="cosine", point=1.0, voxel=1.0, **grid):
    total = 0.0
    for c in clouds:
        found = super_voxels(c, **grid)
        for one in found:
            def gap(pick):
                s, t = (affinity(pick(c[v]["dec0"]), form, one["weight"]) for v in ("student", "teacher"))
                return ((s - t) ** 2).mean()
            points = gap(lambda x: x[one["rows"]])
            voxels = gap(lambda x: torch.stack([x[rows].mean(0) for rows in one["voxels"]]))
            total = total + (point * points + voxel * voxels) / len(found)
    return total / len(clouds)


# Features.


def channel(clouds, own, t=2.0):
    return t * t * torch.stack([
        kl(c["teacher"]["dec0"], linear(c["student"]["dec0"], own, "projector"), t, 0).mean()
        for c in clouds]).mean()


def batch_norm(x):
    return (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-4).sqrt()


def row_norm(groups):
    return lambda x: F.group_norm(x, groups, eps=1e-4)


def projector(clouds, own, exponent=4, norm=batch_norm):
    s = norm(linear(cat(clouds, "student", "dec0"), own, "projector"))
    gap = s - norm(cat(clouds, "teacher", "dec0"))
    return ((gap.abs() ** exponent).sum() + 1e-5).log()


def stages(clouds, own, weights=None):
    weights = weights or {tap: 1.0 for tap in TAPS}
    return sum(
        w * ((linear(cat(clouds, "student", tap), own, f"projectors.{tap}")
              - cat(clouds, "teacher", tap)) ** 2).mean()
        for tap, w in weights.items()) / sum(weights.values())


def regions(clouds, own, by_class=False, **grid):
    gaps = []
    for c in clouds:
        for one in super_voxels(c, **grid):
            kinds = {}
            for row in one["rows"]:
                kinds.setdefault(c["labels"][row].item() if by_class else 0, []).append(row)
            for rows in kinds.values():
                s, t = (c[v]["dec0"][rows].mean(0, keepdim=True) for v in ("student", "teacher"))
                gaps.append(((linear(s, own, "projector") - t) ** 2).mean())
    return torch.stack(gaps).mean()


# Two views.


def cross_view(clouds, own, l_ce=1.0, l_wv=2.0, l_cv=0.5, t=4.0, weak=0.9, strong=0.2, by_view=False):
    names = ("student", "strongStudent", "teacher", "strongTeacher")
    sw, ss, tw, ts = (cat(clouds, v, "logits") for v in names)
    mw = (tw.softmax(1).amax(1) >= weak).to(sw.dtype)
    ms = (ts.softmax(1).amax(1) >= strong).to(sw.dtype)
    kd = lambda s, w: t * t * kl(w, s, t)
    ce = lambda z: F.cross_entropy(z, labels(clouds), ignore_index=-1)
    first, second = (ms, mw) if by_view else (mw, ms)
    return (l_ce * (ce(sw) + ce(ss)) + l_wv * (kd(sw, tw) * mw + kd(ss, ts) * first).mean()
            + l_cv * (kd(ss, tw) * second + kd(sw, ts) * ms).mean())


# Layers.


def head(x, own, tap):
    path = f"auxiliary.{tap}."
    x = F.layer_norm(x, x.shape[1:], own[path + "norm.weight"][0], own[path + "norm.bias"][0], 1e-5)
    return linear(F.gelu(linear(x, own, path + "hidden")), own, path + "classes")


def heads(clouds, own, tap, voice="student"):
    return head(cat(clouds, voice, tap), own, tap)


def joint(clouds, tap):
    """4 y + r of each row, y the most frequent label of its points; -1 where none has any."""
    found = []
    for c in clouds:
        groups = [[i] for i in range(len(c["labels"]))]
        if tap.endswith("1"):
            groups = [[i for i, row in enumerate(c["pooled"]) if row == r] for r in range(max(c["pooled"]) + 1)]
        for rows in groups:
            y = [k for k in c["labels"][rows].tolist() if k >= 0]
            found.append(4 * min(set(y), key=lambda k: (-y.count(k), k)) + c["turn"] if y else -1)
    return torch.tensor(found)


def layered_heads(clouds, own, taps=TAPS):
    return sum(F.cross_entropy(heads(clouds, own, tap), joint(clouds, tap), ignore_index=-1) for tap in taps)


def divergence(t):
    return lambda student, teacher: t * t * kl(teacher, student, t).mean()


def layered_student(clouds, own, t=3.0, upright=False, taps=("enc1", "dec0"), criterion=None):
    criterion = criterion or divergence(t)
    y = torch.cat([c["labels"] if c["turn"] == 0 or not upright else torch.full_like(c["labels"], -1) for c in clouds])
    z = cat(clouds, "student", "logits")
    loss = F.cross_entropy(z, y, ignore_index=-1) + criterion(z, cat(clouds, "teacher", "logits"))
    for tap in taps:
        loss = loss + criterion(heads(clouds, own, tap), torch.cat([c["heads"][tap] for c in clouds]))
    return loss


def carried(clouds, values, source, tap):
    """Values of the rows at one tap as another has them: means of the points, or the voxel's own."""
    if source[-1] == tap[-1]:
        return values
    result, start = [], 0
    for c in clouds:
        rows = torch.tensor(c["pooled"])
        if source.endswith("0"):
            own = values[start:start + len(rows)]
            result += [own[rows == r].mean(0) for r in range(max(c["pooled"]) + 1)]
            start += len(rows)
        else:
            result += list(values[start:start + max(c["pooled"]) + 1][rows])
            start += max(c["pooled"]) + 1
    return torch.stack(result)


def layered_self(clouds, own, t=3.0, average=False, taps=TAPS, l_f=1.0):
    last = taps[-1]
    loss = F.cross_entropy(cat(clouds, "student", "logits"), labels(clouds), ignore_index=-1)
    loss = loss + layered_heads(clouds, own, taps)
    mean = {name: 0.75 * p.detach() for name, p in own.items()}
    told = heads(clouds, own, last).detach()
    for tap in taps:
        target = heads(clouds, mean, tap, "average") if average else carried(clouds, told, last, tap)
        if average or tap != last:
            loss = loss + divergence(t)(heads(clouds, own, tap), target)
        if l_f > 0 and tap != last:
            wanted = carried(clouds, cat(clouds, "student", last).detach(), last, tap)
            gap = linear(cat(clouds, "student", tap), own, f"projectors.{tap}") - wanted
            loss = loss + l_f * (gap**2).mean()
    return loss
