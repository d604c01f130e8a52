"""What is known of the data and the settings of a run, as a few labelled phrases with numbers and units."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.evidence.number import number

MOST_LAYERS, MOST_ENTRIES = 12, 6
"""Layers, and entries of a list, that are told; of more it is said how many there are."""
Facts = Mapping[str, Any]


def data(diagnosis: Diagnosis) -> dict[str, str]:
    """What is known of the samples, each with its label; what was not logged is left out."""
    facts = _facts(diagnosis)
    return _told(
        facts,
        {
            "training samples": _training_samples,
            "validation samples": _validation_samples,
            "inputs": lambda f: _inputs(f, ""),
            "validation inputs": lambda f: _inputs(f, "validation_"),
            "labels": _labels,
            "class counts": _class_counts,
            "consumed by fit in its first epoch": _observed,
            "repeats": _repeats,
            "accuracy that simple methods reach": _references,
        },
    )


def settings(diagnosis: Diagnosis) -> dict[str, str]:
    """What was set, each with its label."""
    facts = _facts(diagnosis)
    found = _told(
        facts,
        {
            "layers": _layers,
            "outputs": _outputs,
            "optimizer": _optimizer,
            "loss": _loss,
            "metrics": lambda f: _listed(f.get("compiled_metrics") or ()),
            "fit": _fit,
            "hyperparameters": lambda f: _listed(f"{k}={_value(v)}" for k, v in (f.get("hparams") or {}).items()),
            "written by": lambda f: f.get("writer"),
            "environment": _environment,
        },
    )
    rate = diagnosis.evidence.get("learning_rate")
    if rate is not None and np.isfinite(rate).any() and "optimizer" not in found:
        found["learning rate"] = number(float(rate[np.isfinite(rate)][0]))
    return found


def _facts(diagnosis: Diagnosis) -> Facts:
    """The facts of the run, and of the output that it is judged by."""
    return {**diagnosis.evidence.facts, **({} if diagnosis.output is None else diagnosis.output.view.facts)}


def _told(facts: Facts, phrases: Mapping[str, Callable[[Facts], str | None]]) -> dict[str, str]:
    told = {}
    for label, phrase in phrases.items():
        try:
            text = phrase(facts)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            continue  # a fact that is not what this version writes: the others are told
        if text:
            told[label] = text
    return told


def _training_samples(facts: Facts) -> str | None:
    count = facts.get("sample_count")
    if count is None:
        return None
    part = "" if facts.get("data_is_whole", True) else ", of which the first ones were measured"
    return f"{count:,}{part} ({facts.get('data_form', 'form unknown')})"


def _validation_samples(facts: Facts) -> str | None:
    count = facts.get("validation_sample_count")
    if count is None:
        return "none given" if "sample_count" in facts else None
    overlap, shift = facts.get("validation_overlap_fraction"), facts.get("validation_label_shift")
    parts = [f"{count:,}"]
    if overlap is not None:
        parts.append(f"{_share(overlap)} of them are training samples too")
    if shift is not None:
        parts.append(f"label shares differ from training by {_share(shift)} (total variation)")
    return ", ".join(parts)


def _inputs(facts: Facts, prefix: str) -> str | None:
    low, high = (_numbers(facts.get(f"{prefix}input_{end}")) for end in ("min", "max"))
    parts = []
    if not prefix and facts.get("input_shape"):
        parts.append(" and ".join(f"shape {_value(shape)}" for shape in facts["input_shape"]))
        parts.append(_listed(facts.get("input_dtype") or ()))
    if low and high:
        parts.append(f"from {number(min(low))} to {number(max(high))}")
    for name, label in (("mean", "means"), ("std", "standard deviations")):
        values = _numbers(facts.get(f"{prefix}input_{name}"))
        if values:
            parts.append(f"{label} of the features {_range(values)}")
    if not prefix:
        constant, broken = facts.get("constant_feature_fraction"), facts.get("input_nonfinite_count")
        parts += [f"{_share(constant)} of the features constant"] if constant else []
        parts += [f"{broken:,} values NaN or infinite"] if broken is not None else []
    return ", ".join(part for part in parts if part) or None


def _labels(facts: Facts) -> str | None:
    parts = [str(facts[name]) for name in ("label_form", "label_dtype") if facts.get(name) is not None]
    if facts.get("label_shape") is not None:
        parts.append(f"shape of one {_value(facts['label_shape'])}")
    low, high = facts.get("label_min"), facts.get("label_max")
    if low is not None and high is not None:
        parts.append(f"from {number(low)} to {number(high)}")
    if facts.get("label_unique_count") is not None:
        parts.append(f"{facts['label_unique_count']:,} different")
    if facts.get("label_form") == "continuous" and facts.get("label_std") is not None:
        parts.append(f"mean {number(facts['label_mean'])}, standard deviation {number(facts['label_std'])}")
    if facts.get("label_run_ratio") is not None:
        parts.append(f"runs of equal labels {number(facts['label_run_ratio'])} times as many as in random order")
    if facts.get("label_nonfinite_count"):
        parts.append(f"{facts['label_nonfinite_count']:,} NaN or infinite")
    return ", ".join(parts) or None


def _class_counts(facts: Facts) -> str | None:
    counts = facts.get("label_counts") or ()
    if len(counts) > MOST_ENTRIES:
        return f"{min(counts):,} to {max(counts):,} in {len(counts):,} classes"
    return ", ".join(f"{count:,}" for count in counts) or None


def _observed(facts: Facts) -> str | None:
    batches, samples = facts.get("observed_batch_count"), facts.get("observed_sample_count")
    if batches is None or samples is None:
        return None
    parts = [f"{batches:,} batches, {facts['observed_distinct_batch_count']:,} of them of other samples"]
    parts.append(f"{samples:,} samples, {facts['observed_distinct_input_count']:,} of other inputs")
    parts += _shares(
        facts,
        {
            "observed_known_fraction": "are among the samples named as data",
            "observed_relabelled_fraction": "of these had another label there",
        },
    )
    return ", ".join(parts)


def _shares(facts: Facts, labels: Mapping[str, str]) -> list[str]:
    """The shares that are known, each with its words."""
    return [f"{_share(facts[name])} {label}" for name, label in labels.items() if facts.get(name) is not None]


def _repeats(facts: Facts) -> str | None:
    labels = {
        "duplicate_sample_fraction": "repeat an earlier sample",
        "conflicting_sample_fraction": "have inputs that occur with another label",
    }
    return ", ".join(_shares(facts, labels)) or None


def _references(facts: Facts) -> str | None:
    parts = []
    for name, label in (
        ("baseline_accuracy", "always the commonest label"),
        ("neighbour_accuracy", "5 nearest neighbours"),
        ("ridge_accuracy", "ridge regression"),
    ):
        if facts.get(name) is not None:
            parts.append(f"{label} {number(facts[name])}")
    return ", ".join(parts) or None


def _layers(facts: Facts) -> str | None:
    layers = facts.get("layers") or []
    shown = []
    for layer in layers[:MOST_LAYERS]:
        inside = [_value(layer[key]) for key in ("units", "activation") if layer.get(key) is not None]
        inside += ["frozen"] if layer.get("trainable") is False else []
        shown.append(f"{layer.get('class', 'layer')} {layer['name']}" + (f" ({', '.join(inside)})" if inside else ""))
    more = f" and {len(layers) - MOST_LAYERS:,} more" if len(layers) > MOST_LAYERS else ""
    return " -> ".join(shown) + more or None


def _outputs(facts: Facts) -> str | None:
    outputs = facts.get("outputs") or []
    shown = [f"{row['name']} (loss weight {_value(row.get('loss_weight', 1))})" for row in outputs[:MOST_ENTRIES]]
    more = f" and {len(outputs) - MOST_ENTRIES:,} more" if len(outputs) > MOST_ENTRIES else ""
    return ", ".join(shown) + more or None


def _optimizer(facts: Facts) -> str | None:
    optimizer = facts.get("optimizer") or {}
    if not optimizer.get("name"):
        return None
    config = optimizer.get("config") or {}
    keys = ("learning_rate", "momentum", "clipnorm", "clipvalue", "global_clipnorm", "weight_decay")
    parts = [f"{key.replace('_', ' ')} {_value(config[key])}" for key in keys if config.get(key)]
    return ", ".join([str(optimizer["name"]), *parts])


def _loss(facts: Facts) -> str | None:
    loss = facts.get("loss_function") or {}
    if not loss.get("name"):
        return None
    return f"{loss['name']}{' of logits' if loss.get('from_logits') else ''}{' (custom)' if loss.get('custom') else ''}"


def _fit(facts: Facts) -> str | None:
    parts = [
        f"{label} {facts[name]:,}"
        for name, label in (
            ("batch_size", "batch size"),
            ("steps_per_epoch", "steps an epoch"),
            ("planned_epochs", "planned epochs"),
        )
        if facts.get(name) is not None
    ]
    return ", ".join(parts) or None


def _environment(facts: Facts) -> str | None:
    known = facts.get("environment") or {}
    parts = [
        f"Keras {known['keras']}" if known.get("keras") else "",
        f"on {known['backend']}" if known.get("backend") else "",
    ]
    return " ".join(filter(None, parts)) or None


def _numbers(values: Any) -> list[float]:
    listed = values if isinstance(values, (list, tuple)) else [] if values is None else [values]
    return [float(value) for value in listed if value is not None and math.isfinite(value)]


def _range(values: Sequence[float]) -> str:
    low, high = number(min(values)), number(max(values))
    return low if low == high else f"{low} to {high}"


def _share(fraction: float) -> str:
    return f"{number(100 * float(fraction), 2)} %"


def _listed(values: Any) -> str:
    entries = [str(value) for value in values]
    more = f" and {len(entries) - MOST_ENTRIES:,} more" if len(entries) > MOST_ENTRIES else ""
    return ", ".join(entries[:MOST_ENTRIES]) + more


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(map(_value, value)) + ")"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return number(value) if isinstance(value, float) else str(value)
