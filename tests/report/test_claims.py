"""Every number, epoch and layer that a sentence claims of a series is read again from that series, in every recording.

A claim is a pattern of words, and what of the evidence its numbers stand for. Causes that speak of series must have
one: a sentence in new words fails here until it is read as well.

`python tests/report/test_claims.py FOLDER` reads those about all runs below a folder, such as those of a matrix.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]  # for `python` on this file
import recorded  # noqa: E402
from answers import evidence_of  # noqa: E402
from places import RECORDINGS  # noqa: E402
from test_numbers import RAISED  # noqa: E402

from demo.matrix import judging  # noqa: E402
from tb_diagnose import diagnose  # noqa: E402
from tb_diagnose.causes import CATALOGUE  # noqa: E402
from tb_diagnose.diagnosis.engine import judge  # noqa: E402
from tb_diagnose.diagnosis.result import Diagnosis, Named  # noqa: E402
from tb_diagnose.evidence import Evidence  # noqa: E402
from tb_diagnose.evidence.keras_config import constrained_layers  # noqa: E402
from tb_diagnose.report.curve import ALIKE, curve  # noqa: E402

N = r"(-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?: [mbtr]+illion)?)"
E = r"(\d+(?:,\d{3})*)"
LAYER = r"([\w/]+)"
CODE = re.compile(r"`[^`]*`")


@dataclass(frozen=True)
class Said:
    """A sentence and the run that it is about."""

    run: str
    who: str
    sentence: str
    diagnosis: Diagnosis

    @property
    def evidence(self) -> Evidence:
        """The evidence of the run, and of the output that it is judged by where it has several."""
        whole, output = self.diagnosis.evidence, self.diagnosis.output
        if output is None:
            return whole
        series, facts = ({**getattr(whole, part), **getattr(output.view, part)} for part in ("series", "facts"))
        return dataclasses.replace(whole, series=series, facts=facts)


def agrees(shown: str, value: float) -> bool:
    """Whether a number in a sentence is this value, rounded to the digits that are shown."""
    figure, _, word = shown.replace(",", "").partition(" ")
    mantissa, _, exponent = figure.partition("e")
    value = value / {"": 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}[word]
    digits = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - digits)
    if "." not in mantissa and not exponent and abs(value) >= 1e3:
        unit = max(unit, 1.0)
    return bool(abs(float(figure) - value) <= 0.5001 * unit + 1e-6 * abs(value))


class Run:
    """Values of one run, by the words of sentences."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.evidence = said.evidence
        self.layers = [row["name"] for row in said.evidence.get("layers") or []]

    def at(self, epoch: str) -> int:
        """Index of an epoch."""
        (found,) = np.flatnonzero(self.evidence.epochs == int(epoch.replace(",", "")))
        return int(found)

    def of(self, series: str, layer: str, epoch: str) -> float:
        """A series of a layer after an epoch."""
        return float(self.evidence.get(series)[self.at(epoch), self.layers.index(layer)])

    def of_kernels(self, series: str) -> np.ndarray:
        """A series of all layers but those that look rows of a table up, of which a step changes few."""
        tell = np.array([row.get("class") != "Embedding" for row in self.evidence.get("layers")])
        tell &= np.array([name not in constrained_layers(self.evidence.get("model")) for name in self.layers])
        sizes = self.evidence.get("weight_norm")
        if sizes is not None:  # of weights that begin at 0 any step is a large one
            tell &= np.nan_to_num(sizes[0]) > 1e-6
        return np.asarray(self.evidence.get(series))[:, tell]

    def last(self, series: str) -> float:
        values = self.evidence.get(series)
        return float(values[np.isfinite(values)][-1])

    def losses_said(self, shown: str, epoch: str) -> np.ndarray:
        """The validation losses that a sentence is about: of the model, or of the output that it is judged by."""
        of_model, own = (each.get("val_loss") for each in (self.said.diagnosis.evidence, self.evidence))
        is_it = of_model is not None and agrees(shown, float(of_model[self.at(epoch)]))
        return np.asarray(of_model if is_it else own)

    def after(self, series: str, epoch: str) -> float:
        return float(self.evidence.get(series)[self.at(epoch)])


Check = Callable[[Run, Sequence[str]], Iterator[tuple[str, float] | bool]]
CLAIMS: list[tuple[str, str, Check]] = []
"""Cause or "headline", pattern, and what it claims: pairs of what is shown and the value, or whether it is so."""


def claim(who: str, pattern: str) -> Callable[[Check], Check]:
    def add(check: Check) -> Check:
        CLAIMS.append((who, pattern, check))
        return check

    return add


@claim(
    "dead_relu",
    rf"(?:The only|{E} of {E}|{N}% of the) units? of layer {LAYER} gives? 0 on every probe sample after epoch {E}",
)
def dead(run: Run, said: Sequence[str]) -> Iterator[Any]:
    few, of, percent, layer, epoch = said
    share = run.of("dead_fraction", layer, epoch)
    yield (few, share * int(of)) if few else (percent, 100 * share) if percent else share == 1
    yield np.nanmax(run.evidence.get("dead_fraction")[run.at(epoch)]) == share


@claim("dead_relu", rf"layer {LAYER} gives? 0 .* more than half since epoch {E}\.")
def dead_since(run: Run, said: Sequence[str]) -> Iterator[Any]:
    layer, since = said
    dead = run.evidence.get("dead_fraction")[:, run.layers.index(layer)]
    at = run.at(since)
    yield bool((dead[at:] > 0.5).all() and (at == 0 or dead[at - 1] <= 0.5))


@claim("dead_relu", rf"layer {LAYER} gives? 0 .* from the start\.")
def dead_from_the_start(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield bool((run.evidence.get("dead_fraction")[:, run.layers.index(said[0])] > 0.5).all())


@claim(
    "vanishing_gradients",
    rf"gradient norm is {N} in the first layer, {LAYER}, and {N} in the last, "
    rf"{LAYER}(?:: a ratio of {N})? after epoch {E}",
)
def vanishing(run: Run, said: Sequence[str]) -> Iterator[Any]:
    first, layer, last, other, ratio, epoch = said
    one, two = (run.of("gradient_norm", name, epoch) for name in (layer, other))
    yield first, one
    yield last, two
    if ratio:
        yield ratio, one / two


@claim("vanishing_gradients", rf"over all epochs {LAYER} changed by {N} of its size, {LAYER} by {N}")
def way(run: Run, said: Sequence[str]) -> Iterator[Any]:
    for layer, shown in zip(said[::2], said[1::2], strict=True):
        yield shown, float(np.nansum(run.evidence.get("epoch_update_ratio")[:, run.layers.index(layer)]))


@claim("vanishing_gradients", rf"norm of each of the {E} layers with a kernel is (?:0|at most {N}) after epoch {E}")
def nothing(run: Run, said: Sequence[str]) -> Iterator[Any]:
    norms = run.evidence.get("gradient_norm")[run.at(said[2])]
    yield bool((norms <= (1.001 * float(said[1]) if said[1] else 0)).sum() >= int(said[0]))


@claim("vanishing_gradients", rf"gradient norm of {LAYER}, the only layer with a kernel, is {N} after epoch {E}")
def only(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[1], run.of("gradient_norm", said[0], said[2])


@claim(
    "vanishing_gradients", rf"After epoch {E} the gradient of {LAYER} is {N} times that of the last layer, {LAYER}\."
)
def against_the_last(run: Run, said: Sequence[str]) -> Iterator[Any]:
    epoch, first, shown, last = said
    yield shown, run.of("gradient_norm", first, epoch) / run.of("gradient_norm", last, epoch)


@claim("disconnected_gradient", rf"No gradient reaches (.+), in {E} records from epoch {E} to {E}")
def cut(run: Run, said: Sequence[str]) -> Iterator[Any]:
    norms = run.evidence.get("gradient_norm")
    part, _, names = said[0].rpartition("% of the weights of ")
    named = re.sub(r" and \d+ more$", "", names)
    places = [run.layers.index(name) for name in named.split(", ")]
    if part:
        yield part, 100 * float(np.nanmin(run.evidence.get("disconnected_fraction")[:, places]))
    else:
        yield not np.nan_to_num(norms[:, places]).any()
    yield said[1], float(len(norms))
    yield (int(said[2]), int(said[3])) == (run.evidence.epochs[0], run.evidence.epochs[-1])


@claim(
    "disconnected_gradient",
    rf"(?:Each of the {E} trained layers|The trained layer) has a gradient after epoch {E}",
)
def all_have(run: Run, said: Sequence[str]) -> Iterator[Any]:
    norms = run.evidence.get("gradient_norm")[run.at(said[1])]
    yield bool((norms != 0).sum() >= int(said[0] or 1))


@claim(
    "disconnected_gradient",
    rf"Each of the {E} trained layers has had a gradient; after epoch {E} that of (all|{E}) is 0",
)
def had(run: Run, said: Sequence[str]) -> Iterator[Any]:
    norms = run.evidence.get("gradient_norm")
    yield bool((np.nan_to_num(norms).max(axis=0) > 0).sum() >= int(said[0]))
    yield bool((norms[run.at(said[1])] == 0).sum() >= (int(said[0]) if said[2] == "all" else int(said[2])))


@claim(
    "constant_prediction",
    rf"{N}% of the probe samples are predicted as class (\S+) after epoch {E}"
    rf"(?:; the outputs have a standard deviation of {N})?",
)
def same_class(run: Run, said: Sequence[str]) -> Iterator[Any]:
    shares = run.evidence.get("predicted_fraction")[run.at(said[2])]
    yield said[0], 100 * float(shares.max())
    yield (run.evidence.get("classes") or [*map(str, range(len(shares)))])[int(shares.argmax())] == said[1]
    if said[3]:
        yield said[3], float(np.nanmax(run.evidence.get("prediction_std")[run.at(said[2])]))


@claim("constant_prediction", rf"The outputs have a standard deviation of {N} over the probe samples after epoch {E}")
def same_output(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], float(np.nanmax(run.evidence.get("prediction_std")[run.at(said[1])]))


@claim(
    "constant_prediction",
    rf"loss stays at {N}, the logarithm of {E}, and accuracy at {N} from the first \w+ to (?:epoch|step) {E}",
)
def stays(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], run.after("loss", said[3])
    yield said[2], run.after("accuracy", said[3])
    losses = run.evidence.get("loss")
    yield bool(np.nanmax(np.abs(losses[np.isfinite(losses)] / np.log(int(said[1])) - 1)) < 0.1)


@claim(
    "exploding_gradients",
    rf"largest gradient norm after epoch {E} is {N}, in layer {LAYER}; that of the "
    rf"last layer with a kernel, {LAYER}, was at most {N} until then",
)
def exploding(run: Run, said: Sequence[str]) -> Iterator[Any]:
    epoch, shown, layer, last, most = said
    norms = run.evidence.get("gradient_norm")
    yield shown, run.of("gradient_norm", layer, epoch)
    yield float(np.nanmax(norms[run.at(epoch)])) == run.of("gradient_norm", layer, epoch)
    yield most, float(np.nanmax(norms[: run.at(epoch) + 1, run.layers.index(last)]))


@claim("exploding_gradients", rf"largest gradient norm is {N} \({LAYER}, epoch {E}\), of the last layer {N}\.")
def not_exploding(run: Run, said: Sequence[str]) -> Iterator[Any]:
    shown, layer, epoch, most = said
    norms = run.evidence.get("gradient_norm")
    kernels = [i for i, row in enumerate(run.evidence.get("layers")) if row["initializer"] is not None]
    yield shown, run.of("gradient_norm", layer, epoch)
    yield shown, float(np.nanmax(norms[:, kernels]))
    yield most, float(np.nanmax(norms[: run.at(epoch) + 1, kernels[-1]]))


@claim("exploding_gradients", rf"gradient norm of layer {LAYER} is {N} after epoch {E}, {N} times the median of")
def grown(run: Run, said: Sequence[str]) -> Iterator[Any]:
    layer, shown, epoch, ratio = said
    largest = np.nanmax(run.evidence.get("gradient_norm"), axis=1)
    yield shown, run.of("gradient_norm", layer, epoch)
    yield ratio, float(largest[run.at(epoch)] / np.median(largest[: run.at(epoch)]))


@claim("exploding_gradients", rf"largest gradient norm is {N}, in the last layer \({LAYER}, epoch {E}\)")
def last_is_largest(run: Run, said: Sequence[str]) -> Iterator[Any]:
    shown, layer, epoch = said
    kernels = [i for i, row in enumerate(run.evidence.get("layers")) if row["initializer"] is not None]
    yield shown, run.of("gradient_norm", layer, epoch)
    yield shown, float(np.nanmax(run.evidence.get("gradient_norm")[:, kernels]))
    yield layer == run.layers[kernels[-1]]


@claim("exploding_gradients", rf"First not finite, after epoch {E}: {E} values in the weights of layer {LAYER}")
def not_finite(run: Run, said: Sequence[str]) -> Iterator[Any]:
    counts = run.evidence.get("nonfinite_weight_count")
    yield said[1], run.of("nonfinite_weight_count", said[2], said[0])
    yield not np.nan_to_num(counts[: run.at(said[0])]).any()


@claim("exploding_gradients", rf"First not finite, after epoch {E}: {E} values in the activations of layer {LAYER}")
def activations(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[1], run.of("nonfinite_activation_count", said[2], said[0])


@claim("exploding_gradients", rf"the largest gradient norm before was {N}")
def largest_before(run: Run, said: Sequence[str]) -> Iterator[Any]:
    norms = run.evidence.get("gradient_norm")
    yield said[0], float(norms[np.isfinite(norms)].max())


@claim(
    "learning_rate_too_high",
    rf"largest step of a kernel (?:that no constraint holds )?was {N}(%| times) (?:of )?its own size \("
    rf"{LAYER}, epoch {E}\)(?:, at a learning rate of {N})?",
)
def step(run: Run, said: Sequence[str]) -> Iterator[Any]:
    shown, unit, layer, epoch, rate = said
    yield shown, run.of("largest_update_ratio", layer, epoch) * (100 if unit == "%" else 1)
    yield run.of("largest_update_ratio", layer, epoch) == np.nanmax(run.of_kernels("largest_update_ratio"))
    rates = run.evidence.get("learning_rate")[max(run.at(epoch) - 1, 0) : run.at(epoch) + 1]
    yield rate is None or any(agrees(rate, float(value)) for value in rates)  # a schedule goes on within the epoch


@claim(
    "learning_rate_too_low",
    rf"The learning rate is {N}, .* in {E} epochs? \({E} steps\) the most moved layer, "
    rf"{LAYER}, changed by {N} ?% of its size",
)
def slow(run: Run, said: Sequence[str]) -> Iterator[Any]:
    rate, epochs, steps, layer, shown = said
    yield rate, run.last("learning_rate")
    yield epochs, float(run.evidence.epochs[-1])
    yield steps, run.last("iterations")
    ratios = run.evidence.get("epoch_update_ratio")
    ways = np.where(np.isfinite(ratios), ratios, 0.0).sum(axis=0)
    yield shown, 100 * float(ways[run.layers.index(layer)])
    kernels = run.of_kernels("epoch_update_ratio")
    yield bool(ways[run.layers.index(layer)] == np.where(np.isfinite(kernels), kernels, 0.0).sum(axis=0).max())


@claim("overfitting", rf"After epoch {E}, (accuracy|the loss) is {N} on training samples and {N} on validation samples")
def apart(run: Run, said: Sequence[str]) -> Iterator[Any]:
    epoch, what, training, validation = said
    name = what.removeprefix("the ")
    source = "probe_" if run.evidence.get(f"probe_val_{name}") is not None else ""
    yield training, run.after(f"{source}{name}", epoch)
    yield validation, run.after(f"{source}val_{name}", epoch)


@claim("overfitting", rf"validation loss is {N} after (?:epoch|step) {E} and was lowest, {N}, after (?:epoch|step) {E}")
def lowest(run: Run, said: Sequence[str]) -> Iterator[Any]:
    losses = run.losses_said(said[0], said[1])
    yield said[0], float(losses[run.at(said[1])])
    yield said[2], float(losses[run.at(said[3])])
    yield said[2], float(np.nanmin(losses))


@claim("overfitting", rf"validation loss is lowest at the end, {N} after (?:epoch|step) {E}")
def lowest_at_the_end(run: Run, said: Sequence[str]) -> Iterator[Any]:
    losses = run.losses_said(said[0], said[1])
    yield said[0], float(losses[run.at(said[1])])
    yield said[0], float(np.nanmin(losses))


@claim(
    "overfitting",
    rf"validation loss was lowest, {N}, after epoch {E} and is {N} after epoch {E}, "
    rf"while the training loss fell from {N} to {N}",
)
def turned(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], run.after("val_loss", said[1])
    yield said[2], run.after("val_loss", said[3])
    yield said[4], run.after("loss", said[1])
    yield said[5], run.after("loss", said[3])


@claim("too_little_data", rf"; (accuracy|the loss) is {N} on them and {N} in validation")
def few(run: Run, said: Sequence[str]) -> Iterator[Any]:
    name = said[0].removeprefix("the ")
    source = "probe_" if run.evidence.get(f"probe_val_{name}") is not None else ""
    yield said[1], run.last(f"{source}{name}")
    yield said[2], run.last(f"{source}val_{name}")


@claim("metric_mismatch", rf"; {N} of the answers are right")
def right(run: Run, said: Sequence[str]) -> Iterator[Any]:
    names = ("probe_val_accuracy", "probe_accuracy")
    yield any(run.evidence.get(name) is not None and agrees(said[0], run.last(name)) for name in names)


@claim("unscaled_inputs", rf"Inputs run from {N} to {N}")
def inputs(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], float(min(run.evidence.get("input_min")))
    yield said[1], float(max(run.evidence.get("input_max")))


@claim(
    "loss_mismatch",
    rf"is {N} on the probe samples after epoch {E}, below the {N} of .* mean is {N}, where labels run from {N} to {N}",
)
def runs_away(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], run.after("probe_loss", said[1])
    yield said[2], float(run.evidence.get("perfect_loss"))
    means = run.evidence.get("prediction_mean")[run.at(said[1])]
    yield said[3], float(means[np.abs(means).argmax()])
    yield said[4], float(run.evidence.get("label_min"))
    yield said[5], float(run.evidence.get("label_max"))


@claim(
    "excessive_regularization",
    rf"holds the kernel of {LAYER} small: its norm is {N} before training, and at most {N} after any epoch",
)
def held(run: Run, said: Sequence[str]) -> Iterator[Any]:
    layer, first, largest = said
    norms = run.evidence.get("weight_norm")[:, run.layers.index(layer)]
    yield first, float(norms[0])
    yield largest, float(np.nanmax(norms[1:]))


@claim("loss_mismatch", rf"after every epoch, although at most {N}% of the probe samples are answered rightly")
def always_zero(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], 100 * float(np.nanmax(run.evidence.get("probe_accuracy")))
    yield not np.nan_to_num(run.evidence.get("probe_loss")).any()


@claim("headline", rf"^(?:Accuracy|Validation accuracy|The loss)(?: of output \S*)? (?:is|was|has been stalled) at {N}")
def now(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], drawn(run, "values")


@claim("headline", rf"(?:; on validation samples it is {N}|\({N} on validation samples\))")
def validation(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0] or said[1], drawn(run, "validation")


@claim("headline", rf"samples are not: (?:accuracy|the loss|score) is {N} against {N};")
def both(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], drawn(run, "values")
    yield said[1], drawn(run, "validation")


@claim("headline", rf"is {N} on training samples, .*, and {N} on validation samples;")
def both_of_a_common_label(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield from both(run, said)


@claim(
    "headline",
    rf"stalled (?:at \S+ )?since (?:epoch|step) {E}|have been apart since epoch {E}|not finite since epoch {E}",
)
def since(run: Run, said: Sequence[str]) -> Iterator[Any]:
    shaded = (run.said.diagnosis.status.since, None) if run.curve is None else run.curve["stalled"]
    yield shaded is not None and shaded[0] == int(next(filter(None, said)).replace(",", ""))


@claim("headline", rf"stalled at {N} since epoch {E}")
def stands(run: Run, said: Sequence[str]) -> Iterator[Any]:
    """Over the stretch that is said to be flat, the curve goes less far than it had come before, or hardly anywhere."""
    values, epochs = (np.array(run.curve[key], float) for key in ("values", "epochs"))
    flat = values[(epochs >= int(said[1])) & np.isfinite(values)]
    scale = max(abs(1 - flat.mean()), 0.05) if run.curve["higher_is_better"] else max(abs(flat.mean()), 1e-9)
    third = max(len(flat) // 3, 1)
    sign = 1 if run.curve["higher_is_better"] else -1
    if len(flat) > 3 and (sign * np.diff(flat) > 0).all():
        yield bool(sign * (flat[-1] - flat[0]) < 0.05 * max(scale, 1))  # else it creeps, and the chart shows it
    yield bool(abs(flat[-third:].mean() - flat[:third].mean()) < 0.2 * scale)


@claim("headline", rf"stalled since (?:epoch|step) {E}, between {N} and {N}\b")
def between(run: Run, said: Sequence[str]) -> Iterator[Any]:
    values = np.array(run.curve["values"], float)[np.array(run.curve["epochs"]) >= int(said[0].replace(",", ""))]
    yield said[1], float(np.nanmin(values))
    yield said[2], float(np.nanmax(values))


@claim("headline", rf"stalled since (?:epoch|step) {E}: it creeps from {N} to {N}\b")
def creeps(run: Run, said: Sequence[str]) -> Iterator[Any]:
    values = np.array(run.curve["values"], float)
    first = values[(np.array(run.curve["epochs"]) >= int(said[0].replace(",", ""))) & np.isfinite(values)][0]
    yield said[1], float(first)
    yield said[2], drawn(run, "values")
    yield (drawn(run, "values") > first) == run.curve["higher_is_better"]


@claim("headline", r"\((?:[^()]* )?" + N + r"\)")
def level(run: Run, said: Sequence[str]) -> Iterator[Any]:
    """What stands in brackets is a line in the chart, or a value of its validation curve."""
    drawn_levels = [each["value"] for each in run.curve["levels"]]
    if f"guessing gives ({said[0]})" in run.said.sentence:  # a line as good as the majority share's is not drawn twice
        yield any(abs(float(said[0]) - value) <= ALIKE for value in drawn_levels)
        return
    ends = [] if run.curve["validation"] is None else [drawn(run, "validation")]
    yield any(agrees(said[0], value) for value in [*drawn_levels, *ends])


@claim("headline", rf"(?:above|as good as|not far below) the {N} that ([\w ]+?) reach(?:es)? on the same inputs")
def simple(run: Run, said: Sequence[str]) -> Iterator[Any]:
    (value,) = (each["value"] for each in run.curve["levels"] if each["name"] == said[1])
    yield said[0], value


@claim("headline", rf"above the {N} that")
def above(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield drawn(run, "values") > float(said[0])


@claim("headline", rf"as good as the {N} that")
def alike(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield abs(drawn(run, "values") - float(said[0])) <= 0.021


@claim("headline", rf"no better than the best constant answer \({N}\)")
def no_better(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield drawn(run, "values") >= 0.985 * float(said[0].replace(",", ""))


@claim("headline", rf"^(?:Accuracy|The loss)[^.]* (?:fell|rose) from {N} in epoch {E} to {N}")
def fell(run: Run, said: Sequence[str]) -> Iterator[Any]:
    yield said[0], run.curve["values"][run.curve["epochs"].index(int(said[1]))]
    yield said[2], drawn(run, "values")


def drawn(run: Run, which: str) -> float:
    values = np.array(run.curve[which], float)
    return float(values[np.isfinite(values)][-1])


OF_OUTPUT = re.compile(r"(?:^| )Output `([^`]*)`: ")


def by_output(sentence: str) -> dict[str | None, str]:
    """What a sentence says of each output that it names; by None what it says of the model."""
    of_model, *parts = OF_OUTPUT.split(sentence)
    return {None: of_model} | dict(zip(parts[::2], parts[1::2], strict=True))


def of_judged(sentence: str, diagnosis: Diagnosis) -> str:
    """The part of a sentence that is about the output that a run is judged by, or about the model."""
    parts = by_output(sentence)
    return parts.get(diagnosis.output.name if diagnosis.output is not None else None, parts[None])


def of_diagnosis(name: str, diagnosis: Diagnosis) -> Iterator[Said]:
    def of(named: Named) -> Iterator[tuple[str, str]]:
        yield named.cause.id, named.finding.saw
        for consequence in named.consequences:
            yield from of(consequence)

    found = [pair for named in (*diagnosis.probable_causes, *diagnosis.notes) for pair in of(named)]
    for who, sentence in [
        ("headline", RAISED.sub(r"\1.", diagnosis.headline)),
        *found,
        *((cause.id, saw) for cause, saw in diagnosis.fine),
    ]:
        yield Said(name, who, CODE.sub("`", of_judged(sentence, diagnosis)), diagnosis)


@pytest.fixture(scope="module")
def said() -> list[Said]:
    """Every sentence about the recordings: headlines, findings, and what was cleared."""
    jobs = [job for job in (*recorded.shown(), *recorded.twins()) if recorded.path_of(job).exists()]
    runs = [(diagnosis.run, diagnosis) for diagnosis in diagnose(RECORDINGS)]
    runs += [(f"{job.fault} on {job.setup}", judge(recorded.load(job).evidence)) for job in jobs]
    runs.append(("turning", turning()))
    runs += [(f"{id_}, case {i}", judge(evidence_of(given))) for id_ in CATALOGUE for i, given in enumerate(cases(id_))]
    return [each for name, diagnosis in runs for each in of_diagnosis(name, diagnosis)]


def cases(id_: str) -> list[Mapping[str, Any]]:
    """The cases that a fault spells out, as runs of which nothing else is known."""
    fault = importlib.import_module(f"demo.faults.{id_}")
    return [*fault.SICK, *fault.HEALTHY]


def turning() -> Diagnosis:
    """A log of curves whose validation loss turns up after epoch 5: none of the recordings does."""
    falls, rises = 0.7 * 0.9 ** np.arange(20), np.r_[np.linspace(0.7, 0.4, 5), np.linspace(0.45, 1.6, 15)]
    return judge(Evidence("turning", np.arange(1, 21), {"loss": falls, "val_loss": rises}))


def wrong(each: Said, check: Check, numbers: Sequence[str]) -> list[Any]:
    """What of a claim is not so, or cannot be read again."""
    run = Run(each)
    run.curve = curve(each.diagnosis) if each.who == "headline" else None
    try:
        answers = list(check(run, numbers))
    except (LookupError, TypeError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]
    assert answers, "a claim without a check"
    return [one for one in answers if not (agrees(*one) if isinstance(one, tuple) else one)]


def saying(said: Sequence[Said], who: str, pattern: str) -> list[tuple[Said, re.Match[str]]]:
    return [(each, match) for each in said if each.who == who for match in re.finditer(pattern, each.sentence)]


def untrue(found: Sequence[tuple[Said, re.Match[str]]], check: Check) -> list[tuple[str, str, list[Any]]]:
    return [(each.run, each.sentence, bad) for each, match in found if (bad := wrong(each, check, match.groups()))]


@pytest.mark.parametrize(
    ("who", "pattern", "check"), [pytest.param(*each, id=f"{each[0]}-{each[2].__name__}") for each in CLAIMS]
)
def test_what_is_said_is_what_is_drawn(said, who, pattern, check):
    found = saying(said, who, pattern)
    assert found, "no recording says this any more: the pattern reads nothing"
    assert untrue(found, check) == []


def test_sentences_about_series_are_read_again(said):
    """Whatever one of these causes says of a run that it knows the series of."""
    patterns: dict[str, list[str]] = {}
    for who, pattern, _ in CLAIMS:
        patterns.setdefault(who, []).append(pattern)
    of_series = ("dead_relu", "vanishing_gradients", "exploding_gradients", "constant_prediction", "overfitting")
    of_series += ("learning_rate_too_high", "too_little_data")
    unread = {
        (each.who, each.sentence)
        for each in said
        if each.who in of_series and re.search(r"(?:after|since) epoch", each.sentence)
        if not any(re.search(pattern, each.sentence) for pattern in patterns[each.who])
    }
    assert unread == set()


LONGEST = 95
"""Characters of what clears a cause: one line of the list in the tab."""
HARMLESS = "No harm here: "
"""Begins what was found, and does no harm: that is said in full."""


def test_what_is_cleared_is_one_short_clause_with_its_number(said):
    cleared = {
        (cause.id, part)
        for diagnosis in {id(each.diagnosis): each.diagnosis for each in said}.values()
        for cause, saw in diagnosis.fine
        for part in by_output(saw).values()
        if part
    }
    assert len(cleared) > 300
    assert {
        one
        for one in cleared
        if (len(one[1]) > LONGEST and not one[1].startswith(HARMLESS)) or ". " in one[1] or not one[1].endswith(".")
    } == set()
    assert {one for one in cleared if not re.search(r"\d|\bNo\b", one[1])} == set()


def test_epochs_and_layers_that_are_named_are_there(said):
    for each in said:
        last = int(each.evidence.epochs[-1]) if len(each.evidence.epochs) else 0
        for epoch in re.findall(r"(?:after|since|in|to) epoch (\d[\d,]*)", each.sentence):
            assert int(epoch.replace(",", "")) <= last, each
        if ", case " in each.run:
            continue  # these have a model and a table of layers of their own each
        layers = {row["name"] for row in each.evidence.get("layers") or []}
        for layer in re.findall(r"\b(?:dense|conv1d|conv2d|lstm|embedding|re_lu)(?:_\d+)?\b", each.sentence):
            assert layer in layers, each


@pytest.mark.parametrize(
    ("shown", "value", "is_so"),
    [("0.957", 0.9571, True), ("0.952", 0.957, False), ("1,437", 1437.0, True), ("1.6e-07", 1.63e-7, True)]
    + [("0", 0.004, True), ("0", 0.6, False), ("7.34e-09", 7.3449e-9, True), ("7.34e-09", 7.4e-9, False)],
)
def test_how_a_number_is_read_again(shown, value, is_so):
    assert agrees(shown, value) is is_so


def read_again(folder: Path) -> tuple[int, list[tuple[str, str, list[Any]]]]:
    """How many claims are made about the runs below a folder, and which are not so."""
    runs = sorted({file.parent.parent for file in folder.rglob("diagnosis/events.out.tfevents.*")})
    judged = [(str(run.relative_to(folder)), judging.diagnosis(str(run))) for run in runs]
    sentences = [each for name, found in judged if found is not None for each in of_diagnosis(name, found)]
    made = [(saying(sentences, who, pattern), check) for who, pattern, check in CLAIMS]
    return sum(len(found) for found, _ in made), [one for found, check in made for one in untrue(found, check)]


if __name__ == "__main__":
    claims, false = read_again(Path(sys.argv[1]))
    sys.stdout.write("".join(f"{run}: {sentence} {bad}\n" for run, sentence, bad in false))
    sys.stdout.write(f"{claims:,} claims, {len(false)} of them not so\n")
