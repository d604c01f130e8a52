"""What a cause answers about one run: found, fine, does not apply, or could not be told."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
"""Arguments of optimizers of which Keras takes one at a time."""
RANGE_TEST = "by a range test"
"""In place of a learning rate: the try finds it by a short range test."""
SAMPLES = ("data", "training", "validation")
"""Places whose edits are lines of code about samples."""
OF_THE_OLD = ("learning_rate", "momentum")
"""Arguments that mean something to one optimizer only."""


@dataclass(frozen=True)
class Edit:
    """One argument that is to have another value, as the `fix` of the finding says it.

    The patch that is shown and the changed copy that is trained are both made from it.

    Args:
        where: Name of a layer, "model" for all layers, or "compile", "fit", "data" or "in front". Only a try (`Try`)
            changes "training", the training samples alone, or "validation", the validation samples alone.
        argument: Keyword argument of the layer, of compile or of fit; of the optimizer, too, where it is
            `learning_rate`, `momentum` or `clipnorm` of "compile". `units` stands for the filters of a convolution as
            well. Of "data" the array, "x" or "y". Only a try has `before` and `behind`, layers that are put there, and
            `left_out`, a layer that gives its inputs on.
        new: Its new value: what JSON can hold, an object in the form that Keras serializes it to, layers in a list. Of
            `metrics` the new one in the place of `old`. Of "data" the code that makes the array, of "in front" that of
            a layer that goes first in the model.
        old: Its value in this run, where the model does not tell or the cause has measured it; a line is not
            written where the compiled learning rate is another one.
        output: Name of the output whose part of `loss` or `metrics` it is, of a model with several; None for the whole
            argument.
    """

    where: str
    argument: str
    new: Any
    old: Any = None
    output: str | None = None


@dataclass(frozen=True)
class Try:
    """One concrete way to make a fix that leaves something to decide. A trial trains it; no patch shows it.

    Args:
        words: What is changed, a phrase for people.
        edits: The same for a copy of the run; empty where nothing can be tried.
        untold: Why nothing can be tried, or, of a shadow, why the fix itself cannot, or what of the fix is not in the
            edits; one sentence. Where that is so, a try that does not help speaks against nothing.
        is_shadow: Whether it goes the other way: it takes away what the fix would add. Where that does harm, the fix is
            likely to help.
        as_fed: What brings about in a copy of the run what fit was fed, where `data` differ from it. The trials have
            it, and this one has not.
    """

    words: str = ""
    edits: tuple[Edit, ...] = ()
    untold: str = ""
    is_shadow: bool = False
    as_fed: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What one cause found in one run.

    Args:
        harm: How much of what the run lacks this can account for: 0 at the healthy limit, 1 where it stalls a run by
            itself.
        certainty: How sure it is that this is so, 0 to 1. A contradiction in the configuration has 1; a measurement
            gets it by its distance from the limit; what is left when all else is cleared has little.
        saw: The measurement: number, unit, layer, epoch. Never advice.
        expected: What a healthy run shows, with a number.
        fix: The cheapest first step with this run's own numbers; the cause's own words by default.
        since: First epoch that shows it, 0 for what is so from the start.
        layers: Names of the layers concerned; empty for the whole model.
        picture: Name of the series or fact that shows it best; the first parameter by default.
        limit: The healthy limit in that picture, in its unit.
        beyond: The side of it that is not healthy, "above" or "below".
        ceiling: Accuracy on other samples that cannot be passed if this is so. A run that passes it refutes the
            finding.
        edits: What exactly `fix` changes, all of it together; empty where it leaves something to decide.
        outputs: Names of the outputs that it is about, of a model with several; empty for the whole model.
        attempt: What a trial makes in their place where there are none.
    """

    harm: float
    certainty: float
    saw: str
    expected: str = ""
    fix: str = ""
    since: int = 0
    layers: tuple[str, ...] = ()
    picture: str | None = None
    limit: float | None = None
    beyond: str = "above"
    ceiling: float | None = None
    edits: tuple[Edit, ...] = ()
    outputs: tuple[str, ...] = ()
    attempt: Try | None = None

    @property
    def weight(self) -> float:
        """Harm that is to be expected: harm times certainty. Findings are ranked by it."""
        return self.harm * self.certainty


@dataclass(frozen=True)
class Fine:
    """Checked and fine; `saw` holds the number that cleared it."""

    saw: str
    weight: float = field(default=0.0, init=False, repr=False)


@dataclass(frozen=True)
class DoesNotApply:
    """The run has nothing of the kind; `saw` says why."""

    saw: str
    weight: float = field(default=0.0, init=False, repr=False)


@dataclass(frozen=True)
class CouldNotTell:
    """The question stays open: evidence is missing beyond what the parameters name.

    Args:
        missing: Names of the series or facts that would tell.
    """

    missing: tuple[str, ...]
    weight: float = field(default=0.0, init=False, repr=False)


Answer = Finding | Fine | DoesNotApply | CouldNotTell


def distinct(edits: Iterable[Edit]) -> list[Edit]:
    """Edits of several findings, each argument changed once: of numbers of epochs the largest counts, else the last.

    Those of samples are lines that follow one another.
    """
    kept: dict[Any, Edit] = {}
    for place, edit in enumerate(edits):
        key = place if edit.where in SAMPLES else (edit.where, edit.argument, edit.output)
        before = kept.get(key)
        if before is None or edit.argument != "epochs" or edit.new > before.new:
            kept[key] = edit
    return list(kept.values())


def of_compile(edits: Iterable[Edit]) -> list[Edit]:
    """The edits of `compile` that hold together.

    A rate and a momentum were chosen for the optimizer that the run had: where another one takes its place, only the
    clipping is left of them.
    """
    edits = [edit for edit in distinct(edits) if edit.where == "compile"]
    new = [edit for edit in edits if edit.argument == "optimizer"]
    return [*new, *(edit for edit in edits if edit not in new and not (new and edit.argument in OF_THE_OLD))]


def degree(value: float, healthy: float, ruinous: float) -> float:
    """0 at the healthy limit, 1 at the ruinous one, in between by the logarithm of the value.

    `healthy` may be above `ruinous`, for quantities of which less is worse. A NaN gives 0, infinity its end.
    """
    if math.isnan(value):
        return 0.0
    if value <= 0 or math.isinf(value):
        return 1.0 if (value > 0) == (ruinous > healthy) else 0.0
    return min(max(math.log(value / healthy) / math.log(ruinous / healthy), 0.0), 1.0)
