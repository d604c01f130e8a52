"""What the causes of the data say beyond sick and healthy: what stays open, and how sure they are."""

import re

import keras
import numpy as np
import pytest
from answers import answer, evidence_of

from demo.faults import bad_split, imbalanced_classes, label_noise, shuffled_labels, too_little_data, unscaled_inputs
from tb_diagnose.causes import CouldNotTell, DoesNotApply, Edit, Finding, Fine


def test_too_few_samples_cannot_tell_random_labels():
    given = dict(
        neighbour_skill=0.0, ridge_skill=0.0, neighbour_sample_count=40, label_form="binary", label_counts=[20, 20]
    )
    assert answer("shuffled_labels", given) == CouldNotTell(("more than 40 samples",))


def test_simple_methods_that_know_nothing_cannot_tell_wrong_labels():
    given = dict(confident_error_fraction=0.48, neighbour_skill=0.01, ridge_skill=0.02, neighbour_sample_count=1000)
    assert isinstance(answer("label_noise", given), CouldNotTell)


def test_without_validation_samples_there_is_no_split():
    assert answer("bad_split", dict(sample_count=1437)) == DoesNotApply("No validation samples were given.")


@pytest.mark.parametrize(("reference", "trusted"), [(0.97, True), (0.01, False)])
def test_validation_on_training_samples_is_trusted_where_simple_methods_agree(reference, trusted):
    given = bad_split.SICK[2] | {"neighbour_skill": reference, "ridge_skill": reference}
    assert evidence_of(given).get("validation_is_trusted") is trusted
    finding = answer("bad_split", given)
    assert isinstance(finding, Finding) and (finding.harm > 0.9) is not trusted


def test_certainty_of_an_imbalance_grows_with_the_majority():
    def with_majority(count):
        return answer("imbalanced_classes", imbalanced_classes.SICK[0] | {"label_counts": [count, 1000 - count]})

    assert with_majority(800).certainty < with_majority(950).certainty < 0.8


def test_random_labels_are_less_certain_where_one_class_is_common():
    even = answer("shuffled_labels", shuffled_labels.SICK[0])
    common = answer("shuffled_labels", shuffled_labels.SICK[0] | {"label_counts": [850, 150]})
    assert common.certainty < 0.25 < even.certainty


def test_a_ceiling_is_claimed_only_of_labels_that_are_as_noisy():
    noise = label_noise.SICK[1] | {"validation_sample_count": 360}
    assert answer("label_noise", noise | {"validation_reference_skill": 0.5}).ceiling == pytest.approx(0.62)
    clean = answer("label_noise", noise | {"validation_reference_skill": 0.9})
    assert clean.ceiling is None and clean.certainty > answer("label_noise", noise).certainty


def test_copies_count_once():
    finding = answer("too_little_data", too_little_data.SICK[2])
    assert "3,000 training samples, 40 of them different: 4 for each class" in finding.saw


@pytest.mark.parametrize("shape", [(), (2,), (5, 4, 3)])
def test_the_lines_that_scale_inputs_run_and_leave_constant_features_alone(shape):
    given = unscaled_inputs.SICK[0] | {"input_shape": [list(shape)]}
    names = {"np": np, "x": 1000 * np.random.default_rng(0).random((50, *shape)).astype("float32")}
    if shape:
        names["x"][..., 0] = 255.0
    found = answer("unscaled_inputs", given)
    (code,) = re.findall("`([^`]+)`", found.fix)
    names |= {"keras": keras, "model": keras.Sequential([keras.layers.Lambda(lambda x: x)])}
    exec(code, names)
    names["x"] = np.array(names["model"](names["x"]))
    scaled = names["x"] if not shape else names["x"][..., 1:]
    assert abs(scaled.mean()) < 1e-3 and scaled.std() == pytest.approx(1, abs=1e-3)
    assert np.abs(names["x"]).max() < 10


@pytest.mark.parametrize(
    ("high", "shape", "divided"),
    [(255.0, (28, 28), True), (251.0, (8, 8, 3), True), (255.0, (784,), False), (300.0, (28, 28), False)],
)
def test_images_of_bytes_are_divided(high, shape, divided):
    given = unscaled_inputs.SICK[1] | {"input_min": [0.0], "input_max": [high], "input_shape": [list(shape)]}
    found = answer("unscaled_inputs", given)
    assert ("keras.layers.Rescaling(1 / 255)" in found.fix) is divided
    assert (found.edits == (Edit("in front", "layer", "keras.layers.Rescaling(1 / 255)"),)) is divided
    streamed = answer("unscaled_inputs", given | {"data_form": "dataset"})
    assert streamed.edits == () and ("Rescaling" in streamed.fix) is divided


def test_inputs_that_a_net_learns_from_anyway_are_worth_a_note():
    bytes_ = unscaled_inputs.SICK[1] | {"ridge_skill": 0.99, "neighbour_skill": 0.96}
    learned, stalled = (answer("unscaled_inputs", bytes_ | {"skill": [np.nan, *[level] * 3]}) for level in (0.95, 0.1))
    assert learned.weight < 0.25 < stalled.weight


def test_lucky_validation_does_not_clear_random_labels():
    # A network that knows nothing answers whole classes alike, and may be lucky with one for many epochs.
    blind = dict(neighbour_skill=0.0, ridge_skill=0.0, neighbour_sample_count=1000, label_form="integer")
    curves = dict(label_counts=[100] * 10, epochs=np.arange(6), validation_sample_count=400)
    lucky = dict(probe_val_accuracy=np.array([0.1, 0.11, 0.1, 0.19, 0.18, 0.18]))
    chance, learned = np.array([0.1, 0.12, 0.11, 0.12, 0.13, 0.12]), np.array([0.1, 0.2, 0.3, 0.3, 0.31, 0.3])
    assert isinstance(answer("shuffled_labels", blind | curves | lucky | {"probe_accuracy": chance}), Finding)
    assert isinstance(answer("shuffled_labels", blind | curves | lucky | {"probe_accuracy": learned}), Fine)
