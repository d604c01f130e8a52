"""Diagnoses stored runs. It is fast, so that causes can be improved without training again."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a process imports the package when it judges, not before
    from tb_diagnose.diagnosis.result import Diagnosis, Named
    from tb_diagnose.evidence import Evidence

CACHE = "evidence.pickle"
"""Beside the events: what was read from them. Reading is 20 times as slow as judging."""
WORTH_A_PROCESS = 100
"""Runs below which starting processes takes longer than it saves."""


@dataclass(frozen=True)
class Verdict:
    """The diagnosis of a run, as far as it is counted.

    Args:
        status: Name of its status; "nothing logged" where there is nothing to judge.
        probable: Ids of the probable causes with their weights (harm times certainty), the first one first.
        notes: The same for the notes.
        chain: Ids of what the probable causes are said to bring about.
        failed: Ids of causes whose code raised, with the error.
    """

    status: str
    probable: tuple[tuple[str, float], ...] = ()
    notes: tuple[tuple[str, float], ...] = ()
    chain: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(id_ for id_, _ in self.probable)


def judge(folder: str) -> Verdict:
    """The verdict on the run in a folder."""
    evidence = _read(Path(folder))
    return Verdict("nothing logged") if evidence is None else verdict_on(evidence)


def diagnosis(folder: str) -> Diagnosis | None:
    """The diagnosis of the run in a folder; None where nothing was logged."""
    evidence = _read(Path(folder))
    return None if evidence is None else diagnosis_of(evidence)


def verdict_on(evidence: Evidence) -> Verdict:
    """The verdict on the evidence of a run that has ended."""
    judged = diagnosis_of(evidence)

    def weighed(named: Iterable[Named]) -> tuple[tuple[str, float], ...]:
        return tuple((n.cause.id, round(n.finding.weight, 2)) for n in named)

    return Verdict(
        judged.status.name,
        weighed(judged.probable_causes),
        weighed(judged.notes),
        tuple(c.cause.id for n in judged.probable_causes for c in n.consequences),
        tuple(f"{entry.id}: {error}" for entry, error in judged.failed),
    )


def diagnosis_of(evidence: Evidence) -> Diagnosis:
    """The diagnosis of the evidence of a run that has ended."""
    from tb_diagnose.diagnosis import engine
    from tb_diagnose.reader import runs

    # The run is over, whether or not a process with its number is alive: asked as if from its own process.
    here = {"process": os.getpid(), "host": socket.gethostname()}
    facts = {**evidence.facts, "environment": {**evidence.facts.get("environment", {}), **here}}
    return engine.judge(runs.with_metrics(dataclasses.replace(evidence, facts=facts)))


def judge_all(folders: Sequence[str], processes: int) -> list[Verdict]:
    """The verdicts on many, in the same order."""
    from tb_diagnose.reader.logdir import read_plainly

    if len(folders) < WORTH_A_PROCESS or processes < 2:
        return [judge(folder) for folder in folders]
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=read_plainly) as pool:
        return list(pool.map(judge, folders, chunksize=25))


def _read(folder: Path) -> Evidence | None:
    """The evidence in a folder, from the cache where it is as fresh as the events and the code that reads them."""
    written = sorted((folder / "diagnosis").glob("*tfevents*"))
    if not written:
        return None
    key = (_reader(), [(path.name, path.stat().st_size) for path in written])
    with suppress(Exception):  # no cache, or one that other code wrote: read the events
        cached_key, cached = pickle.loads((folder / CACHE).read_bytes())
        if cached_key == key:
            evidence: Evidence = cached
            return evidence
    from tb_diagnose import event_file

    read = event_file.newest(str(folder / "diagnosis"), folder.name)
    whole = folder / f"{CACHE}.{os.getpid()}"
    whole.write_bytes(pickle.dumps((key, read)))
    whole.replace(folder / CACHE)
    return read


@lru_cache(None)
def _reader() -> str:
    """A digest of the code that reads events."""
    import tb_diagnose

    package = Path(tb_diagnose.__file__).parent
    names = ("event_file.py", "evidence/evidence.py", "evidence/series.py", "evidence/facts.py")
    return hashlib.sha256(b"".join((package / name).read_bytes() for name in names)).hexdigest()
