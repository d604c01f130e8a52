"""The words a person reads, as reviewed snapshots. `python tests/report/test_report.py` writes them anew for review."""

import html
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import tb_diagnose
from tb_diagnose.diagnosis import engine
from tb_diagnose.evidence import Evidence
from tb_diagnose.report import catalogue, notebook, serialize, text
from tb_diagnose.report.plain import plain
from tb_diagnose.report.verdict import verdict

sys.path.insert(0, str(Path(__file__).parent.parent))  # for `python` on this file
from places import SNAPSHOTS  # noqa: E402

SCHEMA = json.loads((Path(serialize.__file__).parent / "answers.schema.json").read_text(encoding="utf-8"))["$defs"]
EPOCHS = np.arange(11)
LAYERS = [
    {
        "name": "dense",
        "class": "Dense",
        "activation": "relu",
        "units": 3,
        "initializer": "GlorotUniform",
        "trainable": True,
        "weighted": True,
    },
    {
        "name": "dense_1",
        "class": "Dense",
        "activation": "relu",
        "units": 5,
        "initializer": "GlorotUniform",
        "trainable": True,
        "weighted": True,
    },
    {
        "name": "dense_2",
        "class": "Dense",
        "activation": "relu",
        "units": 1,
        "initializer": "GlorotUniform",
        "trainable": True,
        "weighted": True,
    },
]


def layered(*rows):
    return np.array([rows[min(i, len(rows) - 1)] for i in range(len(EPOCHS))], float)


def threshold(activation="relu", factor=1.0):
    """The threshold program as it was asked, or with parts of it mended."""
    dead = layered([0.33, 0.2, 0], [0.67, 1, 1]) if factor == 1 else layered([0.33, 0.2, 0])
    accuracy = np.full(11, 0.497) if factor == 1 else 1 - 0.5 * 0.5**EPOCHS
    accuracy[0] = np.nan
    facts = {
        "environment": {"backend": "tensorflow"},
        "layers": [*LAYERS[:2], {**LAYERS[2], "activation": activation}],
        "output": {"name": "dense_2", "activation": activation, "units": 1},
        "preprocessing": [],
        "training_only": [],
        "loss_function": {"name": "binary_crossentropy", "from_logits": False, "custom": False},
        "optimizer": {"name": "adam", "config": {}},
        "sample_count": 10_000,
        "data_form": "arrays",
        "label_form": "binary",
        "label_dtype": "int64",
        "label_min": 0.0,
        "label_max": 1.0,
        "label_unique_count": 2,
        "label_shape": [],
        "label_counts": [5026, 4974],
        "classes": ["0", "1"],
        "baseline_accuracy": 0.5026,
        "input_min": [3.0 * factor],
        "input_max": [99_998.0 * factor],
        "input_mean": [49_800.0 * factor],
        "input_std": [28_800.0 * factor],
        "input_nonfinite_count": 0,
        "distinct_input_count": 4905,
        "constant_feature_fraction": 0.0,
        "conflicting_sample_fraction": 0.0,
        "duplicate_sample_fraction": 0.5095,
        "natural_duplicate_fraction": 0.048,
        "neighbour_accuracy": 0.999,
        "neighbour_skill": 0.998,
        "neighbour_sample_count": 1000,
    }
    series = {
        "accuracy": accuracy,
        "loss": np.where(EPOCHS > 0, 8.1, np.nan),
        "probe_loss": np.full(11, 8.1),
        "preactivation_std": layered([35_000 * factor, 20_000 * factor, 9_000 * factor]),
        "dead_fraction": dead,
        "gradient_norm": layered([0.2, 0.3, 0.4]) if factor < 1 else layered([900, 400, 100], [0, 0, 0]),
        "prediction_std": layered([0.3]) if factor < 1 else layered([9_000], [0]),
        "predicted_fraction": layered([0.5, 0.5]) if factor < 1 else layered([0.5, 0.5], [1, 0]),
        "learning_rate": np.full(11, 1e-3),
        "largest_update_ratio": layered([np.nan] * 3, [0.003] * 3, [0.001] * 3),
        "epoch_update_ratio": layered([np.nan] * 3, [0.3] * 3, [0.05] * 3),
        "weight_norm": layered([1, 2, 1.5]),
    }
    return Evidence("threshold", EPOCHS, series, facts)


REPORTS = {
    "threshold_as_asked": threshold,
    "threshold_sigmoid": lambda: threshold("sigmoid"),
    "threshold_fixed": lambda: threshold("sigmoid", 1e-5),
    "stock_keras_log": lambda: Evidence(
        "run1",
        EPOCHS[1:],
        {"accuracy": np.full(10, 0.5), "loss": np.full(10, 8.1)},
        {
            "layers": [{"name": "dense_2", "activation": "relu", "units": 1, "initializer": "GlorotUniform"}],
            "output": {"name": "dense_2", "activation": "relu", "units": 1},
            "loss_function": {"name": "binary_crossentropy", "from_logits": False, "custom": False},
        },
    ),
    "crashed": lambda: Evidence(
        "run1",
        EPOCHS[:0],
        {},
        {
            "environment": {},
            "label_form": "string",
            "label_dtype": "<U3",
            "label_unique_count": 2,
            "label_counts": [50, 50],
            "classes": ["cat", "dog"],
        },
    ),
}


def judged(name):
    return engine.judge(REPORTS[name]())


def rendered(name):
    found = judged(name)
    return text.text(found, 100) + "\n\n" + verdict(found, "logs/run1") + "\n"


@pytest.mark.parametrize("name", REPORTS)
def test_the_words_are_those_that_were_reviewed(name):
    assert rendered(name) == (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8")


def test_the_diagnoses_are_right():
    assert [n.cause.id for n in judged("threshold_as_asked").probable_causes] == [
        "output_activation",
        "unscaled_inputs",
    ]
    assert [n.cause.id for n in judged("threshold_sigmoid").probable_causes] == ["unscaled_inputs"]
    assert judged("threshold_fixed").probable_causes == ()
    assert [n.cause.id for n in judged("stock_keras_log").probable_causes] == ["output_activation"]
    assert [n.cause.id for n in judged("crashed").probable_causes] == ["label_encoding"]


KEYS = SCHEMA["Report"]["required"]
ANSWERS = ("probable_causes", "notes", "fine", "does_not_apply", "could_not_tell", "failed")
FINDING_KEYS = SCHEMA["Finding"]["required"]
CONSEQUENCE_KEYS = SCHEMA["Consequence"]["required"]


def test_the_json_has_the_documented_keys_and_holds_everything():
    found = judged("threshold_as_asked")
    rows = serialize.as_json(found)
    assert list(rows) == KEYS
    assert list(rows["probable_causes"][0]) == FINDING_KEYS
    assert list(rows["probable_causes"][0]["consequences"][0]) == CONSEQUENCE_KEYS
    assert rows["probable_causes"][0]["code"] == [
        {
            "where": "dense_2",
            "old": 'Dense(1, activation="relu")',
            "new": 'Dense(1, activation="sigmoid")',
            "inferred": False,
            "place": None,
        }
    ]
    assert [line["new"] for line in rows["probable_causes"][1]["code"]] == [
        "normalization = keras.layers.Normalization()",
        "normalization.adapt(x)",
        "model = keras.Sequential([normalization, model])",
    ]
    assert list(rows["could_not_tell"][0]) == ["id", "title", "missing", "log"]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    tried = {row["id"] for key in ANSWERS for row in rows[key]}
    tried |= {c["id"] for key in ("probable_causes", "notes") for row in rows[key] for c in row["consequences"]}
    from tb_diagnose.causes import CATALOGUE

    assert tried == set(CATALOGUE)


def test_for_the_tab_every_finding_has_its_picture():
    rows = serialize.for_tab(judged("threshold_as_asked"))
    assert [p["name"] for row in rows["probable_causes"] for p in row["pictures"]] == ["input_max"]
    assert rows["curve"]["levels"][0] == {"name": "majority share", "value": 0.5026}
    assert rows["curve"]["stalled"] == [1, 10]
    assert rows["advice"] is None and serialize.for_tab(judged("stock_keras_log"))["advice"]


def test_what_is_not_finite_becomes_null():
    assert plain({"a": np.array([1.0, np.nan]), "b": [np.float32("inf")]}) == {"a": [1.0, None], "b": [None]}


def test_every_page_and_the_table_hold_every_cause():
    from tb_diagnose.causes import CATALOGUE

    for id_, entry in CATALOGUE.items():
        page = catalogue.explain(entry)
        assert entry.title in page and "**Sources**" in page and "Not this" in page
        assert f"| `{id_}` |" in catalogue.catalogue_table()


if __name__ == "__main__":
    for each in REPORTS:
        (SNAPSHOTS / f"{each}.txt").write_text(rendered(each), encoding="utf-8")
    sys.stdout.write(f"wrote {len(REPORTS)} snapshots; read them before you commit\n")


def test_the_text_of_a_report_is_text_in_a_notebook_too(monkeypatch, written, tmp_path):
    """rich draws by itself where it sees Jupyter."""
    from rich import console

    monkeypatch.setattr(console, "_is_jupyter", lambda: True)
    written(tmp_path)
    assert str(tb_diagnose.diagnose(tmp_path)).startswith("run1  stalled")


def test_a_notebook_shows_a_flat_curve_as_flat_and_the_lines_to_change(written, tmp_path):
    written(tmp_path)
    block = html.unescape(tb_diagnose.diagnose(tmp_path)[0]._repr_html_())
    assert '- Dense(1, activation="relu")\n+ Dense(1, activation="sigmoid")' in block
    points = re.search('polyline points="([^"]*)"', block)[1].split()
    heights = [float(point.split(",")[1]) for point in points]
    assert max(heights) - min(heights) < 0.2 * notebook.HEIGHT  # accuracy is 0.496 to 0.504
