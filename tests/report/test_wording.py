"""Reports of logs that count steps, and of logs that are not of Keras."""

from __future__ import annotations

import dataclasses
import importlib
import json
import re

import numpy as np
import pytest
from answers import evidence_of
from places import RECORDINGS

from tb_diagnose import diagnose
from tb_diagnose.causes import CATALOGUE, Edit, Finding
from tb_diagnose.diagnosis import engine
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence import Evidence
from tb_diagnose.report import html, list_row, markdown, notebook, serialize, text
from tb_diagnose.report.verdict import verdict
from tb_diagnose.report.wording import in_unit, is_keras, spaced, without_keras, worded

STEPS = np.arange(100, 2001, 100)
SICK = [
    pytest.param(id_, given, id=f"{id_}-{index}")
    for id_ in CATALOGUE
    for index, given in enumerate(importlib.import_module(f"demo.faults.{id_}").SICK)
]


def overfitting() -> Diagnosis:
    """A loop of PyTorch, which logs every 100 steps and overfits from step 500 on."""
    falls = 0.7 * 0.9 ** np.arange(20)
    rises = np.r_[np.linspace(0.7, 0.4, 5), np.linspace(0.45, 1.6, 15)]
    series = {
        "loss": falls,
        "val_loss": rises,
        "accuracy": 1 - falls / 2,
        "val_accuracy": np.r_[np.linspace(0.6, 0.7, 5), np.linspace(0.69, 0.55, 15)],
    }
    return engine.judge(Evidence("run", STEPS, series, {}, unit="step"))


def everything(diagnosis: Diagnosis) -> str:
    """All that a person reads of a run, whatever it is rendered to; names of causes and evidence are left out."""
    report = serialize.for_tab(diagnosis)
    for row in (*report["probable_causes"], *report["notes"]):
        row.pop("why")
    read = [report["headline"], report["advice"], list_row.row(diagnosis)["headline"]]
    for key in ("probable_causes", "notes", "fine", "does_not_apply", "could_not_tell"):
        for row in report[key]:
            read += [row.get(part) for part in ("saw", "expected", "fix", "log", "code")]
            read += [link["saw"] for link in row.get("consequences", ())]
    shown = [text.text(diagnosis), verdict(diagnosis, "logs"), markdown.page(diagnosis)]
    shown += [notebook.block([("run", diagnosis)]), html.part(diagnosis).data]
    names = "|".join([*CATALOGUE, *(cause.title for cause in CATALOGUE.values())])
    plain = [
        re.sub(names, "", re.sub(r'"(why|epochs|missing|axes|meaning)":("[^"]*"|\[[^]]*\]|\d+)', "", one))
        for one in shown
    ]
    return "\n".join([json.dumps(read), *plain])


@pytest.fixture(scope="module")
def of_steps():
    found = [diagnosis for diagnosis in diagnose(RECORDINGS) if diagnosis.evidence.unit == "step"]
    assert len(found) >= 2
    return [*found, overfitting()]


def test_a_log_of_steps_speaks_of_steps(of_steps):
    for diagnosis in of_steps:
        found = re.findall(r".{0,60}\b[Ee]pochs?\b.{0,40}", everything(diagnosis))
        assert [place for place in found if '"epochs"' not in place and '"unit"' not in place] == [], diagnosis.run


def test_what_overfits_by_steps_is_told_by_steps():
    diagnosis = overfitting()
    assert "overfitting" in [named.cause.id for named in (*diagnosis.probable_causes, *diagnosis.notes)]
    said = text.text(diagnosis, 10_000)
    assert re.search(r"fter step \d+", said) and "early stopping" in said
    assert "EarlyStopping" not in said and "keras" not in said


def test_a_log_that_is_not_of_keras_is_not_told_of_its_callbacks():
    for diagnosis in [*diagnose(RECORDINGS), overfitting()]:
        if is_keras(diagnosis.evidence):
            continue
        said = everything(diagnosis)
        assert "keras." not in said and "EarlyStopping" not in said and "model.fit" not in said, diagnosis.run
        report = serialize.as_json(diagnosis)
        assert report["patch"] == [] and not any(row["code"] for row in report["probable_causes"] + report["notes"])
        logs = {row["log"] for row in report["could_not_tell"]}
        assert not [sentence for sentence in logs if "KerasCallback" in sentence or "fit()" in sentence]


def test_of_keras_and_epochs_only_the_shares_are_changed():
    for diagnosis in diagnose(RECORDINGS):
        if is_keras(diagnosis.evidence) and diagnosis.evidence.unit == "epoch":
            said = worded(diagnosis)
            assert said.headline == spaced(diagnosis.headline)
            assert [saw for _, saw in said.fine] == [spaced(saw) for _, saw in diagnosis.fine]
            named = zip(said.probable_causes, diagnosis.probable_causes, strict=True)
            assert all(one.finding.edits == other.finding.edits for one, other in named)


@pytest.mark.parametrize(("id_", "given"), SICK)
def test_no_finding_of_any_cause_speaks_of_epochs_in_a_log_of_steps(id_, given):
    """Whatever a cause writes: a phrase that the rules do not know is seen here."""
    evidence = dataclasses.replace(evidence_of(given), unit="step", facts={})
    from answers import answer

    finding = answer(id_, given)
    assert isinstance(finding, Finding)
    diagnosis = Diagnosis(
        "run", engine.judge(evidence).status, "", (Named(CATALOGUE[id_], finding),), evidence=evidence
    )
    (named,) = worded(diagnosis).probable_causes
    parts = (named.finding.saw, named.finding.expected, named.finding.fix)
    assert not [part for part in parts if re.search(r"\bepochs?\b", re.sub("`[^`]*`", "", part), re.IGNORECASE)]
    assert not [part for part in parts if re.search(r"keras\.callbacks|\ba steps\b|\b1 steps\b", part)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    {
        "It is lowest after epoch 500.": "It is lowest after step 500.",
        "After epoch 2000, skill is 0.2.": "After step 2000, skill is 0.2.",
        "Between epochs 100 and 300.": "Between steps 100 and 300.",
        "The run ended after 2000 epochs.": "The run ended after 2000 steps.",
        "In 2,000 epochs it changed by 1 %.": "In 2,000 steps it changed by 1 %.",
        "Train for 6000 epochs.": "Train for 6000 steps.",
        "5 epochs with a validation loss, too few.": "5 points with a validation loss, too few.",
        "after 1 epoch": "after 1 point",
        "as many epochs again": "as many steps again",
        "until the loss falls within an epoch.": "until the loss falls within a few hundred steps.",
        "Divide it by 10 and train two epochs.": "Divide it by 10 and train for a few hundred steps.",
        "Set `epochs=5` and `epoch 7`.": "Set `epochs=5` and `epoch 7`.",
    }.items(),
)
def test_sentences_in_steps(sentence, expected):
    assert in_unit(sentence, Evidence("run", STEPS, unit="step")) == expected
    assert in_unit(sentence, Evidence("run", STEPS)) == sentence


@pytest.mark.parametrize(
    ("sentence", "expected"),
    {
        "Stop: `keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)`; then add data.": (
            "Stop: early stopping; then add data."
        ),
        "Train for more epochs: `epochs=24`, with `keras.callbacks.EarlyStopping(patience=5)` to end in time.": (
            "Train for more epochs: 24, with early stopping to end in time."
        ),
        "Change the optimizer: `optimizer=keras.optimizers.Adam(0.001)`.": "Change the optimizer: `Adam(0.001)`.",
    }.items(),
)
def test_sentences_without_keras(sentence, expected):
    assert without_keras(sentence) == expected


def test_lines_of_keras_are_not_written_for_others():
    cause = CATALOGUE["too_few_epochs"]
    finding = Finding(1.0, 1.0, "It rises.", edits=(Edit("fit", "epochs", 24, old=8),))
    for facts, count in (({}, 0), ({"layers": []}, 1)):
        evidence = Evidence("run", np.arange(1, 9), facts=facts)
        status = engine.judge(evidence).status
        report = serialize.as_json(Diagnosis("run", status, "", (Named(cause, finding),), evidence=evidence))
        assert len(report["patch"]) == len(report["probable_causes"][0]["code"]) == count


def test_a_share_is_written_as_the_charts_have_it():
    said = Finding(1.0, 1.0, "10% of `'50%'`.", "less than 0.5%.", "Half of it.")
    named = Named(CATALOGUE["dead_relu"], said, (), None)
    found = worded(dataclasses.replace(overfitting(), notes=(named,))).notes[0].finding
    assert (found.saw, found.expected) == ("10 % of `'50%'`.", "less than 0.5 %.")
