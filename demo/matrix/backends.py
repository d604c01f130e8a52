"""The same harmful runs on another backend of Keras, beside those that TensorFlow has made.

`KERAS_BACKEND=jax python -m demo.matrix.backends --root logs/jax --beside logs/matrix --sample 240`

Of the harmful runs of one fault, some are drawn by chance and trained again here, with one healthy twin of each setup.
The same seed draws other weights on another backend, so a fault may do no harm there: counted is what does on both.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo.matrix import __main__ as command
from demo.matrix import counting, plan
from demo.setups import SETUPS

TWIN_SEED = 0


def judged(jobs: Sequence[plan.Job], root: Path, processes: int) -> list[counting.Case]:
    """The verdicts on what was trained of some jobs."""
    return command.judged(command.outcomes_of(jobs, root), root, processes)[0]


def harmful(setups: Sequence[str], seeds: Sequence[int], root: Path, processes: int) -> list[counting.Case]:
    """The harmful runs of one fault there, in random order."""
    jobs = plan.fault_jobs(plan.fault_ids(), list(setups), list(seeds))
    cases = sorted((case for case in judged(jobs, root, processes) if case.harmful), key=lambda case: case.job.path)
    random.Random(1).shuffle(cases)
    return cases


def sentences(pairs: Sequence[tuple[counting.Case, counting.Case]], here: Sequence[counting.Case]) -> list[str]:
    """How often the right cause is named first there and here, and what differs.

    Args:
        pairs: Runs that are harmful on both, there and here.
        here: All runs here.
    """
    alarms = [case for case in here if case.false_alarm]
    return [
        counting.share("Named first there", [there.place == "first" for there, _ in pairs]),
        counting.share("Named first here", [now.place == "first" for _, now in pairs]),
        f"False alarms here: {len(alarms)} of {sum(not case.harmful for case in here)}.",
        *(f"{case.job.path}: alarm, {', '.join(case.verdict.named)}" for case in alarms),
        *(
            f"{now.job.path}: {there.place} there, {now.place} here ({now.verdict.status}, "
            f"{', '.join(now.verdict.named[:2]) or 'nothing named'})"
            for there, now in pairs
            if there.place != now.place
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains, counts and prints; returns the exit status."""
    parser = argparse.ArgumentParser("python -m demo.matrix.backends", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the runs of this backend")
    parser.add_argument(
        "--beside", type=Path, default=plan.DEMO.parent / "logs" / "matrix", help="folder of the runs of TensorFlow"
    )
    parser.add_argument("--setups", type=lambda words: words.split(","), default=list(SETUPS))
    parser.add_argument("--seeds", type=lambda words: [int(word) for word in words.split(",")], default=[0])
    parser.add_argument("--sample", type=int, help="so many harmful runs by chance; default: all")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args(arguments)
    chosen = harmful(options.setups, options.seeds, options.beside, options.jobs)[: options.sample]
    jobs = [*plan.twins(options.setups, [TWIN_SEED]), *(case.job for case in chosen)]
    missing = [job for job in jobs if not command.is_done(job, options.root)]
    command.train(missing, options.root, options.jobs, Console(file=sys.stdout))
    here = judged(jobs, options.root, options.jobs)
    by_job = {case.job: case for case in here}
    pairs = [(case, by_job[case.job]) for case in chosen if case.job in by_job and by_job[case.job].harmful]
    print("\n".join(sentences(pairs, here)))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
