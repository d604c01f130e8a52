"""A learning rate that decays as if its steps were epochs."""

from dataclasses import replace

import numpy as np

from demo.setups import Setup

LEVELS = ({"share": 0.2}, {"share": 0.06}, {"share": 0.01})
SHOWN_ON = ("digits_cnn", "regression", "tokens_conv")


def inject(setup: Setup, share: float = 0.01) -> Setup:
    """Lets the rate fall to a hundredth in a share of the run's steps, and on in the same way."""
    import keras

    steps = setup.epochs * -(-len(setup.x) // setup.batch_size)
    schedule = keras.optimizers.schedules.ExponentialDecay(setup.learning_rate, max(round(share * steps), 1), 0.01)
    return replace(setup, optimizer_options={**setup.optimizer_options, "learning_rate": schedule})


FLAT = np.array([1.4, 0.9, 0.89, 0.889, 0.889, 0.888, 0.888, 0.888, 0.888, 0.888, 0.888])


def decayed(rates, **known):
    """Eleven records of a run whose rate went like this."""
    return {
        "learning_rate": np.array(rates, float),
        "epochs": np.arange(11),
        "planned_epochs": 10,
        "optimizer": {"name": "adam", "config": {"learning_rate": 1e-3}},
        "iterations": np.arange(11) * 50.0,
    } | known


def compiled(kind, **config):
    """The fact `optimizer` of Adam with a schedule."""
    rate = {"module": "keras.optimizers.schedules", "class_name": kind, "config": config, "registered_name": None}
    return {"name": "adam", "config": {"learning_rate": rate}}


def exponential(fall, start=1e-3):
    return start * np.exp(-fall * np.arange(11.0))


EXPONENTIAL = compiled("ExponentialDecay", initial_learning_rate=1e-3, decay_steps=10, decay_rate=0.3)
COSINE = 0.5e-3 * (1 + np.cos(np.pi * np.arange(11) / 10))
SICK = [
    decayed(exponential(6), optimizer=EXPONENTIAL, probe_loss=FLAT),
    decayed([1e-3] + [0.0] * 10, optimizer=compiled("CosineDecay", initial_learning_rate=1e-3, decay_steps=10)),
    decayed([1e-3, 1e-3, *[1e-4] * 3, *[1e-5] * 6], loss=FLAT),  # a callback
    decayed([1e-3, 1e-3] + [0.0] * 9, probe_loss=FLAT),
    decayed(
        [0.1, *[1e-3] * 10],
        optimizer=compiled("PiecewiseConstantDecay", boundaries=[5], values=[0.1, 1e-3]),
        probe_loss=FLAT,
    ),
    decayed(exponential(2), optimizer=EXPONENTIAL, probe_loss=np.linspace(2.0, 1.99, 11)),  # nothing was learned before
]
HEALTHY = [
    decayed([1e-3] * 11, probe_loss=FLAT),
    decayed(COSINE, optimizer=compiled("CosineDecay", initial_learning_rate=1e-3, decay_steps=500), probe_loss=FLAT),
    decayed([*np.linspace(1e-5, 1e-3, 5), *[1e-3] * 6], probe_loss=FLAT),  # a warm-up
    decayed([*[1e-3] * 6, *[1e-4] * 5], probe_loss=FLAT),  # in a step at half of the epochs
    decayed(  # ReduceLROnPlateau: the loss had come to a stand
        [*[1e-3] * 5, *[1e-5] * 6], probe_loss=np.array([1.4, 0.9, 0.89, 0.889, 0.889, *[0.889] * 6])
    ),
    decayed(  # the same on a validation loss
        [*[1e-3] * 5, *[1e-5] * 6],
        probe_loss=np.array([1.4, 0.9, 0.7, 0.5, 0.4, *[0.39] * 6]),
        probe_val_loss=np.array([1.4, 1.0, 0.99, 0.99, 0.99, *[0.99] * 6]),
    ),
    decayed([1e-2, *[9e-4] * 10], probe_loss=np.geomspace(2, 0.2, 11)),  # smaller, and still learning
    decayed(exponential(0.25), optimizer=EXPONENTIAL, probe_loss=FLAT),  # to a tenth, in nine of ten epochs
    {"learning_rate": np.array([1e-3, 1e-5]), "epochs": np.arange(2)},  # too early to tell
]
