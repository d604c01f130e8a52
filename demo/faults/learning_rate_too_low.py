"""A learning rate a ten-thousandth as high."""

from dataclasses import replace

from demo.setups import Setup


def inject(setup: Setup, factor: float = 1e-4) -> Setup:
    """Multiplies the learning rate by `factor`."""
    return replace(setup, learning_rate=setup.learning_rate * factor)
