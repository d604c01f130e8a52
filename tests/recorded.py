"""The evidence of recorded runs with a known fault, in `tests/recordings/faults`: the same on every machine.

`tests/recordings/make_faults.py` writes the files from the event files of the matrix. Each is JSON under gzip:
`gzip -dc FILE | python -m json.tool` shows it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from places import RECORDINGS

from demo.matrix import plan
from demo.matrix.plan import Job
from demo.setups import SETUPS
from tb_diagnose.evidence import Evidence

FOLDER = RECORDINGS / "faults"
MAKE = "python tests/recordings/make_faults.py --train"
MOST_BYTES = 1_200_000
"""Of all recordings together."""
SEED = 0
OUTCOME = ("error", "score", "training_score", "score_error", "misreported", "warnings")
"""What of a run's outcome is kept."""
NOT_KEPT = ("host", "process")
"""What of the environment would tie a recording to one machine."""


def shown() -> list[Job]:
    """Each fault at its strongest level, on the setups that its file names."""
    return [
        Job(id_, plan.strongest(id_), setup, SEED) for id_ in plan.fault_ids() for setup in plan.fault(id_).SHOWN_ON
    ]


def twins() -> list[Job]:
    """The setups without a fault."""
    return plan.twins(list(SETUPS), (SEED,))


def path_of(job: Job) -> Path:
    """Where the recording of a job lies."""
    return FOLDER / f"{job.fault}-{job.setup}.json.gz"


@dataclass(frozen=True)
class Recorded:
    """One recorded run.

    Args:
        job: What was run.
        outcome: How it ended, as `demo.matrix` measures it.
        evidence: What was logged.
    """

    job: Job
    outcome: Mapping[str, Any]
    evidence: Evidence


def dump(recorded: Recorded) -> bytes:
    """A recording as a file. Series keep every bit: they are 32-bit floats in an event file too."""
    evidence = recorded.evidence
    environment = {k: v for k, v in evidence.facts.get("environment", {}).items() if k not in NOT_KEPT}
    content = {
        "run": recorded.job.path,
        "outcome": {name: recorded.outcome[name] for name in OUTCOME if name in recorded.outcome},
        "last_step": evidence.last_step,
        "epochs": evidence.epochs.tolist(),
        "facts": {**evidence.facts, "environment": environment},
        "metrics": {name: _numbers(values) for name, values in evidence.metrics.items()},
        "series": {name: _numbers(values) for name, values in evidence.series.items()},
    }
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def load(job: Job) -> Recorded:
    """The recording of a job.

    Raises:
        FileNotFoundError: it was not made yet; the message tells how.
    """
    try:
        content = unpacked(path_of(job).read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no recording of {job.path}. Run: {MAKE}") from None
    evidence = Evidence(
        job.setup,
        np.array(content["epochs"], np.int64),
        {name: _array(values) for name, values in content["series"].items()},
        content["facts"],
        {name: _array(values) for name, values in content["metrics"].items()},
        last_step=content["last_step"],
    )
    return Recorded(job, content["outcome"], evidence)


def unpacked(packed: bytes) -> dict[str, Any]:
    """What a file says. Its bytes may differ: they depend on the version of zlib."""
    content: dict[str, Any] = json.loads(gzip.decompress(packed))
    return content


def _numbers(values: np.ndarray) -> Any:
    """An array as lists of the shortest decimals that mean the same 32-bit floats."""
    return float(str(np.float32(values))) if np.ndim(values) == 0 else [_numbers(inner) for inner in values]


def _array(values: Any) -> np.ndarray:
    return np.array(values, np.float32).astype(float)
