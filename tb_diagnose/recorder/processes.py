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


def is_alone() -> bool:
    """Whether this process trains alone: others would wait for whatever it trains by itself."""
    distributed, jax = _torch_distributed(), _jax()
    return (
        (distributed is None or distributed.get_world_size() == 1)
        and (jax is None or jax.process_count() == 1)
        and len(_workers(os.environ.get("TF_CONFIG", ""))) < 2
    )


def _torch_rank() -> int:
    distributed = _torch_distributed()
    return 0 if distributed is None else int(distributed.get_rank())


def _torch_distributed() -> Any:
    """The module, where processes are joined by it; None otherwise."""
    distributed: Any = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed


def _jax_index() -> int:
    jax = _jax()
    return 0 if jax is None else int(jax.process_index())


def _jax() -> Any:
    """The module, where it is Keras's backend; None otherwise."""
    keras: Any = sys.modules.get("keras")  # a program that has none is not made to import it
    if not hasattr(keras, "backend"):
        return None
    # Asking JAX makes it take its devices, which a program on another backend may not want.
    return sys.modules.get("jax") if keras.backend.backend() == "jax" else None


def _workers(config: str) -> list[str]:
    """Addresses of those that train, in `TF_CONFIG`."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        cluster = json.loads(config)["cluster"]
        return [*cluster.get("chief", []), *cluster.get("worker", [])]
    return []


def _is_first_worker(config: str) -> bool:
    """Whether `TF_CONFIG` names the chief: the task of that type, or where there is none the first worker."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(config)
        cluster, task = told["cluster"], told["task"]
        if len(_workers(config)) > 1:
            chief = "chief" if "chief" in cluster else "worker"
            return bool(task["type"] == chief and int(task["index"]) == 0)
    return True
