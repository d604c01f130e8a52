"""The network is too small for what the inputs tell.

The curve has settled, training and validation samples do equally badly, and the nearest neighbours of a sample, or a
straight line through the inputs, know its label better than the network does. What is left, when data, rate and
gradients are cleared, is that the network cannot express the answer: a layer of one or two units, through which
everything must pass.

Not this: an autoencoder, which is narrow on purpose, a run that still moves, training samples that are learned and
validation samples that are less so, labels that nothing tells from the inputs, and a network without a narrow layer
that does not even do what a straight line does.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree
from tb_diagnose.causes._frozen import learned_elsewhere
from tb_diagnose.causes._widths import may_widen, widen
from tb_diagnose.evidence.number import fixed
from tb_diagnose.status.skill import LEARNED, probe_skill

HEALTHY, RUINOUS = 0.1, 0.4
"""Share of the skill that neighbours or kernel ridge regression reach which the network misses."""
NARROW = 4
"""Units of a hidden layer up to which it is a bottleneck: so few numbers cannot tell many classes apart, and of relu
units half are silent."""
LAST_RESORT, GUESS = 0.45, 0.2
"""Certainty: what is left when all else is cleared, where there is a bottleneck or no hidden layer at all, and where no
layer is narrow."""
MOVED = 0.1
"""Way of the most moved layer as a share of its size, below which nothing was tried."""
RISING = 0.05
"""Skill gained over the last third of the epochs from which it is too early to tell."""
GAP = 0.1
"""Training accuracy above validation accuracy from which a network that has learned its training samples has capacity
enough to memorize."""
FEWEST = 3
"""Epochs that a settled curve has at least."""
ADDED = 32
"""Units of a hidden layer where there is none."""
UNITS = 64
"""Units that are proposed instead of a bottleneck, more than the hidden layers of the demo setups have (16 to 64): a
network is easily made smaller once it has learned."""


@cause(
    title="Network too small",
    family="outcome",
    fix="Double the units of the hidden layers until training samples are learned.",
    sources=(
        "Goodfellow et al., 'Deep Learning', 2016, section 11.5: fit a tiny data set first",
        "Karpathy, 'A Recipe for Training Neural Networks', 2019: overfit first",
    ),
    one_output=True,
)
def insufficient_capacity(
    skill: np.ndarray,
    epochs: np.ndarray,
    layers: list[dict[str, Any]],
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    output: dict[str, Any] | None = None,
    epoch_update_ratio: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
    model: dict[str, Any] | None = None,
    initial_weights: list[dict[str, Any] | None] | None = None,
    labels_are_inputs: bool = False,
) -> Answer:
    if labels_are_inputs:
        return DoesNotApply("The labels are the inputs themselves: a bottleneck is what an autoencoder is made for.")
    curve = skill[epochs > 0]
    third = max(len(curve) // 3, 1)
    if not len(curve) or not np.isfinite(curve[-third:]).all():
        return CouldNotTell(("skill",))
    best, allowed = _reference(neighbour_skill, ridge_skill)
    if allowed is None:
        return CouldNotTell(("neighbour_skill", "ridge_skill"))
    level = _level(curve, third, probe_accuracy, baseline_accuracy)
    narrow, units = _narrowest(layers, (output or {}).get("name"))
    tight = units is not None and units <= NARROW
    saw = f"Skill is {fixed(level)} at the end; {best} {fixed(allowed)}"
    ends = f"Skill ends at {fixed(level)}"
    missing = (allowed - level) / allowed if allowed > 0 else 0.0
    if missing <= HEALTHY or allowed - level <= HEALTHY:
        return Fine(f"{saw}.")
    if not tight and narrow is not None and ridge_skill is not None and level < ridge_skill - HEALTHY:
        return Fine(f"{ends}, and no layer is too narrow for the {ridge_skill:.2f} of kernel ridge regression.")
    if len(curve) < FEWEST or _rising(curve, third, tight):
        return Fine(f"{ends} of {fixed(allowed)}, but the run has not settled.")
    if epoch_update_ratio is not None and np.nan_to_num(epoch_update_ratio).sum(axis=0).max() < MOVED:
        return Fine(f"{ends} of {fixed(allowed)}, but the weights have hardly moved.")
    if probe_accuracy is not None and probe_val_accuracy is not None:
        gap = float((probe_accuracy[-third:] - probe_val_accuracy[-third:]).mean())
        if gap > GAP and level >= LEARNED:
            return Fine(f"{ends}, with accuracy {gap:.2f} higher in training than in validation.")
    more = max(UNITS, 4 * (units or 1))
    tight_layers = _tight_layers(layers, (output or {}).get("name")) if tight else []
    given = learned_elsewhere(layers, initial_weights) & set(tight_layers)
    fix, edits = widen(model, tight_layers, more)
    return Finding(
        degree(missing, HEALTHY, RUINOUS),
        LAST_RESORT if tight or narrow is None else GUESS,
        f"{saw}; {_where(narrow, units)}.",
        f"a skill of at least {(1 - HEALTHY) * allowed:.2f}.",
        _elsewhere(given) if given else fix if tight_layers else _larger(narrow),
        since=int(epochs[-1]),
        layers=(narrow,) if narrow else (),
        edits=() if given else edits,
        attempt=None if given or tight_layers else _attempt(model, layers, (output or {}).get("name")),
        picture="skill",
        limit=(1 - HEALTHY) * allowed,
        beyond="below",
    )


def _attempt(model: dict[str, Any] | None, layers: list[dict[str, Any]], last: str | None) -> Try | None:
    """What a trial makes: twice the units of the hidden layers, or a hidden layer where there is none."""
    hidden = {str(row["name"]): int(row["units"]) for row in _hidden(layers, last)}
    if hidden:
        edits = tuple(Edit(name, "units", 2 * units) for name, units in hidden.items())
        return Try("twice the units in the hidden layers", edits) if may_widen(model, list(hidden)) else None
    if last is None:
        return None
    added = {"class_name": "Dense", "config": {"units": ADDED, "activation": "relu"}}
    return Try(f"a hidden layer of {ADDED} units before {last}", (Edit(last, "before", [added]),))


def _reference(neighbour_skill: float | None, ridge_skill: float | None) -> tuple[str, float | None]:
    """Who does best without training, with the verb, and how well; None where nobody was tried."""
    answers = {
        "the nearest neighbours of the inputs reach": neighbour_skill,
        "kernel ridge regression of the inputs reaches": ridge_skill,
    }
    known = {name: value for name, value in answers.items() if value is not None and np.isfinite(value)}
    if not known:
        return "", None
    best = max(known, key=known.__getitem__)
    return best, known[best]


def _level(curve: np.ndarray, third: int, probe_accuracy: np.ndarray | None, baseline_accuracy: float | None) -> float:
    """Skill over the last third of the epochs, in inference mode where that is better."""
    level = float(curve[-third:].mean())
    inference = probe_skill(probe_accuracy, baseline_accuracy)
    if inference is None or not np.isfinite(inference[-third:]).all():
        return level
    return max(level, float(inference[-third:].mean()))


def _where(narrow: str | None, units: int | None) -> str:
    if narrow is None:
        return "there is no hidden layer"
    return f"the narrowest hidden layer, {narrow}, has {units} unit{'' if units == 1 else 's'}"


def _elsewhere(given: Set[str]) -> str:
    return f"Take what comes out in front of {min(given)}: its weights are given, and it lets too little through."


def _larger(narrow: str | None) -> str:
    if narrow is not None:
        return "Double the units of the hidden layers, or add one, until the training samples are learned."
    return f'Add a hidden layer before the output: `Dense({ADDED}, activation="relu")`.'


def _rising(curve: np.ndarray, third: int, tight: bool) -> bool:
    """Whether it is too early to tell: a network with a bottleneck is given no time once its gains shrink."""
    gains = np.diff(curve)
    shrinking = tight and gains[-1] < gains.max() / 2
    return bool(curve[-third:].mean() - curve[-2 * third : -third].mean() > RISING and not shrinking)


def _tight_layers(layers: list[dict[str, Any]], last: str | None) -> list[str]:
    """Names of the hidden layers of so few units that each is a bottleneck."""
    return [str(row["name"]) for row in _hidden(layers, last) if int(row["units"]) <= NARROW]


def _narrowest(layers: list[dict[str, Any]], last: str | None) -> tuple[str | None, int | None]:
    """Name and units of the hidden layer with the fewest units; None where there is no hidden layer."""
    hidden = _hidden(layers, last)
    if not hidden:
        return None, None
    row = min(hidden, key=lambda row: int(row["units"]))
    return str(row["name"]), int(row["units"])


def _hidden(layers: list[dict[str, Any]], last: str | None) -> list[dict[str, Any]]:
    """The hidden layers with units."""
    kernels = [row for row in layers if row.get("units") and row["initializer"] is not None]
    known = last in {row["name"] for row in kernels}
    return [row for row in kernels if row["name"] != last] if known else kernels[:-1]
