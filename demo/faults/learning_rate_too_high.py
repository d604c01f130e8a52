"""A learning rate a thousand times as high."""

from dataclasses import replace

from demo.setups import Setup


def inject(setup: Setup, factor: float = 1000.0) -> Setup:
    """Multiplies the learning rate by `factor`."""
    return replace(setup, learning_rate=setup.learning_rate * factor)
