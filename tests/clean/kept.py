"""Checkpoints that can be told from one another, for the tests and for the processes that they start."""

from __future__ import annotations

import numpy as np

from dsa110_vis.clean.checkpoints import Store


def pixels(seed, count=400, side=64):
    """A model with components at random places, and a mask of a box."""
    random = np.random.default_rng(seed)
    model = np.zeros((1, 1, 1, side, side), np.float32)
    model.reshape(-1)[random.choice(model.size, count, replace=False)] = random.normal(size=count)
    mask = np.zeros((1, 1, side, side), bool)
    mask[..., seed % side :, 3:9] = True
    return [model], [mask]


def begin(folder, **more):
    """A session without a checkpoint."""
    return Store.create(folder, {"niter": 100, "cell": ["2arcsec"]}, {"versions": {"numpy": "2"}}, **more)


def add(store, seed, **entry):
    """Add a checkpoint that knows what was put into it."""
    return store.add({"kind": "cycle", "seed": seed, **entry}, *pixels(seed), [{"peak_inside": 1 / 3, "seed": seed}])


def same(found, wanted):
    """Whether arrays are the same in every bit."""
    return all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(found, wanted, strict=True)
    )


def is_whole(store, ident):
    """Whether what a checkpoint has is what `add` put there."""
    wanted = pixels(store.entry(ident)["seed"])
    return all(same(*pair) for pair in zip(store.load(ident), wanted, strict=True))
