"""The loss of a custom loop does not teach the network what its labels say.

In a loop nobody checks what goes into the loss. Labels of shape (n,) against outputs of shape (n, 1) broadcast: each
output is compared with each label, the best answer is the same for all samples, and the loss falls to what a constant
answer has, and stays there. A gradient that is None, or that is never handed to the optimizer, leaves the weights as
they were. And a loss that falls while the compiled one of the same samples does not is a loss of something else.

The first is found by asking the loop's loss function (`log(..., loss_fn=...)`): a loss that does not change when the
labels change places, and does for labels in the shape of the outputs, broadcasts. In a custom `train_step` it is seen
as `fit` builds it.

Not this: custom losses of the right shape, whatever they are; losses of a batch as a whole, which do not depend
on the order in any shape; weights that are frozen, or whose gradient is zero; and loops that have told no loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree, number

SAME = 1e-3
"""Share by which two losses may differ and be the same: sums in float32."""
FALLS, STANDS = 0.2, 0.05
"""Share of itself that the loop's loss loses from its first epoch to its last, from which it falls; and that of the
compiled loss, up to which it does not."""
FEWEST = 3
"""Epochs from which a loss that falls is no chance, and weights that never moved no late start."""
MOVES = 1e-5
"""Step of a layer against its size, at the logged rate and gradient, which shows in float32 after an epoch."""
NO_STEP, OTHER_LOSS = 0.95, 0.7
"""Certainty: of weights that stand still although a gradient and a rate were measured, and of two losses that part,
which a loop may do on purpose."""
UNMEASURED = 0.75
"""Certainty of weights that stand still where no gradient was measured."""


BY_LOOP = Try(untold="The loop is the program's own code: a trial trains by `fit`, with the loss that was compiled.")


@cause(
    title="Loss of the loop that does not reach the answers",
    family="configuration",
    fix="Print the shapes of labels and outputs in the loop just before the loss: they must be equal.",
    brings_about=("constant_prediction", "vanishing_gradients"),
    looks_like=(
        "learning_rate_too_low",
        "optimizer_unsuited",
        "too_few_epochs",
        "disconnected_gradient",
        "frozen_layers",
        "shuffled_labels",
    ),
    sources=(
        "https://www.tensorflow.org/guide/autodiff#getting_a_gradient_of_none",
        "https://numpy.org/doc/stable/user/basics.broadcasting.html: (n,) against (n, 1) gives (n, n)",
    ),
)
def loop_loss(
    training_step: dict[str, Any],
    epochs: np.ndarray,
    loss_pairing: dict[str, Any] | None = None,
    epoch_update_ratio: np.ndarray | None = None,
    layers: Sequence[Mapping[str, Any]] = (),
    loss: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    probe_training_loss: np.ndarray | None = None,
    gradient_norm: np.ndarray | None = None,
    weight_norm: np.ndarray | None = None,
    learning_rate: np.ndarray | None = None,
    iterations: np.ndarray | None = None,
    dead_fraction: np.ndarray | None = None,
) -> Answer:
    kind = training_step.get("kind")
    if kind == "fit":
        return DoesNotApply("The steps are those of Keras's own `fit`.")
    if training_step.get("broadcasts"):
        return _crossed_in_step()
    crossed = None if loss_pairing is None else _crossed(loss_pairing)
    if isinstance(crossed, Finding):
        return crossed
    still = _still(epoch_update_ratio, layers, gradient_norm, weight_norm, learning_rate, iterations)
    dead = dead_fraction is not None and bool((np.nan_to_num(dead_fraction) >= 1).any())
    if still is not None and not dead:  # a layer that gives nothing lets no gradient through
        return still
    told = training_step.get("told") or ()
    measured = probe_loss if probe_training_loss is None else probe_training_loss
    if kind == "loop" and "loss_fn" not in told and loss is not None and measured is not None:
        apart = _apart(loss, measured, epochs)
        if isinstance(apart, Finding) or crossed is None:
            return apart
    if crossed is not None:
        return crossed
    if epoch_update_ratio is not None and kind == "train_step":
        moved = float(np.nan_to_num(epoch_update_ratio).sum(axis=0).max())
        return Fine(f"The weights move: the most moved layer changed by {number(moved, 2)} times its size.")
    return CouldNotTell(("loss_pairing",))


def _crossed_in_step() -> Finding:
    return Finding(
        1.0,
        1.0,
        "In the loss of the custom `train_step`, labels of shape (n,) meet outputs of shape (n, 1): the shapes "
        "broadcast to (n, n), and each output is compared with the labels of all samples.",
        "labels of the shape of the outputs, (n, 1).",
        "Give the loss labels of the shape of the outputs, `y = keras.ops.reshape(y, (-1, 1))`, or take one of Keras's "
        "losses, which see to it.",
        picture="training_step",
        attempt=Try("labels in the shape of the outputs", (Edit("data", "y", "y.reshape(-1, 1)"),)),
    )


def _crossed(pairing: Mapping[str, Any]) -> Answer:
    """What the loop's loss function said when it was asked."""
    given, reordered = float(pairing["loss"]), float(pairing["reordered_loss"])
    labels, outputs = _shape(pairing["label_shape"]), _shape(pairing["output_shape"])
    saw = f"Labels have shape {labels}, outputs {outputs}. With the labels in another order, the loop's loss"
    if not _alike(given, reordered):
        changed = f"from {number(given)} to {number(reordered)}"
        return Fine(f"With the labels in another order the loop's loss changes, {changed}.")
    alike, reordered_alike = (float(pairing.get(name, given)) for name in ("loss_alike", "reordered_loss_alike"))
    if _alike(alike, reordered_alike):
        return DoesNotApply(f"{saw} stays {number(given)}, whatever their shape: it is no loss of single samples.")
    add = f"y = y.reshape({', '.join(['-1', *map(str, pairing['output_shape'])])})"
    return Finding(
        1.0,
        1.0,
        f"{saw} stays {number(given)}: the shapes broadcast, and each output is compared with the labels of all "
        f"samples. With labels of shape {outputs} it changes from {number(alike)} to {number(reordered_alike)}.",
        "a loss that changes when the labels change places.",
        f"Give the loss labels of the shape of the outputs, `{add}`, or take one of Keras's losses, which see to it.",
        picture="loss_pairing",
        attempt=BY_LOOP,
    )


def _still(
    update_ratio: np.ndarray | None,
    layers: Sequence[Mapping[str, Any]],
    gradient_norm: np.ndarray | None,
    weight_norm: np.ndarray | None,
    learning_rate: np.ndarray | None,
    iterations: np.ndarray | None,
) -> Finding | None:
    """Weights that never moved although a gradient was there to move them; None where they did, or nothing tells."""
    if update_ratio is None:
        return None
    known = np.isfinite(update_ratio).any(axis=1)
    if known.sum() < FEWEST - 1 or np.nan_to_num(update_ratio).any():
        return None
    rate = float(np.nanmax(learning_rate)) if learning_rate is not None and np.isfinite(learning_rate).any() else None
    step = _step(gradient_norm, weight_norm, rate)
    if step is not None and step < MOVES:
        return None  # there is no gradient, or no rate
    if step is None and (rate is None or rate <= 0):
        return None
    count = int(known.sum())
    saw = f"No weight has moved in {count} epochs, to the last bit"
    saw += f", at a learning rate of {number(rate)}" if rate is not None else ""
    if step is not None and gradient_norm is not None:
        saw += f" and with gradients of norm {number(float(np.nanmax(gradient_norm)))}"
    steps = None if iterations is None or not np.isfinite(iterations).any() else int(np.nanmax(iterations))
    if steps is not None:
        saw += f"; the optimizer has taken {steps:,} steps" + (" with others" if steps else "")
    return Finding(
        1.0,
        UNMEASURED if step is None else NO_STEP,
        f"{saw}.",
        "weights that change by 0.1 % of their size in a step.",
        "Print the gradients in the loop: none may be None, so the loss must be made of the model's outputs inside the "
        "`GradientTape`; and hand them on: `optimizer.apply(gradients, model.trainable_variables)`.",
        since=1,
        layers=tuple(str(row["name"]) for row in layers if row.get("trainable")),
        picture="epoch_update_ratio",
        attempt=BY_LOOP,
        limit=MOVES,
        beyond="below",
    )


def _step(gradient_norm: np.ndarray | None, weight_norm: np.ndarray | None, rate: float | None) -> float | None:
    """Longest step of plain SGD against the size of a layer; None where not all of it was measured."""
    if gradient_norm is None or weight_norm is None or rate is None or not np.isfinite(gradient_norm).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = rate * np.asarray(gradient_norm) / np.asarray(weight_norm)
    return float(steps[np.isfinite(steps)].max()) if np.isfinite(steps).any() else None


def _apart(loss: np.ndarray, measured: np.ndarray, epochs: np.ndarray) -> Answer:
    """The loop's loss against the compiled one on the same samples."""
    both = (epochs > 0) & np.isfinite(loss) & np.isfinite(measured)
    if both.sum() < FEWEST:
        return CouldNotTell(("loss", "probe_loss"))
    own, compiled = np.asarray(loss)[both], np.asarray(measured)[both]
    fell, stood = (float(values[0] - values[-1]) / max(abs(float(values[0])), 1e-12) for values in (own, compiled))
    saw = (
        f"From epoch {int(epochs[both][0])} to epoch {int(epochs[both][-1])} the loop's loss went from "
        f"{number(float(own[0]))} to {number(float(own[-1]))}, and the compiled loss of the same samples from "
        f"{number(float(compiled[0]))} to {number(float(compiled[-1]))}"
    )
    if fell < FALLS or stood > STANDS:
        return Fine(f"{saw}.")
    return Finding(
        max(degree(fell, FALLS, 1.0), 0.5),
        OTHER_LOSS,
        f"{saw}: what the loop lowers is not that.",
        "two losses that fall together.",
        "Give the loop the loss that was compiled, `model.compute_loss(x=x, y=y, y_pred=outputs)`, and check that its "
        "labels and outputs are those of the same samples and of equal shapes.",
        since=int(epochs[both][0]),
        picture="loss",
        attempt=BY_LOOP,
    )


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other), SAME)


def _shape(shape: Sequence[int]) -> str:
    inner = ", ".join(["n", *map(str, shape)])
    return f"({inner})" if shape else "(n,)"
