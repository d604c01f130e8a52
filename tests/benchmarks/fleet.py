"""Many runs: `tb-diagnose review` against the present pool, its memory, and pages of a large index.

    python tests/benchmarks/fleet.py review [RUNS]     # against `tb-diagnose LOGDIR`, with 1 and 2 processes
    python tests/benchmarks/fleet.py listing [RUNS]    # memory of a listing of two files a run
    python tests/benchmarks/fleet.py index [ROWS]      # first page, filters, and the summary
    python tests/benchmarks/fleet.py cluster [RUNS]    # a Dask scheduler with 1 and 2 workers, as processes
    python tests/benchmarks/fleet.py memory [RUNS]     # the same with 2 workers and runs of 5 epochs: memory of many

Prints seconds, megabytes, and ratios within the same run.
"""

from __future__ import annotations

import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(path) for path in (TESTS / "benchmarks", TESTS, TESTS / "fleet", TESTS.parent)]

DAY = 86_400
RUNS_OF_A_FILE = 20_000
FIRST = 2_000
COLD = """
import sys, time
began = time.perf_counter()
from tb_diagnose.fleet.index import opened
from tb_diagnose.fleet.page import page
imported = time.perf_counter()
page(opened(sys.argv[1]), limit=200)
ended = time.perf_counter()
print(f"first page of a new process: {ended - imported:.2f} s, after {imported - began:.2f} s of imports")
"""


def timed(what: str, action: Callable[[], Any]) -> tuple[float, Any]:
    began, before = time.perf_counter(), time.process_time()
    result = action()
    took = time.perf_counter() - began
    print(f"{what}: {took:.2f} s, {time.process_time() - before:.2f} s of the processors in this process")
    return took, result


def review(count: int) -> None:
    from many_runs import write

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, count)

        def command(*words: str) -> float:
            began = resource.getrusage(resource.RUSAGE_CHILDREN)
            took, _ = timed(
                " ".join(words),
                lambda: subprocess.run(
                    [sys.executable, "-m", "tb_diagnose", *words], cwd=root, capture_output=True, check=True
                ),
            )
            ended = resource.getrusage(resource.RUSAGE_CHILDREN)
            processors = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
            print(f"  {processors:.1f} s of the processors; largest process so far {ended.ru_maxrss / 1024:,.0f} MB")
            return took

        cores = str(os.cpu_count())
        pool = command("logs", "--jobs", cores)
        ours = command("review", "logs", "--out", "index", "--jobs", cores)
        again = command("review", "logs", "--out", "index", "--jobs", cores)
        one = command("review", "logs", "--out", "index1", "--jobs", "1")
        print(f"review / present pool: {ours / pool:.2f}; unchanged / first: {again / ours:.3f}")
        print(f"{cores} processes are {one / ours:.2f} times as fast as one")


def listing(count: int) -> None:
    from tb_diagnose.fleet.group import groups
    from tb_diagnose.fleet.run_folder import EventFile, run_folders

    def files(count: int) -> Iterator[EventFile]:
        for number in range(count):
            for part in ("train", "validation"):
                folder = f"team{number // 100_000:03}/run{number:08}/{part}"
                yield EventFile(folder, "events.out.tfevents.1.x", 5000, f"{number:032x}", 1.7e9)

    def listed(count: int) -> int:
        return sum(len(group) for group in groups(run_folders("s3://bucket", files(count))))

    listed(FIRST)  # imports, and what Python keeps for the next objects
    before, began = _largest(), time.process_time()
    assert listed(count) == count
    took, more = time.process_time() - began, _largest() - before
    print(
        f"listing {2 * count:,} objects: {took:.1f} s of the processor, {more:,} KB at most beyond the first {FIRST:,}"
    )


def index(count: int) -> None:
    import pyarrow.compute as pc

    from tb_diagnose.fleet.columns import table
    from tb_diagnose.fleet.index import NEW, opened, writing
    from tb_diagnose.fleet.page import page
    from tb_diagnose.fleet.run_folder import short_name
    from tb_diagnose.fleet.summary import summary
    from tb_diagnose.fleet.where import where

    drawn = random.Random(0)
    now = time.time()

    def row(number: int) -> dict[str, Any]:
        folder = f"team{number % 50:02}/run{number:08}"
        status = drawn.choice(["stalled", "reached", "reached", "learning", "crashed"])
        causes = [drawn.choice(["dead_relu", "output_activation", "learning_rate_too_high"])] * (status == "stalled")
        texts = {"optimizer.name": drawn.choice(["adam", "sgd"]), "loss_function.name": "mse"}
        return {
            **{"logdir": "s3://bucket/logs", "folder": folder, "run": folder, "status": status, "parts": [folder]},
            **{"key": short_name(folder), "version": short_name(folder, "1"), "settled_until": float("inf")},
            **{"updated": now - drawn.random() * 365 * DAY, "epochs": drawn.randint(1, 100), "unit": "epoch"},
            **{"headline": f"Accuracy has stalled since epoch {drawn.randint(1, 9)}.", "since": 1, "until": 10},
            **{"cause": causes[0] if causes else None, "cause_ids": f" {' '.join(causes)} "},
            **{"causes": [{"id": each, "harm": 1.0, "certainty": 0.9} for each in causes]},
            **{"seconds": 3600.0, "lost_seconds": 1800.0 * bool(causes), "accuracy": drawn.random()},
            **{"scores": [{"kind": "validation accuracy", "of": "", "value": drawn.random()}], "layers": "Dense"},
            **{"spark": [drawn.random() for _ in range(24)], "data": "0a1b2c3d4e5f", "model": "aaaabbbbcccc"},
            **{"texts": texts, "numbers": {"learning_rate": 10 ** drawn.uniform(-5, 0), "batch_size": 32.0}},
        }

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        base = table([row(number) for number in range(RUNS_OF_A_FILE)], now)
        with writing(folder) as writer:
            for part in range(count // RUNS_OF_A_FILE):  # copies of these runs under other names
                rows = base
                for name in ("key", "version", "reading"):
                    rows = _with(rows, name, pc.add(rows[name], part))
                for name in ("folder", "run"):
                    rows = _with(rows, name, pc.binary_join_element_wise(rows[name], str(part), "-"))
                writer._commit((*writer.index.files, writer._written(NEW, rows)))
                if part % 5 == 4:
                    writer._spread()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        print(f"{count:,} rows written in {time.perf_counter() - began:.1f} s: {size / 2**20:,.0f} MiB")
        made = opened(folder)
        timed("the whole table of one column, for comparison", lambda: made.dataset().to_table(columns=["updated"]))
        subprocess.run([sys.executable, "-c", COLD, folder], check=True)
        for sort in ("newest", "newest", "worst", "best"):  # the first one reads the ends of all files, too
            timed(f"first page, {sort}", lambda sort=sort: page(made, None, sort))
        for text in (
            "status = 'stalled'",
            "cause = 'dead_relu' and updated >= '2026-01-01'",
            "optimizer.name = 'sgd' and learning_rate >= 0.01",
        ):
            _, found = timed(f"page of: {text}", lambda text=text: page(made, where(text)))
            print(f"  {found.total:,} runs")
        timed("summary", lambda: summary(made))
        timed("what is known, for a review", lambda: made.known(now))
        print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def cluster(count: int, workers: Sequence[int] = (1, 2), epochs: int = 100) -> None:
    from many_runs import write

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), count, epochs)
        took = [_reviewed_by(number, Path(folder)) for number in workers]
    for number, seconds in zip(workers[1:], took[1:], strict=True):
        print(f"{number} workers are {took[0] / seconds:.2f} times as fast as {workers[0]}")


def memory(count: int) -> None:
    cluster(count, workers=(2,), epochs=5)


def _reviewed_by(workers: int, root: Path) -> float:
    """Seconds that a review takes on so many workers, from its start to its end; prints what each process used, too."""
    from distributed import Client
    from test_cluster import registered, scheduler, worker

    with ExitStack() as stack:
        address = stack.enter_context(scheduler())
        for _ in range(workers):
            registered(stack.enter_context(worker(address)))
        words = ("review", "logs", "--out", f"index{workers}", "--scheduler", address)
        began = time.perf_counter()
        client = subprocess.run(
            [sys.executable, __file__, "command", *words], cwd=root, capture_output=True, text=True, check=True
        )
        seconds = time.perf_counter() - began
        with Client(address, set_as_default=False) as asked:
            used = [("client", client.stderr.splitlines()[-1]), ("scheduler", asked.run_on_scheduler(_used))]
            used += [("one of the workers", each) for each in asked.run(_used).values()]
    print(f"{client.stdout.splitlines()[0]} {workers} worker{'s' * (workers > 1)}: {seconds:.1f} s")
    for who, what in used:
        print(f"  {who}: {what}", flush=True)
    return seconds


def command(*words: str) -> None:
    """`tb-diagnose`, and then, on standard error, what it has used."""
    from tb_diagnose.cli.main import main

    status = main(words)
    print(_used(), file=sys.stderr)
    sys.exit(status)


def _used() -> str:
    """What this process has used so far."""
    return f"{_largest() / 1024:,.0f} MB at most, {time.process_time():.1f} s of the processors"


def _largest() -> int:
    """The most memory that this process has had, in KB. `ru_maxrss` would be that of the process that started it."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])


def _with(rows: Any, name: str, values: Any) -> Any:
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), values)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "command":
        command(*rest)
    made = {"review": review, "listing": listing, "index": index, "cluster": cluster, "memory": memory}
    made[what](int(rest[0]) if rest else 10_000)
