"""What is said of the samples that `fit` really got, against what the pipeline itself notes."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_run import model

import tb_diagnose
from tb_diagnose import event_file

SAMPLES = 120
X = np.random.default_rng(1).normal(size=(SAMPLES, 3)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


def recorded(logdir, fit):
    """What is recorded of one call of fit."""
    keras.utils.set_random_seed(0)
    with tb_diagnose.autolog(logdir, verbose=0):
        fit(model())
    return event_file.newest(str(next(logdir.iterdir()) / "diagnosis"))


def passing(taken):
    """A step of a pipeline that notes the numbers of the samples that went through it."""

    def note(index):
        taken.append(int(index))
        return np.int64(index)

    def step(index, x, y):
        index = tf.ensure_shape(tf.numpy_function(note, [index], tf.int64), ())
        with tf.control_dependencies([index]):
            return tf.identity(x), tf.identity(y)

    return step


@pytest.mark.parametrize("reshuffled", [False, True])
def test_how_many_samples_of_two_shuffled_datasets_get_another_label(tmp_path, reshuffled):
    x, y = (
        tf.data.Dataset.from_tensor_slices(part).shuffle(SAMPLES, seed=seed, reshuffle_each_iteration=reshuffled)
        for part, seed in ((X, 1), (Y, 2))
    )
    pairs = tf.data.Dataset.zip((x, y)).batch(16)
    run = recorded(tmp_path, lambda net: net.fit(pairs, epochs=3, verbose=0))
    assert run.facts["observed_known_fraction"] == 1
    if not reshuffled:
        (inputs, labels), *_ = pairs.unbatch().batch(SAMPLES).as_numpy_iterator()  # the same at each reading
        assert run.facts["observed_relabelled_fraction"] == pytest.approx((labels != (inputs[:, 0] > 0)).mean())
        assert run.get("observed_label_change_fraction")[2] == 0  # always the same wrong pairs
    else:
        assert 0.3 < run.facts["observed_relabelled_fraction"] < 0.7
        assert 0.2 < run.get("observed_label_change_fraction")[2] < 0.8
    assert run.get("observed_new_input_fraction")[2] == 0


def test_two_datasets_shuffled_alike_are_paired_rightly(tmp_path):
    x, y = (tf.data.Dataset.from_tensor_slices(part).shuffle(SAMPLES, seed=5) for part in (X, Y))
    run = recorded(tmp_path, lambda net: net.fit(tf.data.Dataset.zip((x, y)).batch(16), epochs=2, verbose=0))
    assert run.facts["observed_relabelled_fraction"] == 0


@pytest.mark.parametrize("reshuffled", [False, True])
def test_the_overlap_of_take_and_skip_is_the_one_that_fit_got(tmp_path, reshuffled):
    trained, validated = [], []
    shuffled = tf.data.Dataset.from_tensor_slices((np.arange(SAMPLES), X, Y)).shuffle(
        SAMPLES, reshuffle_each_iteration=reshuffled
    )
    training = shuffled.take(90).map(passing(trained)).batch(16)
    held_out = shuffled.skip(90).map(passing(validated)).batch(16)
    run = recorded(tmp_path, lambda net: net.fit(training, validation_data=held_out, epochs=2, verbose=0))
    overlap = np.isin(validated[:30], trained[:90]).mean()
    assert (overlap > 0.4) if reshuffled else (overlap == 0)
    assert run.facts["validation_overlap_fraction"] == pytest.approx(overlap)


def test_a_loop_does_not_tell_an_overlap_of_shuffles_that_were_drawn_anew(tmp_path):
    shuffled = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(SAMPLES, reshuffle_each_iteration=False)
    training, held_out = shuffled.take(90).batch(16), shuffled.skip(90).batch(16)
    for name, given, told in (
        ("shuffled", (training, held_out), False),
        ("arrays", ((X[:90], Y[:90]), (X[80:], Y[80:])), True),
    ):
        tb_diagnose.log(model(), given[0], tmp_path / name, validation_data=given[1])
        facts = event_file.newest(str(tmp_path / name / "diagnosis")).facts
        assert facts["validation_sample_count"] > 0
        assert ("validation_overlap_fraction" in facts) == told
    (diagnosis,) = tb_diagnose.diagnose(str(tmp_path / "shuffled"))
    assert "bad_split" not in [named.cause.id for named in (*diagnosis.probable_causes, *diagnosis.notes)]


def test_named_samples_of_another_precision_are_known_again(tmp_path):
    data = tf.data.Dataset.from_tensor_slices((X, Y.astype("float32")[:, None])).shuffle(SAMPLES).batch(16)
    callback = tb_diagnose.KerasCallback(tmp_path, (X.astype("float64"), Y), verbose=0)
    model().fit(data, epochs=1, verbose=0, callbacks=[callback])
    facts = event_file.newest(str(tmp_path / "diagnosis")).facts
    assert facts["observed_known_fraction"] == 1 and facts["observed_relabelled_fraction"] == 0


@pytest.mark.parametrize("every", [1, 2])
def test_samples_that_were_kept_of_batches_are_let_go_when_all_is_known_of_them(tmp_path, every):
    """They are needed until validation samples have come, and not held beside the probe batch for ever."""
    callback = tb_diagnose.KerasCallback(tmp_path, verbose=0)
    kept = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append(callback._session.data is not None or callback._session.validation is not None)

    training, held_out = (
        tf.data.Dataset.from_tensor_slices((X[part], Y[part])).batch(10) for part in (slice(80), slice(80, None))
    )
    net = model()
    net.fit(
        training, validation_data=held_out, validation_freq=every, epochs=3, callbacks=[callback, Watch()], verbose=0
    )
    assert kept == [epoch + 1 < every for epoch in range(3)]
    facts = event_file.newest(str(tmp_path / "diagnosis")).facts
    assert facts["probe_sample_count"] == 80 and facts["validation_sample_count"] == 40
    assert facts["neighbour_sample_count"] == 80 and "validation_reference_skill" in facts


class Sequence(keras.utils.PyDataset):
    """Batches of arrays, each `step` samples behind the one before."""

    def __init__(self, x, y, step, count):
        super().__init__()
        self.given = x, y, step, count

    def __len__(self):
        return self.given[3]

    def __getitem__(self, index):
        x, y, step, _ = self.given
        return x[index * step : index * step + 16], y[index * step : index * step + 16]


MANY = np.random.default_rng(2).normal(size=(640, 3)).astype("float32")
FEW_VALUES = (MANY > 0).astype("float32")


@pytest.mark.parametrize(
    ("x", "step", "found"),
    [
        (MANY, 1, "fit_data_differs"),  # an index without `* batch_size`
        (MANY, 16, None),
        (np.tile(MANY[:328], (2, 1)), 16, "duplicate_rows"),  # copied where the data were made, into other batches
        (FEW_VALUES, 16, None),  # eight different samples, by nature
    ],
)
def test_batches_that_overlap_are_told_from_copied_samples(tmp_path, x, step, found):
    y = (x[:, 0] > 0.1).astype("int64")
    keras.utils.set_random_seed(0)
    with tb_diagnose.autolog(tmp_path, verbose=0):
        model().fit(Sequence(x, y, step, 40), epochs=2, verbose=0)
    (diagnosis,) = tb_diagnose.diagnose(str(tmp_path))
    told = {each.cause.id for each in (*diagnosis.probable_causes, *diagnosis.notes)}
    assert told & {"fit_data_differs", "duplicate_rows"} == ({found} if found else set())
