"""What to change where one output drowns another: its targets, or the weight of its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit, number
from tb_diagnose.causes.unscaled_targets import BOUNDED
from tb_diagnose.causes.unscaled_targets import HEALTHY as USUAL_SIZE

Output = Mapping[str, Any]


def fix_of(
    outputs: Sequence[Output], loud: int, ratios: np.ndarray, model: dict[str, Any] | None, data_form: str | None
) -> tuple[str, tuple[Edit, ...]]:
    """The fix and its edits.

    Args:
        outputs: The fact `outputs`.
        loud: Index of the output with the large loss.
        ratios: Its gradient over that of the stalled one, shape `(epoch,)`.
        model: The serialized model.
        data_form: What the samples come from.
    """
    weight = float(outputs[loud]["loss_weight"]) / float(ratios[np.isfinite(ratios)].max())
    weights = [
        float(f"{weight if index == loud else output['loss_weight']:.2g}") for index, output in enumerate(outputs)
    ]
    given = _as_compiled(outputs, weights, model)
    in_compile = f"`loss_weights={_written(outputs, weights, given)}` in compile"
    standardized = _standardized(outputs[loud])
    if standardized is None:
        return f"Set {in_compile}.", () if given is None else (Edit("compile", "loss_weights", given),)
    code, back = standardized
    name = outputs[loud]["name"]
    return (
        f"Train output `{name}` on targets of mean 0 and standard deviation 1, `y = {code}`, validate on targets "
        f"changed in the same way, and turn its predictions back with {back}; or, to leave the targets as they are, "
        f"set {in_compile}.",
        (Edit("data", "y", code),),
    )


def _standardized(output: Output) -> tuple[str, str] | None:
    """Code for the labels with one output's targets standardized, and for the way back; None where it is no help."""
    mean, std, key = (output.get(name) for name in ("label_mean", "label_std", "label_key"))
    if output.get("label_form") != "continuous" or not std or mean is None or key is None:
        return None
    if np.hypot(mean, std) <= USUAL_SIZE or (output.get("output") or {}).get("activation") in BOUNDED:
        return None
    less, more = ("+", "-") if mean < 0 else ("-", "+")
    place = f'"{key}"' if isinstance(key, str) else str(key)
    scaled = f"(y[{place}] {less} {abs(mean):.4g}) / {std:.4g}"
    whole = f"{{**y, {place}: {scaled}}}" if isinstance(key, str) else f"[*y[:{key}], {scaled}, *y[{key + 1}:]]"
    return whole, f"`* {std:.4g} {more} {abs(mean):.4g}`"


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
    shown = [number(weight) for weight in weights]
    if isinstance(given, list):
        return f"[{', '.join(shown)}]"
    return "{" + ", ".join(f'"{o["name"]}": {w}' for o, w in zip(outputs, shown, strict=True)) + "}"
