"""Logging real runs: nothing changes, everything is written, mistakes are named, nothing breaks."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

import tb_diagnose
from tb_diagnose import event_file
from tb_diagnose.reader import runs

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


def small_model(seed=0, loss="binary_crossentropy"):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model


def state(model):
    """Weights, random state of the layers, optimizer and metrics: all variables."""
    return [np.asarray(v.value) for v in (*model.variables, *model.optimizer.variables, *model.metrics_variables)]


def dataset():
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(200, seed=7).batch(16).prefetch(1)


@pytest.mark.parametrize("kind", ["arrays", "dataset", "cached dataset"])
def test_training_is_the_same_to_the_last_bit(tmp_path, kind):
    def train(log):
        model = small_model()
        data = (X, Y) if kind == "arrays" else dataset() if kind == "dataset" else dataset().cache().shuffle(20, seed=1)
        callbacks = [tb_diagnose.KerasCallback(tmp_path, data, (X[:50], Y[:50]), verbose=0)] if log else []
        if kind == "arrays":
            model.fit(X, Y, epochs=3, verbose=0, callbacks=callbacks, validation_split=0.2)
        else:
            model.fit(data, epochs=3, verbose=0, callbacks=callbacks)
        return state(model), np.random.random(), keras.random.normal((2,))

    with_log, without = train(True), train(False)
    assert len(with_log[0]) == len(without[0])
    assert all((a == b).all() for a, b in zip(with_log[0], without[0], strict=True))
    assert event_file.newest(str(tmp_path / "diagnosis")).finished_epochs == 3


@pytest.mark.parametrize(
    ("draw", "seed"),
    [("operation", 0), ("seeded operation", 0), ("seeded operation", None), ("global generator", 0)],
)
def test_layers_that_draw_from_tensorflow_eagerly_draw_the_same(tmp_path, draw, seed):
    import tensorflow as tf

    class Noise(layers.Layer):
        def call(self, x):
            if draw == "global generator":
                return x + tf.random.get_global_generator().normal(tf.shape(x))
            return x + tf.random.normal(tf.shape(x), seed=3 if draw == "seeded operation" else None)

    def train(log):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((6,)), Noise(), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy", run_eagerly=True)
        tf.random.set_seed(seed)
        tf.random.set_global_generator(tf.random.Generator.from_seed(1))
        callbacks = [tb_diagnose.KerasCallback(tmp_path, (X, Y), (X[:50], Y[:50]), verbose=0)] if log else []
        model.fit(X, Y, epochs=2, batch_size=100, verbose=0, callbacks=callbacks, shuffle=False)
        return state(model)

    without, with_log = train(False), train(True)
    assert all((a == b).all() for a, b in zip(with_log, without, strict=True))
    assert event_file.newest(str(tmp_path / "diagnosis")).get("probe_loss") is not None


def test_what_is_written_is_whole(tmp_path):
    model = small_model()
    model.fit(
        X, Y, epochs=2, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), (X[:40], Y[:40]), verbose=0)]
    )
    evidence = runs.with_metrics(event_file.newest(str(tmp_path / "diagnosis")))
    assert evidence.epochs.tolist() == [0, 1, 2]
    expected = """
        loss accuracy probe_loss probe_accuracy probe_val_loss probe_val_accuracy prediction_histogram
        prediction_std predicted_fraction gradient_norm weight_norm activation_std preactivation_std
        dead_fraction saturated_fraction nonfinite_weight_count nonfinite_activation_count
        nonfinite_gradient_count update_ratio largest_update_ratio epoch_update_ratio gradient_agreement
        learning_rate seconds iterations largest_step_loss
    """.split()  # noqa: SIM905
    assert {name for name in expected if evidence.get(name) is None} == set()
    assert [row["name"] for row in evidence.facts["layers"]] == [layer.name for layer in model.layers if layer.weights]
    assert evidence.facts["label_form"] == "binary"
    assert evidence.facts["label_counts"] == np.bincount(Y).tolist()
    assert evidence.facts["output"] == {"name": model.layers[-1].name, "activation": "sigmoid", "units": 1}
    assert evidence.facts["validation_overlap_fraction"] == 1.0
    assert evidence.facts["steps_per_epoch"] == 7
    assert evidence.series["prediction_histogram"].sum(axis=(1, 2)).tolist() == [200, 200, 200]


def test_measured_numbers_agree_with_keras(tmp_path):
    model = small_model()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    predicted = model.predict(X, verbose=0)
    assert evidence.series["prediction_mean"][-1, 0] == pytest.approx(predicted.mean(), rel=1e-4)
    assert evidence.series["probe_accuracy"][-1] == pytest.approx(((predicted[:, 0] > 0.5) == Y).mean())
    p = predicted[:, 0].astype(float)
    assert evidence.series["probe_loss"][-1] == pytest.approx(-np.mean(np.where(Y, np.log(p), np.log1p(-p))), rel=1e-4)
    share = Y.mean()
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    assert evidence.facts["baseline_loss"] == pytest.approx(entropy, rel=1e-4)
    assert evidence.series["weight_norm"][-1, 0] == pytest.approx(
        np.sqrt(sum((w**2).sum() for w in model.layers[0].get_weights())), rel=1e-4
    )


def test_gradient_norm_agrees_with_a_tape(tmp_path):
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])
    model.compile("sgd", "mse")
    tb_diagnose.log(model, (X, Y), tmp_path)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(X)[:, 0] - Y) ** 2)
    gradients = tape.gradient(loss, [v.value for v in model.layers[0].trainable_variables])
    measured = event_file.newest(str(tmp_path / "diagnosis")).series["gradient_norm"][0, 0]
    assert measured == pytest.approx(np.sqrt(sum((g.numpy() ** 2).sum() for g in gradients)), rel=1e-3)


def test_log_in_a_loop_of_ones_own(tmp_path, capsys):
    model = small_model()
    for _ in range(3):
        for start in range(0, 200, 50):
            model.train_on_batch(X[start : start + 50], Y[start : start + 50])
        tb_diagnose.log(model, (X, Y), tmp_path, validation_data=(X[:50], Y[:50]))
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.epochs.tolist() == [1, 2, 3]
    for name in ("probe_loss", "probe_accuracy", "probe_val_loss", "gradient_norm", "epoch_update_ratio"):
        assert evidence.get(name) is not None
    assert capsys.readouterr().out == ""


def test_log_before_training_is_epoch_0_and_a_given_step_is_kept(tmp_path):
    model = small_model()
    for step in (10, 20, 30):
        tb_diagnose.log(model, (X, Y), tmp_path, step=step)
        model.train_on_batch(X, Y)
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.epochs.tolist() == [0, 1, 2]
    assert evidence.last_step == 30


def test_without_a_logdir_the_place_is_said_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = small_model()
    tb_diagnose.log(model, (X, Y))
    tb_diagnose.log(model, (X, Y))
    assert capsys.readouterr().out.count("logging to logs") == 1
    assert len(tb_diagnose.diagnose(tmp_path / "logs")) == 1


def test_a_second_fit_goes_on_with_growing_steps(tmp_path):
    model, callback = small_model(), tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)
    for _ in range(2):
        model.fit(X, Y, epochs=2, verbose=0, callbacks=[callback])
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.epochs.tolist() == [0, 1, 2, 3, 4]


def test_a_resumed_run_goes_on_and_a_new_one_starts_anew(tmp_path):
    model = small_model()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    model.save(tmp_path / "kept.keras")
    resumed = keras.models.load_model(tmp_path / "kept.keras")
    resumed.fit(X, Y, epochs=1, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    assert event_file.newest(str(tmp_path / "diagnosis")).epochs.tolist() == [0, 1, 2, 3]
    small_model().fit(X, Y, epochs=1, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    found = tb_diagnose.diagnose(tmp_path)
    assert [(d.run, d.evidence.epochs.tolist()) for d in found] == [(". (earlier 1)", [0, 1, 2, 3]), (".", [0, 1])]


def test_errors_while_logging_are_one_warning_a_kind_and_the_run_goes_on(tmp_path):
    model = small_model()
    wrong = np.zeros((200, 9), "float32")  # more features than the model takes
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(
            X, Y, epochs=3, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (wrong, Y), verbose=0)]
        )
    ours = [str(w.message) for w in caught if "tb_diagnose" in str(w.message)]
    parts = [text.partition(" failed (")[0].partition(" after epoch")[0] for text in ours]
    assert sorted(parts) == [
        f"tb_diagnose: {doing}"
        for doing in ("looking into the model", "measuring gradients", "measuring the probe batch")
    ]
    assert all("The run goes on" in text for text in ours)
    assert len(history.history["loss"]) == 3
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.finished_epochs == 3 and len(evidence.metrics["accuracy"]) == 4


def test_warnings_as_errors_do_not_end_a_run(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        history = small_model().fit(
            X,
            Y,
            epochs=1,
            verbose=0,
            callbacks=[tb_diagnose.KerasCallback(tmp_path, (np.zeros((200, 9)), Y), verbose=0)],
        )
    assert len(history.history["loss"]) == 1


def test_the_verdict_is_printed_once(tmp_path, capsys):
    small_model().fit(X, Y, epochs=3, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path / "run1", (X, Y))])
    printed = capsys.readouterr().out
    assert printed.count("tb_diagnose:") == 1
    assert f"tensorboard --logdir {tmp_path}" in printed


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ((X, Y[:10]), ValueError, ["`data`", "200", "10"]),
        ((X[:0], Y[:0]), ValueError, ["`data`", "empty"]),
        (X, TypeError, ["`data`", "Expected: (x, y)", "one array of shape (200, 6)"]),
        ("train.csv", TypeError, ["`data`", "'train.csv'"]),
        ((X, 1), ValueError, ["`data`", "no samples"]),
        ((X, np.array(["cat", "dog"] * 100)), TypeError, ["`data`", "not numbers", "cat"]),
    ],
)
def test_wrong_data_is_named_before_training(tmp_path, data, error, words):
    for attempt in (
        lambda: tb_diagnose.KerasCallback(tmp_path / "a", data),
        lambda: tb_diagnose.log(small_model(), data, tmp_path / "b"),
    ):
        with pytest.raises(error) as caught:
            attempt()
        assert [word for word in words if word not in str(caught.value)] == []


def test_wrong_validation_data_is_named(tmp_path):
    with pytest.raises(ValueError, match="`validation_data` has arrays of different length"):
        tb_diagnose.KerasCallback(tmp_path, (X, Y), (X, Y[:3]))


def test_a_logdir_that_cannot_be_one(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="`logdir` cannot be a folder"):
        tb_diagnose.KerasCallback(tmp_path / "file", (X, Y))
    with pytest.raises(TypeError, match="`logdir` is not a path"):
        tb_diagnose.KerasCallback(7, (X, Y))
    with pytest.raises(ValueError, match="`logdir`"):
        callback = tb_diagnose.KerasCallback("/proc/nothing/here", (X, Y))
        small_model().fit(X, Y, verbose=0, callbacks=[callback])


def test_models_that_cannot_be_measured(tmp_path):
    bare = keras.Sequential([keras.Input((6,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="compile"):  # Keras's own words
        bare.fit(X, Y, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    unbuilt = keras.Sequential([layers.Dense(1)])
    unbuilt.compile("sgd", "mse")
    with pytest.raises(ValueError, match="`model` is not built"):
        tb_diagnose.log(unbuilt, (X, Y), tmp_path)
    with pytest.raises(TypeError, match="`model` is not a Keras 3 model"):
        tb_diagnose.log(object(), (X, Y), tmp_path)
    with pytest.raises(ValueError, match="`probe_samples` must be a number of samples.*Received: -1"):
        tb_diagnose.KerasCallback(tmp_path, (X, Y), probe_samples=-1)


def test_a_crash_that_keras_raises_is_diagnosed_from_the_facts(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    labels = RNG.integers(0, 3, 200)
    with pytest.raises(Exception):  # noqa: B017, PT011 - Keras's own error, whatever its class
        model.fit(X, labels, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, labels), verbose=0)])
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.status.name == "crashed"
    assert [n.cause.id for n in found.probable_causes] == ["label_encoding"]


def test_string_labels_are_refused_and_diagnosed(tmp_path):
    with pytest.raises(TypeError):
        tb_diagnose.KerasCallback(tmp_path, (X, np.array(["cat", "dog"] * 100)))
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.status.name == "crashed"
    assert found.probable_causes[0].cause.id == "label_encoding"
    assert "np.unique" in found.probable_causes[0].finding.fix


def test_several_inputs_and_sample_weights(tmp_path):
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    model = keras.Model([a, b], layers.Dense(1, activation="sigmoid")(layers.Concatenate()([a, b])))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    data = {"a": X[:, :3], "b": X[:, 3:]}
    weights = np.ones(200, "float32")
    model.fit(
        data,
        Y,
        sample_weight=weights,
        epochs=1,
        verbose=0,
        callbacks=[tb_diagnose.KerasCallback(tmp_path, (data, Y, weights), verbose=0)],
    )
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.get("probe_loss") is not None and evidence.facts["input_shape"] == [[3], [3]]


def test_beside_keras_own_callback_nothing_is_lost(tmp_path):
    model = small_model()
    model.fit(
        X,
        Y,
        epochs=2,
        verbose=0,
        callbacks=[keras.callbacks.TensorBoard(tmp_path), tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)],
    )
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.evidence.finished_epochs == 2


def test_a_model_without_an_input_that_crashes_in_its_first_step_is_diagnosed(tmp_path):
    model = keras.Sequential([layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = RNG.integers(1, 4, 200)  # 1 to 3: class 3 has no output
    with pytest.raises(Exception):  # noqa: B017, PT011 - Keras's own error, whatever its class
        model.fit(X, labels, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, labels), verbose=0)])
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert [n.cause.id for n in found.probable_causes] == ["label_encoding"]


def test_a_model_without_an_input_is_measured_from_its_first_step_on(tmp_path):
    model = keras.Sequential([layers.Dense(3, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    evidence = event_file.newest(str(tmp_path / "diagnosis"))
    assert evidence.finished_epochs == 2 and evidence.get("gradient_norm") is not None


@pytest.mark.parametrize(
    ("labels", "loss", "units"),
    [
        (np.eye(3)[np.arange(200) % 3], "sparse_categorical_crossentropy", 3),
        (np.where(X[:, :3] > 0, 1, -1), "binary_crossentropy", 3),
        (np.where(X[:, :1] > 0, 255, 0), "binary_crossentropy", 1),
        (np.array(list("01") * 100, dtype=object), None, 1),
    ],
)
def test_labels_in_another_form_are_named_from_real_data(tmp_path, labels, loss, units):
    try:
        callback = tb_diagnose.KerasCallback(tmp_path, (X, labels), verbose=0)
        model = keras.Sequential([keras.Input((6,)), layers.Dense(units, activation="sigmoid")])
        model.compile("adam", loss, metrics=["accuracy"])
        model.fit(X, labels, epochs=4, verbose=0, callbacks=[callback])
    except Exception:  # noqa: BLE001, S110 - Keras raises for some of these
        pass
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert "label_encoding" in [n.cause.id for n in found.probable_causes]


def test_a_large_vocabulary_is_classes_not_amounts(tmp_path):
    labels = RNG.integers(0, 3000, (2000,))
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3000, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = RNG.normal(size=(2000, 6))
    model.fit(x, labels, epochs=1, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (x, labels), verbose=0)])
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.evidence.facts["label_form"] == "integer" and "label_counts" not in found.evidence.facts
    assert "loss_mismatch" not in [n.cause.id for n in (*found.probable_causes, *found.notes)]


def test_a_sorted_dataset_with_a_shuffle_is_read_shuffled():
    import tensorflow as tf

    from tb_diagnose.recorder.data import read_data

    labels = np.repeat([0, 1], 30_000)
    samples = tf.data.Dataset.from_tensor_slices((labels.astype("float32")[:, None], labels)).shuffle(60_000).batch(500)
    data = read_data(samples, "data")
    assert not data.whole and 0.45 < data.y.mean() < 0.55


def one_shot(batches):
    """A Dataset that can be read once, and its generator."""
    import tensorflow as tf

    generator = iter(batches)
    signature = (tf.TensorSpec((None, 6), tf.float32), tf.TensorSpec((None,), tf.int64))
    return tf.data.Dataset.from_generator(lambda: generator, output_signature=signature), generator


def test_a_dataset_that_can_be_read_once_is_not_used_up(tmp_path):
    samples, generator = one_shot([(X[:100], Y[:100]), (X[100:], Y[100:])])
    with pytest.raises(TypeError, match=r"`data` is a Dataset.*not read ahead.*Expected: \(x, y\) arrays"):
        tb_diagnose.log(small_model(), samples, tmp_path)
    tb_diagnose.KerasCallback(tmp_path, samples.prefetch(1), samples)
    assert len(list(generator)) == 2


@pytest.mark.parametrize("place", ["map", "interleave"])
def test_python_code_inside_a_dataset_is_not_run_ahead(tmp_path, place):
    import tensorflow as tf

    calls = []

    def noted(x):
        calls.append(1)
        return x

    def with_python(samples):
        return samples.map(lambda x, y: (tf.ensure_shape(tf.numpy_function(noted, [x], tf.float32), (None, 6)), y))

    samples = dataset()
    if place == "map":
        samples = with_python(samples)
    else:
        samples = tf.data.Dataset.range(2).interleave(lambda _: with_python(dataset()))
    tb_diagnose.KerasCallback(tmp_path, samples)
    with pytest.raises(TypeError, match="`data` is a Dataset"):
        tb_diagnose.log(small_model(), samples, tmp_path)
    assert not calls


def test_other_callbacks_may_put_words_into_the_logs(tmp_path):
    class Phase(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["phase"] = "warm-up"

    small_model().fit(
        X, Y, epochs=1, verbose=0, callbacks=[Phase(), tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)]
    )
    assert "phase" not in event_file.newest(str(tmp_path / "diagnosis")).metrics


def test_an_operation_behind_the_last_layer_is_not_guessed_at(tmp_path):
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.ops.sigmoid(layers.Dense(1)(inputs)))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, (X, Y), verbose=0)])
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.evidence.facts["output"]["activation"] is None
    assert "output_activation" not in [n.cause.id for n in (*found.probable_causes, *found.notes)]


def test_validation_rows_of_another_shape_are_named(tmp_path):
    with pytest.raises(ValueError, match="`validation_data` has samples of another shape"):
        tb_diagnose.KerasCallback(tmp_path, (X, Y), (X, np.eye(2)[Y]))
