"""What neighbours and ridge regression tell, on samples whose labels are known to follow from the inputs or not."""

import numpy as np
import pytest

from tb_diagnose.recorder import patch_features, reference_facts, reference_models
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import Labels


def amounts(x, y):
    return reference_models.Table(reference_models.compared(x)[0], reference_models.Truth(y, None))


def table(x, classes):
    truth = reference_models.Truth(np.eye(classes.max() + 1)[classes], classes)
    return reference_models.Table(reference_models.compared(x)[0], truth)


def samples(seed=0, count=400):
    return np.random.default_rng(seed).normal(size=(count, 3))


@pytest.mark.parametrize(
    "answers", [reference_models.neighbour_answers, lambda samples: reference_models.ridge(samples).answers]
)
def test_labels_that_follow_from_the_inputs(answers):
    x = samples()
    told = table(x, (x[:, 0] > 0).astype(int))
    untold = table(x, np.random.default_rng(1).integers(0, 2, 400))
    assert reference_models.accuracy(answers(told), told.truth) > 0.85
    assert abs(reference_models.skill(answers(untold), untold.truth)) < 0.15


@pytest.mark.parametrize(
    "answers", [reference_models.neighbour_answers, lambda samples: reference_models.ridge(samples).answers]
)
def test_amounts_that_follow_from_the_inputs(answers):
    x = samples()
    told = amounts(x, x[:, :1])
    assert reference_models.skill(answers(told), told.truth) > 0.8


def test_a_row_left_out_is_what_the_others_say():
    x = samples(count=40)
    y = (x[:, :1] + np.random.default_rng(2).normal(size=(40, 1))) * 3
    told = amounts(x, y)
    whole = reference_models.ridge(told)
    kernel = reference_models._kernel(told.likeness, told, whole.width)
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
    assert reference_models.accuracy(reference_models.ridge(found).answers, found.truth) > 0.85


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
    assert reference_models.confident_error(votes, found.truth) == pytest.approx(noise, abs=0.06)


@pytest.mark.parametrize("features", [5, 30, 500])
@pytest.mark.parametrize("count", [40, 80, 300])
def test_a_row_does_not_tell_its_own_label(count, features):
    skills = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = table(rng.normal(size=(count, features)), rng.integers(0, 2, count))
        skills.append(reference_models.skill(reference_models.ridge(found).answers, found.truth))
    assert np.mean(skills) < 0.15


def test_samples_are_compared_some_features_at_a_time_as_they_are_at_once():
    rng = np.random.default_rng(5)
    x, others = (rng.normal(3, 5, (count, 600)).astype("float32") for count in (40, 30))
    x[:, 7], x[3, 400], others[2, 5] = 1, np.nan, np.inf
    own, theirs = reference_models.compared(x, others)
    plain = [np.where(np.isfinite(part), part, 0).astype(float) for part in (x, others)]
    mean, deviation = plain[0].mean(axis=0), plain[0].std(axis=0)
    deviation[7] = 1
    here, there = ((part - mean) / deviation for part in plain)
    for found, expected in ((own, here), (theirs, there)):
        assert np.allclose(found.products, expected @ here.T) and np.allclose(found.squares, (expected**2).sum(axis=1))


def nearest_by_hand(x, y, others=None):
    """Labels of the five nearest samples of standardized images, sample by sample."""
    flat = x.reshape(len(x), -1).astype(float)
    deviation = np.where(flat.std(axis=0) > 0, flat.std(axis=0), 1)
    here = (flat - flat.mean(axis=0)) / deviation
    there = here if others is None else (others.reshape(len(others), -1) - flat.mean(axis=0)) / deviation
    found = []
    for index, sample in enumerate(there):
        distances = ((here - sample) ** 2).sum(axis=1)
        if others is None:
            distances[index] = np.inf
        found.append(y[np.argsort(distances)[:5]])
    return np.array(found)


def test_facts_of_images_are_those_of_a_plain_computation():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 2, 260)
    x = (rng.integers(0, 200, (260, 10, 10, 1)) + 12 * y[:, None, None, None]).astype("uint8")
    training, validation = Data(x[:200], y[:200]), Data(x[200:], y[200:])
    facts = reference_facts.reference_facts(training, Labels("binary", np.arange(2), y[:200]), validation, ids=False)
    votes = nearest_by_hand(x[:200], y[:200]).mean(axis=1) > 0.5
    assert facts["neighbour_accuracy"] == pytest.approx((votes == y[:200]).mean())
    theirs = nearest_by_hand(x[:200], y[:200], x[200:]).mean(axis=1) > 0.5
    most = max(y[200:].mean(), 1 - y[200:].mean())
    assert facts["validation_reference_skill"] >= ((theirs == y[200:]).mean() - most) / (1 - most) - 1e-9
    assert 0.5 < facts["ridge_accuracy"] <= 1


def test_samples_that_are_chosen_among_more_tell_what_they_tell_alone():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(1_400, 12, 2))
    y = (x[:, :6].mean(axis=(1, 2)) > 0).astype(int)
    labels = Labels("binary", np.arange(2), y)
    whole = Data(x, y)
    chosen = reference_facts._chosen(whole, labels)
    assert len(chosen) == reference_facts.SAMPLES
    alone = reference_facts.reference_facts(whole.take(chosen), Labels("binary", np.arange(2), y[chosen]), None, False)
    assert reference_facts.reference_facts(whole, labels, None, False) == pytest.approx(alone)


def test_ids_are_counted():
    x = np.array([[1, 1, 2], [2, 2, 2]])
    assert reference_models.features(x, ids=True).tolist() == [[0, 2, 1], [0, 0, 3]]


def test_other_rows_are_told_from_these():
    x = samples()
    here = table(x[:300], (x[:300, 0] > 0).astype(int))
    theirs = reference_models.compared(x[:300], x[300:])[1]
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
    every = np.arange(300)
    values = table(samples.reshape(300, -1), classes)
    seen = table(patch_features.responses(samples, every, patch_features.cut(samples, every)), classes)
    assert reference_models.accuracy(reference_models.ridge(seen).answers, seen.truth) > 0.9
    assert reference_models.accuracy(reference_models.ridge(values).answers, values.truth) < 0.75


@pytest.mark.parametrize("shape", [(10, 4), (10, 2, 2, 1), (10, 8, 300), (10, 4, 4, 4, 4, 1)])
def test_rows_without_places_or_with_too_wide_ones_have_no_pieces(shape):
    assert not patch_features.has_places(shape)


def test_pieces_of_constant_rows_are_finite():
    samples, every = np.ones((20, 9, 9, 1), "uint8"), np.arange(20)
    assert np.isfinite(patch_features.responses(samples, every, patch_features.cut(samples, every))).all()


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
