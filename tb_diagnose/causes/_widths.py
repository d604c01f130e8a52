"""Which layers may get other units without anything else to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.causes._wording import listed
from tb_diagnose.evidence.keras_config import ACTIVATION_LAYERS, CONTAINERS

DIMENSIONS = ("1D", "2D", "3D")
TAKES_ANY = frozenset(
    {"Dense", "LSTM", "GRU", "SimpleRNN", "Bidirectional"}
    | {f"{kind}{n}{way}" for kind in ("Conv", "SeparableConv") for n in DIMENSIONS for way in ("", "Transpose")}
)
"""Layers whose weights are made for as many inputs as there are, and whose own outputs do not depend on it."""
PASSES = frozenset(
    {"Activation", "Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", "BatchNormalization"}
    | {"LayerNormalization", "UnitNormalization", "Flatten", "Masking", "Identity", "ActivityRegularization"}
    | {"RepeatVector", "Rescaling", *ACTIVATION_LAYERS}
    | {
        f"{kind}{n}"
        for kind in ("SpatialDropout", "MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling")
        + ("ZeroPadding", "Cropping", "UpSampling", "DepthwiseConv")
        for n in DIMENSIONS
    }
)
"""Layers that hand on as many values as they get."""
LAST_AXIS = (-1, None)


@dataclass
class _Wiring:
    """A model with its nested models opened.

    Args:
        behind: Names of the layers behind each one.
        kinds: Class of each layer.
        configs: Config of each layer.
        calls: How often each layer is called.
    """

    behind: dict[str, set[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)


def may_widen(model: Mapping[str, Any] | None, names: Sequence[str]) -> bool:
    """Whether these layers may get more units: what stands behind them takes any number of values.

    Not where outputs are added to others, reshaped or shared, nor in front of a nested model, whose inputs have their
    shape, or of a layer that is not known. True for a model that was not logged as layers: nothing speaks against it.

    Args:
        model: The fact of that name.
        names: Names of layers.
    """
    if not model or model.get("class_name") not in CONTAINERS:
        return True
    wiring = _Wiring()
    _wire(model, "", 1, wiring)
    return all(_is_free(name, wiring) for name in names)


def widen(model: Mapping[str, Any] | None, names: Sequence[str], units: int) -> tuple[str, tuple[Edit, ...]]:
    """The advice to give layers more units, and its edits; none where more than these layers would have to change."""
    fix = f"Give {listed(names)} {units} units"
    if may_widen(model, names):
        return f"{fix}.", tuple(Edit(name, "units", units) for name in names)
    return f"{fix}; what their outputs are added to, reshaped to or shared with has to get as many.", ()


def _is_free(name: str, wiring: _Wiring) -> bool:
    own = wiring.configs.get(name)
    if own is None or own.get("return_state") or own.get("groups", 1) != 1:
        return False
    ahead = [name]
    seen: set[str] = set()
    while ahead:
        followers = wiring.behind.get(ahead.pop(), set())
        if not followers:
            return False  # the outputs of the model
        for follower in followers - seen:
            seen.add(follower)
            kind, config = wiring.kinds[follower], wiring.configs[follower]
            if kind in TAKES_ANY and wiring.calls[follower] == 1 and config.get("groups", 1) == 1:
                continue
            if kind in PASSES or (kind == "Concatenate" and config.get("axis") in LAST_AXIS):
                ahead.append(follower)
            else:
                return False
    return True


def _wire(model: Mapping[str, Any], prefix: str, calls: int, wiring: _Wiring) -> tuple[list[str], list[str]]:
    """Notes the layers of a model, and returns the names of those that its inputs enter and its outputs leave."""
    config = model.get("config") or {}
    ends: dict[str, tuple[list[str], list[str]]] = {}
    sources: dict[str, list[str]] = {}
    before: str | None = None
    for layer in config.get("layers") or []:
        own, kind = layer.get("config") or {}, str(layer.get("class_name"))
        name = str(own.get("name"))
        nodes = layer.get("inbound_nodes") or []
        if kind in CONTAINERS:
            ends[name] = _wire(layer, f"{prefix}{name}/", calls * max(len(nodes), 1), wiring)
        else:
            path = prefix + name
            ends[name] = [path], [path]
            wiring.kinds[path] = "custom" if layer.get("registered_name") else kind
            wiring.configs[path], wiring.calls[path] = own, calls * max(len(nodes), 1)
        is_chain = model.get("class_name") == "Sequential"
        sources[name] = ([before] if before else []) if is_chain else list(_tensors(nodes))
        before = name
    for name, origins in sources.items():
        for origin in origins:
            for start in ends.get(origin, ([], []))[1]:
                wiring.behind.setdefault(start, set()).update(ends[name][0])
    if model.get("class_name") == "Sequential":
        first = next(iter(ends.values()), ([], []))[0]
        return first, ends[before][1] if before else []
    enters, leaves = (
        [name for name in ends if name in set(_names(config.get(which)))] for which in ("input_layers", "output_layers")
    )
    return [p for name in enters for p in ends[name][0]], [p for name in leaves for p in ends[name][1]]


def _tensors(value: Any) -> Iterator[str]:
    """Names of the layers that the tensors in the arguments of a call come from."""
    if isinstance(value, dict):
        history = (value.get("config") or {}).get("keras_history") if isinstance(value.get("config"), dict) else None
        if history:
            yield str(history[0])
            return
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for inner in value:
            yield from _tensors(inner)


def _names(value: Any) -> Iterator[str]:
    """Names in `[name, 0, 0]`, or in lists of such."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _names(inner)
    elif isinstance(value, dict):
        yield from _names(list(value.values()))
