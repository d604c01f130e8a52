"""The diff of the user's own files: a real program is noted, its edits made, applied by git, and run."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import pytest

from tb_diagnose.causes import Edit, Finding
from tb_diagnose.evidence import keras_config, source
from tb_diagnose.evidence.syntax import digest
from tb_diagnose.fixes import lines
from tb_diagnose.fixes.patch import Patch, patch
from tb_diagnose.fixes.places import places
from tb_diagnose.recorder import forward, model_facts, source_lines

HEAD = """import keras
import numpy as np

x_train = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y_train = (x_train[:, :1] > 0).astype("float32")
"""
FIT = """
class Noted(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        note(self.model)


model.fit(x_train, y_train, epochs=1, verbose=0, callbacks=[Noted()])
"""
MODEL = """
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, activation="relu")])
model.compile("sgd", "mse")
"""
HEAD_LINES = HEAD.count("\n")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty git repository that is the working directory; what was noted is forgotten behind the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    subprocess.run(["git", "init", "-q"], check=True)
    yield tmp_path
    source_lines.stop()


class Noted(Exception):  # noqa: N818 - nothing went wrong
    """Raised where `fit` begins: what is needed is known."""


def run(*files: tuple[str, str | bytes], with_text: bool = True, trains: bool = False) -> Any:
    """Runs the first of some files up to its `fit`, or with it; returns the model and the facts of it."""
    for name, text in files:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    noted: list[tuple[Any, dict[str, Any]]] = []

    def note(model: Any) -> None:
        facts = model_facts.model_facts(model, list(forward.walk(model)))
        noted.append((model, {**facts, "data_form": "arrays", **source_lines.facts(model)}))
        if not trains:
            raise Noted

    keras.backend.clear_session()
    source_lines.start(with_text)
    try:
        with suppress(Noted):
            runpy.run_path(files[0][0], {"note": note}, "__main__")
    finally:
        source_lines.stop()
    return noted[0]


def made(facts: dict[str, Any], *edits: Edit) -> Patch:
    return patch([("A cause", Finding(1, 1, "seen", fix="Do it.", edits=edits), "Do it.")], facts)


def applied(diff: bytes) -> None:
    """As a user does it."""
    subprocess.run(["git", "apply", "-"], input=diff, check=True)


def signed(diff: bytes) -> list[str]:
    """The lines that change, without those that stay."""
    text = diff.decode().splitlines()
    return [line for line in text if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def last(model: Any) -> dict[str, Any]:
    return model.layers[-1].get_config()


@pytest.mark.parametrize(
    ("program", "edit", "expected"),
    [
        (MODEL, ("dense_1", "activation", "sigmoid"), [('activation="relu"', 'activation="sigmoid"')]),
        (MODEL, ("dense", "activation", "tanh"), [('Dense(8, "relu")', 'Dense(8, "tanh")')]),
        (MODEL, ("dense", "units", 32), [('Dense(8, "relu")', 'Dense(32, "relu")')]),
        (
            MODEL,
            ("dense", "kernel_initializer", "he_normal"),
            [('Dense(8, "relu")', 'Dense(8, "relu", kernel_initializer="he_normal")')],
        ),
        (MODEL, ("compile", "loss", "binary_crossentropy"), [('"sgd", "mse"', '"sgd", "binary_crossentropy"')]),
        (
            MODEL,
            ("compile", "learning_rate", 0.1, 0.01),
            [('"sgd", "mse"', 'keras.optimizers.SGD(0.1), "mse"')],
        ),
        (
            MODEL,
            ("compile", "optimizer", {"class_name": "Adam", "config": {"learning_rate": 0.001}}),
            [('"sgd", "mse"', 'keras.optimizers.Adam(learning_rate=0.001), "mse"')],
        ),
        (MODEL, ("fit", "epochs", 3, 1), [("epochs=1", "epochs=3")]),
        (MODEL, ("fit", "batch_size", 16, 32), [("[Noted()])", "[Noted()], batch_size=16)")]),
        (
            "\nopt = keras.optimizers.SGD(learning_rate=0.01)\n" + MODEL.replace('"sgd"', "opt"),
            ("compile", "learning_rate", 0.1, 0.01),
            [("learning_rate=0.01", "learning_rate=0.1")],
        ),
        (
            MODEL.replace(
                '"sgd", "mse"', 'loss=keras.losses.MeanSquaredError(), optimizer="sgd", metrics=["mae", "acc"]'
            ),
            ("compile", "loss", "binary_crossentropy"),
            [("keras.losses.MeanSquaredError()", '"binary_crossentropy"')],
        ),
        (
            MODEL.replace(', activation="relu")]', "),  keras.layers.ReLU( )]"),
            ("re_lu", "activation", "leaky_relu"),
            [("keras.layers.ReLU( )", 'keras.layers.Activation("leaky_relu")')],
        ),
        (
            MODEL.replace(', activation="relu")]', ", trainable=False)]"),
            ("dense_1", "trainable", True),
            [("trainable=False", "trainable=True")],
        ),
        (
            MODEL.replace('activation="relu"', "activation=keras.activations.relu"),
            ("dense_1", "activation", "sigmoid"),
            [("activation=keras.activations.relu", 'activation="sigmoid"')],
        ),
        (
            "\nfrom keras.layers import Dense as D, Input\n"
            'model = keras.Sequential([Input((4,)), D(8), D(1, activation="relu")]); model.compile("sgd", "mse")\n',
            ("dense_1", "activation", "sigmoid"),
            [('D(1, activation="relu")', 'D(1, activation="sigmoid")')],
        ),
        (
            "\ninputs = keras.Input((4,))\nhidden = keras.layers.Dense(\n    8,\n    'relu',   # wide\n)(inputs)\n"
            "model = keras.Model(inputs, keras.layers.Dense(1)(hidden))\nmodel.compile('sgd', loss='mse')\n",
            ("dense", "activation", "tanh"),
            [("'relu',   # wide", '"tanh",   # wide')],
        ),
        (
            "\n\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
            '        self.head = keras.layers.Dense(1, activation="relu")\n\n    def call(self, x):\n'
            "        return self.head(x)\n\n\nmodel = Net()\nmodel.compile('sgd', loss='mse')\n",
            ("dense", "activation", "sigmoid"),
            [('activation="relu"', 'activation="sigmoid"')],
        ),
    ],
)
def test_a_line_is_changed_applied_and_runs(folder, program, edit, expected):
    text = HEAD + program + FIT
    _, facts = run(("train.py", text))
    change = made(facts, Edit(*edit))
    assert change.by_hand == () and change.diff.startswith(b"--- a/train.py\n+++ b/train.py\n@@ ")
    applied(change.diff)
    new = text
    for before, after in expected:
        assert text.count(before) == 1
        new = new.replace(before, after)
    assert Path("train.py").read_text() == new
    run(("train.py", new), trains=True)


def test_the_model_has_what_was_changed(folder):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    edits = [Edit("dense_1", "activation", "sigmoid"), Edit("compile", "learning_rate", 0.5, 0.01)]
    edits += [Edit("compile", "momentum", 0.9), Edit("compile", "loss", "binary_crossentropy")]
    applied(made(facts, *edits).diff)
    model, _ = run(("train.py", Path("train.py").read_text()), trains=True)
    assert last(model)["activation"] == "sigmoid" and model.loss == "binary_crossentropy"
    assert [model.optimizer.get_config()[name] for name in ("learning_rate", "momentum")] == [0.5, 0.9]


LOOP = """
model = keras.Sequential([keras.Input((4,))])
for _ in range(2):
    model.add(keras.layers.Dense(8, activation="relu"))
model.compile("sgd", "mse")
"""
HELPER = """

def block(units):
    return keras.layers.Dense(8, activation="relu")


model = keras.Sequential([keras.Input((4,)), block(1), block(2)])
model.compile("sgd", "mse")
"""
FOLDS = """

def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="relu")])
    model.compile("sgd", "mse")
    return model


for fold in range(1):
    model = build()
"""


def sequential(*layers: str) -> str:
    return f'\nmodel = keras.Sequential([keras.Input((4,)), {", ".join(layers)}])\nmodel.compile("sgd", "mse")\n'


@pytest.mark.parametrize(
    ("program", "line", "why"),
    [
        (LOOP, 9, "this line runs several times, in a loop or in a function, and makes others too"),
        (HELPER, 9, "this line runs several times, in a loop or in a function, and makes others too"),
        (FOLDS, 9, "this line runs several times, in a loop or in a function, and makes others too"),
        (
            "\nmake = lambda: keras.layers.Dense(1, activation='relu')" + sequential("make()"),
            7,
            "this line runs several times, in a loop or in a function, and makes others too",
        ),
        (
            sequential("*[keras.layers.Dense(8, activation='relu') for _ in range(1)]"),
            7,
            "this line runs several times, in a loop or in a function, and makes others too",
        ),
        (
            "\nconfig = {'units': 1, 'activation': 'relu'}" + sequential("keras.layers.Dense.from_config(config)"),
            8,
            "this line does not make it by itself: a config, or another function, does",
        ),
        (
            "\nmodel = keras.models.clone_model(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, 'relu')]))\n"
            'model.compile("sgd", "mse")\n',
            7,
            "this line does not make it by itself: a config, or another function, does",
        ),
        (
            "\nsettings = {'activation': 'relu'}" + sequential("keras.layers.Dense(1, **settings)"),
            8,
            "its arguments come by `**`",
        ),
        (
            "\nsettings = (1, 'relu')" + sequential("keras.layers.Dense(*settings)"),
            8,
            "its arguments come by `*`",
        ),
        (
            "\nname = 'relu'" + sequential("keras.layers.Dense(1, activation=name)"),
            8,
            "`activation=name` gets its value elsewhere",
        ),
        (
            "\nfrom functools import partial\nDense = partial(keras.layers.Dense, 1)" + sequential("Dense('relu')"),
            9,
            "this line does not make it by itself: a config, or another function, does",
        ),
    ],
)
def test_what_is_not_safe_is_said(folder, program, line, why):
    _, facts = run(("train.py", HEAD + program + FIT))
    change = made(facts, Edit(next(keras_config.walk_layers(facts["model"])).name, "activation", "sigmoid"))
    assert change.diff == b""
    assert [(left.place, left.why) for left in change.by_hand] == [(f"train.py:{line}", why)]
    assert "sigmoid" in change.by_hand[0].what


def test_a_keyword_that_is_there_is_changed_beside_others_by_stars(folder):
    _, facts = run(
        ("train.py", HEAD + "\nmore = {}" + sequential('keras.layers.Dense(1, activation="relu", **more)') + FIT)
    )
    assert signed(made(facts, Edit("dense", "activation", "tanh")).diff)[1].count('activation="tanh", **more') == 1


def test_a_finding_is_changed_as_a_whole_or_not_at_all(folder):
    _, facts = run(("train.py", HEAD + "\nn = 1" + sequential("keras.layers.Dense(n, activation='relu')") + FIT))
    whole = [Edit("dense", "units", 3), Edit("compile", "loss", "sparse_categorical_crossentropy")]
    other = Finding(1, 1, "seen", edits=(Edit("fit", "epochs", 3, 1),))
    change = patch([("Units", Finding(1, 1, "seen", edits=tuple(whole)), ""), ("Epochs", other, "")], facts)
    assert [left.cause for left in change.by_hand] == ["Units"]
    assert len(signed(change.diff)) == 2 and b"epochs=3" in change.diff


def test_epochs_that_the_program_works_out_keep_no_other_change_out(folder):
    computed = FIT.replace("epochs=1,", "epochs=int(len(x_train) / 64),")
    _, facts = run(("train.py", HEAD + MODEL.replace('"sgd"', "keras.optimizers.Adam(5.0)") + computed))
    rate, epochs = Edit("compile", "learning_rate", 0.001), Edit("fit", "epochs", 19)
    diff = made(facts, rate, epochs).diff
    assert signed(diff) == signed(made(facts, rate).diff) and len(signed(diff)) == 2
    assert made(facts, epochs).by_hand


def test_two_causes_that_change_one_argument(folder):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    findings = [
        (title, Finding(1, 1, "seen", edits=(Edit("dense", "activation", new),)), "")
        for title, new in (("One", "tanh"), ("Same", "tanh"), ("Other", "elu"))
    ]
    change = patch(findings, facts)
    assert [(left.cause, left.why) for left in change.by_hand] == [
        ("Other", "another probable cause changes the same argument")
    ]
    assert len(signed(change.diff)) == 2


def test_a_model_in_another_module_and_folder(folder):
    net = (
        "import keras\n\n\ndef build():\n    return keras.Sequential(\n"
        '        [\n            keras.Input((4,)),\n            keras.layers.Dense(1, activation="relu"),\n        '
        "]\n    )\n"
    )
    train = HEAD + "\nfrom parts.net import build\n\nmodel = build()\nmodel.compile('sgd', 'mse')\n" + FIT
    _, facts = run(("train.py", train), ("parts/net.py", net), ("parts/__init__.py", ""))
    made_at = source.read(facts).layers["dense"]
    assert str(made_at) == "parts/net.py:8"
    assert made_at.text == '            keras.layers.Dense(1, activation="relu"),'
    change = made(facts, Edit("dense", "activation", "sigmoid"), Edit("fit", "epochs", 2, 1))
    assert [line.split()[1] for line in change.diff.decode().splitlines() if line[:4] == "+++ "] == [
        "b/parts/net.py",
        "b/train.py",
    ]
    applied(change.diff)
    assert 'Dense(1, activation="sigmoid")' in Path("parts/net.py").read_text()


def test_several_statements_on_a_line(folder):
    crowded = (
        "\nm = keras.Sequential(); m.add(keras.Input((4,))); m.add(keras.layers.Dense(2, 'relu')); "
        "m.add(keras.layers.Dense(1, 'relu')); m.compile('sgd', 'mse'); model = m\n"
    )
    _, facts = run(("train.py", HEAD + crowded + FIT))
    applied(made(facts, Edit("dense_1", "activation", "sigmoid")).diff)
    assert Path("train.py").read_text() == HEAD + crowded.replace("Dense(1, 'relu')", 'Dense(1, "sigmoid")') + FIT


@pytest.mark.parametrize(
    ("change_file", "is_changed"),
    [
        (lambda text: text + "\n# more below\n", False),
        (lambda text: text.replace('Dense(1, activation="relu")', 'Dense(1, activation="tanh")'), True),
        (lambda text: "# moved\n" + text, True),
        (lambda text: text[:-40], True),
        (lambda text: "", True),
    ],
)
def test_a_file_that_has_changed_since(folder, change_file, is_changed):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    Path("train.py").write_text(change_file(HEAD + MODEL + FIT))
    change = made(facts, Edit("dense_1", "activation", "sigmoid"))
    assert bool(change.diff) is not is_changed
    if is_changed:
        assert "train.py has changed since the run" in change.by_hand[0].why or "no Python" in change.by_hand[0].why


def test_a_file_that_is_not_here(folder, monkeypatch):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    change = made(facts, Edit("dense_1", "activation", "sigmoid"))
    assert change.diff == b"" and change.by_hand[0].why.startswith("train.py is not here: run this in the folder")


def test_without_the_lines_the_whole_file_must_be_the_same(folder):
    _, facts = run(("train.py", HEAD + MODEL + FIT), with_text=False)
    assert "Dense" not in str(facts["source"])
    assert made(facts, Edit("dense_1", "activation", "sigmoid")).diff
    Path("train.py").write_text(HEAD + MODEL + FIT + "\n")
    assert made(facts, Edit("dense_1", "activation", "sigmoid")).diff == b""


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: ("# -*- coding: latin-1 -*-\n# f\xfcr\n" + text).encode("latin-1"),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("model = keras", "model = '\xe9\U0001f600' and keras").encode(),
        lambda text: text.replace("    ", "\t").encode(),
    ],
    ids=["windows", "mark", "latin", "no newline", "accents", "tabs"],
)
def test_files_of_all_kinds(folder, form):
    text = HEAD + MODEL + FIT
    raw = form(text)
    _, facts = run(("train.py", raw))
    assert facts["source"]["files"] == {"train.py": digest(raw)}
    *_, head = facts["source"]["layers"]
    applied(made(facts, Edit(head, "activation", "sigmoid"), Edit("fit", "epochs", 2, 1)).diff)
    changed = raw.replace(b'activation="relu"', b'activation="sigmoid"').replace(b"epochs=1", b"epochs=2")
    assert Path("train.py").read_bytes() == changed != raw


def test_data_are_changed_before_fit(folder):
    program = HEAD.replace("x_train =", "x_val = x_train =") + "y_val = y_train[:8]\nx_val = x_val[:8]\n" + MODEL + FIT
    program = program.replace("epochs=1,", "epochs=1, validation_data=(x_val, y_val),")
    _, facts = run(("train.py", program))
    statistics, scaled = "x.mean(axis=0), x.std(axis=0)", "(x - mean) / np.where(std > 0, std, 1)"
    change = made(facts, Edit("data", "mean, std", statistics), Edit("data", "x", scaled))
    assert signed(change.diff) == [
        "+mean, std = x_train.mean(axis=0), x_train.std(axis=0)",
        "+x_train = (x_train - mean) / np.where(std > 0, std, 1)",
        "+x_val = (x_val - mean) / np.where(std > 0, std, 1)",
    ]
    assert change.remarks
    applied(change.diff)
    run(("train.py", Path("train.py").read_text()), trains=True)


NORMALIZED = Edit("in front", "layer", "keras.layers.Normalization()")


def test_a_layer_goes_in_front_of_the_model(folder):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    change = made(facts, NORMALIZED)
    assert signed(change.diff) == [
        "+normalization = keras.layers.Normalization()",
        "+normalization.adapt(x_train)",
        "+model = keras.Sequential([normalization, model])",
    ]
    assert not change.remarks and not change.by_hand
    applied(change.diff)
    model, _ = run(("train.py", Path("train.py").read_text()), trains=True)
    assert type(model.layers[0]).__name__ == "Normalization" and model.layers[0].mean.shape[-1] == 4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("fit(x_train,", "fit(x_train * 2,"), "`x` of `fit` is no plain variable"),
        (lambda text: text.replace("model.fit(", "x_train = x_train + 1\nmodel.fit("), "`x_train` is not yet"),
        (lambda text: text.replace("model.fit(", "other = model\nother.fit("), "on one variable"),
        (lambda text: text + "print(model.layers)\n", "asks for layers of the model later"),
    ],
)
def test_a_layer_that_cannot_go_in_front(folder, change, why):
    _, facts = run(("train.py", change(HEAD + MODEL + FIT)))
    result = made(facts, NORMALIZED)
    assert result.diff == b"" and why in result.by_hand[0].why


def test_the_old_line_is_what_the_program_says(folder):
    rate = Edit("compile", "learning_rate", 0.1, 0.01)
    for given, old in (('"sgd", "mse"', '"sgd"'), ("loss='mse', optimizer=keras.optimizers.SGD()", None)):
        _, facts = run(("train.py", HEAD + MODEL.replace('"sgd", "mse"', given) + FIT))
        (line,) = lines.lines([rate], facts)
        assert line["old"] == (f"optimizer={old}" if old else "optimizer=keras.optimizers.SGD()")
        assert line["new"] == "optimizer=keras.optimizers.SGD(0.1)" and not line["inferred"]
    _, facts = run(("train.py", HEAD + MODEL.replace('"sgd", "mse"', 'loss="mse"') + FIT))
    rate = Edit("compile", "learning_rate", 0.1, 0.001)
    assert [line["old"] for line in lines.lines([rate], facts)] == [None]
    (line,) = lines.lines([rate], {**facts, "source": {}})
    assert line["inferred"] and line["old"] == "optimizer=keras.optimizers.RMSprop(0.001)"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("fit(x_train,", "fit(x_train * 2,"), "`x` of `fit` is no plain variable"),
        (lambda text: text.replace("epochs=1,", "epochs=1, validation_data=(x_train, y_train),"), "the same arrays"),
        (lambda text: text.replace("epochs=1,", "epochs=1, validation_data=[x_train[:9], y_train[:9]],"), "no plain"),
        (lambda text: text.replace("model.fit(", "history = [model.fit(")[:-1] + "]\n", None),
        (lambda text: text.replace("model.fit(", "if model: model.fit("), "does not stand in a line of its own"),
        (
            lambda text: text.replace("model.fit(", "\ndef train():\n    model.fit(") + "\n\ntrain()\n",
            "no variable of the function",
        ),
        (
            lambda text: text.replace("import numpy as np", "import numpy").replace("np.", "numpy."),
            None,
        ),
    ],
)
def test_data_that_cannot_be_changed(folder, change, why):
    _, facts = run(("train.py", change(HEAD + MODEL + FIT)))
    result = made(facts, Edit("data", "x", "np.log1p(abs(x))"))
    if why is None:
        applied(result.diff)
        run(("train.py", Path("train.py").read_text()), trains=True)
    else:
        assert result.diff == b"" and why in result.by_hand[0].why


def test_keras_under_another_name(folder):
    head = HEAD.replace("import keras\n", "import keras as K\nfrom keras import layers\n")
    text = head + MODEL.replace("keras.", "K.") + FIT.replace("keras.", "K.")
    _, facts = run(("train.py", text))
    assert b"K.optimizers.SGD(0.1)" in made(facts, Edit("compile", "learning_rate", 0.1, 0.01)).diff
    bare = text.replace("import keras as K", "from keras import Input, Sequential, callbacks").replace("K.", "")
    _, facts = run(("train.py", bare))
    change = made(facts, Edit("compile", "learning_rate", 0.1, 0.01))
    assert "`import keras`" in change.by_hand[0].why
    adam = {"class_name": "Adam", "config": {"learning_rate": 0.001}}
    assert b'compile("adam", "mse")' in made(facts, Edit("compile", "optimizer", adam)).diff


def test_a_rate_that_a_schedule_sets_is_left_alone(folder):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    change = made(facts, Edit("compile", "learning_rate", 0.1, 0.3))
    assert change.by_hand[0].why == "a schedule or a callback sets the learning rate"


def test_what_was_not_noted_has_no_place(folder):
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    edit = Edit("dense_1", "activation", "sigmoid")
    finding = Finding(1, 1, "seen", edits=(edit,))
    assert places(finding, "configuration", facts) == ["train.py:7"]
    shown = Finding(1, 1, "seen", layers=("dense", "dense_1"))
    assert places(shown, "mechanism", facts) == ["train.py:7"]
    assert places(shown, "data", facts) == ["train.py:15"]
    assert places(Finding(1, 1, "seen"), "outcome", facts) == []
    (left,) = patch([("Rows", Finding(1, 1, "seen"), "Look.")], facts).by_hand
    assert (left.place, left.why, left.what) == ("train.py:15", "there is something to decide first", "Look.")
    without = {name: value for name, value in facts.items() if name != "source"}
    assert places(finding, "configuration", without) == [] and lines.lines([edit], without)[0]["place"] is None
    change = made(without, edit)
    assert change.diff == b"" and change.by_hand[0].place is None
    assert change.by_hand[0].what == 'Dense(1, activation="relu") -> Dense(1, activation="sigmoid")'


@pytest.mark.parametrize("fact", [{"layers": 3}, {"layers": {"dense": 0}}, [], {"places": [{"file": 1}]}, "text"])
def test_facts_of_another_form_have_no_place(fact):
    assert places(Finding(1, 1, "seen", layers=("dense",)), "mechanism", {"source": fact}) == []


def test_a_diff_is_of_the_working_directory_alone(folder):
    other: Callable[[str], bytes] = lambda name: Path("train.py").read_bytes()  # noqa: E731
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    for name in ("/elsewhere/train.py", 'a"b.py'):
        moved = json.loads(json.dumps(facts["source"]).replace('"train.py"', json.dumps(name)))
        moved["files"][name] = digest(other(name))
        assert "a diff cannot name" in (
            patch(
                [("A", Finding(1, 1, "s", edits=(Edit("dense_1", "activation", "elu"),)), "")],
                {**facts, "source": moved},
                other,
            )
            .by_hand[0]
            .why
        )


def test_a_name_with_a_blank(folder):
    _, facts = run(("my train.py", HEAD + MODEL + FIT))
    applied(made(facts, Edit("dense_1", "activation", "sigmoid")).diff)
    assert 'activation="sigmoid"' in Path("my train.py").read_text() and os.path.isfile("my train.py")


def test_a_value_that_the_run_did_not_have_is_left_alone(folder):
    """The call says one thing and the layer had another: somebody changed it on the way."""
    _, facts = run(("train.py", HEAD + MODEL + FIT))
    model = json.loads(json.dumps(facts["model"]).replace('"units": 8', '"units": 5'))
    change = made({**facts, "model": model}, Edit("dense", "units", 32))
    assert change.by_hand[0].why == "the call says `units=8`, and the run had another value"


OUTPUTS = {"outputs": [{"name": "kind"}, {"name": "size"}]}


def two(compiled: str, before: str = "", listed: bool = False) -> str:
    """A program with two outputs, compiled as said."""
    heads = 'keras.layers.Dense(2, "softmax", name="kind")(inputs), keras.layers.Dense(1, name="size")(inputs)'
    outputs = f"[{heads}]" if listed else f'dict(zip(["kind", "size"], [{heads}]))'
    labels = "[y_train, x_train[:, 1:2]]" if listed else '{"kind": y_train, "size": x_train[:, 1:2]}'
    head = f"{HEAD}{before}\ny_both = {labels}\ninputs = keras.Input((4,))\nmodel = keras.Model(inputs, {outputs})\n"
    return f"{head}model.compile({compiled}){FIT.replace('y_train', 'y_both')}"


SPARSE = "sparse_categorical_crossentropy"
LOSSES = '"sgd", loss={"kind": "mse", "size": "mse"}'


@pytest.mark.parametrize(
    ("compiled", "listed", "edit", "before", "after"),
    [
        (LOSSES, False, Edit("compile", "loss", SPARSE, output="kind"), '"kind": "mse"', f'"kind": "{SPARSE}"'),
        ('"sgd", ["mse", "mse"]', True, Edit("compile", "loss", "mae", output="size"), '"mse"]', '"mae"]'),
        (
            LOSSES + ', metrics={"kind": ["accuracy", "mse"], "size": "mae"}',
            False,
            Edit("compile", "metrics", "sparse_categorical_accuracy", "accuracy", "kind"),
            '["accuracy", ',
            '["sparse_categorical_accuracy", ',
        ),
        (
            LOSSES + ', metrics={"kind": "accuracy"}',
            False,
            Edit("compile", "metrics", "sparse_categorical_accuracy", "accuracy", "kind"),
            '{"kind": "accuracy"}',
            '{"kind": "sparse_categorical_accuracy"}',
        ),
        (
            LOSSES + ', loss_weights={"kind": 1.0, "size": 500.0}',
            False,
            Edit("compile", "loss_weights", {"kind": 1.0, "size": 0.5}),
            "500.0",
            "0.5",
        ),
        (
            LOSSES,
            False,
            Edit("compile", "loss_weights", {"kind": 1.0, "size": 0.5}),
            '"size": "mse"}',
            '"size": "mse"}, loss_weights={"kind": 1.0, "size": 0.5}',
        ),
    ],
)
def test_what_is_set_for_one_output_is_changed_for_it(folder, compiled, listed, edit, before, after):
    text = two(compiled, listed=listed)
    _, facts = run(("train.py", text))
    change = made(facts | OUTPUTS, edit)
    assert change.by_hand == ()
    applied(change.diff)
    changed = Path("train.py").read_text()
    assert text.count(before) == 1 and changed == text.replace(before, after)
    run(("train.py", changed), trains=True)


@pytest.mark.parametrize(
    ("compiled", "before", "why"),
    [
        ('"sgd", "mse"', "", "`loss='mse'` holds for all outputs"),
        ('"sgd", losses', '\nlosses = {"kind": "mse", "size": "mse"}', "the dict is made elsewhere"),
        ('"sgd", {**losses, "kind": "mse"}', '\nlosses = {"size": "mse"}', "the dict is made elsewhere"),
        ('"sgd", dict(kind="mse", size="mse")', "", "the dict is made elsewhere"),
        ('"sgd", {"kind": kind, "size": "mse"}', '\nkind = "mse"', "`loss=kind` gets its value elsewhere"),
    ],
)
def test_what_is_set_for_one_output_elsewhere_is_left_alone(folder, compiled, before, why):
    _, facts = run(("train.py", two(compiled, before)))
    change = made(facts | OUTPUTS, Edit("compile", "loss", SPARSE, output="kind"))
    assert change.diff == b"" and [left.why for left in change.by_hand] == [why]


def test_the_line_of_an_output_holds_all_of_them(folder):
    _, facts = run(("train.py", two(LOSSES)))
    (line,) = lines.lines([Edit("compile", "loss", SPARSE, output="kind")], facts | OUTPUTS)
    assert line["old"] == 'loss={"kind": "mse", "size": "mse"}'
    assert line["new"] == f'loss={{"kind": "{SPARSE}", "size": "mse"}}'
