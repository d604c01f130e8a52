"""Makes the trial of stored runs, as a user would, and counts what it proves.

`python -m demo.matrix.trying --seeds 0 --pairs --sample 100`
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo.matrix import __main__ as command
from demo.matrix import counting, judging, plan, training, workers
from demo.matrix.patching import ROUNDING, SHORT
from demo.setups import SETUPS
from tb_diagnose.diagnosis.trial import Trial, from_fact

LATE = 1.2
"""Times the budget that a trial may take."""


def made(job: plan.Job, folder: str) -> dict[str, Any]:
    """Makes the trial of a stored run on a copy of its events.

    Args:
        job: The job of the run.
        folder: Its folder, which stays as it is.

    Returns:
        `trial`, its entry in the event file, and the `verdict` on the run with it; with an `error` neither.
    """
    import keras

    import tb_diagnose
    from tb_diagnose import event_file

    training.one_thread()
    keras.backend.clear_session()
    gc.collect()
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(Path(folder) / event_file.RUN, Path(copy) / event_file.RUN)
        try:
            setup = plan.build(job)
            y, validation_y = setup.labels
            found = tb_diagnose.trial(
                setup.model(),
                (setup.x, y) if setup.feed is None else setup.feed(setup)[0],
                validation_data=(setup.validation[0], validation_y),
                logdir=copy,
                epochs=setup.epochs,
                batch_size=setup.batch_size,
                shuffle=setup.shuffle,
                verbose=0,
            )
        except Exception as error:  # noqa: BLE001 - a trial that raises is a result
            return {"error": training.in_a_line(error)}
        evidence = event_file.newest(str(Path(copy) / event_file.RUN), "run")
        assert evidence is not None
        return {
            "error": None,
            "trial": found.as_fact(),
            "verdict": dataclasses.asdict(judging.verdict_on(evidence)),
        }


def chosen(cases: Sequence[counting.Case], sample: int | None) -> list[counting.Case]:
    """Some cases by chance, in random order; all of them without a `sample`."""
    mixed = sorted(cases, key=lambda case: case.job.path)
    random.Random(0).shuffle(mixed)
    return mixed[:sample]


def after(case: counting.Case, outcome: dict[str, Any]) -> counting.Case:
    """The case with the verdict that its trial leaves; as it was without a trial."""
    if outcome["error"] is not None:
        return case
    verdict = judging.Verdict(**{name: _tuples(value) for name, value in outcome["verdict"].items()})
    return dataclasses.replace(case, verdict=verdict)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def have_changes(case: counting.Case, trial: Trial) -> bool:
    """Whether each probable cause of a run has a change that a trial can make: nothing gives constant inputs back what
    told them apart."""
    probable = {cause for cause, *_ in case.verdict.probable}
    alone = [row for row in trial.rows if len(row.causes) == 1 and row.causes[0] in probable]
    return all(row.values or row.reason.startswith("The budget") for row in alone)


def sentences(rows: Sequence[tuple[counting.Case, dict[str, Any]]]) -> list[str]:
    """What the trials have shown, one sentence a figure."""
    harmful = [(case, outcome) for case, outcome in rows if case.harmful]
    trials = [(case, from_fact(outcome.get("trial"))) for case, outcome in harmful]
    able = [trial is not None and any(row.values for row in trial.rows[1:]) for _, trial in trials]
    tried = [(case, trial) for (case, trial), was_tried in zip(trials, able, strict=True) if trial and was_tried]
    lifted = [
        max(row.skill for row in trial.rows[1:] if row.values) >= (case.twin_score or 0.0) - SHORT - ROUNDING
        for case, trial in tried
    ]
    single = [(case, after(case, outcome)) for case, outcome in harmful if len(case.job.faults) == 1]
    healthy = [(case, after(case, outcome)) for case, outcome in rows if not case.harmful]
    whole = [trial for _, trial in trials if trial is not None and trial.seconds]
    return [
        counting.share("Harmful runs with a change that could be tried", able),
        counting.share("A change proven, of these", [trial.winner is not None for _, trial in tried]),
        counting.share(
            "A change proven where each probable cause has one",
            [trial.winner is not None for case, trial in tried if have_changes(case, trial)],
        ),
        counting.share(f"The best change within {SHORT} of the healthy twins, of these", lifted),
        counting.share("Named first before the trial", [case.place == "first" for case, _ in single]),
        counting.share("Named first after it", [later.place == "first" for _, later in single]),
        counting.share("False alarms before", [case.false_alarm for case, _ in healthy]),
        counting.share("False alarms after", [later.false_alarm for _, later in healthy]),
        counting.share("Within the budget and a fifth", [trial.seconds <= LATE * trial.budget for trial in whole]),
        counting.share("Ended by the budget", [trial.stopped == "budget" for trial in whole]),
        counting.share("Trials that raised", [outcome["error"] is not None for _, outcome in rows]),
    ]


def _remark(case: counting.Case, outcome: dict[str, Any]) -> str:
    trial = from_fact(outcome.get("trial"))
    if trial is None:
        return str(outcome["error"])
    before, now = case.verdict.named[:1], after(case, outcome).verdict.named[:1]
    moved = "" if before == now else f"; first {list(before)} -> {list(now)}"
    return f"{trial.in_short()} Twins {case.twin_score or 0.0:.2f}, {trial.seconds:.0f} s{moved}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the trials, counts and prints; returns the exit status."""
    parser = argparse.ArgumentParser("python -m demo.matrix.trying", description=__doc__)
    parser.add_argument("--root", type=Path, default=plan.DEMO.parent / "logs" / "matrix", help="folder of the runs")
    parser.add_argument("--seeds", type=lambda words: [int(word) for word in words.split(",")], default=[0])
    parser.add_argument("--pairs", action="store_true", help="two faults at once too")
    parser.add_argument("--sample", type=int, help="so many runs by chance; default: all")
    parser.add_argument("--jobs", type=int, default=1, help="processes; more of them make each trial slower")
    parser.add_argument("--result", type=Path, help="where the outcomes go, as JSON; what is there is not made again")
    options = parser.parse_args(arguments)
    setups = list(SETUPS)
    jobs = plan.jobs(plan.fault_ids(), setups, options.seeds, programs=True, pairs=options.pairs)
    outcomes = command.outcomes_of(jobs, options.root)
    cases = chosen(command.judged(outcomes, options.root, options.jobs)[0], options.sample)
    kept: dict[str, dict[str, Any]] = {}
    if options.result and options.result.exists():
        kept = json.loads(options.result.read_text(encoding="utf-8"))
    todo = [case for case in cases if case.job.path not in kept]
    given = [(case.job, str(options.root / case.job.path)) for case in todo]
    for index, outcome in workers.run(made, given, options.jobs):
        case = todo[index]
        kept[case.job.path] = {"error": outcome.reason} if isinstance(outcome, workers.Lost) else outcome
        print(f"[{len(kept)}/{len(cases)}] {case.job.path}: {_remark(case, kept[case.job.path])}", flush=True)
        if options.result:
            options.result.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    rows = [(case, kept[case.job.path]) for case in cases if case.job.path in kept]
    print("\n".join(sentences(rows)))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
