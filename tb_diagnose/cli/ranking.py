"""A sweep in the terminal: its runs ranked by their score, and what of their settings tells the scores apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from tb_diagnose.cli.console import cell, shortened, table
from tb_diagnose.diagnosis.better_run import better_runs
from tb_diagnose.diagnosis.differing import ENOUGH
from tb_diagnose.diagnosis.sweep import Part, RankedRun, Setting, Sweep
from tb_diagnose.report.wording import spaced

SETTINGS, TABLES, VALUES = 4, 3, 12
"""Settings beside a run, settings with a table of their own, and values in it, at most."""
NAME, CAUSE, VALUE = 16, 12, 14
"""Letters that are left at least of the name of a run and of a cause, and at most of a setting."""
GAP = 2
"""Columns between two columns of a table."""
CELLS = 16
"""Letters of a picture of the scores."""
BLOCKS, LETTERS = "▁▂▃▄▅▆▇█", ".:-=+*#@"
"""From a few of the runs to all of them; for terminals without Unicode."""


def print_ranking(found: Sweep, terminal: Console) -> None:
    """Prints the runs, a line each, the best first."""
    ranked = f"The runs by {found.score}, the best first" if found.score else "The runs, without a score in common"
    terminal.print(f"{ranked}:", markup=False, soft_wrap=True)
    terminal.print(_ranking(found, terminal.width))


def print_better_runs(found: Sweep, terminal: Console) -> None:
    """Prints a sentence for each run that is held beside a better one: what was set otherwise there."""
    names = _names([setting.name for setting in found.settings], short=False)
    for pair in better_runs(found)[:TABLES]:
        one, other = pair.run, pair.better
        differing = " and ".join(
            f"{names[name]} ({cell(its).plain} and {cell(theirs).plain})" for name, its, theirs in pair.differences
        )
        reached = f"The {found.score} is {_number(one.score)} in the one and {_number(other.score)} in the other."
        sentence = f"{one.run} and {other.run} differ in {differing}, and in no other setting that is known. {reached}"
        terminal.print()
        for line in Text(sentence).wrap(terminal, terminal.width):
            line.rstrip()
            terminal.print(line, soft_wrap=True)


def print_separations(found: Sweep, terminal: Console) -> None:
    """Prints the settings that tell the scores apart, or that none does."""
    names = _names([setting.name for setting in found.settings], short=False)
    for setting in found.separating[:TABLES]:
        others = [other.removeprefix("hparams.") for other in setting.together_with]
        also = f", together with {', '.join(others)}, which changes in the same runs" if others else ""
        share = spaced(f"{setting.explains or 0:.0%}")
        terminal.print(
            f"\n{names[setting.name]} accounts for {share} of the differences in {found.score}{also}:",
            markup=False,
        )
        terminal.print(_by_value(setting, found, terminal))
        if len(setting.parts) > VALUES:
            terminal.print(f"and {len(setting.parts) - VALUES:,} more values")
    if not found.separating and found.score:
        tested = any(setting.separates is not None for setting in found.settings)
        few = f"Fewer than {ENOUGH} runs: nothing tells whether a setting matters."
        terminal.print(f"\n{'No setting tells the scores apart better than chance.' if tested else few}")


def _ranking(found: Sweep, width: int) -> Any:
    settings = found.settings[:SETTINGS]
    names = _names([setting.name for setting in settings], short=True)
    columns = [[shortened(names[each.name], VALUE), *_values(found.runs, at)] for at, each in enumerate(settings)]
    scores = [["score", *(_number(run.score) for run in found.runs)]] if found.score else []
    status = ["status", *(run.status for run in found.runs)]
    causes = ["cause", *(run.cause["id"] if run.cause else "" for run in found.runs)]
    runs = ["run", *(run.run for run in found.runs)]
    while True:
        others = [*scores, *columns, status]
        left = width - sum(map(_width, others)) - GAP * (len(others) + 1)
        if left >= NAME + CAUSE or len(columns) < 2:
            break
        columns.pop()
    for_cause = min(_width(causes), max(left - _width(runs), CAUSE))
    cut = [[shortened(name, max(left - for_cause, NAME)) for name in runs], *others]
    cut.append([shortened(cause, for_cause) for cause in causes])
    if not any(causes[1:]):
        cut.pop()
    made = table(*(column[0] for column in cut))
    for column in made.columns:
        column.no_wrap = True
    for row in zip(*(column[1:] for column in cut), strict=True):
        made.add_row(*map(Text, row))
    return made


def _width(column: Sequence[str]) -> int:
    return max(map(len, column))


def _values(runs: Sequence[RankedRun], at: int) -> Iterator[str]:
    for run in runs:
        value = run.settings[at]
        yield shortened(cell(value).plain, VALUE)


def _by_value(setting: Setting, found: Sweep, terminal: Console) -> Any:
    values = [run.score for run in found.runs if run.score is not None and math.isfinite(run.score)]
    low, high = min(values, default=0.0), max(values, default=0.0)
    made = table("value", "runs", "best", "median", f"{_number(low)} to {_number(high)}")
    sign = -1 if found.higher_is_better else 1
    best = sorted(setting.parts, key=lambda part: math.inf if part.median is None else sign * part.median)[:VALUES]
    blocks = BLOCKS if terminal.encoding.lower().startswith("utf") else LETTERS
    for part in setting.parts:
        if part in best:
            numbers = (f"{part.runs:,}", _number(part.best), _number(part.median), _picture(part, low, high, blocks))
            made.add_row(_value(part), *map(Text, numbers))
    return made


def _value(part: Part) -> Text:
    value = cell(part.value).plain
    return Text(shortened(value, 2 * VALUE) if part.to is None else f"{value} to {cell(part.to).plain}")


def _picture(part: Part, low: float, high: float, blocks: str) -> str:
    """Where the scores lie between the lowest and the highest of all runs, a block for the share of them."""
    counts = Counter(
        round((CELLS - 1) * (score - low) / (high - low)) if high > low else 0
        for score in part.scores
        if math.isfinite(score)
    )
    shares = (counts[at] / len(part.scores) if part.scores else 0.0 for at in range(CELLS))
    return "".join(blocks[math.ceil(share * len(blocks)) - 1] if share else " " for share in shares).rstrip()


def _number(value: float | None) -> str:
    return cell(value).plain


def _names(names: Sequence[str], short: bool) -> dict[str, str]:
    """Settings as the user knows them: without `hparams.`, or in short only the last part, where that is one only."""
    shown = [name.rpartition(".")[2] if short else name.removeprefix("hparams.") for name in names]
    counts = Counter(shown)
    return {name: text if counts[text] == 1 else name for name, text in zip(names, shown, strict=True)}
