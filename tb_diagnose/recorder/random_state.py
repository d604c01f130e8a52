"""Random states that measuring must leave as they are."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_MEASURING_SEED = 1_718_207_393
"""TensorFlow's seed while something is measured, one that no program is likely to choose: for each pair of seeds,
TensorFlow counts what was drawn, so measuring must not draw with those of the run."""


@contextmanager
def random_state_kept(seed: int = 0) -> Iterator[None]:
    """The state of Python, numpy, TensorFlow and torch as before: generators and custom layers may draw from them.

    Args:
        seed: Within it, TensorFlow draws other values for another one.
    """
    states = random.getstate(), np.random.get_state()
    try:
        with _eager_seeds_kept(seed), _global_generator_kept(), _torch_kept():
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


@contextmanager
def _eager_seeds_kept(seed: int) -> Iterator[None]:
    """The seeds of operations that TensorFlow runs eagerly, as in a model compiled with `run_eagerly=True`."""
    module = _tensorflow_module("tensorflow.python.eager.context")
    seeds: dict[str, Any] = {} if module is None else vars(module.context())
    kept: dict[str, Any] = {name: seeds[name] for name in ("_seed", "_rng") if name in seeds}
    if "_seed" not in kept:  # another version of TensorFlow
        yield
        return
    seeds["_seed"], seeds["_rng"] = _MEASURING_SEED + seed, random.Random(_MEASURING_SEED + seed)
    try:
        yield
    finally:
        del seeds["_rng"]
        seeds.update(kept)


@contextmanager
def _global_generator_kept() -> Iterator[None]:
    """The state of `tf.random.get_global_generator()`, where there is such a generator."""
    module = _tensorflow_module("tensorflow.python.ops.stateful_random_ops")
    state: Any = getattr(getattr(module, "global_generator", None), "state", None)
    if state is None:
        yield
        return
    before = np.array(state.numpy())
    try:
        yield
    finally:
        state.assign(before)


@contextmanager
def _torch_kept() -> Iterator[None]:
    """The states of torch's own generators, where torch was imported already."""
    torch: Any = sys.modules.get("torch")
    if not hasattr(torch, "get_rng_state"):
        yield
        return
    before = torch.get_rng_state()
    on_devices = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    try:
        yield
    finally:
        torch.set_rng_state(before)
        if on_devices is not None:
            torch.cuda.set_rng_state_all(on_devices)


def _tensorflow_module(name: str) -> Any:
    """A module of TensorFlow, where TensorFlow is Keras's backend and was imported already."""
    import keras

    return sys.modules.get(name) if keras.backend.backend() == "tensorflow" else None
