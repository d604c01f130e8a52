"""Every state of the tab, made for a real TensorBoard: runs on disk, and answers that are held back or changed.

`write(logdir)` writes the runs of all states into one logdir, at times that are always the same. A `State` says
which of them the tab is to show, what the API tells of it, and what happens to the answers on their way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from conftest import LAYERS, Written, epoch_of, facts_of
from places import RECORDINGS

from tb_diagnose import event_file
from tb_diagnose.diagnosis import trial

API = "**/data/plugin/diagnosis/api/"
BEGAN = 1_767_600_000.0
"""Wall time of the first event, in January 2026: what is shown of it is the same whenever the tests run."""
HOSTILE = "<img src=x onerror=console.error('ran')>"
HOSTILE_TWIN = "<script>console.error('ran')<"
HOSTILE_TEXT = "<img src=x onerror=console.error('ran')> <b>b</b> `<i>` ${1} {{2}} &amp; \u202etxt"

Row = tuple[dict[str, Any], dict[str, float]]


@contextmanager
def past() -> Iterator[None]:
    """Within it, events are written in the past, a minute from one to the next."""
    minutes = iter(range(10**6))
    with mock.patch("tb_diagnose.event_file.time") as clock:
        clock.time.side_effect = lambda: BEGAN + 60 * next(minutes)
        yield


def record(folder: Path, facts: dict[str, Any], rows: Sequence[Row] = ()) -> None:
    """Writes one run: its facts, and the series and metrics of each epoch."""
    file = event_file.EventFile(str(folder / "diagnosis"), 0)
    file.write(0, facts={"run_start": 0, **facts})
    for number, (series, metrics) in enumerate(rows, 1):
        file.write(number, epoch=number, series=series, metrics=metrics)
    file.close()


def rows_of(accuracy: Sequence[float], **more: Sequence[Any]) -> list[Row]:
    """Epochs of a healthy run with this accuracy; `more` are series that replace those of the run."""
    found = []
    for index, value in enumerate(accuracy):
        series, metrics = epoch_of(index + 1, healthy=True)
        loss = 0.7 - 0.6 * value
        series |= {"probe_accuracy": value, "probe_loss": loss}
        metrics |= {"accuracy": value, "loss": loss}
        for name, values in more.items():
            (metrics if name in metrics or name.startswith("val_") else series)[name] = values[index]
        found.append((series, metrics))
    return found


def stalled(folder: Path) -> None:
    """Relu before binary_crossentropy: stalled at 0.5."""
    Written(folder, healthy=False).add_epochs(6)


def proven(folder: Path) -> None:
    """Relu before binary_crossentropy, and inputs up to 99,998: a trial has shown that both are to be changed."""
    wide = {
        "preprocessing": [],
        "data_form": "arrays",
        "input_shape": [[1]],
        "input_min": [3.0],
        "input_max": [99_998.0],
        "input_mean": [49_800.0],
        "input_std": [28_800.0],
        "neighbour_accuracy": 0.999,
        "neighbour_skill": 0.998,
        "neighbour_sample_count": 1000,
    }
    wiggle = 0.004 * np.sin(2.4 * np.arange(1, 7))
    large = [np.array([35_000.0, 20_000.0, 9_000.0])] * 6
    rows = rows_of(0.5 + wiggle, preactivation_std=large, prediction_std=[np.array([0.0])] * 6)
    record(folder, facts_of("relu") | wide, rows)
    event_file.add_facts(str(folder / "diagnosis"), {"trial": trial_of_both().as_fact()})


def trial_of_both() -> trial.Trial:
    """Copies with a sigmoid output, with scaled inputs, with both, and two changes that bring nothing."""

    def row(what: dict[str, tuple[str, str]], called: str, levels: Sequence[float], **more: Any) -> trial.Row:
        curve = levels[0] + (np.mean(levels[1:]) - levels[0]) * (1 - 0.4 ** np.arange(6)) / (1 - 0.4**5)
        return trial.Row(
            tuple(what),
            tuple(title for title, _ in what.values()),
            tuple(change for _, change in what.values()),
            called,
            tuple(levels[1:]),
            tuple(2 * level - 1 for level in levels[1:]),
            5,
            curve_epochs=(1, 2, 3, 4, 5),
            curve_values=tuple(float(value) for value in curve[1:]),
            **more,
        )

    sigmoid = {"output_activation": ("Output activation does not fit the loss", '`activation="sigmoid"` in dense_2')}
    scaled = {"unscaled_inputs": ("Unscaled inputs", "scaled inputs")}
    slower = {"learning_rate_too_high": ("Learning rate too high", "`learning_rate=0.0001`")}
    reason = "What to change is not one certain edit: it leaves something to decide."
    return trial.Trial(
        (
            row({}, "as it is", (0.49, 0.5, 0.49, 0.51)),
            row(sigmoid, "proven", (0.5, 0.93, 0.95, 0.94), gain=0.88, chance=0.002),
            row(scaled, "helps a little", (0.5, 0.52, 0.98, 0.5), gain=0.33, chance=0.4),
            row(slower, "makes it worse", (0.5, 0.44, 0.45, 0.46), gain=-0.1, chance=0.02),
            trial.Row(("too_little_data",), ("Too little data",), (), "not tried", reason=reason),
            row(sigmoid | scaled, "proven", (0.55, 0.998, 0.999, 0.997), gain=1.0, chance=0.0004),
        ),
        samples=250,
        kept_aside=True,
        epochs=5,
        planned_epochs=6,
        seconds=31.0,
        budget=60.0,
    )


def healthy(folder: Path) -> None:
    """Reaches 0.99."""
    Written(folder, healthy=True).add_epochs(8)


def learning(folder: Path) -> None:
    """Rises, and goes on."""
    record(folder, facts_of("sigmoid"), rows_of(np.linspace(0.55, 0.85, 8)))


def diverged(folder: Path) -> None:
    """Steps that are too large: the loss is not a number since epoch 4."""
    rates = [np.full(3, rate) for rate in (0.4, 2.0, 30.0, 1.0, 1.0)]
    rows = rows_of(
        [0.55, 0.51, 0.5, 0.5, 0.5],
        loss=[2.0, 90.0, 7e5, np.nan, np.nan],
        probe_loss=[9.0, 900.0, 7e6, np.nan, np.nan],
        learning_rate=[0.5] * 5,
        update_ratio=rates,
        largest_update_ratio=[3 * rate for rate in rates],
        gradient_norm=[np.array(norms) for norms in ([3, 2, 2], [80, 70, 30], [9e4, 7e4, 3e4], *[[np.nan] * 3] * 2)],
    )
    sgd = {"optimizer": {"name": "sgd", "config": {"learning_rate": 0.5}}}
    record(folder, facts_of("sigmoid") | sgd, rows)


def crashed(folder: Path) -> None:
    """Labels that are strings: Keras raises in the first epoch."""
    words = {"label_form": "string", "label_dtype": "<U3", "label_unique_count": 2, "classes": ["cat", "dog"]}
    numbers = ("label_min", "label_max", "baseline_loss")
    record(folder, {k: v for k, v in facts_of("sigmoid").items() if k not in numbers} | words)


def one_epoch(folder: Path) -> None:
    """One epoch, which is too short to tell."""
    Written(folder, healthy=False).add_epochs(1)


def unfinished(folder: Path) -> None:
    """Ended as planned while it was rising."""
    known = {"planned_epochs": 6, "neighbour_accuracy": 0.95, "neighbour_skill": 0.9, "neighbour_sample_count": 1000}
    record(folder, facts_of("sigmoid") | known, rows_of(np.linspace(0.52, 0.75, 6)))


def not_generalizing(folder: Path) -> None:
    """Memorizes its training samples."""
    accuracy, behind = np.r_[0.7, 0.9, np.full(8, 0.99)], np.full(10, 0.6)
    losses = np.linspace(0.6, 1.4, 10)
    rows = rows_of(accuracy, val_accuracy=behind, val_loss=losses, probe_val_accuracy=behind, probe_val_loss=losses)
    record(folder, facts_of("sigmoid") | {"planned_epochs": 10, "validation_sample_count": 500}, rows)


def misreported(folder: Path) -> None:
    """Accuracy of continuous targets, which no prediction equals."""
    losses = 0.9 * 0.7 ** np.arange(12)
    targets = {
        "label_form": "continuous",
        "label_unique_count": 990,
        "label_min": -2.0,
        "label_max": 3.0,
        "baseline_loss": 1.0,
        "neighbour_skill": 0.9,
        "loss_function": {"name": "mean_squared_error", "from_logits": False, "custom": False},
    }
    facts = {k: v for k, v in facts_of("linear").items() if k not in ("label_counts", "classes", "baseline_accuracy")}
    rows = rows_of(np.zeros(12), loss=losses, probe_loss=losses)
    for series, _ in rows:
        del series["probe_accuracy"]
    record(folder, facts | targets, rows)


def levelled_off(folder: Path) -> None:
    """Flat at 0.85, and nothing tells whether more is possible."""
    wiggle = 0.003 * np.sin(2.4 * np.arange(12))
    record(folder, facts_of("sigmoid") | {"planned_epochs": 12}, rows_of(np.r_[0.6, 0.75, np.full(10, 0.85)] + wiggle))


def not_judged(folder: Path) -> None:
    """A custom loss of unknown scale, and no accuracy."""
    unknown = ("label_counts", "classes", "baseline_accuracy", "baseline_loss", "compiled_metrics")
    facts = {name: value for name, value in facts_of("linear").items() if name not in unknown}
    custom = {
        "loss_function": {"name": "my_loss", "from_logits": False, "custom": True},
        "label_form": "continuous",
        "label_unique_count": 990,
    }
    losses = -3.0 - 0.2 * np.arange(12)
    rows = rows_of(np.zeros(12), loss=losses, probe_loss=losses)
    for series, metrics in rows:
        del series["probe_accuracy"], metrics["accuracy"]
    record(folder, facts | custom, rows)


def unreadable(folder: Path) -> None:
    """A record that no version of tb_diagnose wrote: where a number must stand, there is none."""
    record(folder, facts_of("relu") | {"run_start": "damaged"}, rows_of([0.5]))


def stock(folder: Path) -> None:
    """What Keras's own TensorBoard callback writes."""
    shutil.copytree(RECORDINGS / "keras3_stalled", folder)


def hostile(folder: Path) -> None:
    """Every name in it is HTML."""
    facts = facts_of("relu")
    names = [f"{HOSTILE_TEXT} {number}" for number in range(len(LAYERS))]
    layers = [{**row, "name": name, "class": HOSTILE_TEXT} for row, name in zip(facts["layers"], names, strict=True)]
    wrong = {
        "layers": layers,
        "output": {**facts["output"], "name": names[-1]},
        "optimizer": {"name": HOSTILE_TEXT, "config": {"learning_rate": 0.001, HOSTILE_TEXT: HOSTILE_TEXT}},
        "classes": [HOSTILE_TEXT, "1"],
        "compiled_metrics": [HOSTILE_TEXT],
        "hparams": {HOSTILE_TEXT: HOSTILE_TEXT},
        "training_only": [HOSTILE_TEXT],
    }
    record(folder, facts | wrong, [epoch_of(number, healthy=False) for number in range(1, 8)])


WRITERS: dict[str, Callable[[Path], None]] = {
    "stock": stock,
    "one_epoch": one_epoch,
    "unreadable": unreadable,
    "not_judged": not_judged,
    "levelled_off": levelled_off,
    "misreported": misreported,
    "not_generalizing": not_generalizing,
    "unfinished": unfinished,
    "crashed": crashed,
    "diverged": diverged,
    "learning": learning,
    HOSTILE_TWIN: healthy,
    HOSTILE: hostile,
    "proven": proven,
    "healthy": healthy,
    "stalled": stalled,
}
"""By name of the run; the last one is the latest."""


def write(logdir: str | os.PathLike[str]) -> None:
    """Writes the runs of all states."""
    with past():
        for name, one in WRITERS.items():
            one(Path(logdir) / name)


def changed(page: Any, change: Callable[[dict[str, Any]], dict[str, Any]], route: str = "runs") -> None:
    """Answers of one route reach the page changed."""

    def pass_on(request: Any) -> None:
        response = request.fetch()
        request.fulfill(response=response, json=change(response.json()))

    page.route(f"{API}{route}*", pass_on)


def newer(page: Any) -> None:
    """The server speaks a newer schema than the page, which somebody left open during an update."""
    changed(page, lambda answer: {**answer, "schema": answer["schema"] + 1})


def gone(page: Any) -> None:
    """The server does not answer."""
    page.route(f"{API}**", lambda request: request.abort("aborted"))


def back(page: Any) -> None:
    """It answers again."""
    page.unroute(f"{API}**")


def only(page: Any, names: Sequence[str]) -> None:
    """The list holds these runs alone: a picture of one state does not change when another one is added."""

    def narrowed(answer: dict[str, Any]) -> dict[str, Any]:
        kept = [row for row in answer["runs"] if row["run"] in names]
        return {**answer, "logdir": "/srv/logs", "runs": kept}

    changed(page, narrowed)


def at_home(page: Any) -> None:
    """The path of the empty logdir, which is another one in every run, reads as anybody's."""

    def renamed(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "message": answer["message"].replace(answer["logdir"], "/srv/logs")}

    changed(page, renamed)


@dataclass(frozen=True)
class State:
    """One state of the tab.

    Args:
        name: Its name, also that of its picture.
        run: The run that is shown; None: none is.
        status: What the API says of that run.
        words: What a person must read, wherever it stands.
        beside: Other runs in the list; None: all there are, more than need a search.
        before: What happens to the page's requests before it is opened.
        after: What happens to them once the report is there; then TensorBoard's reload button is pressed.
        held: The answers of this route do not come.
        empty: The logdir is empty.
    """

    name: str
    run: str | None = None
    status: str | None = None
    words: tuple[str, ...] = ()
    beside: tuple[str, ...] | None = ()
    before: Callable[[Any], None] | None = None
    after: Callable[[Any], None] | None = None
    held: str | None = None
    empty: bool = False

    def arrange(self, page: Any) -> None:
        """Changes what will reach the page, before it is opened."""
        if self.run is not None and self.beside is not None:
            only(page, (self.run, *self.beside))
        if self.before is not None:
            self.before(page)
        if self.held is not None:
            page.route(f"{API}{self.held}*", lambda request: None)


STATES = (
    State(
        "stalled", "stalled", "stalled", ("Stalled", "stalled at 0.504 since epoch 1", 'Dense(1, activation="sigmoid")')
    ),
    State(
        "healthy", "healthy", "reached", ("Reached its ceiling", "Accuracy is at 0.99", "possible causes were checked")
    ),
    State("proven", "proven", "stalled", ("Proven: with", "What each change brings", "brings most", "makes it worse")),
    State("learning", "learning", "learning", ("Learning", "still rising", "possible causes were checked")),
    State("diverged", "diverged", "diverged", ("Diverged", "since epoch 4", "Exploding gradients")),
    State("crashed", "crashed", "crashed", ("Crashed", "never finished an epoch", "label")),
    State("one epoch", "one_epoch", "too short to tell", ("Too short to tell", "after 1 epoch")),
    State("unfinished", "unfinished", "unfinished", ("Ended too early", "when the run ended after 6 epochs")),
    State(
        "not generalizing",
        "not_generalizing",
        "not generalizing",
        ("Not generalizing", "the validation samples are not"),
    ),
    State("misreported", "misreported", "misreported", ("Misreported", "does not measure this run")),
    State("levelled off", "levelled_off", "levelled off", ("Levelled off", "Accuracy is at 0.85")),
    State("not judged", "not_judged", "not judged", ("Not judged",)),
    State("unreadable", "unreadable", "unreadable", ("Unreadable", "could not be read")),
    State("stock logs", "stock", "stalled", ("Stalled", "tb_diagnose.KerasCallback(")),
    State("hostile", HOSTILE, "stalled", (HOSTILE, "Stalled"), beside=(HOSTILE_TWIN,)),
    State("many", "stalled", "stalled", (f"{len(WRITERS)} runs", "Stalled"), beside=None),
    State(
        "no data",
        words=(
            "No run was found in /srv/logs",
            "import tb_diagnose",
            "model.fit(x, y, epochs=10,",
            'callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))])',
        ),
        before=at_home,
        empty=True,
    ),
    State("loading", words=("Reading the runs",), held="runs"),
    State("loading a report", "stalled", words=("Reading stalled",), held="diagnosis"),
    State("newer schema", words=("tb_diagnose was updated", "Reload this browser page"), before=newer),
    State("never there", words=("TensorBoard does not answer", "continues by itself"), before=gone),
    State("gone", "stalled", "stalled", ("TensorBoard does not answer", "continues by itself", "Stalled"), after=gone),
)
