"""The command: trains what is missing, judges all, counts and prints."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from demo.matrix import counting, judging, plan, results, training, workers
from demo.matrix.plan import Job
from demo.setups import SETUPS

OUTCOME = "outcome.json"
BACKENDS = {
    "tensorflow": ("TensorFlow", "tensorflow-cpu", "tensorflow"),
    "jax": ("JAX", "jax"),
    "torch": ("PyTorch", "torch"),
}
"""By Keras's name of a backend: ours, and the packages that it may come from."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    if options.readme:
        readme = results.README.read_text(encoding="utf-8")
        results.README.write_text(results.with_block(readme, results.load()), encoding="utf-8")
        results.write_record(results.load())
        return 0
    jobs = _jobs(options)
    root: Path = options.root
    if not options.judge_only:
        missing = [job for job in jobs if not is_done(job, root)]
        try:
            train(missing, root, options.jobs, console, options.patience)
        except KeyboardInterrupt:
            console.print("Stopped. The same command goes on where this one was stopped.")
            return 130
    outcomes = outcomes_of(jobs, root)
    found, left_out = judged(outcomes, root, options.jobs)
    about = _about(options, outcomes) | {"missing": len(jobs) - len(outcomes)}
    result = results.as_json(counting.count(found), about)
    _report(console, jobs, outcomes, result, left_out)
    if options.list_misses:
        list_misses(console, found, left_out)
    target = options.result or (results.RESULT if _whole(options) else None)
    if target is not None:
        target.write_text(results.dumps(result), encoding="utf-8")
        console.print(f"Written to {target}.", markup=False)
    return 0


def _parser() -> argparse.ArgumentParser:
    def names(known: Sequence[str]) -> Callable[[str], list[str]]:
        def read(words: str) -> list[str]:
            found = [] if words == "none" else words.split(",")
            unknown = set(found) - set(known)
            if unknown:
                raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(known)}.")
            return found

        return read

    parser = argparse.ArgumentParser(
        "python -m demo.matrix", description="Measures how often the right cause is named."
    )
    parser.add_argument("--faults", type=names(plan.fault_ids()), metavar="ID,...", help='some faults, or "none"')
    parser.add_argument("--setups", type=names(list(SETUPS)), metavar="NAME,...", help="some setups")
    parser.add_argument(
        "--seeds", type=lambda words: [int(word) for word in words.split(",")], metavar="N,...", help="default: 0 to 4"
    )
    parser.add_argument(
        "--levels",
        choices=("in_turn", "strongest", "all"),
        default="in_turn",
        help="severities of a fault on a setup: one a seed, taking turns (default), the strongest only, or all",
    )
    parser.add_argument("--healthy", action="store_true", help="the programs of demo/healthy.py too")
    parser.add_argument("--pairs", action="store_true", help="two faults at once too")
    parser.add_argument("--root", type=Path, default=plan.DEMO.parent / "logs" / "matrix", help="folder of the runs")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--patience", type=float, default=workers.PATIENCE, help="seconds after which a run hangs")
    parser.add_argument("--judge-only", action="store_true", help="train nothing, judge what is there")
    parser.add_argument("--list-misses", action="store_true", help="print every miss and false alarm")
    parser.add_argument("--result", type=Path, help="where the result goes; a whole run's goes to demo/matrix.json")
    parser.add_argument(
        "--readme",
        action="store_true",
        help="only write the README's block and the record of each cause, from demo/matrix.json",
    )
    return parser


def _jobs(options: argparse.Namespace) -> list[Job]:
    faults = plan.fault_ids() if options.faults is None else options.faults
    setups, seeds = options.setups or list(SETUPS), options.seeds or list(plan.SEEDS)
    return plan.jobs(faults, setups, seeds, which=options.levels, programs=options.healthy, pairs=options.pairs)


def _whole(options: argparse.Namespace) -> bool:
    """Whether a run is a measurement of everything, and not of a part."""
    part = options.faults is not None or options.setups or options.seeds or options.levels == "strongest"
    return options.healthy and options.pairs and not part


def train(
    jobs: Sequence[Job], root: Path, processes: int, console: Console, patience: float = workers.PATIENCE
) -> None:
    """Trains what is missing; each outcome is written when its run is over."""
    if not jobs:
        return
    with _progress(console, len(jobs)) as advance:
        given = [(job, str(root / job.path)) for job in jobs]
        for index, outcome in workers.run(training.train, given, processes, patience):
            job = jobs[index]
            if isinstance(outcome, workers.Lost):
                outcome = {"broken": outcome.reason}
            _write(job, root, outcome)
            advance(job, outcome)


def _write(job: Job, root: Path, outcome: Mapping[str, Any]) -> None:
    """Writes an outcome file atomically."""
    folder = root / job.path
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{OUTCOME}.part"
    part.write_text(json.dumps({**outcome, "recipe": plan.recipe(job)}, indent=1), encoding="utf-8")
    part.replace(folder / OUTCOME)


def outcome_of(job: Job, root: Path) -> dict[str, Any] | None:
    """How a run ended; None where it was not made yet."""
    try:
        outcome: dict[str, Any] = json.loads((root / job.path / OUTCOME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return outcome


def outcomes_of(jobs: Iterable[Job], root: Path) -> dict[Job, dict[str, Any]]:
    """How those of some runs ended that were made."""
    return {job: outcome for job in jobs if (outcome := outcome_of(job, root)) is not None}


def is_done(job: Job, root: Path) -> bool:
    """Whether a run was made, from the code that there is now."""
    outcome = outcome_of(job, root)
    return outcome is not None and "broken" not in outcome and outcome.get("recipe") == plan.recipe(job)


@contextmanager
def _progress(console: Console, count: int) -> Iterator[Callable[[Job, Mapping[str, Any]], None]]:
    """A progress bar on a terminal, one line per run otherwise."""
    if console.is_terminal:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("starting", total=count)
            yield lambda job, outcome: bar.update(task, advance=1, description=job.path)
        return
    started, done = time.monotonic(), 0

    def advance(job: Job, outcome: Mapping[str, Any]) -> None:
        nonlocal done
        done += 1
        left = (time.monotonic() - started) / done * (count - done)
        print(f"[{done}/{count}, {left / 60:.0f} min left] {job.path}: {_how(outcome)}", flush=True)

    yield advance


def _how(outcome: Mapping[str, Any]) -> str:
    for name in ("not_applicable", "broken", "error"):
        if outcome.get(name):
            return f"{name.replace('_', ' ')}: {outcome[name]}"
    return f"{outcome['seconds']:.1f} s, skill {_figure(outcome['score'])}"


def _figure(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.3f}"


def judged(
    outcomes: Mapping[Job, Mapping[str, Any]], root: Path, processes: int
) -> tuple[list[counting.Case], list[tuple[Job, str]]]:
    """The cases to count, judged from their event files, and what was left out."""
    trained = [job for job, outcome in outcomes.items() if "not_applicable" not in outcome and "broken" not in outcome]
    verdicts = judging.judge_all([str(root / job.path) for job in trained], processes)
    return counting.cases(outcomes, dict(zip(trained, verdicts, strict=True)))


def _about(options: argparse.Namespace, outcomes: Mapping[Job, Mapping[str, Any]]) -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version

    def installed(*names: str) -> str:
        for name in names:
            try:
                return version(name)
            except PackageNotFoundError:
                pass
        return "not installed"

    # What was trained, not the folder.
    apart = ("--judge-only", "--list-misses", "--result", str(options.result), "--root", str(options.root))
    words = [word for word in sys.argv[1:] if word not in apart]
    trained = [outcome for outcome in outcomes.values() if "not_applicable" not in outcome]
    backend, *packages = BACKENDS[os.environ.get("KERAS_BACKEND", "tensorflow")]
    return {
        "date": datetime.date.today().isoformat(),
        "command": " ".join(["python -m demo.matrix", *words]),
        "versions": {
            "Keras": installed("keras"),
            backend: installed(*packages),
            "scikit-learn": installed("scikit-learn"),
        },
        "runs": len(trained),
        "seconds": round(sum(outcome.get("seconds", 0) for outcome in trained)),
    }


def _report(
    console: Console,
    jobs: Sequence[Job],
    outcomes: Mapping[Job, Mapping[str, Any]],
    result: Mapping[str, Any],
    left_out: Sequence[tuple[Job, str]],
) -> None:
    if len(outcomes) < len(jobs):
        console.print(f"{len(jobs) - len(outcomes)} of {len(jobs)} runs are missing.")
    stale = sum(outcome.get("recipe") != plan.recipe(job) for job, outcome in outcomes.items())
    if stale:
        console.print(
            f"{stale} runs were made from other code than there is now; without --judge-only they are made anew."
        )
    console.print(results.rich_table(results.by_cause(result), "By cause"))
    console.print(results.rich_table(results.summary(result), "\nIn all"))
    for sentence in results.others(result):
        console.print(sentence)
    if left_out:
        console.print(f"Left out: {len(left_out)} runs; --list-misses tells which and why.")


def list_misses(console: Console, found: Sequence[counting.Case], left_out: Sequence[tuple[Job, str]]) -> None:
    """One line for each miss, false alarm, pair that was not named rightly, and run that was left out."""

    def show(title: str, chosen: Sequence[counting.Case]) -> None:
        console.print(f"\n{title}: {len(chosen)}")
        for case in sorted(chosen, key=lambda c: c.job.path):
            print(_line(case))

    single = [case for case in found if len(case.job.faults) == 1]
    show("Not named first", [case for case in single if case.harmful and case.place != "first"])
    show("False alarms", [case for case in found if case.false_alarm])
    show(
        "Pairs not named rightly",
        [case for case in found if len(case.job.faults) > 1 and case.harmful and not case.right],
    )
    show("A cause's code raised", [case for case in found if case.verdict.failed])
    show("Warnings of the recorder", [case for case in found if case.outcome.get("warnings")])
    console.print(f"\nLeft out: {len(left_out)}")
    for job, reason in left_out:
        print(f"{job.path}: {reason}")


def _line(case: counting.Case) -> str:
    verdict, job = case.verdict, case.job
    named = ", ".join(f"{id_} {severity:g}" for id_, severity in verdict.probable) or "nothing"
    notes = ", ".join(f"{id_} {severity:g}" for id_, severity in verdict.notes)
    chain = ", ".join(verdict.chain)
    return (
        f"{job.fault} {job.level} {job.setup} {job.seed}{' (held aside)' if job.held_aside else ''}: "
        + f"{verdict.status}; named {named}"
        + (f" -> {chain}" if chain else "")
        + (f"; notes {notes}" if notes else "")
        + f"; skill {_figure(case.outcome['score'])}, twins {_figure(case.twin_score)}"
        + f", on training samples {_figure(case.outcome['training_score'])}"
        + (f"; raised {case.outcome['error'][:80]}" if case.outcome["error"] else "")
        + "".join(f"; failed {failed}" for failed in verdict.failed)
        + "".join(f"; warned {warning}" for warning in case.outcome.get("warnings", ()))
    )


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
