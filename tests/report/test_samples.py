"""The sample reports of the component tests have the form of real reports: a change on either side fails here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
import states
from places import RECORDINGS, ROOT
from test_report import REPORTS, judged
from test_schema import errors

from tb_diagnose import diagnose
from tb_diagnose.causes import CATALOGUE
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report import list_row, serialize
from tb_diagnose.report.evidence_index import evidence_index
from tb_diagnose.report.plain import plain

SAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "frontend" / "test" / "samples").glob("*.json"))
}
FORMS = {"row": "RunRow", "diagnosis": "Diagnosis", "evidence": "Evidence"}
"""Parts of a sample with their definitions in the schema."""
BY_NAME = (".evidence.series", ".evidence.facts")
"""Objects whose keys are names; what is behind them is alike."""
ANYTHING = (".evidence.facts[name].value", ".evidence.facts[name].labels")
"""Values that may be of any form."""

each_sample = pytest.mark.parametrize("name", SAMPLES)


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The path of every value within a value; elements of a list share one."""
    yield path
    if path in ANYTHING:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{path}[name]" if path in BY_NAME else f"{path}.{key}")
    if isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{path}[]")


def answers(diagnosis: Diagnosis) -> dict[str, Any]:
    """What the server answers of one run, as JSON carries it: the parts of a sample, but for its arrays."""
    parts = {
        "row": list_row.row(diagnosis),
        "diagnosis": serialize.for_tab(diagnosis),
        "evidence": evidence_index(diagnosis),
    }
    return json.loads(json.dumps(plain(parts), allow_nan=False))


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> set[str]:
    """Every path in real answers: of all states of the tab, of other programs' logs, of one with a failed cause."""
    root = tmp_path_factory.mktemp("states")
    states.write(root)
    diagnoses = [*diagnose(root), *diagnose(RECORDINGS), *(judged(name) for name in REPORTS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tb_diagnose.causes.CATALOGUE", broken())
        diagnoses.append(judged("threshold_as_asked"))
    return {path for diagnosis in diagnoses for path in paths(answers(diagnosis))}


def broken() -> dict[str, Any]:
    """The catalogue, its first cause out of order."""

    def fails(**evidence: Any) -> None:
        raise ZeroDivisionError("division by zero")

    first = next(iter(CATALOGUE))
    return {**CATALOGUE, first: dataclasses.replace(CATALOGUE[first], judge=fails, needs=(), either=())}


@each_sample
def test_a_sample_has_the_form_of_an_answer(name):
    assert {part: list(errors(SAMPLES[name][part], form)) for part, form in FORMS.items()} == {
        part: [] for part in FORMS
    }


@each_sample
def test_the_parts_of_a_sample_belong_together(name):
    row, diagnosis, evidence, series = (SAMPLES[name][key] for key in ("row", "diagnosis", "evidence", "series"))
    shared = ("run", "status", "since", "until", "headline")
    assert [diagnosis[key] for key in shared] == [row[key] for key in shared]
    assert evidence["run"] == row["run"]
    for key, values in series.items():
        assert len(values) == len(evidence["epochs"]) == evidence["series"][key]["shape"][0], key


def test_the_samples_show_every_part_of_a_real_answer(real):
    """A part that is in no sample is a part that no component test draws."""
    shown = {path for sample in SAMPLES.values() for path in paths({part: sample[part] for part in FORMS})}
    assert sorted(real - shown) == []
