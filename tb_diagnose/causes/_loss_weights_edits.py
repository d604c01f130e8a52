"""What to change where one output drowns another: its targets, or the weight of its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit, number
from tb_diagnose.causes.unscaled_targets import BOUNDED, plain
from tb_diagnose.causes.unscaled_targets import HEALTHY as USUAL_SIZE

ARRAYS = "arrays"
Output = Mapping[str, Any]


def fix_of(
    outputs: Sequence[Output],
    loud: int,
    share: float,
    model: dict[str, Any] | None,
    data_form: str | None,
) -> tuple[str, tuple[Edit, ...]]:
    """The fix and its edits.

    Args:
        outputs: The fact `outputs`.
        loud: Index of the output with the large loss.
        share: What its weight is to be multiplied by.
        model: The serialized model.
        data_form: What the samples come from.
    """
    weights = _balanced([float(output["loss_weight"]) for output in outputs], loud, share)
    given = _as_compiled(outputs, weights, model)
    in_compile = f"`loss_weights={_written(outputs, weights, given)}` in compile"
    standardized = _standardized(outputs[loud])
    if standardized is None:
        return f"Set {in_compile}.", () if given is None else (Edit("compile", "loss_weights", given),)
    code, scaled, back = standardized
    edits = (Edit("data", "y", code),) if data_form == ARRAYS else ()
    change = f"`y = {code}`" if edits else f"`{scaled}`"
    return (
        f"Train output `{outputs[loud]['name']}` on targets of mean 0 and standard deviation 1, {change}, validate on "
        f"targets changed in the same way, and turn its predictions back ({back}); or, to leave the targets as they "
        f"are, set {in_compile}.",
        edits,
    )


def _standardized(output: Output) -> tuple[str, str, str] | None:
    """Code for all labels with one output's targets standardized, for these, and for the way back; None for no help."""
    mean, std, key = (output.get(name) for name in ("label_mean", "label_std", "label_key"))
    if output.get("label_form") != "continuous" or not std or mean is None or key is None:
        return None
    if np.hypot(mean, std) <= USUAL_SIZE or (output.get("output") or {}).get("activation") in BOUNDED:
        return None
    less, more = ("+", "minus") if mean < 0 else ("-", "plus")
    scaled = f"({labels_at(key)} {less} {plain(abs(mean))}) / {plain(std)}"
    return with_labels(key, scaled), scaled, f"times {number(std, 4)}, {more} {number(abs(mean), 4)}"


def labels_at(key: str | int) -> str:
    """Code for the labels of one output, which are at this key of all labels."""
    return f'y["{key}"]' if isinstance(key, str) else f"y[{key}]"


def with_labels(key: str | int, code: str) -> str:
    """Code for all labels, those of one output being `code`.

    Args:
        key: Where they are in the structure of the labels.
        code: What they are to be.
    """
    return f'{{**y, "{key}": {code}}}' if isinstance(key, str) else f"[*y[:{key}], {code}, *y[{key + 1}:]]"


def _balanced(weights: Sequence[float], loud: int, share: float) -> list[float]:
    """Weights with that of one multiplied by `share`, the largest 1 where none was larger: steps keep their size."""
    made = [weight * share if index == loud else weight for index, weight in enumerate(weights)]
    largest = max(made)
    return [float(f"{weight / largest if largest < 1 else weight:.2g}") for weight in made]


def _as_compiled(
    outputs: Sequence[Output], weights: Sequence[float], model: dict[str, Any] | None
) -> dict[str, float] | list[float] | None:
    """The weights in the form in which the losses were compiled, as Keras wants them; None where it is not known."""
    loss = ((model or {}).get("compile_config") or {}).get("loss")
    by_name = {str(output["name"]): weight for output, weight in zip(outputs, weights, strict=True)}
    if isinstance(loss, dict) and set(loss) == set(by_name):
        return by_name
    return list(weights) if isinstance(loss, list) and len(loss) == len(weights) else None


def _written(outputs: Sequence[Output], weights: Sequence[float], given: Any) -> str:
    shown = [f"{weight:g}" for weight in weights]
    if isinstance(given, list):
        return f"[{', '.join(shown)}]"
    return "{" + ", ".join(f'"{o["name"]}": {w}' for o, w in zip(outputs, shown, strict=True)) + "}"
