"""Writes `tests/recordings/faults`: the evidence of each fault where it is shown, and of the setups without a fault.

    python tests/recordings/make_faults.py                  # from the runs of the matrix that are there
    python tests/recordings/make_faults.py --logs FOLDER    # from runs in another folder
    python tests/recordings/make_faults.py --train          # trains the runs that have no recording first
    python tests/recordings/make_faults.py --renew          # trains all that the folder lacks, recorded or not

It can be run again at any time: a file is written only where it is missing or its run is another one.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import recorded  # noqa: E402
from recorded import Recorded  # noqa: E402
from rich.console import Console  # noqa: E402

from demo.matrix import __main__ as matrix  # noqa: E402
from demo.matrix import plan  # noqa: E402
from demo.matrix.plan import Job  # noqa: E402
from tb_diagnose import event_file  # noqa: E402


def main() -> int:
    """Writes what is missing; returns 1 where something still is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--logs", type=Path, default=ROOT / "logs" / "matrix", help="folder of the matrix's runs")
    parser.add_argument("--train", action="store_true", help="train the runs that are missing, into that folder")
    parser.add_argument("--renew", action="store_true", help="train all that the folder lacks, recorded or not")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()
    jobs = [*recorded.shown(), *recorded.twins()]
    if options.train or options.renew:
        wanted = [job for job in jobs if options.renew or not _recorded(job)]
        wanted = [job for job in wanted if not matrix.is_done(job, options.logs)]
        matrix.train(wanted, options.logs, options.jobs, Console(highlight=False))
    recorded.FOLDER.mkdir(exist_ok=True)
    written = sum(_write(job, options.logs) for job in jobs)
    missing = [job.path for job in jobs if not _recorded(job)]
    stale = sum(_is_stale(job, options.logs) for job in jobs)
    size = _tidy(jobs)
    print(f"{written} recordings written, {len(jobs) - len(missing)} of {len(jobs)} are there, {size:,} bytes.")
    if stale:
        print(f"{stale} of them were run from other code than there is now; --renew runs them again.")
    for path in missing:
        print(f"missing: {path}")
    if size > recorded.MOST_BYTES:
        print(f"Too large: at most {recorded.MOST_BYTES:,} bytes.")
    return 1 if missing or size > recorded.MOST_BYTES else 0


def _write(job: Job, logs: Path) -> bool:
    """Writes the recording of a job where its run is there and the file is not the same already."""
    outcome = matrix.outcome_of(job, logs)
    if outcome is None or "error" not in outcome:  # not run yet, or in vain
        return False
    evidence = event_file.newest(str(logs / job.path / "diagnosis"), job.setup)
    if evidence is None:
        return False
    content = recorded.dump(Recorded(job, outcome, evidence))
    path = recorded.path_of(job)
    # NaN is not equal to itself, the text of it is.
    if path.is_file() and gzip.decompress(path.read_bytes()) == gzip.decompress(content):
        return False
    path.write_bytes(content)
    return True


def _is_stale(job: Job, logs: Path) -> bool:
    """Whether the setup or the fault of a run was written otherwise, if only in the names of its variables."""
    outcome = matrix.outcome_of(job, logs)
    return outcome is not None and outcome.get("recipe") != plan.recipe(job)


def _recorded(job: Job) -> bool:
    """Whether there is a recording of this job, and not of another level."""
    path = recorded.path_of(job)
    return path.is_file() and recorded.unpacked(path.read_bytes())["run"] == job.path


def _tidy(jobs: Iterable[Job]) -> int:
    """Removes recordings that nobody asks for any more; returns the bytes of the others."""
    wanted = {recorded.path_of(job) for job in jobs}
    for path in set(recorded.FOLDER.glob("*.json.gz")) - wanted:
        path.unlink()
    return sum(path.stat().st_size for path in recorded.FOLDER.glob("*.json.gz"))


if __name__ == "__main__":
    sys.exit(main())
