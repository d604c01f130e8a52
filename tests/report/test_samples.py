"""The sample reports of the component tests have the form that real reports have: a change on either side fails here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import states
from places import ROOT

from tb_diagnose import diagnose
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report import list_row, serialize

SAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "frontend" / "test" / "samples").glob("*.json"))
}
BY_NAME = (".evidence.series", ".evidence.facts")
"""Objects whose keys are names; what is behind them is alike."""
ANYTHING = (".evidence.facts[name].value",)
"""Values that may be of any form."""

Shape = dict[str, tuple[set[str], set[frozenset[str]]]]
"""By path: the JSON types that occur there, and the sets of keys of its objects."""


def parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value within a value, with its path; elements of a list share one."""
    yield path, value
    if path in ANYTHING:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from parts(inner, f"{path}[name]" if path in BY_NAME else f"{path}.{key}")
    if isinstance(value, list):
        for inner in value:
            yield from parts(inner, f"{path}[]")


def type_of(value: Any) -> str:
    """The JSON type of a value; an int and a float are both numbers."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else names[type(value)]


def shape_of(values: list[Any]) -> Shape:
    """What occurs at each path of some values."""
    found: Shape = {}
    for value in values:
        for path, part in parts(value):
            types, keys = found.setdefault(path, (set(), set()))
            if path not in ANYTHING:
                types.add(type_of(part))
            if isinstance(part, dict) and path not in (*BY_NAME, *ANYTHING):
                keys.add(frozenset(part))
    return found


def answers(found: Diagnosis) -> dict[str, Any]:
    """What the server answers of one run, as JSON carries it: the parts of a sample, but for its arrays."""
    said = {"row": list_row.row(found), "diagnosis": serialize.for_tab(found), "evidence": serialize.evidence_index(found)}
    return json.loads(json.dumps(serialize.plain(said), allow_nan=False))


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Shape:
    """The shape of real answers: of every state of the tab, of what other programs wrote, of reports with failed checks."""
    from test_report import REPORTS, judged

    root = tmp_path_factory.mktemp("states")
    states.write(root)
    found = [*diagnose(root), *diagnose(states.RECORDINGS), *(judged(name) for name in REPORTS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tb_diagnose.causes.CATALOGUE", broken())
        found.append(judged("threshold_as_asked"))
    return shape_of([answers(one) for one in found])


def broken() -> dict[str, Any]:
    """The catalogue, its first cause out of order."""
    import dataclasses

    from tb_diagnose.causes import CATALOGUE

    def fails(**evidence: Any) -> None:
        raise ZeroDivisionError("division by zero")

    first = next(iter(CATALOGUE))
    return {**CATALOGUE, first: dataclasses.replace(CATALOGUE[first], judge=fails, needs=(), either=())}


def differences(value: Any, real: Shape) -> list[str]:
    """Where a sample is not of the form of real answers."""
    found = []
    for path, (types, keys) in shape_of([value]).items():
        if path not in real:
            found.append(f"{path}: a real answer has no such part")
            continue
        real_types, real_keys = real[path]
        if types - real_types:
            found.append(f"{path}: {sorted(types)}, in a real answer {sorted(real_types)}")
        for one in keys - real_keys:
            closest = min(real_keys, key=lambda other: len(one ^ other))
            found.append(f"{path}: lacks {sorted(closest - one)}, has {sorted(one - closest)} that no real answer has")
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_has_the_form_of_a_real_answer(name, real):
    sample = {key: SAMPLES[name][key] for key in ("row", "diagnosis", "evidence")}
    assert differences(sample, real) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_parts_of_a_sample_belong_together(name):
    row, diagnosis, evidence, series = (SAMPLES[name][key] for key in ("row", "diagnosis", "evidence", "series"))
    assert [diagnosis[key] for key in ("run", "status", "since", "until", "headline")] == [
        row[key] for key in ("run", "status", "since", "until", "headline")
    ]
    assert evidence["run"] == row["run"]
    for key, values in series.items():
        assert len(values) == len(evidence["epochs"]) == evidence["series"][key]["shape"][0], key


def test_the_samples_show_every_part_of_a_real_answer(real):
    """A part that is in no sample is a part that no component test draws."""
    samples = shape_of([{k: one[k] for k in ("row", "diagnosis", "evidence")} for one in SAMPLES.values()])
    assert sorted(set(real) - set(samples)) == []


def test_real_answers_have_one_form(real):
    """Every key is always there: a reader need not ask whether it is."""
    assert {path: keys for path, (_, keys) in real.items() if len(keys) > 1} == {}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sample: sample["row"].pop("epochs"),
        lambda sample: sample["diagnosis"].update(verdict="stalled"),
        lambda sample: sample["diagnosis"].update(headline=None),
        lambda sample: sample["diagnosis"]["probable_causes"][0]["pictures"][0].pop("kind"),
        lambda sample: sample["diagnosis"]["curve"].update(values=["0.5"]),
    ],
)
def test_a_drift_is_found(spoil, real):
    sample = {key: SAMPLES["stalled"][key] for key in ("row", "diagnosis", "evidence")}
    before = set(differences(sample, real))
    sample = json.loads(json.dumps(sample))
    spoil(sample)
    assert set(differences(sample, real)) - before
