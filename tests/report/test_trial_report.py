"""What a trial has shown is said at the top of every report, and the lines of what is proven are what is shown."""

import dataclasses
import json
from xml.etree import ElementTree

import pytest
import states

from tb_diagnose import diagnose, event_file
from tb_diagnose.cli.main import main
from tb_diagnose.report import html, list_row, markdown, serialize, text
from tb_diagnose.report.plain import plain
from tb_diagnose.report.verdict import verdict_lines

PROVEN = (
    'Proven: with `activation="sigmoid"` in dense_2 and scaled inputs accuracy is 0.998 after 5 epochs (0.50 as it is).'
)
BOTH = ["output_activation", "unscaled_inputs"]


@pytest.fixture
def logdir(tmp_path):
    """The stalled run of which a trial has proven that both of its causes are to be changed."""
    with states.past():
        states.proven(tmp_path / "run1")
    return tmp_path


def with_trial(logdir, **changed):
    """The run with another trial."""
    trial = dataclasses.replace(states.trial_of_both(), **changed)
    event_file.add_facts(str(logdir / "run1" / "diagnosis"), {"trial": trial.as_fact()})
    (found,) = diagnose(logdir)
    return found


def only(*causes):
    """The rows of a trial in which these changes alone were proven."""
    rows = states.trial_of_both().rows
    return tuple(
        dataclasses.replace(row, verdict="does not help") if row.causes and row.causes != causes else row
        for row in rows
    )


def test_every_report_begins_with_what_is_proven(logdir, capsys):
    (found,) = diagnose(logdir)
    assert found.headline.endswith(PROVEN) and [named.cause.id for named in found.probable_causes] == BOTH
    assert " ".join(text.text(found).split()).count(PROVEN) == 1
    assert PROVEN in markdown.page(found).split("\n\n")[1].replace("\\_", "_")
    assert verdict_lines(found)[0].endswith(PROVEN)
    assert json.loads(html.part(found).data)["diagnosis"]["trial"]["headline"] == PROVEN
    report = serialize.as_json(found)
    assert report["headline"].endswith(PROVEN) and report["trial"]["proven"] == BOTH
    assert report["trial"]["patch"] == report["patch"]
    row = list_row.row(found)
    assert row["headline"].endswith(PROVEN)
    assert row["proven"]["value"] == pytest.approx(0.998) and [each["id"] for each in row["proven"]["causes"]] == BOTH
    assert main([str(logdir), "--junit", str(logdir / "junit.xml"), "--fail-on", "stalled"]) == 1
    (failure,) = ElementTree.parse(logdir / "junit.xml").iter("failure")
    assert failure.get("message").endswith(PROVEN)


def test_where_less_is_proven_its_lines_alone_are_shown(logdir):
    found = with_trial(logdir, rows=only("output_activation"))
    assert [named.cause.id for named in found.to_change] == ["output_activation"]
    report = serialize.as_json(found)
    assert [line["where"] for line in report["trial"]["patch"]] == ["dense_2"]
    assert "dense_2" in (places := [line["where"] for line in report["patch"]]) and len(places) > 1
    assert "What is proven, as lines of the program:" in text.text(found)
    assert "+ normalization" not in text.text(found) and "+normalization" not in markdown.page(found)


def test_without_a_proof_all_probable_causes_are_to_be_changed(logdir):
    found = with_trial(logdir, rows=only("nothing"))
    assert found.proven == () and [named.cause.id for named in found.to_change] == BOTH
    assert "Proven" not in found.headline and list_row.row(found)["proven"] is None
    assert "  As lines of the program:" in text.text(found)


def test_what_is_proven_of_a_finding_that_is_gone_has_no_lines(logdir):
    rows = tuple(dataclasses.replace(row, causes=("gone",)) if row.causes else row for row in only("output_activation"))
    found = with_trial(logdir, rows=rows)
    assert found.trial.winner.causes == ("gone",) and found.proven == ()
    assert serialize.as_json(found)["trial"]["patch"] == []


def test_a_healthy_run_with_a_trial_has_nothing_to_change(written, tmp_path):
    with states.past():
        written(tmp_path, healthy=True)
    found = with_trial(tmp_path)
    assert found.status.name == "reached" and found.to_change == () and "Proven" not in found.headline
    assert list_row.row(found)["proven"] is None
    assert main([str(tmp_path), "--junit", str(tmp_path / "junit.xml")]) == 0


def test_the_curves_are_in_the_report_and_trials_without_them_are_read(logdir):
    (found,) = diagnose(logdir)
    rows = plain(serialize.as_json(found))["trial"]["rows"]
    assert rows[0]["curve"]["epochs"] == [1, 2, 3, 4, 5] and rows[4]["curve"] == {"epochs": [], "values": []}
    assert [row["measured"] for row in rows][-1] == "0.998 ± 0.001"
    fact = states.trial_of_both().as_fact()
    for row in fact["rows"]:
        del row["curve_epochs"], row["curve_values"]
    event_file.add_facts(str(logdir / "run1" / "diagnosis"), {"trial": fact})
    (earlier,) = diagnose(logdir)
    assert earlier.headline.endswith(PROVEN)
    assert {tuple(row["curve"]["epochs"]) for row in serialize.as_json(earlier)["trial"]["rows"]} == {()}
