"""What neighbours and ridge regression tell, on samples whose labels are known to follow from the inputs or not."""

import numpy as np
import pytest

from tb_diagnose.recorder import patch_features, reference_facts, reference_models
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import Labels


def table(x, classes):
    return reference_models.Table(reference_models.standardized(x), np.eye(classes.max() + 1)[classes], classes)


def samples(seed=0, count=400):
    return np.random.default_rng(seed).normal(size=(count, 3))


@pytest.mark.parametrize(
    "answers", [reference_models.neighbour_answers, lambda samples: reference_models.ridge(samples).answers]
)
def test_labels_that_follow_from_the_inputs(answers):
    x = samples()
    told = table(x, (x[:, 0] > 0).astype(int))
    untold = table(x, np.random.default_rng(1).integers(0, 2, 400))
    assert reference_models.accuracy(answers(told), told) > 0.85
    assert abs(reference_models.skill(answers(untold), untold)) < 0.15


@pytest.mark.parametrize(
    "answers", [reference_models.neighbour_answers, lambda samples: reference_models.ridge(samples).answers]
)
def test_amounts_that_follow_from_the_inputs(answers):
    x = samples()
    told = reference_models.Table(reference_models.standardized(x), x[:, :1], None)
    assert reference_models.skill(answers(told), told) > 0.8


def test_a_row_left_out_is_what_the_others_say():
    x = reference_models.standardized(samples(count=40))
    y = (x[:, :1] + np.random.default_rng(2).normal(size=(40, 1))) * 3
    whole = reference_models.ridge(reference_models.Table(x, y, None))
    kernel = reference_models._kernel(x, x, whole.width)
    errors = {}
    for penalty in reference_models.PENALTIES:
        alone = np.empty_like(y)
        for row in range(40):
            others = np.arange(40) != row
            with_intercept = np.ones((40, 40))
            with_intercept[:39, :39] = kernel[others][:, others] + penalty * np.eye(39)
            with_intercept[39, 39] = 0
            weights = np.linalg.solve(with_intercept, np.append(y[others, 0], 0))
            alone[row] = kernel[row, others] @ weights[:39] + weights[39]
        errors[penalty] = float(np.abs(alone - whole.answers).max())
    assert min(errors.values()) < 1e-6


def test_a_kernel_tells_what_no_line_can():
    x = samples(count=600)
    classes = (x[:, 0] * x[:, 1] > 0).astype(int)
    found = table(x, classes)
    assert reference_models.accuracy(reference_models.ridge(found).answers, found) > 0.85


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.4])
def test_wrong_labels_show_where_others_are_sure(noise):
    rng = np.random.default_rng(0)
    centres = np.array([[-5.0, 0, 0], [5.0, 0, 0], [0, 5.0, 0]])
    classes = rng.integers(0, 3, 900)
    x = centres[classes] + rng.normal(size=(900, 3))
    wrong = rng.random(900) < noise
    classes[wrong] = (classes[wrong] + rng.integers(1, 3, wrong.sum())) % 3
    found = table(x, classes)
    votes = reference_models.neighbour_answers(found, reference_models.SURE_NEIGHBOURS)
    assert reference_models.confident_error(votes, found) == pytest.approx(noise, abs=0.06)


@pytest.mark.parametrize("features", [5, 30, 500])
@pytest.mark.parametrize("count", [40, 80, 300])
def test_a_row_does_not_tell_its_own_label(count, features):
    skills = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = table(rng.normal(size=(count, features)), rng.integers(0, 2, count))
        skills.append(reference_models.skill(reference_models.ridge(found).answers, found))
    assert np.mean(skills) < 0.15


def test_ids_are_counted():
    x = np.array([[1, 1, 2], [2, 2, 2]])
    assert reference_models.features(x, ids=True).tolist() == [[0, 2, 1], [0, 0, 3]]


def test_other_rows_are_told_from_these():
    x = samples()
    here = table(x[:300], (x[:300, 0] > 0).astype(int))
    theirs = reference_models.standardized(x[300:], x[:300])
    for answers in (reference_models.neighbour_predict(here, theirs), reference_models.ridge(here).predict(theirs)):
        assert (answers.argmax(axis=1) == (x[300:, 0] > 0)).mean() > 0.85


@pytest.mark.parametrize("shape", [(64, 1), (24, 24, 2)])
def test_pieces_tell_what_is_at_no_fixed_place(shape):
    rng = np.random.default_rng(4)
    classes = rng.integers(0, 2, 300)
    samples = rng.normal(0, 0.2, (300, *shape))
    for row, label in enumerate(classes):
        at = tuple(slice(start, start + 3) for start in rng.integers(0, np.array(shape[:-1]) - 3))
        samples[row][at] += np.array([1, -1, 1] if label else [-1, 1, -1]).reshape(3, *[1] * (len(shape) - 1))
    assert patch_features.has_places(samples.shape)
    values = table(samples.reshape(300, -1), classes)
    seen = table(patch_features.responses(samples, patch_features.cut(samples)), classes)
    assert reference_models.accuracy(reference_models.ridge(seen).answers, seen) > 0.9
    assert reference_models.accuracy(reference_models.ridge(values).answers, values) < 0.75


@pytest.mark.parametrize("shape", [(10, 4), (10, 2, 2, 1), (10, 8, 300), (10, 4, 4, 4, 4, 1)])
def test_rows_without_places_or_with_too_wide_ones_have_no_pieces(shape):
    assert not patch_features.has_places(shape)


def test_pieces_of_constant_rows_are_finite():
    samples = np.ones((20, 9, 9, 1), "uint8")
    assert np.isfinite(patch_features.responses(samples, patch_features.cut(samples))).all()


def test_a_thousand_samples_of_many_classes_take_no_more_outputs_than_they_have_classes():
    labels = Labels("integer", values=np.arange(10_000))
    truth, classes = reference_facts._truth(np.array([7, 9_999, 7, 20]), labels)
    assert truth.shape == (4, 3) and classes.tolist() == [0, 2, 0, 1]
    others, of_others = reference_facts._truth(np.array([20, 8, 7]), labels, np.array([7, 20, 9_999]))
    assert of_others.tolist() == [1, 3, 0] and others.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_classes_that_the_reference_never_saw_are_no_majority():
    draws = np.random.default_rng(0)
    classes = np.where(draws.random(6_000) < 0.4, draws.integers(0, 10, 6_000), draws.integers(10, 4_000, 6_000))
    x = np.stack([classes % 10, classes // 10], axis=1) + 0.1 * draws.normal(size=(6_000, 2))
    labels = Labels("integer", *np.unique(classes[:5_000], return_inverse=True))
    training, validation = (Data(x[part], classes[part]) for part in (slice(5_000), slice(5_000, None)))
    facts = reference_facts.reference_facts(training, labels, validation, ids=False)
    skill = max(facts["neighbour_skill"], facts["ridge_skill"])
    assert facts["validation_reference_skill"] > 0.5 * skill > 0.1
