"""Retrains harmful runs with the patch of all their probable causes, to see whether the advice helps.

`python -m demo.matrix.patching --seeds 0 --pairs`
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from demo import score
from demo.matrix import counting, harm, judging, plan, training, workers
from demo.setups import OUTPUTS, SETUPS, Setup
from tb_diagnose.trials.candidates import edits_together

OUTCOME = "patched.json"
SHORT = 0.05
"""Skill below the healthy twins' mean within which a patched run counts as lifted."""
REPEATS = 5
"""Seeds that each patch is trained from, as many as twins. On two of the setups, one with 60 validation samples only,
one healthy twin in five itself ends 0.05 below the mean of all: a single run tells less than the limit asks."""
ROUNDING = 1e-6
"""What a skill may differ by in its precision: of 60 validation samples many runs are exactly at the limit."""


def edits_of(folder: str) -> tuple[list[Any], list[str]]:
    """All edits of the probable causes of a stored run, and the ids of probable causes without any."""
    found = judging.diagnosis(folder)
    if found is None:
        return [], []
    named = found.probable_causes
    return edits_together(n.finding.edits for n in named), [n.cause.id for n in named if not n.finding.edits]


def train_patched(job: plan.Job, folder: str, edits: Sequence[Any], repeats: int = REPEATS) -> dict[str, Any]:
    """Trains a job with edits made, from several seeds, and returns the skill on the validation samples.

    Args:
        job: The job whose run came to harm.
        folder: Of the patched run; nothing is logged there.
        edits: What the diagnosis of the run would change.
        repeats: Seeds to train from, the job's own and those behind it.

    Returns:
        `score` is the mean, `scores` are those of the seeds; with an `error` there are none.
    """
    started = time.monotonic()
    training.one_thread()
    setup, healthy = plan.build(job), plan.base(job.setup)
    try:
        scores = [_skill_of_patched(setup, healthy, edits, job.seed + repeat) for repeat in range(repeats)]
    except Exception as error:  # noqa: BLE001 - advice that does not run is a result
        return {"error": training.in_a_line(error), "score": None}
    return {
        "error": None,
        "score": training.plain(float(np.mean(scores))),
        "scores": [training.plain(score) for score in scores],
        "seconds": round(time.monotonic() - started, 2),
    }


def _skill_of_patched(setup: Setup, healthy: Setup, edits: Sequence[Any], seed: int) -> float:
    """Skill of a setup that was trained from a seed with edits made."""
    import keras

    from tb_diagnose.trials import changed_copy as changes

    keras.backend.clear_session()
    gc.collect()
    keras.utils.set_random_seed(seed)
    y, validation_y = setup.labels
    x, y, validation = changes.changed_data(edits, setup.x, y, (setup.validation[0], validation_y))
    model = changes.changed_copy(setup.model(), edits)
    arguments = {"epochs": setup.epochs, "batch_size": setup.batch_size, "shuffle": setup.shuffle}
    fit = changes.changed_fit(arguments, edits)
    model.fit(x, y, verbose=0, callbacks=[make() for make in setup.callbacks], **fit)
    return skill_of(model, validation, healthy)


def skill_of(model: Any, validation: tuple[np.ndarray, np.ndarray], healthy: Setup) -> float:
    """Skill of the predictions on validation samples: from 0, the best constant answer, to 1.

    Args:
        model: The trained model.
        validation: Inputs and labels, as the patch made them.
        healthy: The setup as it was before anything was injected: what the labels mean.
    """
    x, y = validation
    output, head = score.outputs(model, x), model.layers[-1]
    if isinstance(output, dict):
        output, y, head = output[OUTPUTS[0]], y[OUTPUTS[0]], model.get_layer(OUTPUTS[0])
    output = output.astype(float)
    kind = score.form(healthy)
    if kind == "continuous":
        return score.of_targets(output, np.asarray(y))[0]
    labels = np.asarray(y)
    config = head.get_config()
    threshold = 0.0 if config.get("activation") in (None, "linear") else 0.5
    if kind == "labels":
        right = float(((output > threshold) == (labels.reshape(output.shape) > 0.5)).mean())
    else:
        classes = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.reshape(-1)
        predicted = output.argmax(axis=1) if output.shape[-1] > 1 else (output.reshape(-1) > threshold)
        right = float((predicted == (classes if output.shape[-1] > 1 else classes == classes.max())).mean())
    return score.of_accuracy(right, score.constant_accuracy(healthy.validation[1]))


def harmful_jobs(root: Path, seeds: Sequence[int], *, pairs: bool) -> dict[plan.Job, float]:
    """Stored runs that came to harm, with the mean skill of their healthy twins."""
    setups = list(SETUPS)
    jobs = plan.jobs(plan.fault_ids(), setups, seeds, pairs=pairs)
    twins: dict[str, list[Mapping[str, Any]]] = {}
    for twin in plan.twins(setups, plan.SEEDS):
        outcome = _read(root / twin.path / "outcome.json")
        if outcome and outcome.get("score") is not None:
            twins.setdefault(twin.setup, []).append(outcome)
    found = {}
    for job in jobs:
        outcome = _read(root / job.path / "outcome.json")
        theirs = twins.get(job.setup)
        if not job.faults or not outcome or "score" not in outcome or not theirs:
            continue
        if harm.harmful(outcome, theirs):
            found[job] = float(np.mean([twin["score"] for twin in theirs]))
    return found


def _read(path: Path) -> dict[str, Any] | None:
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stored


def main(arguments: Sequence[str] | None = None) -> int:
    """Retrains, counts and prints; returns the exit status."""
    parser = argparse.ArgumentParser("python -m demo.matrix.patching", description=__doc__)
    parser.add_argument("--root", type=Path, default=plan.DEMO.parent / "logs" / "matrix", help="folder of the runs")
    parser.add_argument("--seeds", type=lambda words: [int(word) for word in words.split(",")], default=[0])
    parser.add_argument("--pairs", action="store_true", help="two faults at once too")
    parser.add_argument("--only-pairs", action="store_true", help="nothing but two faults at once")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--faults", help="some faults only")
    parser.add_argument("--result", type=Path, help="where the outcomes go, as JSON")
    options = parser.parse_args(arguments)
    harmful = harmful_jobs(options.root, options.seeds, pairs=options.pairs or options.only_pairs)
    if options.only_pairs:
        harmful = {job: twin for job, twin in harmful.items() if len(job.faults) > 1}
    if options.faults:
        harmful = {job: twin for job, twin in harmful.items() if set(job.faults) & set(options.faults.split(","))}
    without: Counter[str] = Counter()
    todo = []
    for job in harmful:
        edits, lacking = edits_of(str(options.root / job.path))
        if edits and not lacking:
            todo.append((job, str(options.root / job.path), edits))
        else:
            without["no cause named" if not lacking else ", ".join(lacking)] += 1
    rows = []
    for index, outcome in workers.run(train_patched, todo, options.jobs):
        job, _, edits = todo[index]
        if isinstance(outcome, workers.Lost):
            outcome = {"error": outcome.reason, "score": None}
        lifted = outcome["score"] is not None and outcome["score"] >= harmful[job] - SHORT - ROUNDING
        made = [dataclasses.asdict(edit) for edit in edits]
        rows.append({"job": job.path, "twins": harmful[job], "lifted": lifted, **outcome, "edits": made})
        reached = "nothing" if outcome["score"] is None else f"{outcome['score']:.3f}"
        remark = outcome["error"] or ("" if lifted else "not lifted")
        print(f"[{len(rows)}/{len(todo)}] {job.path}: {reached} of {harmful[job]:.3f} {remark}", flush=True)
    lifted_count = sum(row["lifted"] for row in rows)
    low, high = counting.wilson(lifted_count, len(rows))
    print(
        f"{len(todo)} of {len(harmful)} harmful runs have probable causes that all have edits. Their patch lifts "
        f"{lifted_count}, {lifted_count / max(len(rows), 1):.1%} ({low:.1%}-{high:.1%}), to within {SHORT} of their "
        "healthy twins."
    )
    print("Without edits: " + "; ".join(f"{name}: {count}" for name, count in without.most_common()))
    if options.result:
        options.result.write_text(json.dumps(rows, indent=1, default=str), encoding="utf-8")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
