"""What a lead wants to know of many runs: what holds them up, since when, what it cost, and which to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tb_diagnose.diagnosis.score import Score
from tb_diagnose.diagnosis.sweep import Setting, SweepRun, sweep
from tb_diagnose.fleet.index import Index
from tb_diagnose.status.status import GOOD, STATUSES

LOOK_AT = 10
"""Runs that are named."""
SWEEP_RUNS = 2_000
"""Runs, the newest, in which settings that separate are looked for: a test by random orders takes its time."""
HOUR = 3600.0
COUNTED = ("logdir", "folder", "run", "status", "headline", "cause", "causes", "updated", "seconds", "lost_seconds")
GROUPED = ("data", "layers")
BAD = tuple(status for status in STATUSES if status not in (*GOOD, "too short to tell"))
"""Statuses of runs that somebody may have to look at, the worst first."""


@dataclass(frozen=True)
class Count:
    """How often a cause was probable.

    Args:
        of: The week, as its Monday, or the classes of the layers of the models.
        cause: Id of the cause.
        runs: Runs of which it was a probable cause.
        all_runs: All runs of that week or of such models.
    """

    of: str
    cause: str
    runs: int
    all_runs: int


@dataclass(frozen=True)
class Summary:
    """What is in an index.

    Args:
        runs: Runs.
        statuses: Runs by status, the worst first.
        hours: Hours that the runs took, as far as their logs tell.
        lost_hours: Those after a run had stalled or diverged.
        timed_runs: Runs of which the logs tell how long they took.
        causes_by_week: The weeks in their order, in each the most frequent cause first.
        causes_by_model: The models with most runs first.
        separating: Settings that tell the scores of runs on the same data apart.
        compared_runs: Runs that were compared for that.
        score: What they were compared by, None where they have no score in common.
        look_at: The runs that cost most, the most first.
    """

    runs: int
    statuses: Mapping[str, int]
    hours: float
    lost_hours: float
    timed_runs: int
    causes_by_week: tuple[Count, ...]
    causes_by_model: tuple[Count, ...]
    separating: tuple[Setting, ...]
    compared_runs: int
    score: str | None
    look_at: tuple[Mapping[str, Any], ...]

    @property
    def lost_fraction(self) -> float | None:
        """Share of the hours that were lost, None where no log tells how long a run took."""
        return self.lost_hours / self.hours if self.hours else None


def summary(index: Index, wanted: Any = None) -> Summary:
    """Sums an index up.

    Args:
        index: The index.
        wanted: A filter, from `where`; None for all runs.
    """
    chosen = index.current() if wanted is None else index.current() & wanted
    rows = index.dataset().to_table(columns=[*COUNTED, *GROUPED], filter=chosen)
    counted = {row["status"]: row["status_count"] for row in _counted(rows, ["status"])}
    weeks = pc.strftime(pc.floor_temporal(rows["updated"], unit="week"), "%Y-%m-%d")
    alike, score, compared = _separating(index, chosen, rows)
    return Summary(
        rows.num_rows,
        {status: counted[status] for status in STATUSES if status in counted},
        _total(rows["seconds"]) / HOUR,
        _total(rows["lost_seconds"]) / HOUR,
        rows.num_rows - rows["seconds"].null_count,
        tuple(sorted(_causes(rows, weeks), key=lambda each: (each.of, -each.runs, each.cause))),
        tuple(sorted(_causes(rows, rows["layers"]), key=lambda each: (-each.all_runs, each.of, -each.runs))),
        alike,
        compared,
        score,
        tuple(_look_at(rows)),
    )


def _total(seconds: Any) -> float:
    return float(pc.sum(seconds).as_py() or 0.0)


def _counted(rows: Any, by: Sequence[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.group_by(list(by)).aggregate([(by[-1], "count")]).to_pylist()
    return found


def _causes(rows: Any, of: Any) -> Iterator[Count]:
    """How often each cause is probable in each group of runs; a group is named by a column of texts."""
    named = pa.chunked_array(of).combine_chunks() if isinstance(of, list) else of.combine_chunks()
    runs = pa.table({"of": named})
    all_runs = {row["of"]: row["of_count"] for row in _counted(runs, ["of"])}
    causes = rows["causes"].combine_chunks()
    ids = pc.struct_field(pc.list_flatten(causes), "id")
    by_cause = pa.table({"of": named.take(pc.list_parent_indices(causes)), "cause": ids})
    for row in _counted(by_cause, ["of", "cause"]):
        if row["of"] is not None:
            yield Count(row["of"], row["cause"], row["cause_count"], all_runs[row["of"]])


def _separating(index: Index, chosen: Any, rows: Any) -> tuple[tuple[Setting, ...], str | None, int]:
    """Settings that tell the scores apart among the newest runs of the data that most runs are of."""
    sizes = [row for row in _counted(rows, ["data"]) if row["data"] is not None]
    if not sizes:
        return (), None, 0
    data = max(sizes, key=lambda row: (row["data_count"], row["data"]))["data"]
    columns = ["run", "status", "updated", "scores", "texts", "numbers"]
    alike = index.dataset().to_table(columns=columns, filter=chosen & (pc.field("data") == data))
    newest = alike.take(pc.select_k_unstable(alike, SWEEP_RUNS, [("updated", "descending")]))
    found = sweep([_of_sweep(row) for row in newest.to_pylist()])
    return tuple(found.separating), found.score, len(found.runs)


def _of_sweep(row: Mapping[str, Any]) -> SweepRun:
    settings = {**dict(row["texts"] or ()), **dict(row["numbers"] or ())}
    scores = tuple(Score(each["kind"], each["of"], each["value"]) for each in row["scores"] or ())
    return SweepRun(row["run"], row["status"], None, settings, scores)


def _look_at(rows: Any) -> Iterator[Mapping[str, Any]]:
    """The runs that cost most: by hours lost, then by status, the newest first."""
    bad = rows.filter(pc.is_in(rows["status"], pa.array(BAD)))
    worst = pc.index_in(bad["status"], pa.array(BAD))
    ranked = bad.append_column("place", worst).set_column(
        bad.schema.get_field_index("lost_seconds"), "lost_seconds", pc.fill_null(bad["lost_seconds"], 0.0)
    )
    order = [("lost_seconds", "descending"), ("place", "ascending"), ("updated", "descending")]
    first = ranked.take(pc.sort_indices(ranked, order)[:LOOK_AT]) if ranked.num_rows else ranked
    for row in first.to_pylist():
        yield {
            "run": row["run"],
            "logdir": row["logdir"],
            "folder": row["folder"],
            "status": row["status"],
            "cause": row["cause"],
            "headline": row["headline"],
            "lost_hours": row["lost_seconds"] / HOUR,
            "updated": row["updated"].isoformat(),
        }
