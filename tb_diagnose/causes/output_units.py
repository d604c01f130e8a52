"""The output layer has fewer units than there are classes.

With softmax, each class needs an output. Class numbers beyond the last output are an error on some backends and wrong
answers without a word on others; one-hot labels must be as wide as the output. A single unit can tell two classes apart
and no more: over a single output a categorical cross-entropy is the same for every answer, and a sigmoid cannot say 7.

Not this: more units than classes, which learn never to fire, and labels that leave numbers out or begin at 1
(`label_encoding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause, number
from tb_diagnose.causes._head import Head, head_of
from tb_diagnose.causes._labels import COLUMNS, class_count
from tb_diagnose.causes._wording import plural
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
    layers: list[dict[str, Any]] | None = None,
) -> Answer:
    units, name = output["units"], output["name"]
    if label_form not in (*COLUMNS, "binary", "integer"):
        return DoesNotApply(f"{plural(units, 'output unit')}, and the labels are not classes.")
    classes = class_count(label_form, label_unique_count, label_shape)
    if classes is None:
        return CouldNotTell(("label_shape",) if label_form in COLUMNS else ("label_unique_count",))
    if loss_function is None:
        return CouldNotTell(("loss_function",))
    described = f"{plural(units, 'output unit')} in {name} for {plural(classes, 'class', 'es')}"
    if loss_function["custom"]:
        return DoesNotApply(f"{described}, before a custom loss: not checked.")
    if loss_function.get("ignore_class") is not None:
        return DoesNotApply(f"{described}, of which the loss ignores {loss_function['ignore_class']}: not checked.")
    loss = loss_function["name"]
    if label_form in COLUMNS:
        needed = _for_columns(units, classes, loss)
        labels = f"labels of {plural(classes, 'column')}"
    else:
        needed = _for_numbers(output, classes, loss, label_min, label_max)
        labels = "class numbers" + ("" if label_max is None else f" up to {number(label_max)}")
    if needed is None:
        return Fine(f"{described}.")
    fix, edits = _fix(head_of(output, layers), needed, loss_function, label_form)
    return Finding(
        1.0,
        1.0,
        f"{described}: {labels}, before {loss}.",
        f"{needed} outputs, one for each class.",
        fix,
        layers=(name,),
        picture="label_counts",
        edits=edits,
    )


def _for_columns(units: int, columns: int, loss: str) -> int | None:
    """Outputs that labels with a column for each class need; None where there are as many."""
    enough = units == columns or (loss not in CROSSENTROPIES and units > 1)
    return None if enough else columns


def _for_numbers(
    output: dict[str, Any], classes: int, loss: str, label_min: float | None, label_max: float | None
) -> int | None:
    """Outputs that class numbers need; None where there are enough."""
    units = output["units"]
    if units == 1:
        for_classes = loss in CROSSENTROPIES or output["activation"] in ("sigmoid", "softmax")
        return classes if classes > 2 and for_classes else None
    if not loss.startswith("sparse") or label_max is None:
        return None
    needed, first = int(label_max) + 1, max(int(label_min or 0), 0)
    return None if classes <= units or needed - first <= units else needed


def _fix(head: Head, classes: int, loss_function: dict[str, Any], label_form: str) -> tuple[str, tuple[Edit, ...]]:
    """What to write, and the edits; none where something is left to decide."""
    loss = loss_function["name"]
    # Only a cross-entropy for several classes at once reads one yes or no for each of them.
    several = loss.startswith("binary") and (head.units > 1 or label_form == "multi_label")
    activation = "sigmoid" if several else "softmax"
    change, edits = head.change(activation, classes)
    fix = f"Change the output layer {head.name}: {change}"
    if loss.startswith("binary") and not several:
        better = "categorical_crossentropy" if label_form in COLUMNS else "sparse_categorical_crossentropy"
        fix += f', and `loss="{loss}"` -> `loss="{better}"`'
        edits = (*edits, Edit("compile", "loss", better))
    elif loss_function.get("from_logits"):
        edits = ()  # the loss applies a softmax itself: what the layer should have is to be decided
    if head.activation is None:
        edits = ()  # an operation behind the layer makes the output
    return f"{fix}.", edits
