"""A place to train in that leaves no trace: random states, Keras's counters of names and `autolog` are as before."""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tb_diagnose.recorder import fit_hook
from tb_diagnose.recorder.guard import unheard
from tb_diagnose.recorder.random_state import random_state_kept


@contextmanager
def isolated(seed: int) -> Iterator[None]:
    """Within it, everything that is drawn begins with a seed; afterwards all random states are what they were.

    `keras.utils.set_random_seed` is not used: it clears TensorFlow's kernels, which hold a state that nothing can read
    or put back.

    Args:
        seed: From 0.
    """
    with random_state_kept(seed), _keras_state_kept(seed), fit_hook.not_automatic(), unheard(), _tensorflow_silent():
        random.seed(seed)
        np.random.seed(seed)
        torch: Any = sys.modules.get("torch")
        if hasattr(torch, "manual_seed"):
            torch.manual_seed(seed)
        yield


@contextmanager
def _tensorflow_silent() -> Iterator[None]:
    """Within it, TensorFlow does not say that functions are traced often: each copy has its own."""
    logger = logging.getLogger("tensorflow")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _keras_state_kept(seed: int) -> Iterator[None]:
    """Keras's own seed, its generator, and the counters that name layers: the next layer of the program is `dense_1`
    with and without a trial before it."""
    from keras.src.backend.common import global_state

    new = {"global_random_seed": seed, "global_seed_generator": None}
    names = global_state.get_global_attribute("object_name_uids")
    new["object_name_uids"] = None if names is None else names.copy()
    before = {name: global_state.get_global_attribute(name) for name in new}
    try:
        for name, value in new.items():
            global_state.set_global_attribute(name, value)
        yield
    finally:
        for name, value in before.items():
            global_state.set_global_attribute(name, value)
