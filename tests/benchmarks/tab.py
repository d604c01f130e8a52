"""How soon the tab says something: from the click on "Diagnosis" to the headline, beside TensorBoard's own tabs.

    python tests/benchmarks/tab.py [TRAININGS_OF_THE_LARGE_LOGDIR] [ROUNDS]

Of two logdirs, 20 runs as Keras logs them and 2,000 as a `SummaryWriter` does: medians of 10 clicks each, in one
browser and one run, a fresh page each time, in turn; and the ratio. No test asserts these figures.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import numpy as np  # noqa: E402
from browsing import chromium, tab  # noqa: E402
from conftest import running  # noqa: E402
from many_runs import write as write_large  # noqa: E402
from playwright.sync_api import Browser, Locator, Page  # noqa: E402

EPOCHS = 30
QUIET_TAB = "text"
"""The tab from which all clicks are made: it has nothing to show."""
Locators = dict[str, Callable[[Page], Locator]]
FIRST: Locators = {
    "Diagnosis": lambda page: tab(page).get_by_test_id("headline"),
    "Scalars": lambda page: page.locator("tf-scalar-card vz-line-chart2 path.line[d^=M]"),
    "Time Series": lambda page: page.locator("scalar-card line-chart canvas"),
}
"""By tab: what must be seen first, a chart with its line."""
EMPTY: Locators = FIRST | {
    "Scalars": lambda page: page.locator("tf-scalar-card"),
    "Time Series": lambda page: page.locator("scalar-card"),
}
"""The same where TensorBoard draws no line before runs are chosen, as with more than 40 of them: empty cards."""


def write_small(logdir: Path, count: int) -> None:
    """Runs as `keras.callbacks.TensorBoard` writes them: two runs each, every value a tensor."""
    from tensorboard.summary import Writer

    for number in range(count):
        level = 0.5 if number % 5 == 2 else 0.95
        for part, gap in (("train", 0.0), ("validation", 0.02)):
            writer = Writer(str(logdir / f"run{number:02}" / part))
            for epoch in range(EPOCHS):
                accuracy = 0.5 + (level - 0.5) * (1 - 0.9**epoch) + 0.002 * np.sin(epoch + number) - gap
                values = {"epoch_accuracy": accuracy, "epoch_loss": 1.2 - accuracy}
                if part == "train":
                    values["epoch_learning_rate"] = 1e-3
                for tag, value in values.items():
                    writer.add_scalar(tag, float(value), step=epoch)
            writer.close()


def seconds(browser: Browser, url: str, name: str, first: Locators) -> float:
    """From the click on a tab to the first thing that it has to say, in a page that nobody has used."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"{url}#{QUIET_TAB}")
        link = page.get_by_role("tab", name=name)
        link.wait_for()
        page.wait_for_load_state("networkidle")
        began = time.perf_counter()
        link.click()
        first[name](page).first.wait_for(state="attached", timeout=300_000)
        return time.perf_counter() - began
    finally:
        context.close()


def measure(browser: Browser, server: Any, what: str, rounds: int, first: Locators) -> None:
    """Prints the medians for one logdir."""
    took: dict[str, list[float]] = {name: [] for name in FIRST}
    for number in range(rounds):
        names = list(FIRST) if number % 2 else list(reversed(FIRST))
        for name in names:
            took[name].append(seconds(browser, server.url, name, first))
    print(what)
    own = statistics.median(took["Diagnosis"])
    for name, values in took.items():
        median = statistics.median(values)
        ratio = "" if name == "Diagnosis" else f"; Diagnosis takes {own / median:.2f} times as long"
        print(
            f"  {name}: median {median:.2f} s of {rounds} ({min(values):.2f} to {max(values):.2f}, "
            f"the first {values[0]:.2f}){ratio}",
            flush=True,
        )


def main(large: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root = Path(folder)
        write_small(root / "small", 20)
        write_large(root, large)
        for logdir, what, runs, first in (
            (root / "small", "20 runs as Keras logs them", 40, FIRST),
            (root / "logs", f"{large:,} runs of a SummaryWriter (of TensorBoard: empty cards)", large, EMPTY),
        ):
            with running(logdir, root / f"{logdir.name}.log") as server:
                while len(server.get("data/plugin/scalars/tags").json) < runs:
                    time.sleep(0.5)
                measure(browser, server, f"{what}, on {os.cpu_count()} cores:", rounds, first)


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:]]
    main((counts or [2000])[0], (counts[1:] or [10])[0])
