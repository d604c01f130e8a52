"""A few dozen rows, learned by heart."""

from dataclasses import replace

from demo.setups import Setup


def inject(setup: Setup, rows: int = 60, epochs: int = 120) -> Setup:
    """Keeps `rows` training rows and trains for `epochs`."""
    return replace(setup, x=setup.x[:rows], y=setup.y[:rows], epochs=epochs)
