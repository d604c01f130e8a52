"""Models with several outputs: each is measured by itself, against a computation by hand, and nothing changes."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

import tb_diagnose
from tb_diagnose import event_file

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 6)).astype("float32")
KIND = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 0)
AGE = (3 * X[:, 2] + 1).astype("float32")
EPOCHS = 2


def model(form="dict", weights=None, dropout=0.2):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    inner = layers.Dropout(dropout)(layers.Dense(8, activation="relu", name="shared")(inputs))
    kind, age = layers.Dense(3, activation="softmax", name="kind")(inner), layers.Dense(1, name="age")(inner)
    outputs = {"kind": kind, "age": age} if form == "dict" else [kind, age]
    losses = {"kind": "sparse_categorical_crossentropy", "age": "mse"}
    metrics = {"kind": "accuracy", "age": "mae"}
    net = keras.Model(inputs, outputs)
    if form == "dict":
        net.compile("adam", losses, metrics=metrics, loss_weights=weights)
    else:
        net.compile("adam", list(losses.values()), metrics=[["accuracy"], ["mae"]])
    return net


def labels(form="dict"):
    return {"kind": KIND, "age": AGE} if form == "dict" else [KIND, AGE]


def train(folder, form="dict", data=None, given=(), **compiled):
    net = model(form, **compiled)
    fit = {"x": X, "y": labels(form), "batch_size": 32} if data is None else {"x": data}
    callbacks = [tb_diagnose.KerasCallback(folder, *given, verbose=0)] if folder else []
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*tb_diagnose")
        net.fit(**fit, epochs=EPOCHS, verbose=0, callbacks=callbacks)
    return net


def written(folder):
    return event_file.newest(str(folder / "diagnosis"))


def stream(form):
    import tensorflow as tf

    y = labels(form)
    return tf.data.Dataset.from_tensor_slices((X, y if form == "dict" else tuple(y))).batch(32)


@pytest.mark.parametrize("form", ["dict", "list"])
def test_each_output_is_measured_as_by_hand(tmp_path, form):
    net = train(tmp_path, form)
    evidence = written(tmp_path)
    names = [output["name"] for output in evidence.facts["outputs"]]
    assert evidence.labels("output", 2) == names and set(names) == {"kind", "age"}
    kind, age = names.index("kind"), names.index("age")
    given = net.predict(X, verbose=0)
    probabilities, amounts = (given["kind"], given["age"]) if form == "dict" else given
    loss, accuracy = evidence.series["output_loss"][-1], evidence.series["output_accuracy"][-1]
    assert loss[kind] == pytest.approx(-np.log(probabilities[np.arange(160), KIND]).mean(), rel=1e-4)
    assert loss[age] == pytest.approx(((amounts[:, 0] - AGE) ** 2).mean(), rel=1e-4)
    assert accuracy[kind] == pytest.approx((probabilities.argmax(axis=1) == KIND).mean()) and np.isnan(accuracy[age])
    shares = np.bincount(KIND) / 160
    facts = evidence.facts["outputs"][kind]
    assert facts["baseline_loss"] == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-3)
    assert facts["baseline_accuracy"] == pytest.approx(shares.max())
    assert (facts["label_form"], facts["output"]["activation"], facts["output"]["units"]) == ("integer", "softmax", 3)
    assert evidence.facts["outputs"][age]["baseline_loss"] == pytest.approx(AGE.var(), rel=1e-3)


def test_the_gradients_are_those_of_the_weighted_losses_at_what_outputs_share(tmp_path):
    import tensorflow as tf

    net = train(tmp_path, weights={"kind": 1.0, "age": 50.0}, dropout=0.0)
    evidence = written(tmp_path)
    names = evidence.labels("output", 2)
    squares = np.zeros(2)
    for first in range(4):
        part = slice(first, None, 4)
        with tf.GradientTape(persistent=True) as tape:
            given = net(X[part], training=False)
            values = {
                "kind": tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(KIND[part], given["kind"])),
                "age": 50 * tf.reduce_mean((given["age"][:, 0] - AGE[part]) ** 2),
            }
        shared = [v.value for v in net.get_layer("shared").trainable_variables]
        squares += [sum(float(tf.reduce_sum(g**2)) for g in tape.gradient(values[n], shared)) / 4 for n in names]
    assert evidence.series["output_gradient_norm"][-1] == pytest.approx(np.sqrt(squares), rel=1e-3)
    assert evidence.series["output_gradient_norm"].shape == (EPOCHS + 1, 2)


@pytest.mark.parametrize("form", ["dict", "list"])
@pytest.mark.parametrize("data", ["arrays", "dataset"])
def test_training_is_the_same_to_the_last_bit(tmp_path, form, data):
    def state(folder):
        net = train(folder, form, None if data == "arrays" else stream(form))
        variables = (*net.variables, *net.optimizer.variables, *net.metrics_variables)
        return [np.asarray(v.value) for v in variables], np.random.random()

    with_log, without = state(tmp_path), state(None)
    assert all((a == b).all() for a, b in zip(with_log[0], without[0], strict=True)) and with_log[1] == without[1]
    evidence = written(tmp_path)
    assert evidence.epochs.tolist() == [0, 1, 2]
    assert np.isfinite(evidence.series["output_loss"]).all()


def test_data_that_are_given_by_hand_may_have_several_labels(tmp_path):
    train(tmp_path, given=((X, labels()), (X[:40], {name: y[:40] for name, y in labels().items()})))
    evidence = written(tmp_path)
    assert [output["label_key"] for output in evidence.facts["outputs"]] == evidence.labels("output", 2)
    assert evidence.facts["validation_sample_count"] == 40


def test_outputs_that_share_nothing_have_no_gradient_there(tmp_path):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    net = keras.Model(inputs, {"kind": layers.Dense(3, activation="softmax")(inputs), "age": layers.Dense(1)(inputs)})
    net.compile("adam", {"kind": "sparse_categorical_crossentropy", "age": "mse"})
    net.fit(X, labels(), epochs=1, verbose=0, callbacks=[tb_diagnose.KerasCallback(tmp_path, verbose=0)])
    assert not written(tmp_path).series["output_gradient_norm"].any()


def test_an_output_that_is_drowned_is_named(tmp_path):
    from dataclasses import replace

    from tb_diagnose.diagnosis import engine

    train(tmp_path)
    evidence = written(tmp_path)
    kind = evidence.labels("output", 2).index("kind")
    epochs = np.arange(8)
    series = {
        "output_accuracy": np.full((8, 2), np.nan),
        "output_loss": np.tile([1.0, 1.0], (8, 1)),
        "output_gradient_norm": np.tile(np.where(np.arange(2) == kind, 1.0, 4000.0), (8, 1)),
    }
    series["output_accuracy"][:, kind] = evidence.facts["outputs"][kind]["baseline_accuracy"]
    found = engine.judge(replace(evidence, epochs=epochs, series=series, metrics={}))
    assert found.output is not None and found.output.name == "kind"
    assert found.status.name == "stalled" and "of output `kind` has been stalled " in found.headline
    assert [named.cause.id for named in found.probable_causes] == ["loss_weights"]
    assert "4,000 times that of output `kind`" in found.probable_causes[0].finding.saw


def test_layers_are_measured_as_by_hand(tmp_path):
    net = train(tmp_path, dropout=0.0)
    found = written(tmp_path)
    names = [row["name"] for row in found.facts["layers"]]
    at = {name: names.index(name) for name in ("shared", "kind", "age")}
    shared = np.asarray(keras.ops.relu(net.get_layer("shared")(X)))
    assert found.series["activation_mean"][-1, at["shared"]] == pytest.approx(shared.mean(), rel=1e-4)
    dead = (shared.max(axis=0) <= 1e-5).mean()
    assert found.series["dead_fraction"][-1, at["shared"]] == pytest.approx(dead)
    assert np.isnan(found.series["dead_fraction"][-1, at["age"]])
    tf = pytest.importorskip("tensorflow")
    with tf.GradientTape() as tape:
        answers = net(X, training=True)
        kind = keras.losses.SparseCategoricalCrossentropy()(KIND, answers["kind"])
        loss = kind + keras.losses.MeanSquaredError()(AGE[:, None], answers["age"])
    gradients = tape.gradient(loss, net.trainable_variables)
    for name, row in at.items():
        own = {id(v) for v in net.get_layer(name).trainable_variables}
        squares = sum(
            float((np.asarray(g) ** 2).sum())
            for v, g in zip(net.trainable_variables, gradients, strict=True)
            if id(v) in own
        )
        assert found.series["gradient_norm"][-1, row] == pytest.approx(np.sqrt(squares), rel=1e-3)
    assert (found.series["disconnected_fraction"][-1, list(at.values())] == 0).all()


def two_heads(hidden, **settings):
    """Two outputs behind hidden layers, of which one is made with these settings."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6,))
    inner = layers.Dense(16, activation="relu", name="first")(inputs)
    inner = layers.Dense(16, name="second", **{"activation": "relu", **settings})(inner)
    inner = hidden(inner)
    kind, age = layers.Dense(3, activation="softmax", name="kind")(inner), layers.Dense(1, name="age")(inner)
    net = keras.Model(inputs, {"kind": kind, "age": age})
    net.compile(keras.optimizers.Adam(0.01), {"kind": "sparse_categorical_crossentropy", "age": "mse"})
    return net


def diagnosed(folder, net, epochs=12):
    net.fit(X, labels(), epochs=epochs, verbose=0, callbacks=[tb_diagnose.KerasCallback(folder, verbose=0)])
    (found,) = tb_diagnose.diagnose(folder)
    assert not found.failed
    return [named.cause.id for named in found.probable_causes]


def same(inner):
    return inner


@pytest.mark.parametrize(
    ("cause", "hidden", "settings"),
    [
        ("poor_initialization", same, {"kernel_initializer": "zeros"}),
        ("poor_initialization", same, {"bias_initializer": keras.initializers.Constant(-100.0)}),
        ("disconnected_gradient", layers.Lambda(keras.ops.round), {}),
    ],
)
def test_what_is_wrong_with_the_layers_that_outputs_share_is_named(tmp_path, cause, hidden, settings):
    assert diagnosed(tmp_path / "sick", two_heads(hidden, **settings))[:1] == [cause]
    assert diagnosed(tmp_path / "mended", two_heads(same), epochs=40) == []


def test_an_output_whose_loss_does_not_count_is_no_stall(tmp_path):
    """A layer of its own gets no gradient there, and nothing cuts it off."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((6,))
    inner = layers.Dense(32, activation="relu", name="shared")(inputs)
    age = layers.Dense(1, name="age")(layers.Dense(8, activation="relu", name="own")(inner))
    kind = layers.Dense(3, activation="softmax", name="kind")(layers.Dense(32, activation="relu")(inner))
    net = keras.Model(inputs, {"age": age, "kind": kind})
    losses = {"kind": "sparse_categorical_crossentropy", "age": "mse"}
    net.compile(keras.optimizers.Adam(0.01), losses, loss_weights={"age": 0.0, "kind": 1.0})
    assert diagnosed(tmp_path, net, epochs=40) == []
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert found.status.name == "reached"
    assert found.headline.endswith("; other outputs: `age` not trained (its loss has a weight of 0).")
    names = [row["name"] for row in written(tmp_path).facts["layers"]]
    norms = written(tmp_path).series["gradient_norm"][-1]
    assert np.isnan(norms[names.index("own")]) and norms[names.index("shared")] > 0


def test_a_finding_of_layers_is_not_named_for_an_output_that_does_not_count(tmp_path):
    """Half of the units are dead, the output that counts does well, and the other one is not asked for anything."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((6,))
    inner = layers.Dense(32, activation="relu", name="alive")(inputs)
    dead = keras.initializers.Constant(-50.0)
    age = layers.Dense(1, name="age")(layers.Dense(8, activation="relu", name="dead", bias_initializer=dead)(inner))
    net = keras.Model(inputs, {"age": age, "kind": layers.Dense(3, activation="softmax", name="kind")(inner)})
    losses = {"kind": "sparse_categorical_crossentropy", "age": "mse"}
    net.compile(keras.optimizers.Adam(0.01), losses, loss_weights={"age": 0.0, "kind": 1.0})
    named = diagnosed(tmp_path, net, epochs=40)
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert (found.status.name, found.output.name, named) == ("reached", "kind", [])


def test_an_output_without_a_loss_asks_for_no_gradient(tmp_path):
    keras.utils.set_random_seed(2)
    inputs = keras.Input((6,))
    inner = layers.Dense(32, activation="relu", name="shared")(inputs)
    outputs = {"kind": layers.Dense(3, activation="softmax", name="kind")(inner)}
    outputs["code"] = layers.Dense(2, name="code")(layers.Dense(8, activation="relu", name="own")(inner))
    net = keras.Model(inputs, outputs)
    net.compile(keras.optimizers.Adam(0.01), {"kind": "sparse_categorical_crossentropy", "code": None})
    callback = tb_diagnose.KerasCallback(tmp_path, verbose=0)
    net.fit(X, {"kind": KIND, "code": np.zeros((160, 2))}, epochs=30, verbose=0, callbacks=[callback])
    (found,) = tb_diagnose.diagnose(tmp_path)
    assert [named.cause.id for named in found.probable_causes] == [] and not found.failed


def test_a_kernel_that_gives_an_output_may_begin_at_zero(tmp_path):
    """Also where its activation is a layer of its own, called after the other output."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((6,))
    inner = layers.Dense(32, activation="relu", name="shared")(inputs)
    zeros = layers.Dense(3, kernel_initializer="zeros", name="zeros")(inner)
    age = layers.Dense(1, name="age")(inner)
    net = keras.Model(inputs, {"kind": layers.Activation("softmax", name="kind")(zeros), "age": age})
    net.compile(keras.optimizers.Adam(0.01), {"kind": "sparse_categorical_crossentropy", "age": "mse"})
    assert diagnosed(tmp_path, net, epochs=40) == []
