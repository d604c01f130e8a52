"""The hidden layers have no activation, or one that they cannot learn through.

Two layers with nothing but numbers between them are one: without a non-linearity the deepest network is a straight line.
A softmax among the hidden layers makes the units share a total of 1, so that with many units each of them carries
next to nothing. Each sigmoid lets at most a quarter of the gradient through, and a chain of four or more of them, or of tanh
units, leaves little for the first layers. A relu layer of one to three units loses a good part
of all that passes through it when one of them falls silent.

Not this: a single linear layer, which is logistic regression; pooling, recurrent and attention layers, which are not linear;
softmax as weights of an attention; a linear bottleneck in a network that learns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree

KERNELS = (
    *(
        f"{kind}{n}D{way}"
        for kind in ("Conv", "SeparableConv", "DepthwiseConv")
        for n in (1, 2, 3)
        for way in ("", "Transpose")
    ),
    "Dense",
    "EinsumDense",
)
LINEAR = (
    *(
        "InputLayer",
        "Flatten",
        "Reshape",
        "Permute",
        "RepeatVector",
        "Rescaling",
        "Normalization",
        "Embedding",
        "Identity",
    ),
    *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "Activation"),
    *(
        f"{kind}{n}D"
        for kind in ("AveragePooling", "GlobalAveragePooling", "ZeroPadding", "Cropping", "UpSampling")
        for n in (1, 2, 3)
    ),
    *(
        "BatchNormalization",
        "Add",
        "Average",
        "Concatenate",
        "Subtract",
        "ActivityRegularization",
        "Resizing",
        "CenterCrop",
    ),
)
"""Layers that are linear unless they have an activation. Whatever is not among these and `KERNELS` is taken for a non-linearity."""
CONTAINERS = ("Sequential", "Functional", "Model")
MIXING = ("Multiply", "Dot", "Einsum", "Matmul", "Attention", "AdditiveAttention", "MultiHeadAttention")
"""What weighs one thing by another: a softmax before it makes weights that sum to 1, as it should."""
SQUASHING = ("sigmoid", "tanh", "hard_sigmoid", "softsign")
RECURRENT = (
    "LSTM",
    "GRU",
    "SimpleRNN",
    "RNN",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "TimeDistributed",
)
LINEAR_SEVERITY, SHARING_SEVERITY = 0.9, 0.8
"""A straight line may be enough, and a softmax of few units lets a network learn slowly: less than a contradiction."""
WITHOUT_COMPARISON = 0.5
"""The first where nothing tells whether a straight line would be enough, and where not even one is learned: then other faults hold it, too."""
LINE = 0.1
"""Skill that is worth a word: a tenth of the way from the best constant answer to a perfect one."""
CHAIN = 4
"""Layers of sigmoid or tanh in a sample: a fourth power of a quarter is 0.004 (Glorot and Bengio, 2010, saw nets of four such layers stall)."""
HEALTHY, RUINOUS = 1e-2, 1e-4
"""Gradient norm of the first layer over that of the last, as for `vanishing_gradients`."""
NARROW = 3
"""Units of a relu layer so narrow that a silent one is a third of it or more."""
SILENT = 0.45
"""A narrow layer with silent units is a weak point that other faults break: they are named first."""


@cause(
    title="Unsuitable hidden activation",
    family="configuration",
    fix='Give every hidden layer `activation="relu"`, and the output layer alone what the loss needs.',
    brings_about=(
        "vanishing_gradients",
        "insufficient_capacity",
        "constant_prediction",
        "saturated_activations",
        "dead_relu",
    ),
    looks_like=("learning_rate_too_low", "optimizer_unsuited", "too_few_epochs"),
    sources=(
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010, section 3",
        "Nair and Hinton, 'Rectified linear units improve restricted Boltzmann machines', 2010",
        "Lu et al., 'Dying ReLU and Initialization: Theory and Numerical Examples', 2019",
    ),
)
def hidden_activation(
    layers: list[dict[str, Any]],
    model: dict[str, Any] | None = None,
    epochs: np.ndarray | None = None,
    gradient_norm: np.ndarray | None = None,
    dead_fraction: np.ndarray | None = None,
    skill: np.ndarray | None = None,
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
) -> Answer:
    found = [
        finding
        for finding in (
            _no_activation(model, skill, neighbour_skill, ridge_skill),
            _sharing(layers, model),
            _squashed(layers, gradient_norm, epochs),
            _narrow(layers, dead_fraction, epochs),
        )
        if finding is not None
    ]
    if found:
        return max(found, key=lambda finding: finding.weight)
    hidden = layers[: _last_kernel(layers)]
    used = sorted({row["activation"] for row in hidden if row["activation"] not in (None, "linear")})
    return Fine(
        f"{len(hidden)} hidden layers with weights or an activation: {', '.join(used) or 'no activation of their own'}."
    )


def _no_activation(
    model: dict[str, Any] | None, skill: np.ndarray | None, neighbour_skill: float | None, ridge_skill: float | None
) -> Finding | None:
    """Several layers with kernels, and nothing but linear operations up to the last of them."""
    if model is None or model.get("class_name") not in CONTAINERS:
        return None  # the code of a model of one's own may call any function between its layers
    steps = list(_steps(model))
    kernels = [place for place, (name, _, _) in enumerate(steps) if name in KERNELS]
    if len(kernels) < 2:
        return None
    before = steps[: kernels[-1]]
    if any(name not in (*KERNELS, *LINEAR) or activation not in (None, "linear") for name, _, activation in before):
        return None
    names = tuple(steps[place][1] for place in kernels)
    size, told = WITHOUT_COMPARISON, ""
    known = [value for value in (neighbour_skill, ridge_skill) if value is not None and np.isfinite(value)]
    if known and skill is not None and np.isfinite(skill[-3:]).any():
        level, allowed = float(np.nanmean(skill[-3:])), max(known)
        if level >= allowed - LINE:
            return None  # a straight line is all that the inputs allow, as far as known
        told = f"; they reach a skill of {level:.2f}, and the inputs allow {allowed:.2f}"
        if level >= LINE:
            size = LINEAR_SEVERITY
    return Finding(
        size,
        0.8,
        f"No non-linear operation stands between the {len(names)} layers {', '.join(names)}: together they are 1 linear layer{told}.",
        "an activation such as relu in each of the hidden ones.",
        f'Add `activation="relu"` to {", ".join(names[:-1])}.',
        layers=names[:-1],
        edits=tuple(Edit(name, "activation", "relu") for name in names[:-1]),
        picture="layers",
    )


def _sharing(layers: list[dict[str, Any]], model: dict[str, Any] | None) -> Finding | None:
    """A softmax or exponential among the hidden layers."""
    if model is not None and any(name in MIXING for name, _, _ in _steps(model)):
        return None
    for row in layers[: _last_kernel(layers)]:
        if row["activation"] not in ("softmax", "log_softmax", "exponential", "exp") or row.get("class") in RECURRENT:
            continue
        units = f" of {row['units']} units" if row["units"] else ""
        shared = "softmax" in row["activation"]
        return Finding(
            SHARING_SEVERITY if model is None or model.get("class_name") in CONTAINERS else WITHOUT_COMPARISON,
            0.8,
            f"The hidden layer {row['name']}{units} has the activation {row['activation']}: "
            + (
                "its outputs sum to 1 for every row." if shared else "its outputs grow e-fold with each 1 of its input."
            ),
            f"relu there; {row['activation']} belongs to the output, if anywhere.",
            f'`activation="{row["activation"]}"` -> `activation="relu"` in {row["name"]}.',
            layers=(row["name"],),
            edits=(Edit(row["name"], "activation", "relu"),),
            picture="layers",
        )
    return None


def _squashed(
    layers: list[dict[str, Any]], gradient_norm: np.ndarray | None, epochs: np.ndarray | None
) -> Finding | None:
    """A chain of sigmoid or tanh layers along which the gradient fades from the start."""
    chain: list[dict[str, Any]] = []
    longest: list[dict[str, Any]] = []
    for row in layers[: _last_kernel(layers)]:
        if row["activation"] in SQUASHING and row.get("class") not in RECURRENT:
            chain = [*chain, row]
            longest = max(longest, chain, key=len)
        elif row["activation"] not in (None, "linear"):
            chain = []
    if len(longest) < CHAIN or gradient_norm is None or not len(gradient_norm):
        return None
    kernels = [i for i, row in enumerate(layers) if row["initializer"] is not None]
    norms = np.array(gradient_norm, float)[:, kernels]
    measured = np.flatnonzero(np.isfinite(norms).sum(axis=1) > 1)
    if not len(measured):
        return None
    first = norms[measured[0]]
    known = np.flatnonzero(np.isfinite(first))
    ratio = float(first[known[0]] / first[known[-1]]) if first[known[-1]] > 0 else float("nan")
    size = degree(ratio, HEALTHY, RUINOUS)
    if not size:
        return None
    kind = ", ".join(sorted({row["activation"] for row in longest}))
    epoch = int(epochs[measured[0]]) if epochs is not None else 0
    start, end = layers[kernels[known[0]]]["name"], layers[kernels[known[-1]]]["name"]
    return Finding(
        size,
        0.8,
        f"{len(longest)} layers of {kind} stand in a sample, and the gradient norm of {start} is {ratio:.2g} times that of {end} "
        + ("before training." if epoch == 0 else f"after epoch {epoch}."),
        f"a ratio above {HEALTHY:g}, as relu layers keep it.",
        f'`activation="{longest[0]["activation"]}"` -> `activation="relu"` in {longest[0]["name"]} and the {len(longest) - 1} layers behind it.',
        layers=tuple(row["name"] for row in longest),
        edits=tuple(Edit(row["name"], "activation", "relu") for row in longest),
        picture="gradient_norm",
    )


def _narrow(
    layers: list[dict[str, Any]], dead_fraction: np.ndarray | None, epochs: np.ndarray | None
) -> Finding | None:
    """A relu layer of very few units, some of which give 0 for every row."""
    if dead_fraction is None or epochs is None or not len(dead_fraction):
        return None
    dead = np.nan_to_num(np.array(dead_fraction, float))
    narrow = [
        index
        for index, row in enumerate(layers[: _last_kernel(layers)])
        if row["activation"] == "relu" and row["units"] and row["units"] <= NARROW and dead[-1][index] > 0
    ]
    if not narrow:
        return None
    worst = max(narrow, key=lambda index: float(dead[-1][index]))
    units, name, share = layers[worst]["units"], layers[worst]["name"], float(dead[-1][worst])
    alive = np.flatnonzero(dead[:, worst] <= 0)
    since = int(epochs[alive[-1] + 1]) if len(alive) else int(epochs[0])
    return Finding(
        SILENT * (0.6 + 0.4 * share),
        0.8,
        f"The relu layer {name} has {units} unit{'s' if units > 1 else ''}, and {round(share * units)} of them "
        f"give{'s' if round(share * units) == 1 else ''} 0 on every probe sample, since epoch {since}.",
        f"more than {NARROW} units, or an activation that is never silent.",
        f'`activation="relu"` -> `activation="leaky_relu"` in {name}, or give it 16 units.',
        since=since,
        layers=(name,),
        edits=(Edit(name, "activation", "leaky_relu"),),
        picture="dead_fraction",
    )


def _last_kernel(layers: Sequence[dict[str, Any]]) -> int:
    """Index of the output layer, as far as it has a kernel."""
    return max((index for index, row in enumerate(layers) if row["initializer"] is not None), default=0)


def _steps(model: dict[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Class, name and activation of everything that a serialized model does, in its order, nested models opened."""
    config = model.get("config")
    for layer in (config if isinstance(config, dict) else {}).get("layers", []):
        name, inner = str(layer.get("class_name")), layer.get("config") or {}
        if name in CONTAINERS:
            yield from _steps(layer)
            continue
        activation = inner.get("activation") if isinstance(inner, dict) else None
        if isinstance(activation, dict):
            activation = (
                activation.get("config") if isinstance(activation.get("config"), str) else activation.get("class_name")
            )
        yield name, str(inner.get("name", name)) if isinstance(inner, dict) else name, activation
