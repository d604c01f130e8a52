"""Of a model with several outputs, the one that stalls gets the cause that is its own."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

import tb_diagnose
from tb_diagnose.causes import Edit, Finding
from tb_diagnose.diagnosis import of_output
from tb_diagnose.evidence import Evidence
from tb_diagnose.status.outputs import OutputState

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


def test_a_change_in_the_layer_of_an_output_is_shown_and_one_for_all_outputs_is_not(tmp_path):
    (named,) = diagnosis(tmp_path, activation="softmax", epochs=8).probable_causes
    assert [(edit.where, edit.argument, edit.new) for edit in named.finding.edits] == [
        ("sign", "activation", "sigmoid")
    ]


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ("probe_accuracy", "output_accuracy"),
        ("dead_fraction", "dead_fraction"),  # of the layers that all outputs share
        ("accuracy", None),  # Keras reports that of one output, or none
        ("neighbour_skill", None),  # a fact of the output: there is no picture of it
    ],
)
def test_the_picture_is_the_one_that_holds_the_output(picture, shown):
    epochs, zeros = np.arange(3), np.zeros((3, 2))
    series = {"output_accuracy": zeros, "dead_fraction": zeros.copy(), "accuracy": np.zeros(3)}
    evidence = Evidence("run", epochs, series, {"layers": [{"name": "head"}]})
    state = OutputState("sign", 0, evidence, None, None)
    edits = (Edit("head", "units", 2), Edit("compile", "loss", "mse"))
    of_sign = replace(edits[1], output="sign")
    told = of_output._of(state, Finding(1.0, 1.0, "It is so.", picture=picture, edits=edits[:1]), evidence)
    assert (told.picture, told.edits, told.saw) == (shown, edits[:1], "Output `sign`: It is so.")
    assert of_output._of(state, Finding(1.0, 1.0, "It is so.", edits=edits), evidence).edits == (edits[0], of_sign)


@pytest.mark.parametrize(
    ("key", "code"), [("sign", '{**y, "sign": y["sign"] - 1}'), (1, "[*y[:1], y[1] - 1, *y[2:]]"), (None, None)]
)
def test_labels_are_changed_for_one_output(key, code):
    facts = {"layers": [], "outputs": [{"name": "sign", "label_key": key}]}
    evidence = Evidence("run", np.arange(3), {}, facts)
    state = OutputState("sign", 0, evidence, None, None)
    change, whole = Edit("data", "y", "y - 1"), Edit("fit", "class_weight", {0: 1.0})
    told = of_output._of(state, Finding(1.0, 1.0, "It is so.", edits=(change,)), evidence)
    assert [edit.new for edit in told.edits] == ([] if code is None else [code])
    # What belongs together is changed together, or not at all.
    assert of_output._of(state, Finding(1.0, 1.0, "It is so.", edits=(change, whole)), evidence).edits == ()


def test_outputs_that_learn_have_none(tmp_path):
    found = diagnosis(tmp_path)
    assert found.status.name in ("reached", "learning") and found.probable_causes == ()
    assert {cause.id for cause, _ in found.fine} >= {"output_units", "label_encoding", "shuffled_labels"}
    # What the layers are is told of models with one output: the head of another output is no hidden layer.
    assert "hidden_activation" in {cause.id for cause, _ in found.does_not_apply}
