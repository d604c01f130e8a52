"""The output layer's activation cannot give what the loss asks for.

A cross-entropy reads the outputs as probabilities. A relu gives 0 for every sample whose pre-activation is negative:
the loss is clipped there and its gradient is 0, so those samples never teach anything. tanh and linear outputs leave
the range from 0 to 1, a softmax over a single unit is always exactly 1, and an output that is bounded by sigmoid, tanh,
softmax or relu can never reach a regression target outside its range. Accuracy then stays where the first random
weights put it. With `from_logits=True` the loss applies the sigmoid or softmax itself; behind another one, both are
applied.

Not this: more classes than output units (`output_units`), continuous targets before a cross-entropy (`loss_mismatch`),
a linear output with `from_logits=True`, or softmax with `from_logits=True` in a loss of Keras on TensorFlow, which
undoes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Fine, cause, number
from tb_diagnose.causes._head import head_of
from tb_diagnose.causes._labels import class_count
from tb_diagnose.causes._output_checks import (
    Output,
    out_of_reach,
    over_one_unit,
    read_as_logits,
    shared_among_classes,
    squashed_twice,
    unreadable,
)
from tb_diagnose.causes._wording import plural
from tb_diagnose.evidence.keras_config import CROSSENTROPIES

CHECKS = (over_one_unit, squashed_twice, unreadable, shared_among_classes, out_of_reach)


@cause(
    title="Output activation that does not fit the loss",
    family="configuration",
    fix="Give the output layer the activation that the loss expects: sigmoid for binary_crossentropy, softmax for "
    "categorical cross-entropies, none for mean_squared_error.",
    brings_about=("constant_prediction", "dead_relu", "exploding_gradients", "vanishing_gradients"),
    looks_like=("learning_rate_too_high", "too_few_epochs"),
    sets_ceiling=True,
    sources=(
        "https://geeksmental.com/question/why-does-accuracy-remain-the-same: relu before binary_crossentropy",
        "https://keras.io/api/losses/probabilistic_losses/",
    ),
)
def output_activation(
    output: dict[str, Any],
    loss_function: dict[str, Any] | None = None,
    training_step: dict[str, Any] | None = None,
    label_form: str | None = None,
    label_min: float | None = None,
    label_max: float | None = None,
    label_unique_count: int | None = None,
    label_shape: Sequence[int] = (),
    environment: dict[str, Any] | None = None,
    layers: list[dict[str, Any]] | None = None,
) -> Answer:
    step = _named(training_step or {}, label_form)
    is_known = step.get("kind") == "fit" and loss_function is not None and not loss_function["custom"]
    if step.get("reads") and not is_known:
        return read_as_logits(output, step)
    if output["activation"] is None:
        return DoesNotApply(f"The output comes from an operation behind {output['name']}: not checked.")
    if loss_function is None or (loss_function["custom"] and step.get("loss")):
        if not step.get("loss"):
            return CouldNotTell(("loss_function",))
        units = plural(output["units"], "output")
        return Fine(f"{units} with activation {output['activation']}, which the training step takes for logits.")
    loss = loss_function["name"]
    backend = (environment or {}).get("backend")
    head = Output(
        head_of(output, layers),
        loss,
        bool(loss_function["from_logits"]),
        label_form,
        label_min,
        label_max,
        backend,
        bool(loss_function.get("asked")),
    )
    if loss_function["custom"]:
        return DoesNotApply(f"{head.described}, which is a custom loss: not checked.")
    classes = class_count(label_form, label_unique_count, label_shape)
    if head.units == 1 and classes is not None and classes > 2:
        return DoesNotApply(f"{head.described}, for {classes} classes: a matter of its units, whatever the activation.")
    if loss in CROSSENTROPIES and head.range_outside(0, 1) and label_form == "continuous":
        span = f"from {number(label_min or 0)} to {number(label_max or 0)}"
        return DoesNotApply(f"{head.described}, for continuous targets {span}: a matter of the loss.")
    finding = next((finding for check in CHECKS if (finding := check(head)) is not None), None)
    if finding is not None:
        return finding
    if head.squashed and backend is None:
        return CouldNotTell(("environment",))
    reads = f"{loss}{' (from logits)' if head.from_logits else ''}"
    return Fine(f"{plural(head.units, 'output')} with activation {output['activation']}, before {reads}.")


def _named(step: Mapping[str, Any], label_form: str | None) -> Mapping[str, Any]:
    """The step with its loss by the name that it has for such labels: what it computes is the same."""
    by_class = step.get("loss") == "categorical_crossentropy" and label_form in ("binary", "integer")
    return {**step, "loss": "sparse_categorical_crossentropy"} if by_class else step
