"""What is plain from the settings alone, and what may not be said of settings that are not known."""

import numpy as np
import pytest
from answers import answer

from demo.arrays import BINARY, CATEGORICAL, LAYERS, MSE, OWN, SPARSE, out
from demo.faults import poor_initialization
from tb_diagnose.causes import CATALOGUE, CouldNotTell, DoesNotApply, Finding, Fine
from tb_diagnose.diagnosis.ranking import PLAIN

TEN = dict(label_form="integer", label_dtype="int64", label_unique_count=10, label_min=0, label_max=9)
TWO = dict(label_form="binary", label_dtype="int64", label_unique_count=2, label_min=0, label_max=1)
ONE_HOT = dict(
    label_form="one_hot", label_dtype="float32", label_unique_count=2, label_min=0, label_max=1, label_shape=[10]
)
CAUSES = ("label_encoding", "loss_mismatch", "output_activation", "output_units")
"""Causes that need nothing but the output layer, the loss and the labels."""


def named(output, loss, **labels):
    """Ids of the causes that see a fault, each of which is certain."""
    given = dict(output=output, loss_function=loss, **labels)
    findings = {id_: found for id_ in CAUSES if isinstance(found := answer(id_, given), Finding)}
    assert all(finding.certainty == 1 for finding in findings.values())
    return set(findings)


@pytest.mark.parametrize("activation", ["relu", "tanh", "linear", "elu", "log_softmax"])
@pytest.mark.parametrize(("units", "loss", "labels"), [(1, BINARY, TWO), (10, SPARSE, TEN), (10, CATEGORICAL, ONE_HOT)])
def test_an_output_that_is_no_probability(activation, units, loss, labels):
    assert named(out(units, activation), loss, **labels) == {"output_activation"}


@pytest.mark.parametrize(
    ("output", "loss", "labels", "expected"),
    [
        (out(1, "softmax"), BINARY, TWO, {"output_activation"}),
        (out(1, "softmax"), SPARSE, TWO, {"output_activation", "loss_mismatch"}),
        (out(1, "sigmoid"), CATEGORICAL, TWO, {"loss_mismatch"}),
        (out(10, "sigmoid"), BINARY, TEN, {"loss_mismatch"}),
        (out(10, "sigmoid"), SPARSE, TEN, {"output_activation"}),
        (out(9, "softmax"), SPARSE, TEN, {"output_units"}),
        (out(10, "softmax"), SPARSE, {**TEN, "label_min": 1, "label_max": 10}, {"label_encoding"}),
        (out(1, "sigmoid"), BINARY, {**TWO, "label_min": -1}, {"label_encoding"}),
        (out(1, "sigmoid"), BINARY, {**TWO, "label_max": 255}, {"label_encoding"}),
        (out(10, "softmax"), CATEGORICAL, TEN, {"label_encoding"}),
        (out(10, "softmax"), SPARSE, ONE_HOT, {"label_encoding"}),
        (out(10, "softmax"), SPARSE, TEN, set()),
        (out(10, "softmax"), CATEGORICAL, ONE_HOT, set()),
        (out(1, "sigmoid"), BINARY, TWO, set()),
    ],
)
def test_contradictions(output, loss, labels, expected):
    assert named(output, loss, **labels) == expected


@pytest.mark.parametrize(("backend", "expected"), [("tensorflow", Fine), ("jax", Finding), ("torch", Finding)])
def test_a_second_softmax_depends_on_the_backend(backend, expected):
    twice = dict(output=out(10, "softmax"), loss_function={**SPARSE, "from_logits": True}, **TEN)
    assert isinstance(answer("output_activation", twice), CouldNotTell)
    assert isinstance(answer("output_activation", {**twice, "environment": {"backend": backend}}), expected)


@pytest.mark.parametrize("id_", CAUSES)
def test_a_custom_loss_is_not_checked(id_):
    given = dict(output=out(1, "softmax"), loss_function=OWN, **{**TWO, "label_max": 255})
    assert isinstance(answer(id_, given), DoesNotApply)


def test_labels_of_one_value_are_not_judged_by_the_first_samples_of_a_dataset():
    same = dict(
        **{**TWO, "label_max": 0, "label_unique_count": 1},
        sample_count=800,
        loss_function=BINARY,
        output=out(1, "sigmoid"),
    )
    whole, part = dict(batch_size=100, steps_per_epoch=8), dict(batch_size=100, steps_per_epoch=80)
    finding = answer("label_encoding", {**same, **whole})
    assert (finding.harm, finding.certainty, finding.edits) == (1, 1, ())
    assert "all 800 samples is 0" in finding.saw
    assert answer("label_encoding", {**same, **part}) == CouldNotTell(("label_counts",))


def test_labels_that_are_all_nan_are_no_error():
    given = dict(label_form="continuous", label_dtype="float32", label_nonfinite_count=80, output=out(1, "sigmoid"))
    for id_ in CAUSES:
        for loss in (BINARY, SPARSE, MSE):
            assert isinstance(answer(id_, {**given, "loss_function": loss}), (DoesNotApply, Fine)), id_


def test_every_loss_label_form_and_number_of_outputs_has_an_answer():
    forms = (TWO, TEN, ONE_HOT, {**ONE_HOT, "label_form": "multi_label"}, {**ONE_HOT, "label_form": "probabilities"})
    targets = dict(label_form="continuous", label_dtype="float32", label_min=-3.0, label_max=3.0)
    names = (
        "hinge",
        "categorical_hinge",
        "kl_divergence",
        "mean_absolute_error",
        "poisson",
        "dice",
        "ctc",
        "crossentropy",
    )
    losses = (BINARY, SPARSE, CATEGORICAL, MSE, *({**MSE, "name": name} for name in names))
    for labels in (*forms, targets, {**TWO, "label_form": "string"}):
        for loss in losses:
            for output in (out(1, "sigmoid"), out(10, "softmax"), out(3, "linear"), out(10, None)):
                for id_ in CAUSES:
                    found = answer(id_, dict(output=output, loss_function=loss, **labels))
                    assert isinstance(found, (Finding, Fine, DoesNotApply, CouldNotTell))
                    if isinstance(found, Finding):
                        assert "None" not in found.saw + found.fix, (id_, found)


@pytest.mark.parametrize(
    ("id_", "given", "missing"),
    [
        ("frozen_layers", dict(layers=[{**LAYERS[0], "trainable": True}] * 2), ("layers",)),
        ("hidden_activation", dict(layers=[{**row, "activation": "linear"} for row in LAYERS]), ("model",)),
        (
            "poor_initialization",
            dict(layers=[{**row, "initializer": "RandomNormal"} for row in LAYERS]),
            ("initial_weights",),
        ),
        ("excessive_regularization", dict(layers=[{**row, "regularized": True} for row in LAYERS]), ("penalty",)),
        ("loss_mismatch", dict(loss_function=BINARY, output=out(1, "sigmoid"), loss=np.array([0.5])), ("label_form",)),
        ("output_units", dict(output=out(9, "softmax"), **TEN), ("loss_function",)),
    ],
)
def test_what_was_not_logged_is_not_called_fine(id_, given, missing):
    assert answer(id_, given) == CouldNotTell(missing)


def test_faults_say_what_they_look_like_of_faults_only():
    for id_ in (*CAUSES, "frozen_layers", "hidden_activation", "poor_initialization", "excessive_regularization"):
        entry = CATALOGUE[id_]
        assert all(CATALOGUE[other].is_fault for other in entry.looks_like)
        assert not any(CATALOGUE[other].is_fault for other in entry.brings_about)


@pytest.mark.parametrize(("activation_std", "expected"), [([0.8, 0.9, 0.5], Finding), ([0.0, 0.0, 0.5], DoesNotApply)])
def test_layers_that_answer_every_sample_alike_are_not_cut_off(activation_std, expected):
    given = dict(
        layers=LAYERS[:3],
        epochs=np.arange(4),
        gradient_norm=np.tile([0.0, 0.0, 2.0], (4, 1)),
        activation_std=np.tile(activation_std, (4, 1)),
    )
    assert isinstance(CATALOGUE["disconnected_gradient"].judge(**given), expected)


def test_losses_far_apart_alone_neither_show_nor_exclude_overfitting():
    losses = dict(
        val_loss=np.array([np.nan, 0.7, 0.7, 0.7, 0.7]),
        loss=np.array([np.nan, 0.6, 0.4, 0.2, 0.1]),
        epochs=np.arange(5),
    )
    assert answer("overfitting", losses) == CouldNotTell(("accuracy", "val_accuracy"))


def test_a_small_start_that_was_left_behind_holds_nothing_back_for_certain():
    good, layers = poor_initialization.GOOD, poor_initialization.LAYERS
    began = dict(initial_weights=[poor_initialization.begun(1e-4), good, good], layers=layers, epochs=np.arange(2))
    still, grown = (
        answer("poor_initialization", began | {"weight_norm": np.array([[1.0, 1.0, 1.0], [times, times, times]])})
        for times in (2.0, 2000.0)
    )
    assert still.certainty >= PLAIN > grown.certainty and "2,000 times that" in grown.saw
