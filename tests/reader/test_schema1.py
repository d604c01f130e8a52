"""Event files of the schema before this one: read under today's names, and judged."""

from __future__ import annotations

import numpy as np
import pytest
from places import RECORDINGS

from tb_diagnose import diagnose, event_file
from tb_diagnose.event_data import EventData
from tb_diagnose.evidence import FACTS, SERIES

OLD = RECORDINGS / "schema1"
NEW_SERIES = {"prediction_std", "predicted_fraction", "activation_std", "preactivation_std", "step_loss_std"}
NEW_FACTS = {"sample_count", "probe_sample_count", "label_std", "duplicate_sample_fraction", "run_start"}


def tags_on_disk(run: str) -> set[str]:
    """Last parts of all tags as they stand in the file."""
    from tensorboard import context

    provider = EventData({run: str(OLD / run / "diagnosis")})
    listed = provider.list_tensors(context.RequestContext(), experiment_id="", plugin_name=event_file.PLUGIN)
    return {tag.rpartition("/")[2] for tag in listed[run]}


@pytest.fixture(scope="module")
def read():
    return {diagnosis.run: diagnosis for diagnosis in diagnose(OLD)}


@pytest.mark.parametrize("run", ["healthy", "rounded"])
def test_old_names_are_in_the_file_and_new_ones_in_the_evidence(read, run):
    evidence, tags = read[run].evidence, tags_on_disk(run)
    assert {"prediction_spread", "row_count", "training_start"} <= tags and not tags & (NEW_SERIES | NEW_FACTS)
    assert set(evidence.series) >= NEW_SERIES and set(evidence.facts) >= NEW_FACTS - {"label_std"}
    # Every name that was written is known today, but for those that were renamed.
    names = {event_file.RENAMED.get(tag, tag) for tag in tags}
    assert names - {*SERIES, *FACTS, "epoch", *evidence.metrics} == set()
    for name in NEW_SERIES:
        assert np.isfinite(evidence.series[name]).any(), name


def test_the_keys_inside_of_facts_are_new_too(read):
    weights = [row for row in read["healthy"].evidence.facts["initial_weights"] if row is not None]
    assert weights and all("std" in row and "spread" not in row for row in weights)


def test_old_recordings_are_judged(read):
    assert read["healthy"].status.name == "reached" and not read["healthy"].probable_causes
    assert [named.cause.id for named in read["rounded"].probable_causes] == ["disconnected_gradient"]
    assert not any(diagnosis.failed for diagnosis in read.values())


def test_no_new_name_is_one_of_the_old_ones():
    """Otherwise a file of today would be read wrongly."""
    assert not set(event_file.RENAMED) & {*SERIES, *FACTS}
    assert set(event_file.RENAMED.values()) <= {*SERIES, *FACTS}
