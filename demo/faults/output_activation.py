"""A relu at the output: half of the answers are stuck at 0."""

from dataclasses import replace

from demo.setups import Setup


def inject(setup: Setup) -> Setup:
    """Needs a setup with a cross-entropy."""
    return replace(setup, activation="relu")
