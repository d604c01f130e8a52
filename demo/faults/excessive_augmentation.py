"""Augmentation that leaves little of the samples."""

import math
from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.labels import takes_ids
from demo.setups import NotApplicable, Setup

LEVELS = ({"strength": 0.3}, {"strength": 1.0}, {"strength": 3.0})
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, strength: float = 3.0) -> Setup:
    """Puts noise of `strength` times the standard deviation of the inputs first; images are turned, moved and zoomed
    as well."""
    if takes_ids(setup):
        raise NotApplicable("noise on ids is another word")
    hidden, spread = setup.hidden, float(setup.x.std())

    def augmented(given: Setup) -> list:
        from keras import layers

        share = min(0.25 * strength, 0.5)
        turned = [
            layers.RandomRotation(share, fill_mode="constant"),
            layers.RandomTranslation(share, share, fill_mode="constant"),
            layers.RandomZoom(share, fill_mode="constant"),
        ]
        count = math.ceil((strength * spread) ** 2)  # Keras takes deviations up to 1
        noise = [layers.GaussianNoise(strength * spread / math.sqrt(count)) for _ in range(count)]
        return [*(turned if setup.x.ndim == 4 else []), *noise, *hidden(given)]

    return replace(setup, hidden=augmented)


SICK = [
    dict(
        operations=["RandomRotation", "RandomZoom", "Conv2D", "Flatten", "Dense"],
        probe_training_loss=np.array([2.4, 2.2, 2.1, 2.0]),
        probe_loss=np.array([2.3, 1.6, 1.3, 1.2]),
        baseline_loss=2.3,
        epochs=EPOCHS,
    ),
    dict(  # noise so strong that nothing is learned at all: it shows in the untrained model
        operations=["GaussianNoise", "Dense", "Dense"],
        probe_training_loss=np.array([9.0, 0.9, 0.7, 0.69]),
        probe_loss=np.array([0.7, 0.7, 0.69, 0.69]),
        baseline_loss=0.693,
        epochs=EPOCHS,
    ),
    dict(  # nothing is learned either way: the settings tell
        operations=["RandomRotation", "GaussianNoise", "Dense", "Dense"],
        probe_training_loss=np.array([2.32, 2.3, 2.3, 2.3]),
        probe_loss=np.array([2.31, 2.3, 2.3, 2.3]),
        baseline_loss=2.3,
        epochs=EPOCHS,
        input_std=[0.37] * 3,
        model={
            "config": {
                "layers": [
                    {"class_name": "RandomRotation", "config": {"factor": [-0.5, 0.5]}},
                    {"class_name": "GaussianNoise", "config": {"stddev": 0.9}},
                ]
            }
        },
    ),
    dict(  # in the input pipeline: the samples that fit sees are not those of `data`
        operations=["Conv2D", "Flatten", "Dense"],
        probe_training_loss=np.array([2.3, 1.2, 1.0, 0.9]),
        probe_loss=np.array([2.3, 1.2, 1.0, 0.9]),
        baseline_loss=2.3,
        epochs=EPOCHS,
        loss=np.array([np.nan, 2.1, 1.9, 1.8]),
        val_loss=np.array([np.nan, 1.3, 1.1, 1.0]),
        accuracy=np.array([np.nan, 0.2, 0.25, 0.3]),
        probe_accuracy=np.array([0.1, 0.6, 0.65, 0.7]),
        step_loss_std=np.array([np.nan, 0.1, 0.1, 0.1]),
    ),
    dict(  # the same near a constant answer, where the loss hardly tells
        operations=["Conv2D", "Flatten", "Dense"],
        probe_training_loss=np.array([2.3, 2.2, 2.15, 2.1]),
        probe_loss=np.array([2.3, 2.2, 2.15, 2.1]),
        baseline_loss=2.3,
        epochs=EPOCHS,
        loss=np.array([np.nan, 2.28, 2.23, 2.18]),
        val_loss=np.array([np.nan, 2.2, 2.15, 2.1]),
        accuracy=np.array([np.nan, 0.15, 0.17, 0.19]),
        probe_accuracy=np.array([0.1, 0.4, 0.5, 0.56]),
        step_loss_std=np.array([np.nan, 0.1, 0.1, 0.1]),
    ),
]
HEALTHY = [
    dict(
        operations=["RandomFlip", "Conv2D", "Flatten", "Dense"],
        probe_training_loss=np.array([2.3, 1.25, 1.05, 0.95]),
        probe_loss=np.array([2.3, 1.2, 1.0, 0.9]),
        baseline_loss=2.3,
        epochs=EPOCHS,
    ),
    dict(  # light, in a model that learns nothing for another reason
        operations=["RandomRotation", "Dense", "Dense"],
        probe_training_loss=np.array([2.32, 2.3, 2.3, 2.3]),
        probe_loss=np.array([2.31, 2.3, 2.3, 2.3]),
        baseline_loss=2.3,
        epochs=EPOCHS,
        model={"config": {"layers": [{"class_name": "RandomRotation", "config": {"factor": [-0.1, 0.1]}}]}},
    ),
    dict(  # dropout alone
        operations=["Dense", "Dropout", "Dense"],
        probe_training_loss=np.array([2.4, 2.2, 2.1, 2.0]),
        probe_loss=np.array([2.3, 1.6, 1.3, 1.2]),
        baseline_loss=2.3,
        epochs=EPOCHS,
        loss=np.array([np.nan, 2.3, 2.15, 2.05]),
        val_loss=np.array([np.nan, 1.7, 1.4, 1.3]),
    ),
    dict(  # a metric that counts otherwise
        operations=["Dense", "Dense"],
        probe_training_loss=np.array([0.7, 0.5, 0.4, 0.3]),
        probe_loss=np.array([0.7, 0.5, 0.4, 0.3]),
        baseline_loss=0.69,
        epochs=EPOCHS,
        loss=np.array([np.nan, 0.5, 0.4, 0.31]),
        val_loss=np.array([np.nan, 0.45, 0.38, 0.3]),
        accuracy=np.array([np.nan, 0.5, 0.55, 0.6]),
        probe_accuracy=np.array([0.5, 0.8, 0.85, 0.9]),
        step_loss_std=np.array([np.nan, 0.1, 0.1, 0.1]),
    ),
    dict(  # spikes of a loss that jumps about
        operations=["Dense", "Dense"],
        probe_training_loss=np.array([2.3, 1.2, 1.0, 0.9]),
        probe_loss=np.array([2.3, 1.2, 1.0, 0.9]),
        baseline_loss=2.3,
        epochs=EPOCHS,
        loss=np.array([np.nan, 9, 8, 7]),
        val_loss=np.array([np.nan, 1.3, 1.1, 1.0]),
        step_loss_std=np.array([np.nan, 30, 30, 30]),
    ),
]
