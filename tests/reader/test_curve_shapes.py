"""Curves of any shape, under the names of any writer: what is said of them is never nonsense."""

from __future__ import annotations

import re
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scalar_logs import written

from tb_diagnose import diagnose
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report.text import text

NAMES = (
    ("loss", "val_loss", "accuracy", "val_accuracy"),
    ("train/loss", "val/loss", "train/acc", "val/acc"),
    ("train_loss_epoch", "val_loss", "train_acc_epoch", "val_acc"),
    ("epoch_loss", "epoch_val_loss", "epoch_accuracy", "epoch_val_accuracy"),
    ("OptimizeLoss/loss", "Performance/Validation/Loss", "Performance/Training/Top1", "Performance/Validation/Top1"),
    ("loss", "val_loss", "f1", "val_f1"),
    ("train/loss", "val/loss", "rollout/ep_rew_mean", "eval/mean_reward"),
)
NONSENSE = re.compile(r"\bnan\b|\binf\b|-0\.0 ?%|-0\b(?!\.)|None|\d e\d", re.IGNORECASE)
RISES, RESTS = re.compile(r"still (rose|rises|rising)"), re.compile(r"levelled off")
MANY = 20


@st.composite
def shapes(draw: st.DrawFn, count: int, low: float, high: float) -> list[float]:
    """A curve that rises, falls, stands, turns or jumps, with or without noise, gaps and what is no number."""
    t = np.linspace(0, 1, count)
    start, end = draw(st.floats(low, high)), draw(st.floats(low, high))
    kind = draw(st.sampled_from(["flat", "line", "approach", "turn", "jump", "away"]))
    curve = {
        "flat": np.full(count, start),
        "line": start + (end - start) * t,
        "approach": end + (start - end) * np.exp(-draw(st.floats(1, 30)) * t),
        "turn": start + (end - start) * 4 * t * (1 - t),
        "jump": np.where(t < draw(st.floats(0, 1)), start, end),
        "away": start - draw(st.floats(-50, 50)) * t**3 * (high - low),
    }[kind]
    noise = draw(st.sampled_from([0.0, 0.002, 0.03])) * (high - low)
    curve = curve + np.random.default_rng(draw(st.integers(0, 99))).normal(0, 1, count) * noise
    for _ in range(draw(st.integers(0, 2))):
        curve[draw(st.integers(0, count - 1)) :][: draw(st.integers(1, 5))] = draw(
            st.sampled_from([np.nan, np.inf, 0.0])
        )
    return [float(value) for value in curve]


@st.composite
def logs(draw: st.DrawFn) -> dict[str, list[tuple[int, float]]]:
    """One to four curves of a writer, each with steps of its own."""
    names = draw(st.sampled_from(NAMES))
    kept = draw(st.lists(st.sampled_from(range(4)), min_size=1, max_size=4, unique=True))
    scale = draw(st.sampled_from([1.0, 1.0, 100.0]))
    found = {}
    for place in kept:
        count = draw(st.integers(1, 60))
        first, stride = draw(st.sampled_from([(0, 1), (1, 1), (0, 1), (10, 10), (1, 100), (26, 26)]))
        low, high = ((0.0, 3.0), (0.0, 8.0), (0.0, scale), (0.0, scale))[place]
        steps = [first + stride * i for i in range(count)]
        if draw(st.integers(0, 9)) == 0:  # fit was called again
            steps = [step % (steps[len(steps) // 2] + 1) for step in steps]
        found[names[place]] = list(zip(steps, draw(shapes(count, low, high)), strict=True))
    return found


def sentences(diagnosis: Diagnosis) -> list[str]:
    named = (*diagnosis.probable_causes, *diagnosis.notes)
    said = [part for each in named for part in (each.finding.saw, each.finding.expected, each.finding.fix)]
    answers = (*diagnosis.fine, *diagnosis.does_not_apply)
    return [diagnosis.headline, *said, *(saw for _, saw in answers), text(diagnosis, full=True)]


def check(log: dict[str, list[tuple[int, float]]]) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        for diagnosis in diagnose(written(Path(folder) / "run", log).parent):
            assert not diagnosis.failed
            assert diagnosis.status.name != "unreadable", diagnosis.headline
            said = sentences(diagnosis)
            assert not [sentence for sentence in said if NONSENSE.search(sentence)]
            if diagnosis.evidence.finished_epochs > MANY:
                assert diagnosis.status.name != "too short to tell", diagnosis.headline
            whole = " ".join(said[:-1])
            assert not (RISES.search(whole) and RESTS.search(whole)), whole


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(logs())
def test_nothing_that_is_said_of_any_curves_is_nonsense(log):
    check(log)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(logs())
def test_nothing_that_is_said_of_many_more_is_nonsense(log):
    check(log)
