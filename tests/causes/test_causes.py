"""Each cause on arrays small enough to read, kept beside its fault: what sets it off, and what must not."""

import importlib
import re

import numpy as np
import pytest
from answers import answer

from tb_diagnose.causes import CATALOGUE, CouldNotTell, DoesNotApply, Finding, Fine, degree
from tb_diagnose.evidence import FACTS, SERIES

FAULTS = {id_: importlib.import_module(f"demo.faults.{id_}") for id_ in CATALOGUE}
SICK = {id_: fault.SICK for id_, fault in FAULTS.items()}
HEALTHY = {id_: fault.HEALTHY for id_, fault in FAULTS.items()}


def cases(table):
    return [
        pytest.param(id_, given, id=f"{id_}-{i}") for id_, samples in table.items() for i, given in enumerate(samples)
    ]


def test_every_cause_has_sick_and_healthy_cases():
    assert [id_ for id_ in CATALOGUE if not (SICK[id_] and HEALTHY[id_])] == []


@pytest.mark.parametrize(("id_", "given"), cases(SICK))
def test_sick(id_, given):
    finding = answer(id_, given)
    assert isinstance(finding, Finding)
    assert 0 < finding.harm <= 1 and 0 < finding.certainty <= 1
    assert any(c.isdigit() for c in finding.saw), "a measurement has a number"
    assert finding.saw.endswith(".") and finding.expected.endswith(".")
    assert (finding.fix or CATALOGUE[id_].fix).rstrip("`)").endswith((".", ":")) or "`" in finding.fix
    assert finding.since >= 0


@pytest.mark.parametrize(("id_", "given"), cases(HEALTHY))
def test_healthy(id_, given):
    healthy = answer(id_, given)
    assert isinstance(healthy, (Fine, DoesNotApply)), healthy
    assert healthy.saw.endswith(".")
    if isinstance(healthy, Fine):
        assert any(c.isdigit() for c in healthy.saw), "what clears a cause is a number"


def test_the_first_bad_epoch_is_named():
    dead = answer("dead_relu", SICK["dead_relu"][0])
    assert (dead.since, dead.layers) == (1, ("second",))
    assert "8 of 8 units of layer second" in dead.saw
    high = answer("learning_rate_too_high", SICK["learning_rate_too_high"][0])
    assert high.since == 1 and "9 times its own size" in high.saw


def test_advice_has_the_runs_own_numbers():
    assert (
        'Dense(1, activation="relu")` -> `Dense(1, activation="sigmoid")'
        in answer("output_activation", SICK["output_activation"][0]).fix
    )
    scale = answer("unscaled_inputs", SICK["unscaled_inputs"][0])
    assert "normalization = keras.layers.Normalization(); normalization.adapt(x); " in scale.fix
    assert [edit.new in scale.fix for edit in scale.edits] == [True]
    assert "class_weight={0: 0.526, 1: 10}" in answer("imbalanced_classes", SICK["imbalanced_classes"][0]).fix


@pytest.mark.parametrize(
    ("value", "healthy", "ruinous", "expected"),
    [
        (1, 1, 100, 0),
        (10, 1, 100, 0.5),
        (1e9, 1, 100, 1),
        (0.1, 1, 0.01, 0.5),
        (0, 1, 0.01, 1),
        (0, 1, 100, 0),
        (float("nan"), 1, 2, 0),
        (float("inf"), 1, 2, 1),
    ],
)
def test_degree_runs_from_the_healthy_to_the_ruinous_limit(value, healthy, ruinous, expected):
    assert degree(value, healthy, ruinous) == pytest.approx(expected)


def kept_but_the_last(given):
    """The same evidence with no value in the last epoch."""
    series = {name: np.array(values, float) for name, values in given.items() if name in SERIES}
    for values in series.values():
        values[-1:] = np.nan
    return {**given, **series}


@pytest.mark.parametrize(("id_", "given"), [*cases(SICK), *cases(HEALTHY)])
def test_no_sentence_has_a_value_that_was_not_logged(id_, given):
    one_by_one = [{**given, name: kept_but_the_last({name: given[name]})[name]} for name in given if name in SERIES]
    for evidence in (kept_but_the_last(given), *one_by_one):
        said = answer(id_, evidence)
        if not isinstance(said, CouldNotTell):
            words = f"{said.saw} {getattr(said, 'expected', '')} {getattr(said, 'fix', '')}"
            assert not re.search(r"(?<![.\w])nan\b(?!_)", words), words


@pytest.mark.parametrize(("id_", "given"), [*cases(SICK), *cases(HEALTHY)])
def test_an_empty_table_is_one_that_was_not_logged(id_, given):
    tables = [name for name, value in given.items() if isinstance(value, (list, dict)) and name in FACTS]
    for name in tables:
        answer(id_, {**given, name: type(given[name])()})
