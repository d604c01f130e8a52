"""From findings to what is to be changed, on a small catalogue of its own."""

from __future__ import annotations

import dataclasses

import pytest

from tb_diagnose import diagnose
from tb_diagnose.causes import CATALOGUE, Cause, Edit, Finding, reached_from
from tb_diagnose.diagnosis import ranking
from tb_diagnose.diagnosis.ranking import rank
from tb_diagnose.diagnosis.trying import Tried
from tb_diagnose.status.status import AT_REFERENCE, GOOD, Status

STALLED = Status("stalled", 1, 10, "at chance", "Accuracy has been stalled")


def entry(id_: str, family: str, brings_about=(), looks_like=(), **more) -> Cause:
    made = dataclasses.replace(
        next(iter(CATALOGUE.values())), id=id_, title=id_.capitalize(), family=family, brings_about=tuple(brings_about),
        looks_like=tuple(looks_like), is_status=None, sets_ceiling=False, harms="training",
    )  # fmt: skip
    return dataclasses.replace(made, **more)


SMALL = {
    made.id: made
    for made in (
        entry("loss", "configuration", ["dead"], ["rate"]),
        entry("metric", "configuration", is_status="misreported"),
        entry("scale", "data", ["dead", "exploding"], ["rate"]),
        entry("noise", "data", sets_ceiling=True),
        entry("copies", "data", ["memorizing"], harms="validation"),
        entry("rate", "training", ["exploding"], ["short"]),
        entry("short", "training", is_status="unfinished"),
        entry("weights", "training", [], ["scale"]),
        entry("exploding", "mechanism", ["dead"]),
        entry("fading", "mechanism", [], ["short"]),
        entry("dead", "mechanism", ["constant"]),
        entry("constant", "mechanism"),
        entry("memorizing", "outcome", is_status="not generalizing"),
        entry("narrow", "outcome"),
    )
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("tb_diagnose.causes.CATALOGUE", SMALL)


def ranked(*findings, status=STALLED, fine=(), could_not_tell=()):
    """Ids of the probable causes and of the notes; each finding is (id, harm, certainty, since)."""
    tried = Tried(
        [(SMALL[id_], Finding(harm, certainty, "saw", since=since)) for id_, harm, certainty, since in findings]
    )
    tried.fine = [(SMALL[id_], "1 fine.") for id_ in fine]
    tried.could_not_tell = [(SMALL[id_], ("x",)) for id_ in could_not_tell]
    probable, notes = rank(tried, status)
    return [n.cause.id for n in probable], [n.cause.id for n in notes], probable, notes


def test_what_is_brought_about_is_reached_through_others():
    assert reached_from("scale") == {"dead", "exploding", "constant"}
    assert reached_from("constant") == set()


def test_a_fault_takes_its_mechanisms_with_it_in_the_order_of_the_chain():
    probable, notes, named, _ = ranked(("scale", 1, 1, 0), ("constant", 1, 1, 1), ("dead", 1, 1, 1))
    assert (probable, notes) == (["scale"], [])
    assert [n.cause.id for n in named[0].consequences] == ["dead", "constant"]


def test_independent_faults_are_all_to_be_changed():
    assert ranked(("loss", 1, 1, 0), ("scale", 0.9, 0.9, 0))[0] == ["loss", "scale"]


def test_a_fault_is_set_aside_only_by_a_more_certain_one_that_looks_like_it():
    probable, notes, _, shown = ranked(("loss", 1, 1, 0), ("rate", 1, 0.6, 1))
    assert (probable, notes) == (["loss"], ["rate"])
    assert shown[0].set_aside_by is SMALL["loss"]
    # As certain as the other: it is a fault of its own.
    assert ranked(("loss", 1, 0.9, 0), ("rate", 1, 1, 1))[0] == ["rate", "loss"]
    # Known by itself, as from the settings: it stands beside what is surer still.
    assert ranked(("loss", 1, 1, 0), ("rate", 1, ranking.SURE, 1))[0] == ["loss", "rate"]
    # What began before it cannot be its trace.
    assert ranked(("loss", 1, 1, 3), ("rate", 1, 0.6, 1))[0] == ["loss", "rate"]


def test_a_fault_is_never_a_consequence():
    _, _, named, _ = ranked(("loss", 1, 1, 0), ("rate", 1, 0.6, 1), ("dead", 1, 1, 1))
    assert [n.cause.id for n in named[0].consequences] == ["dead"]


def test_what_began_earlier_is_not_explained():
    probable, notes, _, _ = ranked(("rate", 1, 1, 5), ("exploding", 1, 1, 0))
    assert (probable, notes) == (["rate"], ["exploding"])


def test_what_weighs_far_more_is_not_explained():
    assert ranked(("rate", 0.2, 1, 0), ("exploding", 1, 1, 1))[0] == ["exploding"]


def test_a_light_fault_beside_a_heavy_one_is_a_note_unless_it_is_sure():
    assert ranked(("loss", 1, 1, 0), ("noise", 0.8, 0.4, 0))[:2] == (["loss"], ["noise"])
    assert ranked(("loss", 1, 1, 0), ("noise", 0.4, 0.9, 0))[0] == ["loss", "noise"]


def test_light_findings_are_notes_even_when_alone():
    assert ranked(("noise", 0.2, 1, 0))[:2] == ([], ["noise"])
    assert ranked(("dead", 0.5, 1, 0))[:2] == ([], ["dead"])


def test_a_mechanism_is_named_only_without_a_fault_and_says_what_was_cleared():
    assert ranked(("dead", 1, 1, 0), ("noise", 0.8, 1, 1))[0] == ["noise"]
    probable, _, named, _ = ranked(("dead", 1, 1, 1), fine=["scale", "metric"], could_not_tell=["loss"])
    assert probable == ["dead"]
    assert [c.id for c in named[0].origins.fine] == ["scale"]
    assert [c.id for c in named[0].origins.could_not_tell] == ["loss"]


def test_a_certain_mechanism_from_before_the_faults_comes_before_them():
    probable, _, _, _ = ranked(("rate", 0.6, 0.6, 1), ("dead", 1, 1, 0))
    assert probable == ["dead", "rate"], "what came later is not its root"
    assert ranked(("rate", 0.6, 0.6, 0), ("dead", 1, 1, 0))[0] == ["rate"], "it began no later"
    assert ranked(("rate", 0.9, 0.9, 1), ("dead", 1, 1, 0))[0] == ["rate"], "it weighs about as much"
    assert ranked(("rate", 0.6, 0.6, 1), ("dead", 1, 0.8, 0))[0] == ["rate"], "it is not certain"
    assert ranked(("scale", 0.6, 0.6, 0), ("rate", 0.6, 0.6, 1), ("dead", 1, 1, 0))[0][0] == "scale", (
        "its root is known"
    )


def test_a_mechanism_weighs_what_it_brings_about():
    assert ranked(("dead", 0.3, 1, 1), ("constant", 1, 1, 1))[0] == ["dead"]


def test_a_healthy_run_has_notes_only():
    for name in GOOD:
        assert ranked(("scale", 1, 1, 0), status=Status(name))[0] == []


def test_before_there_is_a_curve_only_what_is_known_early_is_named():
    for name in ("crashed", "too short to tell"):
        assert ranked(("loss", 1, 1, 0), ("rate", 1, 1, 0), ("dead", 1, 1, 0), status=Status(name))[0] == ["loss"]


def test_a_status_that_is_a_finding_names_it_and_what_brings_it_about():
    behind = Status("not generalizing")
    assert ranked(("memorizing", 0.5, 1, 2), ("scale", 0.45, 1, 0), status=behind)[0] == ["memorizing"]
    assert ranked(("memorizing", 0.3, 1, 2), ("copies", 0.5, 1, 0), status=behind)[0] == ["copies"]
    assert ranked(("metric", 0.1, 1, 2), ("scale", 0.8, 1, 0), status=Status("misreported"))[0] == ["metric"]


def test_what_slows_a_run_down_comes_before_that_it_was_short():
    unfinished = Status("unfinished", sentence="Accuracy was still rising")
    probable, notes, *_ = ranked(("short", 0.9, 0.6, 9), ("rate", 0.6, 0.5, 1), status=unfinished)
    assert (probable, notes) == (["rate", "short"], [])
    probable, *_ = ranked(("short", 0.9, 0.6, 9), ("scale", 0.6, 0.5, 1), status=unfinished)
    assert probable == ["short", "scale"]
    misreported = Status("misreported", sentence="Accuracy is misreported")
    probable, *_ = ranked(("metric", 1.0, 1.0, 1), ("loss", 0.6, 0.9, 1), status=misreported)
    assert probable[0] == "metric", "what is sure and heavy stays first"


def test_what_cannot_do_better_with_more_time_is_named_before_that_it_was_short():
    tight = Finding(1, 0.45, "saw", edits=(Edit("dense", "units", 64),))
    tried = Tried([(SMALL["short"], Finding(1, 0.6, "saw")), (SMALL["narrow"], tight)])
    status = Status("unfinished", None, 10, "", "Accuracy was still rising")
    assert [named.cause.id for named in rank(tried, status)[0]] == ["narrow", "short"]
    assert ranked(("short", 1, 0.6, 0), ("narrow", 1, 0.45, 0), status=status)[0] == ["short"], "nothing to change"


def test_a_fault_that_outweighs_the_complaint_is_named_though_training_goes_well():
    status = Status("not generalizing", 1, 10, "", "The training samples are learned")
    assert ranked(("memorizing", 1, 0.3, 1), ("rate", 1, 0.6, 1), status=status)[0] == ["rate"]
    assert ranked(("memorizing", 1, 0.9, 1), ("rate", 1, 0.6, 1), status=status)[0] == ["memorizing"]
    assert ranked(("memorizing", 1, 0.3, 1), ("rate", 1, 0.4, 1), status=status)[0] == ["memorizing"]
    assert ranked(("copies", 1, 0.7, 1), ("rate", 1, 0.8, 1), status=status)[0] == ["rate", "copies"]


def test_of_two_that_weigh_alike_the_one_that_leaves_the_traces_of_the_other_is_first():
    assert ranked(("scale", 1, 0.9, 0), ("weights", 1, 0.9, 0))[0] == ["weights", "scale"]
    assert ranked(("scale", 1, 1, 0), ("weights", 1, 0.9, 0))[0] == ["scale", "weights"]


def test_what_is_another_status_is_no_cause_of_a_stall():
    assert ranked(("short", 1, 1, 2), ("metric", 1, 1, 0), ("copies", 1, 1, 0))[0] == []
    assert ranked(("short", 0.5, 1, 2), status=Status("unfinished"))[0] == ["short"]


def test_only_what_sets_a_ceiling_holds_a_run_that_is_as_good_as_its_inputs_allow():
    ceiling = Status("stalled", 1, 10, AT_REFERENCE)
    assert ranked(("noise", 0.6, 1, 0), ("scale", 0.8, 1, 0), status=ceiling)[0] == ["noise"]
    assert ranked(("noise", 0.3, 1, 0), status=ceiling)[0] == []


def test_an_outcome_of_last_resort_is_set_aside_by_any_fault():
    _, notes, _, shown = ranked(("scale", 1, 1, 0), ("narrow", 1, 0.4, 5))
    assert notes == ["narrow"] and shown[0].set_aside_by is SMALL["scale"]
    assert ranked(("narrow", 1, 0.4, 5))[0] == ["narrow"]


def test_a_plain_fault_is_named_whatever_the_curve_says():
    for status in (Status("stalled", 1, 10, AT_REFERENCE), Status("not generalizing"), Status("misreported")):
        assert ranked(("scale", 1, ranking.PLAIN, 0), status=status)[0] == ["scale"]
    assert ranked(("scale", 1, ranking.PLAIN, 0), status=Status("reached"))[0] == []


def test_a_weight_is_harm_times_certainty():
    assert Finding(0.5, 0.5, "saw").weight == 0.25 == ranking.NAMED


def test_a_cause_that_raises_is_one_row_and_the_others_are_tried(written, tmp_path, monkeypatch):
    def broken(**_):
        raise ZeroDivisionError("by zero")

    catalogue = dict(CATALOGUE)
    catalogue["dead_relu"] = dataclasses.replace(
        catalogue["output_activation"], id="dead_relu", judge=broken, family="mechanism"
    )
    monkeypatch.setattr("tb_diagnose.causes.CATALOGUE", catalogue)
    written(tmp_path)
    (found,) = diagnose(tmp_path)
    assert [(c.id, error) for c, error in found.failed] == [("dead_relu", "ZeroDivisionError: by zero")]
    assert found.probable_causes


def test_a_mechanism_that_takes_the_place_of_the_status_is_named():
    given = (("fading", 1, 0.6, 1), ("short", 1, 0.5, 9))
    assert ranked(*given, status=Status("unfinished"))[:2] == (["fading"], ["short"])
    assert ranked(given[0], status=Status("unfinished"))[0] == []
