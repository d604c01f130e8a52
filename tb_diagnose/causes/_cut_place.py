"""Where a gradient is cut off, and how much that can account for."""

from __future__ import annotations

GATED = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
"""Layers whose saturation is not measured."""
LEAST = 0.6
"""Harm with a small share of the parameters cut off, 1 with all but the output layer's: random features carry a network
some of the way."""


def harm_of_share(share: float) -> float:
    """Harm by the share of the parameters before the output layer that are cut off."""
    return LEAST + (1 - LEAST) * min(share, 1.0)


def look_between(last: str, behind: str | None) -> str:
    """What to look for between the last layer that is cut off and the first one that is not."""
    where = f"behind {last}" if behind is None else f"between {last} and {behind}"
    return (
        f"Look {where}: argmax, round, sign, a comparison, a cast to integers, a numpy call or `stop_gradient` there "
        "cuts the layers before it off; replace it by something smooth, such as softmax for argmax."
    )
