"""The output layer's activation cannot give what the loss asks for.

A cross-entropy reads the outputs as probabilities. A relu gives 0 for every sample whose
pre-activation is negative: the loss is clipped there and its gradient is 0, so those samples never
teach anything. tanh and linear outputs leave the range from 0 to 1, a softmax over a single unit
is always exactly 1, and an output bounded by sigmoid, tanh, softmax or relu can never reach a
regression target outside its range. Accuracy then stays where the first random weights put it.

Not this: more classes than output units (`output_units`), amounts before a cross-entropy (`loss_mismatch`), a linear output with `from_logits=True` (the loss applies the sigmoid itself), or softmax
with `from_logits=True` on TensorFlow (Keras undoes it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, number
from tb_diagnose.causes._labels import class_count
from tb_diagnose.evidence.keras_config import CROSSENTROPIES, REGRESSION_LOSSES

PROBABILITIES = ("sigmoid", "softmax", "hard_sigmoid", "log_softmax", "sparsemax")
BOUNDS = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, float("inf"))}
REACH = 0.05
"""Share of the targets' range that may lie outside the output's range: label smoothing and rounding."""


@cause(
    title="Output activation that does not fit the loss",
    family="configuration",
    fix="Give the output layer the activation that the loss expects: sigmoid for binary_crossentropy, softmax for "
    "categorical cross-entropies, none for mean_squared_error.",
    brings_about=("constant_prediction", "dead_relu", "exploding_gradients", "vanishing_gradients"),
    looks_like=("learning_rate_too_high", "metric_mismatch"),
    sources=(
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: relu before binary_crossentropy",
        "https://keras.io/api/losses/probabilistic_losses/",
    ),
)
def output_activation(
    output: dict[str, Any],
    loss_function: dict[str, Any],
    label_form: str | None = None,
    label_min: float | None = None,
    label_max: float | None = None,
    label_unique_count: int | None = None,
    label_shape: Sequence[int] = (),
) -> Answer:
    loss, activation, units = loss_function["name"], output["activation"], output["units"]
    described = f"The output layer {output['name']} has {units} unit{'s' if units != 1 else ''} with activation {activation}, before {loss}"
    if activation is None:
        return Fine(f"The output comes from an operation behind {output['name']}: not checked.")
    if loss_function["custom"]:
        return Fine(f"{described}: a loss of your own, not checked.")
    classes = class_count(label_form, label_unique_count, label_max, label_shape)
    if units == 1 and classes is not None and classes > 2:
        return Fine(f"{described}, for {classes} classes: a matter of its units, whatever the activation.")
    if (
        loss in CROSSENTROPIES
        and label_form == "continuous"
        and label_min is not None
        and (label_min < 0 or label_max > 1)
    ):
        return Fine(f"{described}, for amounts from {number(label_min)} to {number(label_max)}: a matter of the loss.")
    here = {"layers": (output["name"],), "picture": "prediction_histogram"}
    if activation == "softmax" and units == 1 and label_form != "continuous":
        return Finding(
            1.0,
            1.0,
            f"{described}. A softmax over one unit gives exactly 1 for every row.",
            "1 unit with sigmoid, or one unit for each class with softmax.",
            **_change(output, units, *_for_one_unit(loss, bool(loss_function["from_logits"]))),
            **here,
        )
    if loss in CROSSENTROPIES:
        wanted = "sigmoid" if loss.startswith("binary") else "softmax"
        logits = ", from_logits=True" if loss_function["from_logits"] else ""
        if loss_function["from_logits"]:
            if activation in ("linear", *PROBABILITIES):
                return Fine(f"{described} (from_logits=True).")
            expected, change = "a linear output, as from_logits=True says.", _change(output, units, "linear")
        elif activation in PROBABILITIES:
            if wanted == "softmax" and activation != "softmax" and units > 1:
                return Finding(
                    0.5,
                    1.0,
                    f"{described}: the {units} outputs do not sum to 1.",
                    "outputs that sum to 1, as softmax gives them.",
                    **_change(output, units, "softmax"),
                    **here,
                )
            return Fine(f"{described}.")
        elif units == 1 and wanted == "softmax":
            # A softmax over one unit gives 1 for every sample: with one unit, the loss is another one as well.
            expected, change = (
                "1 unit with sigmoid, before binary_crossentropy.",
                _change(output, units, "sigmoid", loss),
            )
        else:
            expected, change = f"outputs between 0 and 1, as {wanted} gives them.", _change(output, units, wanted)
        return Finding(1.0, 1.0, f"{described}{logits}: {_harm(activation)}", expected, **change, **here)
    if (
        loss in REGRESSION_LOSSES
        and label_form == "continuous"
        and activation in BOUNDS
        and label_min is not None
        and label_max > label_min
    ):
        low, high = BOUNDS[activation]
        outside = (max(low - label_min, 0) + max(label_max - high, 0)) / (label_max - label_min)
        if outside > REACH:
            return Finding(
                min(2 * outside, 1.0),
                1.0,
                f"{described}. It gives {low:g} to {high:g}; the targets run from {number(label_min)} to {number(label_max)}, "
                f"{outside:.0%} of that range outside.",
                "an output that can reach every target.",
                **_change(output, units, "linear"),
                **here,
            )
    return Fine(f"{described}.")


def _harm(activation: str) -> str:
    if activation == "relu":
        return "it gives 0, with gradient 0, wherever its input is negative, and more than 1 elsewhere."
    return "it gives values below 0 and above 1, which the loss cannot read as probabilities."


def _for_one_unit(loss: str, from_logits: bool) -> tuple[str, str | None]:
    """The activation that one unit needs, and the loss where that must give way, too."""
    if loss in CROSSENTROPIES and not loss.startswith("binary"):
        return "sigmoid", loss
    return "linear" if from_logits and loss in CROSSENTROPIES else "sigmoid", None


def _change(output: dict[str, Any], units: int, activation: str, loss: str | None = None) -> dict[str, Any]:
    """The fix; `loss` is one that gives way to binary_crossentropy."""
    if activation == "linear":
        fix = f'Take the activation off the output layer {output["name"]}: `Dense({units}, activation="{output["activation"]}")` -> `Dense({units})`.'
    else:
        fix = (
            f"Change the activation of the output layer {output['name']}: "
            f'`Dense({units}, activation="{output["activation"]}")` -> `Dense({units}, activation="{activation}")`.'
        )
    edits = [Edit(output["name"], "activation", activation)]
    if loss is not None:
        fix = f'{fix.removesuffix(".")}, and `loss="{loss}"` -> `loss="binary_crossentropy"`.'
        edits.append(Edit("compile", "loss", "binary_crossentropy"))
    return {"fix": fix, "edits": tuple(edits)}
