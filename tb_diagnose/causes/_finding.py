"""What one cause saw in one run: a value that every renderer and the engine read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Edit:
    """One argument that is to have another value, as the `fix` of the finding says it.

    Args:
        where: Name of a layer, "model" for all layers, or "compile", "fit" or "data".
        argument: Keyword argument of the layer, of compile or of fit; of the optimizer, too, where it is `learning_rate`
            or `clipnorm`. `units` stands for the filters of a convolution as well. Of "data" the array, "x" or "y".
        new: Its new value: what JSON can hold, an object in the form that Keras serializes it to. Of `metrics` the new
            one in the place of `old`. Of "data" the code that makes the array.
        old: Its value in this run, where the model does not tell or the cause has measured it; a line is not
            written where the compiled learning rate is another one.
    """

    where: str
    argument: str
    new: Any
    old: Any = None


@dataclass(frozen=True)
class Finding:
    """What one cause saw in one training.

    Args:
        severity: 0 at the healthy limit (cleared), 1 where it stalls a training by itself.
        saw: The measurement: number, unit, layer, epoch. Never advice.
        expected: What a healthy run shows, with a number.
        fix: The cheapest first step with this run's own numbers; the cause's own words by default.
        since: First epoch that shows it, 0 for what is so from the start.
        layers: Names of the layers concerned; empty for the whole model.
        picture: Name of the series or fact that shows it best; the first parameter by default.
        limit: The healthy limit in that picture, in its unit.
        beyond: The side of it that is not healthy, "above" or "below".
        chosen: Whether it is a setting that somebody chose: then nothing brings it about.
        edits: What exactly `fix` changes, all of it together; empty where it leaves something to decide.
    """

    severity: float
    saw: str
    expected: str = ""
    fix: str = ""
    since: int = 0
    layers: tuple[str, ...] = ()
    picture: str | None = None
    limit: float | None = None
    beyond: str = "above"
    chosen: bool = False
    edits: tuple[Edit, ...] = ()


def clear(saw: str) -> Finding:
    """Checked and fine; `saw` holds the number that cleared it."""
    return Finding(0.0, saw)


def number(value: float, digits: int = 3) -> str:
    """A number as a person writes it: 99,998 and 0.0052, powers of ten only where nothing else is readable."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if 1000 <= abs(value) < 1e7:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def severity(value: float, healthy: float, ruinous: float) -> float:
    """0 at the healthy limit, 1 at the ruinous one, in between by the logarithm of the value.

    `healthy` may be above `ruinous`, for quantities of which less is worse. A NaN gives 0, infinity its end.
    """
    if math.isnan(value):
        return 0.0
    if value <= 0 or math.isinf(value):
        return 1.0 if (value > 0) == (ruinous > healthy) else 0.0
    return min(max(math.log(value / healthy) / math.log(ruinous / healthy), 0.0), 1.0)
