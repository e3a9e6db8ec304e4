"""Golden values of the objectives, in Float64, by NumPy alone.

Written from the papers' formulas without a look at the Swift code: python3 make_goldens.py
rewrites goldens.json beside it. Gradients are central differences of the values; kept of them are
the norm and the inner products with two fixed vectors, which fix factor and direction.
"""

import json
import pathlib

import numpy as np

CLASSES, STUDENT, TEACHER = 5, 4, 6
SIZES = [9, 3, 14, 1, 6]


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def kl(teacher, student):
    """KL(softmax(teacher) || softmax(student)), row by row."""
    p, q = softmax(teacher), softmax(student)
    return (p * (np.log(p) - np.log(q))).sum(axis=-1)


def unit(f):
    return f / np.linalg.norm(f, axis=-1, keepdims=True)


def cross_entropy(clouds, weights=None, smoothing=0.0):
    z = np.concatenate([c["studentLogits"] for c in clouds])
    y = np.concatenate([c["labels"] for c in clouds])
    z, y = z[y >= 0], y[y >= 0]
    w = np.ones(CLASSES) if weights is None else np.array(weights)
    cost = -np.log(softmax(z))
    hard = w[y] * cost[np.arange(len(y)), y]
    soft = (w * cost).sum(axis=1) / CLASSES
    return ((1 - smoothing) * hard + smoothing * soft).sum() / w[y].sum()


def lovasz(clouds):
    total, labelled = 0.0, 0
    for c in clouds:
        keep = c["labels"] >= 0
        p, y = softmax(c["studentLogits"])[keep], c["labels"][keep]
        labelled += len(y)
        losses = []
        for k in np.unique(y):
            hit = (y == k).astype(float)
            error = np.abs(hit - p[:, k])
            order = np.argsort(-error, kind="stable")
            error, hit = error[order], hit[order]
            jaccard = 1 - (hit.sum() - hit.cumsum()) / (hit.sum() + (1 - hit).cumsum())
            jaccard[1:] -= jaccard[:-1].copy()
            losses.append(error @ jaccard)
        if losses:
            total += len(y) * np.mean(losses)
    return total / labelled


def soft_targets(clouds, temperature):
    s = np.concatenate([c["studentLogits"] for c in clouds])
    t = np.concatenate([c["teacherLogits"] for c in clouds])
    return temperature**2 * kl(t / temperature, s / temperature).mean()


def dense_relation(clouds, within, across):
    cloud = np.concatenate([np.full(len(c["labels"]), i) for i, c in enumerate(clouds)])
    s = unit(np.concatenate([c["studentFeatures"] for c in clouds]))
    t = unit(np.concatenate([c["teacherFeatures"] for c in clouds]))
    gap = (s @ s.T - t @ t.T) ** 2
    same = cloud[:, None] == cloud[None, :]
    return within * gap[same].mean() + across * gap[~same].mean()


def cross_sample_relation(clouds, temperature):
    s = [unit(c["studentFeatures"]) for c in clouds]
    t = [unit(c["teacherFeatures"]) for c in clouds]
    return np.mean([
        kl(t[i] @ t[j].T / temperature, s[i] @ s[j].T / temperature).mean()
        for i in range(len(clouds)) for j in range(len(clouds))
    ])


OBJECTIVES = {
    "cross-entropy": cross_entropy,
    "cross-entropy weighted": lambda c: cross_entropy(c, [1, 2, 0.5, 1, 0.25], 0.1),
    "lovasz": lovasz,
    "soft-targets": lambda c: soft_targets(c, 2.0),
    "dense": lambda c: dense_relation(c, 1.0, 0.5),
    "cross-sample": lambda c: cross_sample_relation(c, 0.1),
    "cross-sample flat": lambda c: cross_sample_relation(c, 2.0),
}


def gradient(objective, clouds, step=1e-5):
    """Point by point: logits, then features; clouds in order."""
    result = []
    for c in clouds:
        for row in range(len(c["labels"])):
            for key in ("studentLogits", "studentFeatures"):
                for k in range(c[key].shape[1]):
                    kept = c[key][row, k]
                    c[key][row, k] = kept + step
                    above = objective(clouds)
                    c[key][row, k] = kept - step
                    below = objective(clouds)
                    c[key][row, k] = kept
                    result.append((above - below) / (2 * step))
    return np.array(result)


def main():
    rng = np.random.default_rng(20)
    exact = lambda *shape: rng.normal(size=shape).astype(np.float32).astype(np.float64)
    clouds = []
    for place, n in enumerate(SIZES):
        labels = rng.integers(0, CLASSES, n)
        labels[rng.random(n) < 0.2] = -1
        clouds.append({
            "place": place, "labels": labels, "studentLogits": 2 * exact(n, CLASSES),
            "studentFeatures": exact(n, STUDENT), "teacherLogits": 2 * exact(n, CLASSES),
            "teacherFeatures": exact(n, TEACHER),
        })
    goldens = {}
    for name, objective in OBJECTIVES.items():
        g = gradient(objective, clouds)
        place = np.arange(len(g))
        goldens[name] = {
            "value": objective(clouds), "norm": np.linalg.norm(g),
            "cosine": g @ np.cos(place), "sine": g @ np.sin(place),
        }
    plain = lambda v: v.tolist() if isinstance(v, np.ndarray) else v
    page = {
        "classes": CLASSES,
        "clouds": [{k: plain(v) for k, v in c.items()} for c in clouds], "goldens": goldens,
    }
    path = pathlib.Path(__file__).parent / "goldens.json"
    path.write_text(json.dumps(page, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
