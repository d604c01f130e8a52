"""The hidden layers have no activation, or one that they cannot learn through.

Two layers with nothing but numbers between them are one: without a non-linearity the deepest network is a straight
line. A softmax among the hidden layers makes the units share a total of 1, so that with many units each of them carries
next to nothing. Each sigmoid lets at most a quarter of the gradient through, and a chain of four or more of them, or of
tanh units, leaves little for the first layers. A relu layer of one to three units loses a good part of all that passes
through it when one of them falls silent.

Not this: a single linear layer, which is logistic regression; pooling, recurrent and attention layers, which are not
linear; softmax as weights of an attention; a linear bottleneck in a network that learns; what a body that was trained
elsewhere, and is frozen, is made of.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Fine, cause
from tb_diagnose.causes._frozen import learned_elsewhere
from tb_diagnose.causes._heaviest import heaviest
from tb_diagnose.causes._hidden_layers import hidden_layers, is_described
from tb_diagnose.causes._hidden_linear import may_be_linear, no_activation
from tb_diagnose.causes._hidden_narrow import narrow_chain, narrow_relu
from tb_diagnose.causes._hidden_softmax import softmax_inside
from tb_diagnose.causes._hidden_squashing import squashing_chain
from tb_diagnose.causes._wording import plural


@cause(
    title="Unsuitable hidden activation",
    family="configuration",
    fix='Give every hidden layer `activation="relu"`, and the output layer alone what the loss needs.',
    brings_about=("vanishing_gradients", "constant_prediction", "saturated_activations", "dead_relu"),
    looks_like=("learning_rate_too_low", "optimizer_unsuited", "too_few_epochs"),
    sources=(
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010",
        "Nair and Hinton, 'Rectified linear units improve restricted Boltzmann machines', 2010",
        "Klambauer et al., 'Self-Normalizing Neural Networks', 2017",
        "Lu et al., 'Dying ReLU and Initialization: Theory and Numerical Examples', 2019",
    ),
    one_output=True,
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
    initial_weights: list[dict[str, Any] | None] | None = None,
) -> Answer:
    hidden, given = hidden_layers(layers), learned_elsewhere(layers, initial_weights)
    trouble = heaviest(
        (
            no_activation(layers, model, skill, neighbour_skill, ridge_skill),
            softmax_inside(layers, model, given),
            squashing_chain(layers, gradient_norm, epochs, given),
            narrow_relu(layers, dead_fraction, epochs, model, given),
            narrow_chain(layers, model, given),
        )
    )
    if trouble is not None:
        return trouble
    if not hidden:
        return DoesNotApply("No hidden layers with weights or an activation.")
    if model is not None and not is_described(model) and may_be_linear(layers):
        name = model.get("class_name")
        return DoesNotApply(f"The code of {name} may call any function between its layers: not checked.")
    used = sorted({row["activation"] for row in hidden if row["activation"] not in (None, "linear")})
    counted = plural(len(hidden), "hidden layer")
    return Fine(
        f"{counted} with weights or an activation: {', '.join(used) or 'no activation in the layers themselves'}."
    )
