"""Validation inputs that are left on another scale, or are shifted, against the training inputs."""

from dataclasses import replace

import numpy as np

from demo.setups import NotApplicable, Setup

LEVELS = ({"factor": 0.2}, {"shift": 3.0}, {"factor": 0.004})
SHOWN_ON = ("digits_cnn", "digits_dense", "tabular_classes")


def inject(setup: Setup, factor: float = 1.0, shift: float = 0.0) -> Setup:
    """Multiplies validation inputs, and moves them by standard deviations of the training inputs."""
    x, y = setup.validation
    if x.dtype.kind != "f":
        raise NotApplicable("The inputs are ids: they have no scale.")
    return replace(setup, validation=((x * factor + shift * setup.x.std()).astype(x.dtype), y))


def _statistics(values: np.ndarray, prefix: str = "") -> dict[str, list[float]]:
    functions = {"min": np.min, "max": np.max, "mean": np.mean, "std": np.std}
    return {f"{prefix}input_{name}": function(values, axis=0).tolist() for name, function in functions.items()}


_RNG = np.random.default_rng(0)
_TRAINING = _RNG.normal(size=(500, 4))
_VALIDATION = _RNG.normal(size=(100, 4))


def _pair(validation: np.ndarray) -> dict[str, object]:
    return {
        **_statistics(_TRAINING),
        **_statistics(validation, "validation_"),
        "validation_sample_count": len(validation),
    }


SICK = [_pair(_VALIDATION * 255), _pair(_VALIDATION + 3), _pair(_VALIDATION / 8)]
HEALTHY = [_pair(_VALIDATION), _pair(_VALIDATION * 1.3 + 0.1)]
