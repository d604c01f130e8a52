"""Eight runs that grow while twenty tabs ask for them: memory, lost epochs, stale verdicts, and requests that fail.

    python tests/benchmarks/soak.py [MINUTES]

Eight processes write an epoch every few seconds, by the plugin's own writer. Four of the runs go on to the end; four
are programs that are started again in the same folder, and their verdict changes at known epochs. A real TensorBoard
serves them. Twenty clients ask what the tab asks whenever TensorBoard reloads it, and one tab is open in a browser.

What is served is held against what was written: an epoch that was in the file before a request began is late until
it is served, and a verdict is right when the same file, cut at the epoch that it is said to be of, gives the same one.
What the growing logs themselves take is told by a second TensorBoard, which is started on them at the end and asked
in the same way. No test asserts these figures.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import numpy as np  # noqa: E402
from browsing import address, chromium, quiet_page, settle, tab  # noqa: E402
from conftest import PATIENCE, Server, epoch_of, facts_of, running  # noqa: E402

import tb_diagnose  # noqa: E402
from tb_diagnose.event_file import EventFile  # noqa: E402

CLIENTS = 20
RELOAD = 5
"""Seconds between two looks of TensorBoard at its logs."""
TAB_RELOAD = 30.0
"""Seconds between two reloads of a page, as TensorBoard has it where that is switched on."""
EPOCH_SECONDS, FEWEST_EPOCHS = 3.0, 80
"""Seconds of an epoch; in a short soak they are less, for so many epochs."""
FIT = 60
"""Epochs of a program that is started again."""
SAMPLES = 60
"""Times that memory is looked at."""
CHECKED = 200
"""Verdicts that are worked out once more, beside all at which the verdict has changed."""


@dataclass(frozen=True)
class Plan:
    """What a run does: the activation of its last layer, its accuracy by epoch, and whether it is started again."""

    activation: str
    accuracy: Callable[[int], float]
    again: bool = False


def _climb(epoch: int, rate: float) -> float:
    return 0.5 + 0.49 * (1 - (1 - rate) ** max(epoch, 0))


PLANS = {
    "stalls": Plan("relu", lambda epoch: 0.5),
    "reaches": Plan("sigmoid", lambda epoch: _climb(epoch, 0.3)),
    "climbs": Plan("sigmoid", lambda epoch: _climb(epoch, 0.01)),
    "stands": Plan("sigmoid", lambda epoch: _climb(min(epoch, 15), 0.05)),
    "wakes": Plan("sigmoid", lambda epoch: _climb(epoch - 20, 0.1), again=True),
    "falls": Plan("sigmoid", lambda epoch: _climb(epoch, 0.2) if epoch < 30 else 0.5, again=True),
    "diverges": Plan("sigmoid", lambda epoch: _climb(epoch, 0.2) if epoch < 25 else float("nan"), again=True),
    "alternates": Plan("relu", lambda epoch: 0.5 if epoch < 15 else 0.6, again=True),
}


def accuracy_of(name: str, epoch: int) -> float:
    """Accuracy of a run at an epoch; NaN where it has diverged. No two epochs are alike."""
    return PLANS[name].accuracy(epoch) + 0.003 * float(np.sin(2.4 * epoch))


def write(name: str, logdir: Path, notes: Path, pause: float, over: Any) -> None:
    """Writes one run until an event is set, and notes each epoch once it is in the file."""
    plan, chance, step, fit = PLANS[name], random.Random(name), 0, 0
    with (notes / name).open("w") as noted:
        while not over.is_set():
            file = EventFile(str(logdir / name / "diagnosis"), step)
            file.write(step, facts={"run_start": step, **facts_of(plan.activation)})
            for epoch in range(1, FIT + 1 if plan.again else 10**6):
                time.sleep(pause * chance.uniform(0.7, 1.3))
                if over.is_set() and epoch > 1:
                    break
                accuracy = accuracy_of(name, epoch)
                loss = 1.2 - accuracy
                series, metrics = epoch_of(epoch, plan.activation == "sigmoid")
                series |= {"probe_accuracy": 0.5 if np.isnan(accuracy) else accuracy, "probe_loss": loss}
                metrics |= {"accuracy": series["probe_accuracy"], "loss": loss}
                file.write(step, epoch=epoch, series=series, metrics=metrics)
                noted.write(json.dumps([time.time(), fit, epoch, file.path, os.path.getsize(file.path)]) + "\n")
                noted.flush()
                step += 1
            file.close()
            fit += 1


@dataclass(frozen=True)
class Written:
    """An epoch that is in the file: since when, of which program, and how long the file was then."""

    at: float
    fit: int
    epoch: int
    path: str
    size: int


def written(notes: Path, name: str) -> list[Written]:
    """The epochs of a run that are in its files now."""
    lines = (notes / name).read_text().split("\n")[:-1] if (notes / name).exists() else []
    return [Written(*json.loads(line)) for line in lines]


@dataclass
class Seen:
    """What the clients have seen."""

    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    late_epochs: list[int] = field(default_factory=list)
    late_seconds: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    verdicts: dict[tuple[str, int, int], set[tuple[str, str | None]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, name: str, rows: list[dict[str, Any]], there: list[Written], began: float) -> None:
        """Holds the rows of a name, the newest program first, against what was written before they were asked for."""
        newest = len(rows) - 1
        served = {newest - index: row for index, row in enumerate(rows)}
        last = Counter({each.fit: each.epoch for each in there})
        with self.lock:
            for fit, row in served.items():
                if fit < newest and row["epochs"] < last[fit]:
                    self.lost[name] += 1
                if row["epochs"]:
                    cause = row["cause"] and row["cause"]["id"]
                    self.verdicts.setdefault((name, fit, row["epochs"]), set()).add((row["status"], cause))
            self.late(newest, rows[0]["epochs"], there, began)

    def late(self, fit: int, epoch: int, there: list[Written], began: float) -> None:
        """Notes how far an answer is behind."""
        missing = [each for each in there if (each.fit, each.epoch) > (fit, epoch) and each.at < began]
        self.late_epochs.append(len(missing))
        self.late_seconds.append(began - missing[0].at if missing else 0.0)


class Client:
    """A tab: what it asks each time that TensorBoard reloads it, and one thing more that somebody opens in it.

    Args:
        server: TensorBoard.
        number: Its number among the clients: which run it shows, and what it begins with.
        notes: Where the epochs are noted.
        seen: What all clients have seen.
    """

    def __init__(self, server: Server, number: int, notes: Path, seen: Seen) -> None:
        self._server, self._notes, self._seen = server, notes, seen
        self._name = list(PLANS)[number % len(PLANS)]
        self._turn = number

    def poll(self) -> None:
        """Asks once."""
        there, began = {name: written(self._notes, name) for name in PLANS}, time.time()
        listed = self._get("runs")
        if listed is None:
            return
        unread = sorted({row["run"] for row in listed["runs"] if row["status"] is None})
        known: dict[str, list[dict[str, Any]]] = {}
        for row in listed["runs"]:
            if row["status"] is not None:
                known.setdefault(row["run"].split(" (")[0], []).append(row)
        for name, rows in known.items():
            self._seen.rows(name, rows, there[name], began)
        if unread:
            there, began = {name: written(self._notes, name) for name in PLANS}, time.time()
            for name, rows in ((self._get("rows", name=unread) or {}).get("rows") or {}).items():
                if rows:
                    self._seen.rows(name, rows, there[name], began)
        if any(row["run"] == self._name for row in listed["runs"]):
            self._get("diagnosis", run=self._name)
            self._more()
        self._turn += 1

    def _more(self) -> None:
        other = next(name for name in PLANS if name != self._name)
        match self._turn % 5:
            case 0:
                index = self._get("evidence", run=self._name)
                if index and "probe_accuracy" in index["series"]:
                    self._get("series", run=self._name, name="probe_accuracy")
            case 1:
                self._get("compare", run=self._name, other=other)
            case 2:
                self._get("sweep")
            case 3:
                self._get("export", run=self._name, form="markdown")
            case _:
                self._get("export", run=self._name, form="html")

    def _get(self, route: str, **query: str | list[str]) -> Any:
        """The answer as JSON, or as bytes; None where there is none."""
        with self._seen.lock:
            self._seen.requests += 1
        try:
            answer = self._server.api(route, **query)
            problem = "" if answer.status == 200 else f"{route}: {answer.status} {answer.text[:100]}"
        except OSError as error:
            problem = f"{route}: {error!r}"
        if problem:
            with self._seen.lock:
                self._seen.failed[problem] += 1
            return None
        return answer.json if "json" in answer.headers["content-type"] else answer.body


@contextmanager
def clients(server: Server, notes: Path, seen: Seen, period: float) -> Iterator[None]:
    """Within it, all clients ask, one after the other and each again after a period."""
    stop = threading.Event()

    def ask(number: int) -> None:
        client, due = Client(server, number, notes, seen), time.monotonic() + period * number / CLIENTS
        while not stop.wait(max(due - time.monotonic(), 0.0)):
            client.poll()
            due += period

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@dataclass(frozen=True)
class Memory:
    """Megabytes at a time: of TensorBoard's own process, of its data server, and of the logs on disk."""

    minute: float
    own: float
    server: float
    logs: float


def memory(logdir: Path, began: float) -> Memory:
    """What TensorBoard takes now; it is the only one among the children of this process."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True).stdout
    rows = [(int(pid), int(parent), int(rss), args) for pid, parent, rss, args in map(_words, listed.splitlines())]
    own = {pid: rss for pid, parent, rss, args in rows if parent == os.getpid() and "tensorboard.main" in args}
    server = sum(rss for _, parent, rss, _ in rows if parent in own)
    logs = sum(path.stat().st_size for path in logdir.rglob("*tfevents*"))
    return Memory((time.time() - began) / 60, sum(own.values()) / 1024, server / 1024, logs / 2**20)


def _words(line: str) -> list[str]:
    return line.split(None, 3)


def watch(page: Any, url: str, until: float, period: float) -> tuple[list[float], int]:
    """Keeps the tab open and reloads it: megabytes of its JavaScript each time, and how often it came to no rest."""
    page.goto(address(url, "wakes"))
    session, heap, restless = page.context.new_cdp_session(page), [], 0
    session.send("Performance.enable")
    while time.time() < until:
        try:
            settle(page)
        except AssertionError:  # half a minute was too short, on a machine that is busy
            restless += 1
        tab(page).get_by_test_id("headline").first.wait_for()
        session.send("HeapProfiler.collectGarbage")
        found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        heap.append(found["JSHeapUsedSize"] / 2**20)
        page.wait_for_timeout(1000 * max(0.0, min(period, until - time.time())))
        page.locator("app-header-reload button").click()
    return heap, restless


def verdict(each: Written) -> tuple[str, str | None]:
    """The verdict of a run, worked out from its file as it was at an epoch."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "diagnosis" / Path(each.path).name
        copy.parent.mkdir()
        copy.write_bytes(Path(each.path).read_bytes()[: each.size])
        (found,) = tb_diagnose.diagnose(folder)
        return found.status.name, found.probable_causes[0].cause.id if found.probable_causes else None


def check_verdicts(seen: Seen, notes: Path) -> None:
    """Prints how many of the served verdicts are those of the epoch that they are said to be of."""
    files = {(name, each.fit, each.epoch): each for name in PLANS for each in written(notes, name)}
    keys, changed, before = sorted(seen.verdicts), [], None
    for key in keys:
        if before is not None and before[:2] == key[:2] and seen.verdicts[before] != seen.verdicts[key]:
            changed += [before, key]
        before = key
    others = [key for key in keys if key not in set(changed)]
    some = {*changed, *random.Random(0).sample(others, min(CHECKED, len(others)))}
    right = {key: verdict(files[key]) for key in sorted(some)}
    wrong = [f"{key}: {seen.verdicts[key]}, not {told}" for key, told in right.items() if seen.verdicts[key] != {told}]
    kinds = Counter(status for verdicts in seen.verdicts.values() for status, _ in verdicts)
    print(
        f"verdicts: {len(keys):,} epochs of a run were served with one ({_listed(kinds)}), {len(changed) // 2} "
        f"changes; {len(some):,} of them worked out once more, {len(wrong)} wrong"
    )
    for line in wrong[:20]:
        print(f"  wrong: {line}")


def check_epochs(server: Server, notes: Path) -> None:
    """Prints how many epochs are missing at the end, and the verdicts that are wrong then."""
    want = {name: written(notes, name) for name in PLANS}
    end, rows = time.monotonic() + PATIENCE, {}
    while time.monotonic() < end:
        rows = server.api("rows", name=list(PLANS)).json["rows"]
        missing = {name: len(want[name]) - sum(row["epochs"] for row in rows[name]) for name in PLANS}
        if not any(missing.values()):
            break
        time.sleep(0.5)
    other = {}
    for name in PLANS:
        last = want[name][-1]
        row = rows[name][0]
        told = (row["status"], row["cause"] and row["cause"]["id"])
        if told != verdict(last):
            other[name] = f"{told}, not {verdict(last)}"
        values = np.frombuffer(server.api("series", run=name, name="probe_accuracy").body, "<f4")
        right = np.array([accuracy_of(name, epoch) for epoch in range(1, last.epoch + 1)])
        if not np.array_equal(values, np.where(np.isnan(right), 0.5, right).astype("<f4")):
            missing[name] += last.epoch
    count = sum(map(len, want.values()))
    print(f"lost epochs: {sum(missing.values())} of {count:,} at the end ({_listed(Counter(missing))})")
    print(f"verdicts at the end: {len(PLANS) - len(other)} of {len(PLANS)} right {other or ''}".rstrip())


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def growth(samples: list[Memory], what: str) -> float:
    """Megabytes a minute, by the straight line that fits best."""
    if len(samples) < 2:
        return float("nan")
    return float(np.polyfit([each.minute for each in samples], [getattr(each, what) for each in samples], 1)[0])


def tell_memory(samples: list[Memory], fresh: Memory) -> None:
    """Prints what TensorBoard took over time, beside one that has just been started on the same logs."""
    third = len(samples) // 3
    thirds = [samples[:third], samples[third : 2 * third], samples[2 * third :]]
    for what, called in (("own", "TensorBoard's process"), ("server", "its data server"), ("logs", "the logs on disk")):
        levels = [statistics.median(getattr(each, what) for each in part) for part in thirds]
        slopes = [growth(part, what) for part in (*thirds, [*thirds[1], *thirds[2]])]
        print(
            f"memory, {called}: {getattr(samples[0], what):.1f} MB at first, {getattr(samples[-1], what):.1f} MB at "
            f"the end; medians of the thirds {levels[0]:.1f}, {levels[1]:.1f}, {levels[2]:.1f} MB; a minute "
            f"{slopes[0]:+.2f}, {slopes[1]:+.2f}, {slopes[2]:+.2f} MB; after the first third {slopes[3]:+.2f} MB; "
            f"a fresh TensorBoard on these logs {getattr(fresh, what):.1f} MB"
        )
    for each in samples[:: max(third // 5, 1)]:
        print(f"  minute {each.minute:.1f}: {each.own:.1f}, {each.server:.1f} and {each.logs:.2f} MB")


def main(minutes: float) -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        logdir, notes = Path(folder) / "logs", Path(folder) / "notes"
        logdir.mkdir()
        notes.mkdir()
        period = min(TAB_RELOAD, 60 * minutes / 4)
        pause = min(EPOCH_SECONDS, 60 * minutes / FEWEST_EPOCHS)
        starting = multiprocessing.get_context("spawn")
        over = starting.Event()
        writers = [
            starting.Process(target=write, args=(name, logdir, notes, pause, over), daemon=True) for name in PLANS
        ]
        for writer in writers:
            writer.start()
        seen, samples, flags = Seen(), [], ("--reload_interval", str(RELOAD))
        with running(logdir, Path(folder) / "log.txt", *flags) as server, quiet_page(browser) as page:
            server.runs(**dict.fromkeys(PLANS, 1))
            began, ended = time.time(), threading.Event()

            def sample() -> None:
                while not ended.wait(60 * minutes / SAMPLES):
                    samples.append(memory(logdir, began))

            sampling = threading.Thread(target=sample, daemon=True)
            with clients(server, notes, seen, period):
                sampling.start()
                heap, restless = watch(page, server.url, began + 60 * minutes, period)
            over.set()
            ended.set()
            sampling.join()
            for writer in writers:
                writer.join()
            print(
                f"{minutes:g} minutes, {len(PLANS)} runs, an epoch every {pause:.1f} s; {CLIENTS} clients, each every "
                f"{period:.0f} s, made {seen.requests:,} requests, and a page was reloaded {len(heap)} times"
            )
            print(f"failed requests: {sum(seen.failed.values())} {dict(seen.failed) or ''}".rstrip())
            check_epochs(server, notes)
            print(f"programs before the newest served with epochs missing: {sum(seen.lost.values())}")
            print(
                f"behind the file: {statistics.median(seen.late_epochs):g} epochs and "
                f"{statistics.median(seen.late_seconds):.1f} s in the median, {max(seen.late_epochs)} epochs and "
                f"{max(seen.late_seconds):.1f} s at most, of {len(seen.late_epochs):,} rows; TensorBoard reads its "
                f"logs every {RELOAD} s"
            )
            check_verdicts(seen, notes)
            first, last, most = heap[0], heap[-1], max(heap)
            print(f"the page's JavaScript: {first:.1f} MB at first, {last:.1f} MB at the end, {most:.1f} MB at most")
            print(f"the page waited for answers for half a minute: {restless} times of {len(heap)}")
            complaints = [line for line in server.log.splitlines() if "Traceback" in line or "ERROR" in line]
            print(f"TensorBoard's own log: {len(complaints)} errors")
        with running(logdir, Path(folder) / "fresh.txt", *flags) as server:
            server.runs(**dict.fromkeys(PLANS, 1))
            with clients(server, notes, Seen(), period):
                time.sleep(2 * period)
                fresh = memory(logdir, began)
        tell_memory(samples, fresh)


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 30)
