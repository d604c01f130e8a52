"""Roots, consequences and notes: the rule that picks the probable cause."""

from tb_diagnose.causes import CATALOGUE, Finding
from tb_diagnose.diagnosis.ranking import rank
from tb_diagnose.status import status

STALLED = status.Status("stalled", 1, 10, "at chance", "Accuracy has been stalled")


def ranked(*pairs, state=STALLED):
    found = [(CATALOGUE[id_], Finding(severity, "saw", since=since)) for id_, severity, since in pairs]
    probable, notes = rank(found, state)
    return [n.cause.id for n in probable], [n.cause.id for n in notes], probable


def test_a_root_takes_its_consequences_with_it():
    probable, notes, named = ranked(("unscaled_inputs", 1, 0), ("dead_relu", 1, 1), ("constant_prediction", 1, 1))
    assert (probable, notes) == (["unscaled_inputs"], [])
    assert [n.cause.id for n in named[0].consequences] == ["dead_relu", "constant_prediction"]


def test_what_began_earlier_is_not_explained():
    probable, notes, _ = ranked(("learning_rate_too_high", 1, 5), ("dead_relu", 1, 0))
    assert probable == ["learning_rate_too_high"] and notes == ["dead_relu"]


def test_what_is_far_more_severe_is_not_explained():
    probable, _, _ = ranked(("learning_rate_too_high", 0.2, 0), ("dead_relu", 1, 1))
    assert probable == ["dead_relu"]


def test_two_roots_of_similar_severity_are_both_probable():
    assert ranked(("output_activation", 1, 0), ("unscaled_inputs", 0.9, 0))[0] == [
        "output_activation",
        "unscaled_inputs",
    ]


def test_a_weak_root_is_a_note():
    probable, notes, _ = ranked(("output_activation", 1, 0), ("duplicate_rows", 0.25, 0))
    assert (probable, notes) == (["output_activation"], ["duplicate_rows"])


def test_a_mechanism_is_named_only_without_a_root():
    assert ranked(("dead_relu", 1, 1))[0] == ["dead_relu"]
    assert ranked(("dead_relu", 1, 0), ("imbalanced_classes", 0.8, 1))[0] == ["imbalanced_classes"]


def test_a_weak_root_does_not_hide_a_severe_mechanism():
    assert ranked(("dead_relu", 1, 0), ("duplicate_rows", 0.25, 0))[0] == ["dead_relu"]


def test_weak_findings_are_notes_even_when_alone():
    assert ranked(("duplicate_rows", 0.2, 0))[:2] == ([], ["duplicate_rows"])
    assert ranked(("dead_relu", 0.5, 0))[:2] == ([], ["dead_relu"])


def test_a_mechanism_is_as_severe_as_what_it_brings_about():
    assert ranked(("vanishing_gradients", 0.3, 1), ("constant_prediction", 1, 1))[0] == ["vanishing_gradients"]


def test_a_healthy_run_has_notes_only():
    for name in ("learning", "reached"):
        assert ranked(("unscaled_inputs", 1, 0), state=status.Status(name))[0] == []


def test_before_there_is_a_curve_only_settled_causes_are_named():
    state = status.Status("crashed")
    assert ranked(("label_encoding", 1, 0), ("learning_rate_too_high", 1, 0), state=state)[0] == ["label_encoding"]


def test_an_outcome_is_never_the_probable_cause():
    assert ranked(("overfitting", 1, 5))[:2] == ([], ["overfitting"])


def test_a_cause_that_raises_is_one_row_and_the_others_are_tried(written, tmp_path, monkeypatch):
    import dataclasses

    def broken(**_):
        raise ZeroDivisionError("by zero")

    catalogue = dict(CATALOGUE)
    catalogue["dead_relu"] = dataclasses.replace(catalogue["output_activation"], id="dead_relu", judge=broken)
    monkeypatch.setattr("tb_diagnose.causes.CATALOGUE", catalogue)
    from tb_diagnose import diagnose

    written(tmp_path)
    (found,) = diagnose(tmp_path)
    assert [(c.id, error) for c, error in found.failed] == [("dead_relu", "ZeroDivisionError: by zero")]
    assert found.probable_causes
