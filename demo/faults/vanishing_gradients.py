"""Ten sigmoid layers one behind the other."""

from dataclasses import replace
from typing import Any

from demo.setups import Setup


def inject(setup: Setup, depth: int = 10) -> Setup:
    """Puts `depth` sigmoid layers behind the hidden ones."""

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        return [*setup.hidden(changed), *(layers.Dense(16, activation="sigmoid") for _ in range(depth))]

    return replace(setup, hidden=hidden)
