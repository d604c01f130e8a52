"""A custom loop whose loss compares each output with all labels, or whose gradients go nowhere."""

import numpy as np

from demo.arrays import LAYERS, each
from demo.loops import OwnLoss
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "not applied"}, {"form": "broadcast"})
SHOWN_ON = ("regression", "tabular_binary")


def inject(setup: Setup, form: str = "broadcast") -> Setup:
    """Trains in a loop with a loss of its own.

    Args:
        form: "broadcast", labels of shape (n,) against outputs of shape (n, 1), or "not applied".
    """
    written_out = setup.loss == "mean_squared_error" or setup.activation == "sigmoid"
    if setup.units != 1 or setup.y.ndim != 1 or not written_out:
        raise NotApplicable("only one output has labels whose shape broadcasts against it")
    return OwnLoss(**vars(setup), broadcasts=form == "broadcast", applies=form == "broadcast")


def asked(loss, reordered, alike=None, reordered_alike=None, labels=(), outputs=(1,)):
    """The fact `loss_pairing`."""
    fact = {"label_shape": list(labels), "output_shape": list(outputs), "loss": loss, "reordered_loss": reordered}
    return fact if alike is None else {**fact, "loss_alike": alike, "reordered_loss_alike": reordered_alike}


LOOP = {"kind": "loop", "told": ["loss_fn", "optimizer"]}
UNTOLD = {"kind": "loop", "told": []}
PAIRS = asked(1.5, 1.1)
STILL = dict(
    training_step=LOOP,
    epochs=np.arange(5),
    loss_pairing=PAIRS,
    layers=[{**row, "trainable": True} for row in LAYERS],
    epoch_update_ratio=each([np.nan] * 3, *[[0.0] * 3] * 4),
    gradient_norm=each(*[[0.2] * 3] * 5),
    weight_norm=each(*[[2.0] * 3] * 5),
    learning_rate=np.full(5, 1e-3),
    iterations=np.zeros(5),
)
MOVING = {**STILL, "epoch_update_ratio": each([np.nan] * 3, *[[0.2] * 3] * 4)}
FALLING = np.array([np.nan, 0.7, 0.4, 0.2, 0.05])
SICK = [
    dict(training_step=LOOP, epochs=np.arange(5), loss_pairing=asked(1.5, 1.5, 1.4, 0.9)),
    STILL,
    {**STILL, "training_step": {"kind": "train_step", "uses_compiled_loss": True}},
    {name: value for name, value in STILL.items() if name not in ("gradient_norm", "iterations")},
    dict(training_step={"kind": "train_step", "uses_compiled_loss": False, "broadcasts": True}, epochs=np.arange(5)),
    {**STILL, "iterations": np.arange(5) * 30.0},  # the optimizer was given other weights
    dict(training_step=UNTOLD, epochs=np.arange(5), loss=FALLING, probe_loss=np.array([0.7, 0.7, 0.71, 0.7, 0.7])),
]
HEALTHY = [
    MOVING,
    dict(training_step={"kind": "fit"}, epochs=np.arange(5)),
    dict(training_step=LOOP, epochs=np.arange(5), loss_pairing=asked(1.5, 1.5, 1.5, 1.5)),  # of a batch as a whole
    dict(training_step=LOOP, epochs=np.arange(5), loss_pairing=asked(0.3, 0.3)),  # does not read labels, as a VAE's
    {**STILL, "gradient_norm": each(*[[0.0] * 3] * 5)},  # there is no gradient: another cause
    {**STILL, "dead_fraction": each(*[[0.0, 1.0, np.nan]] * 5)},  # a layer is dead
    {**STILL, "learning_rate": np.full(5, 1e-12)},  # no step shows
    {**MOVING, "training_step": UNTOLD, "loss": FALLING, "probe_loss": np.array([0.7, 0.6, 0.4, 0.3, 0.1])},
    {**MOVING, "training_step": {"kind": "train_step", "uses_compiled_loss": False}, "loss_pairing": None},
]
