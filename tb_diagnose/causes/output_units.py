"""The output layer has fewer units than there are classes.

With softmax, each class needs an output of its own. Class numbers beyond the last output are an error on some backends
and wrong answers without a word on others; one-hot samples must be as wide as the output. A single unit can part two
classes and no more: over a single output a categorical cross-entropy is the same for every answer, and a sigmoid
cannot say 7.

Not this: more units than classes, which learn never to fire, and labels that leave numbers out or begin at 1
(`label_encoding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause
from tb_diagnose.causes._labels import SAMPLES, class_count
from tb_diagnose.evidence.keras_config import CROSSENTROPIES


@cause(
    title="Too few output units for the classes",
    family="configuration",
    fix="Give the output layer one unit for each class, with softmax; one sigmoid unit only for two classes.",
    brings_about=(
        "constant_prediction",
        "vanishing_gradients",
        "exploding_gradients",
        "saturated_activations",
        "dead_relu",
    ),
    looks_like=("learning_rate_too_high", "metric_mismatch"),
    sources=("https://keras.io/api/losses/probabilistic_losses/",),
)
def output_units(
    output: dict[str, Any],
    label_form: str,
    loss_function: dict[str, Any] | None = None,
    label_unique_count: int | None = None,
    label_min: float | None = None,
    label_max: float | None = None,
    label_shape: Sequence[int] = (),
) -> Answer:
    units, name = output["units"], output["name"]
    classes = class_count(label_form, label_unique_count, label_max, label_shape)
    if classes is None or units is None:
        return Fine(f"{units} output unit{'s' if units != 1 else ''}; the labels are not classes.")
    described = f"{units} output unit{'s' if units != 1 else ''} in {name} for {classes} classes"
    loss = (loss_function or {}).get("name", "")
    if (loss_function or {}).get("custom"):
        return Fine(f"{described}, before a loss of your own: not checked.")
    if label_form in SAMPLES:
        if units == classes or loss not in CROSSENTROPIES and units > 1:
            return Fine(f"{described}.")
        return _found(
            described, f"label samples of {classes} columns, before {loss}", output, classes, loss_function, label_form
        )
    if units == 1:
        if classes > 2 and (loss in CROSSENTROPIES or output["activation"] in ("sigmoid", "softmax")):
            return _found(
                described,
                f"class numbers up to {label_max:g}, before {loss}",
                output,
                classes,
                loss_function,
                label_form,
            )
        return Fine(f"{described}.")
    if not loss.startswith("sparse") or label_max is None:
        return Fine(f"{described}.")
    first = max(int(label_min or 0), 0)
    needed = int(label_max) + 1
    if classes <= units or needed - first <= units:
        return Fine(f"{described}.")
    return _found(
        described, f"class numbers up to {label_max:g}, before {loss}", output, needed, loss_function, label_form
    )


def _found(
    described: str,
    labels: str,
    output: dict[str, Any],
    classes: int,
    loss_function: dict[str, Any] | None,
    label_form: str,
) -> Answer:
    name, units, loss = output["name"], output["units"], (loss_function or {}).get("name", "")
    # Only a cross-entropy for several classes at once reads one yes or no for each of them.
    several = loss.startswith("binary") and (units > 1 or label_form == "multi_label")
    wanted = "sigmoid" if several else "softmax"
    fix = f'`Dense({units})` -> `Dense({classes}, activation="{wanted}")` in the output layer {name}'
    edits = (Edit(name, "units", classes), Edit(name, "activation", wanted))
    if loss.startswith("binary") and not several:
        better = "categorical_crossentropy" if label_form in SAMPLES else "sparse_categorical_crossentropy"
        fix += f', and `loss="{loss}"` -> `loss="{better}"`'
        edits = (*edits, Edit("compile", "loss", better))
    elif (loss_function or {}).get("from_logits"):
        edits = ()  # the loss applies a softmax of its own: what the layer should have is to be decided
    if output["activation"] is None:
        edits = ()  # an operation behind the layer makes the output
    return Finding(
        1.0,
        1.0,
        f"{described}: {labels}.",
        f"{classes} outputs, one for each class.",
        f"{fix}.",
        layers=(name,),
        picture="label_counts",
        edits=edits,
    )
