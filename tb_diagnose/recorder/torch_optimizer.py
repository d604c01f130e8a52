"""An optimizer of PyTorch's own, which a loop may use under Keras."""

from __future__ import annotations

from typing import Any

from tb_diagnose.evidence import keras_config

SETTINGS = ("momentum", "weight_decay", "nesterov")
"""Settings that Keras's optimizers call the same."""


def is_one(optimizer: Any) -> bool:
    """Whether it is an optimizer of PyTorch."""
    return isinstance(getattr(optimizer, "param_groups", None), list)


def fact(optimizer: Any) -> dict[str, Any]:
    """The fact `optimizer`, from the first group of parameters."""
    group = optimizer.param_groups[0]
    settings = {name: group[name] for name in SETTINGS if isinstance(group.get(name), (int, float))}
    name = keras_config.snake_case(type(optimizer).__name__)
    return {"name": name, "config": {"learning_rate": learning_rate(optimizer), **settings}}


def learning_rate(optimizer: Any) -> float:
    """Learning rate of the first group of parameters."""
    return float(optimizer.param_groups[0]["lr"])


def iterations(optimizer: Any) -> int | None:
    """Steps taken; None for an optimizer that does not count them, such as SGD."""
    counts = [int(state["step"]) for state in optimizer.state.values() if "step" in state]
    if counts:
        return max(counts)
    counting = "betas" in optimizer.defaults or "lr_decay" in optimizer.defaults or "rho" in optimizer.defaults
    return 0 if counting and not optimizer.state else None
