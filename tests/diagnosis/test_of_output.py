"""Of a model with several outputs, the one that stalls gets the cause that is its own."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import tb_diagnose

pytest.importorskip("tensorflow")
DRAWN = np.random.default_rng(0)
X = DRAWN.normal(size=(600, 8)).astype("float32")
SIGN = (X[:, :1] + X[:, 1:2] > 0).astype("int64")
KIND = np.digitize(X[:, 2], [-0.4, 0.4])


def diagnosis(folder, activation="sigmoid", sign=SIGN, epochs=15):
    """The diagnosis of a model with an output for each kind of labels; `activation` is that of the first."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8,))
    hidden = layers.Dense(32, "relu")(inputs)
    outputs = {
        "sign": layers.Dense(1, activation, name="sign")(hidden),
        "kind": layers.Dense(3, "softmax", name="kind")(hidden),
        "size": layers.Dense(1, name="size")(hidden),
    }
    net = keras.Model(inputs, outputs)
    losses = {"sign": "binary_crossentropy", "kind": "sparse_categorical_crossentropy", "size": "mse"}
    net.compile(keras.optimizers.Adam(0.01), losses, metrics={"sign": ["accuracy"], "kind": ["accuracy"]})
    labels = {"sign": sign, "kind": KIND, "size": X[:, 3:4]}
    callback = tb_diagnose.KerasCallback(folder, verbose=0)
    net.fit(X, labels, epochs=epochs, verbose=0, validation_split=0.2, callbacks=[callback])
    (found,) = tb_diagnose.diagnose(str(folder))
    assert found.failed == ()
    return found


@pytest.mark.parametrize(
    ("cause", "changed"),
    [
        ("output_activation", {"activation": "softmax"}),
        ("shuffled_labels", {"sign": DRAWN.permutation(SIGN)}),
    ],
)
def test_the_cause_is_that_of_the_output(tmp_path, cause, changed):
    found = diagnosis(tmp_path, **changed)
    assert [named.cause.id for named in found.probable_causes] == [cause]
    saw = found.probable_causes[0].finding.saw
    assert found.headline.count("output `") == 1
    assert saw.startswith("Output `sign`: ") and "`kind` reached" in found.headline


def test_outputs_that_learn_have_none(tmp_path):
    found = diagnosis(tmp_path)
    assert found.status.name in ("reached", "learning") and found.probable_causes == ()
    assert {cause.id for cause, _ in found.fine} >= {"output_units", "label_encoding", "shuffled_labels"}
    # What the layers are is told of models with one output: the head of another output is no hidden layer.
    assert "hidden_activation" in {cause.id for cause, _ in found.does_not_apply}
