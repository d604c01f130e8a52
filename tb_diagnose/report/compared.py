"""The differences of two runs in words, the same fact once: `Output activation: relu / sigmoid`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tb_diagnose.diagnosis.comparison import Comparison
from tb_diagnose.evidence import Evidence
from tb_diagnose.evidence.number import number

NAMED = {
    "learning_rate": "Learning rate",
    "optimizer.name": "Optimizer",
    "loss_function.name": "Loss",
    "loss_function.from_logits": "Loss takes logits",
    "batch_size": "Batch size",
    "planned_epochs": "Planned epochs",
    "output.activation": "Output activation",
    "output.units": "Output units",
}
"""Settings that have a name of their own."""
DATA = {
    "sample_count": "Training samples",
    "validation_sample_count": "Validation samples",
    "label_form": "Form of the labels",
    "data_form": "Form of the data",
}
PARTS = {
    "label_counts": "Samples of each class",
    "input_shape": "Shape of an input",
    "input_dtype": "Type of the inputs",
    "dropout_rates": "Dropout",
    "compiled_metrics": "Metrics",
    "preprocessing": "Preprocessing layers",
}
"""Facts that are lists: one difference, however many of their entries differ."""
RANGES = {"input": "Inputs", "validation_input": "Validation inputs", "label": "Labels"}
"""Facts told by their smallest and largest value: mean and standard deviation follow them."""
SPREAD = re.compile(r"(.+)_(min|max|mean|std)(\.\d+)?")
SETTINGS = ("optimizer", "loss_function", "output", "layers", "hparams", "dropout_rates")
FOLLOWS = ("steps_per_epoch",)
"""What follows from others that are said."""
NEAR = 0.001
"""Share of a range below which one of its ends is 0."""
NONE = "not there"
MOST = 6
"""Entries of a list that are said; of a longer one, those that differ."""


def in_words(comparison: Comparison, pair: Sequence[Evidence]) -> list[dict[str, Any]]:
    """What was set otherwise, what is other in the data, and figures that come of it, in this order.

    Args:
        comparison: What differs.
        pair: The two runs.
    """
    rows: dict[str, dict[str, Any]] = {}
    for difference in comparison.differences:
        name = difference.name
        if name in FOLLOWS or _is_said(name, comparison):
            continue
        row = _together(name, pair) or _alone(name, difference.values, pair)
        if row["values"][0] != row["values"][1]:
            rows.setdefault(row["what"], row)
    order, first = ("setting", "data", "figure"), tuple(RANGES.values())
    return sorted(rows.values(), key=lambda row: (order.index(row["kind"]), row["what"] not in first))


def _is_said(name: str, comparison: Comparison) -> bool:
    """Whether another difference says the same: the output layer is the last of the layers too."""
    match = re.fullmatch(r"layers\.\d+\.(activation|units)", name)
    if match is None:
        return False
    others = {difference.name: difference.values for difference in comparison.differences}
    last = max((other for other in others if other.startswith("layers.")), key=_place, default=name)
    return _place(name) == _place(last) and others.get(f"output.{match[1]}") == others[name]


def _place(name: str) -> int:
    return int(name.split(".")[1])


def _together(name: str, pair: Sequence[Evidence]) -> dict[str, Any] | None:
    """A fact of several numbers as one difference."""
    part = name.split(".")[0]
    if part in PARTS:
        return {
            "what": PARTS[part],
            "kind": "setting" if part in SETTINGS else "data",
            "values": _lists([evidence.facts.get(part) for evidence in pair]),
        }
    spread = SPREAD.fullmatch(name)
    if spread is None or spread[1] not in RANGES:
        return None
    ranges = [_range(spread[1], evidence) for evidence in pair]
    if ranges[0] == ranges[1]:
        return {
            "what": f"{_words(spread[1])}, {'standard deviation' if spread[2] == 'std' else spread[2]}",
            "kind": "figure",
            "values": [_value(_first(evidence.facts.get(f"{spread[1]}_{spread[2]}"))) for evidence in pair],
        }
    return {"what": RANGES[spread[1]], "kind": "data", "values": ranges}


def _range(part: str, evidence: Evidence) -> str:
    low, high = (evidence.facts.get(f"{part}_{end}") for end in ("min", "max"))
    if low is None or high is None:
        return NONE
    lows, highs = ([value] if isinstance(value, (int, float)) else value for value in (low, high))
    if not len(lows) or not len(highs):
        return NONE
    least, greatest = min(lows), max(highs)
    # 0.00004 to 1 is 0 to 1: what a reader compares is how far the values reach.
    ends = (0 if abs(end) < NEAR * (greatest - least) else end for end in (least, greatest))
    return " to ".join(map(_value, ends))


def _alone(name: str, values: tuple[Any, Any], pair: Sequence[Evidence]) -> dict[str, Any]:
    part, _, rest = name.partition(".")
    if name in NAMED:
        what, kind = NAMED[name], "setting"
    elif name in DATA:
        what, kind = DATA[name], "data"
    elif part == "layers":
        place, _, key = rest.partition(".")
        what, kind = f"{_words(key)} of layer {int(place) + 1}{_layer(int(place), pair)}", "setting"
    elif part == "hparams":
        what, kind = rest, "setting"
    elif part in SETTINGS:
        key = rest.removeprefix("config.")
        what, kind = f"{_words(key)} of the {_words(part).lower().removesuffix(' function')}", "setting"
    else:
        what, kind = _words(name), "figure"
    return {"what": what, "kind": kind, "values": [_value(value) for value in values]}


def _layer(place: int, pair: Sequence[Evidence]) -> str:
    """` (dense_1)`: what the runs call it, where they agree; Keras numbers names as layers are made."""
    names = {str(layers[place].get("name")) for e in pair if len(layers := e.facts.get("layers") or ()) > place}
    return f" ({names.pop()})" if len(names) == 1 else ""


def _words(name: str) -> str:
    text = re.sub(r"[._]+", " ", name).strip()
    return text[:1].upper() + text[1:]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, (list, tuple)) and value else value


def _lists(pair: Sequence[Any]) -> list[str]:
    """Two lists; of long ones only the entries that differ, with their numbers."""
    lists = [list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value] for value in pair]
    if max(map(len, lists)) <= MOST:
        whole = [", ".join(map(_value, entries)) or "none" for entries in lists]
        return [NONE if value is None else text for value, text in zip(pair, whole, strict=True)]
    longest = [entries + [None] * (max(map(len, lists)) - len(entries)) for entries in lists]
    apart = [place for place, (one, other) in enumerate(zip(*longest, strict=True)) if one != other]
    more = f" and {len(apart) - MOST:,} more" if len(apart) > MOST else ""
    return [", ".join(f"{place}: {_value(entries[place])}" for place in apart[:MOST]) + more for entries in longest]


def _value(value: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        # The width of a float32 is no reason to write 0.009999999776.
        return f"{value:,}" if isinstance(value, int) else number(value, 4)
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(map(_value, value)) + ")"
    return str(value)
