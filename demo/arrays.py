"""Small evidence for the cases of `demo/faults`: three layers, four epochs, the usual losses."""

import numpy as np

EPOCHS = np.arange(4)
LAYERS = [
    {"name": "first", "initializer": "GlorotUniform", "units": 8, "activation": "relu"},
    {"name": "second", "initializer": "GlorotUniform", "units": 8, "activation": "relu"},
    {"name": "last", "initializer": "GlorotUniform", "units": 1, "activation": "sigmoid"},
]
BINARY = {"name": "binary_crossentropy", "from_logits": False, "custom": False}
LOGITS = {**BINARY, "from_logits": True}
SPARSE = {"name": "sparse_categorical_crossentropy", "from_logits": False, "custom": False}
CATEGORICAL = {"name": "categorical_crossentropy", "from_logits": False, "custom": False}
MSE = {"name": "mean_squared_error", "from_logits": False, "custom": False}
OWN = {"name": "my_loss", "from_logits": False, "custom": True}


def out(units, activation):
    return {"name": "last", "units": units, "activation": activation}


def each(*samples):
    """One sample of values by layer for each epoch."""
    return np.array(samples, float)
