"""Which of several processes that train one model together writes its events: one run, one event file."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any


def is_chief() -> bool:
    """Whether this process writes; true where it trains alone.

    Asked are the engines themselves: `torch.distributed`, JAX, and `TF_CONFIG`, which TensorFlow's strategies for
    several workers read.
    """
    return _torch_rank() == 0 and _jax_index() == 0 and _is_first_worker(os.environ.get("TF_CONFIG", ""))


def _torch_rank() -> int:
    distributed: Any = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return 0
    return int(distributed.get_rank())


def _jax_index() -> int:
    keras: Any = sys.modules.get("keras")  # a program that has none is not made to import it
    if not hasattr(keras, "backend"):
        return 0
    # Asking JAX makes it take its devices, which a program on another backend may not want.
    jax: Any = sys.modules.get("jax") if keras.backend.backend() == "jax" else None
    return 0 if jax is None else int(jax.process_index())


def _is_first_worker(config: str) -> bool:
    """Whether `TF_CONFIG` names the chief: the task of that type, or where there is none the first worker."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(config)
        cluster, task = told["cluster"], told["task"]
        if len(cluster.get("worker", [])) + len(cluster.get("chief", [])) > 1:
            chief = "chief" if "chief" in cluster else "worker"
            return bool(task["type"] == chief and int(task["index"]) == 0)
    return True
