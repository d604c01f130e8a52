"""Hidden layers with `trainable = False`, as they were drawn."""

from dataclasses import replace
from typing import Any

from demo.arrays import LAYERS
from demo.setups import Setup

LEVELS = ({"share": 0.5, "depth": 0}, {"share": 1.0, "depth": 0}, {"share": 1.0, "depth": 3})
SHOWN_ON = ("threshold_logits", "regression")


def inject(setup: Setup, share: float = 1.0, depth: int = 3) -> Setup:
    """Freezes a share of the hidden layers, the first ones first, behind `depth` more of four units each.

    Args:
        setup: A setup that learns.
        share: Share of the hidden layers that are frozen.
        depth: Layers added at the end.
    """

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        found = [*setup.hidden(changed), *(layers.Dense(4, activation="relu") for _ in range(depth))]
        weighted = [
            layer for layer in found if hasattr(layer, "kernel_initializer") or hasattr(layer, "embeddings_initializer")
        ]
        for layer in weighted[: max(round(share * len(weighted)), 1)]:
            layer.trainable = False
        return found

    return replace(setup, hidden=hidden)


def rows(*given: tuple[int, bool]) -> list[dict[str, Any]]:
    """Layers with so many parameters, trainable or not."""
    return [
        {**LAYERS[i], "class": "Dense", "parameters": count, "trainable": on} for i, (count, on) in enumerate(given)
    ]


DRAWN = {"std": 0.1414, "fan_in": 50, "fan_out": 50, "alike": False, "bias": 0.0}
STATISTICS = {
    "name": "norm",
    "class": "Normalization",
    "initializer": None,
    "units": None,
    "activation": None,
    "parameters": 61,
    "trainable": False,
}
EMBEDDING = {**STATISTICS, "name": "embedding", "class": "Embedding", "parameters": 16_000}


def stock(*trainable: bool) -> list[dict[str, Any]]:
    """Layers of a stock Keras log, which tells of weights and not how many."""
    return [{**LAYERS[i], "class": "Dense", "weighted": True, "trainable": on} for i, on in enumerate(trainable)]


SICK = [
    dict(layers=rows((400, False), (72, False), (9, False))),
    dict(layers=rows((400, False), (72, False), (9, True))),
    dict(layers=rows((400, False), (72, True), (9, True)), initial_weights=[DRAWN, DRAWN, DRAWN]),
    dict(layers=rows((400, False), (72, True), (9, True)), initial_weights=[{**DRAWN, "std": 0.5}, DRAWN, DRAWN]),
    dict(layers=stock(False, False)),  # a log that does not count parameters
    dict(layers=[{**EMBEDDING, "trainable": False}, *rows((400, True), (72, True), (9, True))]),
]
HEALTHY = [
    dict(layers=rows((400, True), (72, True), (9, True))),
    dict(layers=[STATISTICS, *rows((400, True), (72, True), (9, True))]),
    dict(layers=rows((0, False), (72, True), (9, True))),
    dict(layers=stock(True, True)),
    dict(layers=[{**STATISTICS, "parameters": 0}]),
]
