"""A model with several outputs has the status of its worst output, which the headline names."""

from dataclasses import replace

import numpy as np
import pytest
from answers import answer, evidence_of

from demo.faults.loss_weights import AGE, KIND, RISING, STILL, two
from tb_diagnose.causes import DoesNotApply
from tb_diagnose.diagnosis import engine
from tb_diagnose.evidence import keras_config
from tb_diagnose.reader.runs import with_metrics
from tb_diagnose.status.outputs import SHOWN
from tb_diagnose.trials import changed_copy


def judged(given, **facts):
    return engine.judge(evidence_of({**given, **facts}))


def test_the_stalled_output_is_named():
    found = judged(two(STILL, 2.0))
    assert found.status.name == "stalled"
    assert found.headline.startswith("Accuracy of output `kind` has been stalled at 0.1 since epoch 1")
    assert found.headline.endswith("other outputs: `age` learning.")
    assert not found.probable_causes


def test_outputs_that_learn_are_left_alone():
    found = judged(two(RISING, 1000.0))
    assert found.status.name == "learning" and not found.probable_causes


def test_a_drowned_output_has_its_cause():
    found = judged(two(STILL, 1000.0))
    assert [named.cause.id for named in found.probable_causes] == ["loss_weights"]
    assert found.progress is not None and found.progress.name == "probe_accuracy"


def test_an_output_that_is_drowned_and_learns_too_slowly_has_its_cause():
    slow = two(np.linspace(0.1, 0.6, 8), 1000.0)
    found = judged(slow, planned_epochs=7)
    assert found.status.name == "unfinished" and "`kind`" in found.headline
    assert [named.cause.id for named in found.probable_causes] == ["loss_weights"]
    assert "which learns too slowly" in found.probable_causes[0].finding.saw
    assert not judged(two(np.linspace(0.1, 0.6, 8), 10.0), planned_epochs=7).probable_causes


BCE = {"name": "binary_crossentropy", "from_logits": False, "custom": False}
SIGN = {"loss_function": BCE, "label_form": "binary", "label_counts": [500, 500], "baseline_accuracy": 0.5}


def three(*outputs):
    """`kind` and further class outputs that stand still, beside `age`, which learns."""
    given = two(STILL, 2.0)
    columns = {
        "output_accuracy": np.full((8, 1), 0.5),
        "output_loss": np.full((8, 1), 0.7),
        "output_gradient_norm": np.full((8, 1), 0.5),
    }
    wide = {name: np.concatenate([given[name], *[column] * len(outputs)], 1) for name, column in columns.items()}
    return {**given, **wide, "outputs": [KIND, AGE, *outputs]}


def sign(name, activation):
    head = {"name": name, "units": 1, "activation": activation}
    return {**SIGN, "name": name, "reported": name, "label_key": name, "loss_weight": 1.0, "output": head}


def test_the_headline_names_the_output_whose_cause_is_known():
    found = judged(three(sign("sign", "softmax")))
    assert found.headline.startswith("Accuracy of output `sign` has been stalled at 0.5")
    assert found.headline.endswith("Probable cause: output activation that does not fit the loss.")
    assert "`kind` stalled, `age` learning" in found.headline
    (named,) = found.probable_causes
    assert named.finding.outputs == ("sign",) and found.output.name == "sign"


def test_a_cause_of_two_outputs_is_named_once():
    (named,) = judged(three(sign("one", "softmax"), sign("other", "softmax"))).probable_causes
    assert named.finding.outputs == ("one", "other")
    assert "Output `one`: " in named.finding.saw and "Output `other`: " in named.finding.saw


def test_a_cause_of_another_output_than_the_worst_says_which():
    given = three(sign("sign", "softmax"))
    given["output_accuracy"] = given["output_accuracy"].copy()
    given["output_accuracy"][:, 2] = np.linspace(0.5, 0.7, 8)
    found = judged(given, planned_epochs=7)
    assert found.headline.startswith("Accuracy of output `kind` has been stalled")
    assert found.output.name == "kind" and found.headline.endswith("does not fit the loss (output `sign`).")


def test_a_run_that_raised_gets_the_contradiction_of_its_output():
    given = three(sign("sign", "softmax"))
    early = {name: values[:1] for name, values in given.items() if name.startswith("output_")}
    error = {"type": "ValueError", "message": "no"}
    found = judged({**given, **early, "epochs": np.arange(1)}, error=error)
    assert found.status.name == "crashed" and found.output is None
    assert [named.finding.outputs for named in found.probable_causes] == [("sign",)]
    assert found.headline.endswith("Probable cause: output activation that does not fit the loss (output `sign`).")


def test_what_is_unknown_of_one_output_is_not_fine():
    healthy = sign("sign", "sigmoid")
    told = judged(three(healthy))
    assert "output_activation" in [cause.id for cause, _ in told.fine]
    without = {name: value for name, value in healthy.items() if name not in ("output", "loss_function")}
    assert "output_activation" in [cause.id for cause, _ in judged(three(without)).could_not_tell]


def test_a_run_that_diverged_or_raised_says_so_first():
    given = two(STILL, 1000.0)
    assert judged({**given, "loss": np.full(8, np.nan)}).status.name == "diverged"
    assert judged(given, error={"type": "ValueError", "message": "no"}).status.name == "crashed"


def test_what_keras_reports_of_an_output_is_its_curve():
    reported = {"kind_accuracy": RISING - 0.02, "val_kind_accuracy": RISING - 0.03}
    evidence = replace(evidence_of(two(RISING, 2.0)), metrics=reported)
    kind = evidence.get("output_states")[0]
    assert kind.curve.name == "accuracy" and kind.curve.values[-1] == pytest.approx(0.93)
    assert kind.view.get("val_accuracy")[-1] == pytest.approx(0.92)


def test_a_metric_of_one_output_is_none_of_another():
    reported = {"kind_accuracy": STILL, "age_mae": np.linspace(2.0, 0.5, 8)}
    given = {**two(STILL, 1000.0), "compiled_metrics": ["accuracy", "mae"]}
    for index in (0, 1):
        evidence = with_metrics(replace(evidence_of(given), metrics=reported))
        state = evidence.get("output_states")[index]
        assert state.view.facts["compiled_metrics"] == [["accuracy"], ["mae"]][index]
    found = engine.judge(evidence)
    assert "metric_mismatch" not in [named.cause.id for named in (*found.probable_causes, *found.notes)]


def test_a_stall_that_nothing_speaks_for_is_taken_back():
    """An output as good as simple methods is no stall, and the next one is what the run is judged by."""
    level = np.array([0.1, *[0.9] * 7])
    found = judged(two(level, 2.0, kind={**KIND, "neighbour_skill": 0.85}))
    assert found.status.name in ("reached", "learning", "levelled off") and "stalled" not in found.headline


def test_many_outputs_make_no_long_headline():
    given = two(STILL, 2.0)
    more = [{**AGE, "name": f"age{i}", "reported": f"age{i}"} for i in range(5)]
    wide = {
        name: np.concatenate([given[name], *[given[name][:, 1:]] * 5], axis=1)
        for name in given
        if name[:7] == "output_"
    }
    found = judged({**given, **wide, "outputs": [KIND, AGE, *more]})
    assert found.headline.count("learning") == SHOWN and "and 3 more" in found.headline


def test_causes_for_one_output_are_not_asked():
    layers = [
        {"name": name, "class": "Dense", "initializer": "GlorotUniform", "units": 4, "activation": activation}
        for name, activation in (("body", "relu"), ("kind", "softmax"), ("age", "linear"))
    ]
    assert isinstance(answer("hidden_activation", {**two(STILL, 2.0), "layers": layers}), DoesNotApply)


@pytest.mark.parametrize("given", [{"kind": 0, "age": 1}, [0, 1], (0, 1)])
def test_the_advice_runs_on_labels_of_any_structure(given):
    labels = [np.arange(4), np.array([5000.0, 6000.0, 7000.0, 8000.0])]
    key = "age" if isinstance(given, dict) else 1
    y = {name: labels[i] for name, i in given.items()} if isinstance(given, dict) else type(given)(labels)
    found = answer("loss_weights", two(STILL, 1000.0, age={**AGE, "label_key": key}))
    assert [(edit.where, edit.argument) for edit in found.edits] == [("data", "y")]
    x = np.zeros((4, 1))
    _, changed, (_, validation) = changed_copy.changed_data(found.edits, x, y, (x, y))
    for made in (changed, validation):
        assert (
            np.allclose(made[key], (labels[1] - 5912) / 475.2)
            and (made["kind" if key == "age" else 0] == labels[0]).all()
        )


def test_weights_have_the_form_of_the_losses():
    age = {**AGE, "label_mean": 0.0, "label_std": 1.0, "loss_weight": 500.0}
    for loss, new in (
        ({"kind": "sparse", "age": "mse"}, {"kind": 1.0, "age": 0.5}),
        (["sparse", "mse"], [1.0, 0.5]),
    ):
        found = answer("loss_weights", {**two(STILL, 1000.0, age=age), "model": {"compile_config": {"loss": loss}}})
        assert [(edit.argument, edit.new) for edit in found.edits] == [("loss_weights", new)]
        from tb_diagnose.fixes.lines import lines

        facts = {"model": {"compile_config": {"loss": loss, "loss_weights": None}}}
        (line,) = lines(found.edits, facts)
        assert line["old"] == "loss_weights=None" and line["new"].startswith("loss_weights=")
    one_for_all = answer("loss_weights", {**two(STILL, 1000.0, age=age), "model": {"compile_config": {"loss": "mse"}}})
    assert not one_for_all.edits and "loss_weights" in one_for_all.fix


@pytest.mark.parametrize(
    ("layers", "count"),
    [({"a": ["a", 0, 0], "b": ["b", 0, 0]}, 2), (["a", 0, 0], 1), ([["a", 0, 0], ["b", 0, 0]], 2), (None, None)],
)
def test_outputs_of_a_serialized_model_are_counted(layers, count):
    model = {"class_name": "Functional", "config": {"output_layers": layers}}
    assert keras_config.output_count(model) == count
