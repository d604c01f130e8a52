"""Most samples of every class but the most common one are taken out."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS, each
from demo.labels import class_numbers
from demo.setups import Setup

LEVELS = ({"ratio": 5.0}, {"ratio": 20.0}, {"ratio": 200.0})
SHOWN_ON = ("digits_cnn", "threshold_logits")


def inject(setup: Setup, ratio: float = 200.0) -> Setup:
    """Keeps all samples of the most common class, and of all others together one for `ratio` of them."""
    classes = class_numbers(setup, setup.y)
    common = np.bincount(classes).argmax()
    rare = np.flatnonzero(classes != common)
    kept = max(int((classes == common).sum() / ratio), 2)
    samples = np.sort(np.concatenate([np.flatnonzero(classes == common), rare[:kept]]))
    return replace(setup, x=setup.x[samples], y=setup.y[samples])


IGNORED = dict(
    label_counts=[500, 500],
    classes=["0", "1"],
    label_form="binary",
    epochs=EPOCHS,
    class_weight={"0": 1.0, "1": 0.0},
)
"""Even classes, of which one counts for nothing."""
SICK = [
    dict(
        label_counts=[950, 50],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(  # the rare samples are memorized, which validation samples of even classes show
        label_counts=[950, 50],
        predicted_fraction=each(*[[0.95, 0.05]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        validation_label_shift=0.46,
        probe_accuracy=np.array([0.95, 0.97, 0.99, 1.0]),
        probe_val_accuracy=np.array([0.5, 0.55, 0.6, 0.6]),
    ),
    dict(  # a label for each pixel, for which Keras takes no class_weight
        label_counts=[9500, 500],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        label_shape=[8, 8],
        epochs=EPOCHS,
    ),
    dict(  # the rare class is told apart, and never above the threshold
        label_counts=[950, 50],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        probe_auc=np.array([0.5, 0.8, 0.9, 0.93]),
    ),
    dict(  # something else holds a network that knows nothing yet
        label_counts=[990, 10],
        predicted_fraction=each(*[[0.2, 0.8]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        probe_accuracy=np.full(4, 0.21),
    ),
    dict(  # a class that counts for nothing
        **IGNORED,
        predicted_fraction=each(*[[0.99, 0.01]] * 4),
    ),
    dict(  # weights the wrong way round
        label_counts=[900, 100],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        class_weight={"0": 9.0, "1": 1.0},
    ),
]
HEALTHY = [
    dict(  # weighed by their rarity
        label_counts=[950, 50],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        class_weight={"0": 0.53, "1": 10.0},
    ),
    dict(  # a class without a weight that is predicted all the same
        **IGNORED,
        predicted_fraction=each(*[[0.6, 0.4]] * 4),
    ),
    dict(  # classes weighed by their rarity: worse than the constant answer, and well above chance
        label_counts=[960, 40],
        predicted_fraction=each(*[[0.86, 0.14]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
        probe_accuracy=np.full(4, 0.88),
    ),
    dict(  # twenty classes of natural frequencies: a collapse onto one of 19 % is no work of the imbalance
        label_counts=[190, 130, 100, 80, 70, 60, 50, 45, 40, 35, 30, 28, 26, 24, 22, 20, 18, 14, 10, 8],
        predicted_fraction=each(*[[1] + [0] * 19] * 4),
        classes=[str(i) for i in range(20)],
        label_form="integer",
        epochs=EPOCHS,
    ),
    dict(  # three in four of one class, and predictions that are balanced: the stall has another reason
        label_counts=[750, 150, 100],
        predicted_fraction=each(*[[0.4, 0.3, 0.3]] * 4),
        classes=["0", "1", "2"],
        label_form="integer",
        epochs=EPOCHS,
    ),
    dict(  # twenty samples
        label_counts=[5, 1, 2, 1, 3, 2, 2, 1, 1, 2],
        predicted_fraction=each(*[[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * 4),
        classes=[str(i) for i in range(10)],
        label_form="integer",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[950, 50],
        predicted_fraction=each(*[[0.95, 0.05]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[500, 500],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
    dict(
        label_counts=[500, 0],
        predicted_fraction=each(*[[1, 0]] * 4),
        classes=["0", "1"],
        label_form="binary",
        epochs=EPOCHS,
    ),
]
