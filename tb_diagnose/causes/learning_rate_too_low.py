"""Each step is so small that the weights hardly leave where they began.

To learn, weights must change by a good part of their own size. With a rate that is orders of magnitude too
small the loss falls at every step, but by so little that accuracy would need hundreds of such runs. The
same happens when a schedule has brought the rate down to nothing.

Not this: a run that has arrived and hardly moves any more, a gradient that is itself gone (then no rate would
help), and few steps or an optimizer with short ones at a rate that is usual for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._rates import GOOD_RATE, usual_rate

HEALTHY, RUINOUS = 1.0, 0.03
"""Way of the most moved layer over all epochs, as a share of its own size. Runs that learn move by about their own
fifth in the first epoch already (demo setups: 0.17 to 0.23) and by more than their own size in all; at a hundredth of
the rate the demo setups move by 0.02 to 0.07 and learn next to nothing."""
WORTH_IT = 0.15
"""Way that the usual rate would have made, below which it would have been no help."""
USUAL_SHARE, TINY_SHARE = 1 / 30, 1 / 1000
"""The same by the rate alone, as a share of the usual one: rates are searched over one or two powers of ten around it
(Bengio, 2012, section 3.1.1)."""
GONE = 1e-3
"""Share of its largest value below which a rate is as good as nothing."""


@cause(
    title="Learning rate too low",
    family="training",
    fix="Multiply the learning rate by 10 until the loss falls visibly within an epoch.",
    brings_about=("constant_prediction",),
    looks_like=("too_few_epochs",),
    sources=(
        "https://cs231n.github.io/neural-networks-3/#ratio",
        "Bengio, 'Practical recommendations for gradient-based training', 2012, section 3.1.1",
    ),
)
def learning_rate_too_low(
    epochs: np.ndarray,
    layers: list[dict[str, Any]],
    learning_rate: np.ndarray,
    epoch_update_ratio: np.ndarray | None = None,
    optimizer: dict[str, Any] | None = None,
) -> Answer:
    rates = learning_rate[np.isfinite(learning_rate)]
    if not len(rates):
        return Fine("No finite learning rate was logged.")
    if epoch_update_ratio is None:
        return _by_rate(rates, (optimizer or {}).get("name"))
    way = np.nansum(np.where(np.isfinite(epoch_update_ratio), epoch_update_ratio, 0.0), axis=0)
    # The samples of a lookup table begin small, and soon have changed by their own size at any rate.
    tables = np.array([row.get("class") == "Embedding" for row in layers])
    if not tables.all():
        way = np.where(tables, 0.0, way)
    rate = float(np.median(rates))
    layer = int(way.argmax())
    moved = float(way[layer])
    trained = int(epochs[-1])
    saw = f"In {trained} epochs the most moved layer, {layers[layer]['name']}, changed by {moved:.2%} of its size, at a learning rate of {rate:.3g}"
    name = (optimizer or {}).get("name", "")
    usual = usual_rate(name)
    good = GOOD_RATE.get(name, usual)
    found = degree(moved, HEALTHY, RUINOUS) if moved > 0 else 0.0
    gone = ~(learning_rate >= GONE * np.nanmax(learning_rate)) & (epochs > 0)
    if gone[-1] and gone.sum() >= (epochs > 0).sum() / 2:
        since = int(epochs[np.flatnonzero(~gone)[-1] + 1]) if not gone.all() else int(epochs[0])
        return Finding(
            1.0,
            0.75,
            f"The learning rate fell from {np.nanmax(learning_rate):.3g} to {learning_rate[epochs == since][0]:.3g} after "
            f"epoch {since}, and to {rates[-1]:.3g} after epoch {trained}: no step changes anything any more.",
            "a rate that lasts for most of the epochs.",
            "Let the schedule decay over all epochs, or end above 0.",
            since=since,
            picture="learning_rate",
        )
    if not found:
        return Fine(f"{saw}." if moved else "No change of a kernel was measured.")
    if rate >= usual / 3:
        return Fine(f"{saw}, which is about the usual {usual:g}.")
    if moved * good / rate < WORTH_IT:
        return Fine(f"{saw}; at a rate of {good:g} it would not have been much more, so the rate is not what holds it.")
    factor = 10 ** np.ceil(np.log10(max(good / rate, 10.0)) - 1e-6)
    return Finding(
        found,
        0.75,
        f"{saw}.",
        f"more than {HEALTHY:.0%}; {name or 'this optimizer'} is usually begun at {usual:g}.",
        f"Multiply the learning rate by {factor:,.0f}, to {rate * factor:.1g}.",
        edits=(Edit("compile", "learning_rate", float(f"{rate * factor:.1g}"), old=rate),),
        since=1,
        picture="epoch_update_ratio",
        limit=HEALTHY / max(trained, 1),
        beyond="below",
    )


def _by_rate(rates: np.ndarray, optimizer: str | None) -> Answer:
    """What the rates alone tell, where no weights were looked at."""
    rate = float(np.median(rates))
    if optimizer is None:
        return Fine(f"The learning rate is {number(rate)}; nothing tells what is usual for this optimizer.")
    good = GOOD_RATE.get(optimizer, usual_rate(optimizer))
    saw = f"{optimizer} trained at a rate of {number(rate)}, and is usually begun at {good:g}"
    found = degree(rate / good, USUAL_SHARE, TINY_SHARE)
    if not found:
        return Fine(f"{saw}.")
    larger = rate / USUAL_SHARE if rate else good
    return Finding(
        found,
        0.75,
        f"{saw}; how far the weights went was not logged.",
        f"at least {number(USUAL_SHARE * good)}.",
        f"Multiply the learning rate by {round(1 / USUAL_SHARE)}, to {number(larger)}, and see whether the loss falls faster."
        if rate
        else f"Set the learning rate to {good:g}.",
        edits=(Edit("compile", "learning_rate", float(f"{larger:.3g}"), old=rate),),
        since=1,
        picture="learning_rate",
        limit=USUAL_SHARE * good,
        beyond="below",
    )
