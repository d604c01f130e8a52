"""A sweep of real event files, in the terminal and as the tab gets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scalar_logs import set_hparams
from scalar_logs import written as write
from test_schema import Routes, check

EPOCHS = np.arange(20)


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "tb_diagnose", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sweep(root: Path, seeds: int, with_hparams: bool = True) -> Path:
    """Four rates, some seeds each; one rate learns. The names of the runs are longer than a line leaves room for."""
    rng = np.random.default_rng(0)
    for rate in (1.0, 0.1, 0.01, 0.001):
        for seed in range(seeds):
            folder = root / "a_sweep_over_learning_rates" / f"rate_{rate}_seed_{seed}"
            top = 0.93 if rate == 0.01 else 0.1
            accuracy = 0.1 + (top - 0.1) * (1 - 0.7**EPOCHS) + rng.normal(scale=0.004, size=20)
            loss = 2.3 * (1 - (top - 0.1) * (1 - 0.7**EPOCHS)) + rng.normal(scale=0.004, size=20)
            curves = {"loss": loss, "val_loss": loss, "accuracy": accuracy, "val_accuracy": accuracy - 0.01}
            write(folder, {tag: list(zip(EPOCHS, values, strict=True)) for tag, values in curves.items()})
            if with_hparams:
                set_hparams(folder, {"learning_rate": rate, "seed": seed, "optimizer": "adam"})
    return root


def after(text: str, start: str) -> list[str]:
    lines = text.splitlines()
    return lines[next(at for at, line in enumerate(lines) if line.startswith(start)) :]


def test_twelve_runs_of_which_one_rate_learns(tmp_path):
    text = run(sweep(tmp_path, 3))
    ranked = after(text, "The runs by validation accuracy, the best first:")
    assert ranked[1].split() == ["run", "score", "learning_rate", "seed", "status", "cause"]
    assert [line.split()[2] for line in ranked[2:5]] == ["0.01"] * 3
    assert all("…" in line.split()[0] and len(line) <= 80 for line in ranked[2:14])
    told = after(text, "learning_rate accounts for 100 % of the differences in validation accuracy:")
    assert told[1].split()[:4] == ["value", "runs", "best", "median"]
    assert [line.split()[:2] for line in told[2:]] == [["0.001", "3"], ["0.01", "3"], ["0.1", "3"], ["1", "3"]]
    assert [line.rstrip().endswith("█") for line in told[2:]] == [True] * 4
    assert "better than chance" not in text


def test_many_runs_are_ranked_in_a_line_each(tmp_path):
    lines = run(sweep(tmp_path, 6)).splitlines()
    assert lines[0] == "The runs by validation accuracy, the best first:"
    assert [line.split()[2] for line in lines[2:8]] == ["0.01"] * 6
    assert lines[27].startswith("24 runs: 18 stalled") and lines[29].startswith("learning_rate accounts for 100 %")


def test_nothing_is_shown_where_nothing_that_was_set_is_known(tmp_path):
    text = run(sweep(tmp_path, 6, with_hparams=False))
    assert text.splitlines()[0].startswith("a_sweep_over_learning_rates/rate_0.001_seed_0  stalled")
    assert text.splitlines()[-1].startswith("24 runs: 18 stalled") and "chance" not in text
    answer = answer_of(tmp_path)
    assert (answer["settings"], answer["are_settings_known"], len(answer["runs"])) == ([], False, 24)


def answer_of(root: Path) -> dict:
    routes = Routes(root)
    routes.names()
    answer = routes.json("sweep")
    check(answer, "Sweep")
    return answer


def test_what_the_tab_gets(tmp_path):
    answer = answer_of(sweep(tmp_path, 3))
    assert (answer["judged"], answer["score"], answer["higher_is_better"]) == (12, "validation accuracy", True)
    rate, seed = answer["settings"]
    assert (rate["name"], rate["separates"], seed["name"], seed["separates"]) == (
        "hparams.learning_rate",
        True,
        "hparams.seed",
        False,
    )
    assert [part["value"] for part in rate["parts"]] == [0.001, 0.01, 0.1, 1]
    first, last = answer["runs"][0], answer["runs"][-1]
    assert first["settings"][0] == 0.01 and first["score"] == pytest.approx(rate["parts"][1]["best"])
    assert last["status"] == "stalled" and last["cause"]["id"] == "constant_prediction"


def test_fewer_runs_than_can_be_tested(tmp_path):
    root = sweep(tmp_path, 1)
    assert run(root).splitlines()[-1] == "Fewer than 6 runs: nothing tells whether a setting matters."
    assert [setting["separates"] for setting in answer_of(root)["settings"]] == [None]
