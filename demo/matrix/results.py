"""Counts -> `demo/matrix.json`, and from that the tables: in the terminal and in the README."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from demo.matrix import counting
from demo.matrix.counting import PARTS, Counts, Tally

DEMO = Path(__file__).resolve().parent.parent
RESULT = DEMO / "matrix.json"
README = DEMO.parent / "README.md"
RECORD = DEMO.parent / "tb_diagnose" / "report" / "record.json"
BEGIN, END = "<!-- matrix -->", "<!-- /matrix -->"
COLUMNS = ("harmful", *counting.PLACES, "harmless", "alarms")
"""What the numbers of a tally are, in `matrix.json` too."""


def as_json(counts: Counts, about: Mapping[str, Any]) -> dict[str, Any]:
    """The counts as plain data.

    Args:
        counts: What was counted.
        about: How it was measured: date, command, versions, number of runs, seconds.
    """
    return {
        **about,
        "columns": list(COLUMNS),
        "parts": {name: _numbers(tally) for name, tally in counts.parts.items()},
        "causes": {
            id_: {
                **{part: _numbers(tally) for part, tally in parts.items()},
                "instead": dict(counting.total(parts.values()).instead.most_common()),
            }
            for id_, parts in sorted(counts.causes.items())
        },
        "by_skill_lost": {"bounds": list(counting.LOST), "numbers": counts.by_loss},
        "where_a_cause_is_named": counts.named,
        "records": dict(sorted(counts.records.items())),
        "mechanisms_named_beside_their_root": counts.mechanisms,
        "twins": _numbers(counts.twins),
        "programs": {name: _numbers(tally) for name, tally in sorted(counts.programs.items())},
        "pairs": {name: numbers for name, numbers in sorted(counts.pairs.items())},
        "cells": {
            id_: {
                level: {setup: _numbers(tally) for setup, tally in sorted(setups.items())}
                for level, setups in levels.items()
            }
            for id_, levels in sorted(counts.cells.items())
        },
    }


def dumps(result: Mapping[str, Any]) -> str:
    """The result as text, a list of numbers in one line."""
    text = json.dumps(result, indent=1, ensure_ascii=False)
    return re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]), text) + "\n"


def _numbers(tally: Tally) -> list[int]:
    return [int(getattr(tally, name)) for name in COLUMNS]


def _tally(numbers: list[int], instead: Mapping[str, int] | None = None) -> Tally:
    return Tally(**dict(zip(COLUMNS, numbers, strict=True)), instead=Counter(instead or {}))


def share(hits: int, tries: int) -> str:
    """A share with its interval: `95 % (90-98)`."""
    if not tries:
        return "-"
    low, high = counting.wilson(hits, tries)
    return f"{100 * hits / tries:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


Rows = list[tuple[str, ...]]


def summary(result: Mapping[str, Any]) -> Rows:
    """A row for each part of the runs: the faults that were named, and false alarms."""
    parts = {name: _tally(numbers) for name, numbers in result["parts"].items()}
    shown = {
        "all": counting.total(parts.values()),
        **parts,
        "held aside together": counting.total(parts[name] for name in PARTS[1:]),
    }
    rows: Rows = [("runs", "harmful", "named first", "among the probable", "healthy or harmless", "false alarms")]
    for name, t in shown.items():
        rows.append(
            (name, str(t.harmful), share(t.first, t.harmful), share(t.among, t.harmful), str(t.harmless))
            + (f"{t.alarms}, {share(t.alarms, t.harmless)}" if t.harmless else "-",)
        )
    return rows


def by_cause(result: Mapping[str, Any]) -> Rows:
    """A row for each cause."""
    rows: Rows = [
        ("cause", "harmful", "first", "probable", "note", "missed", "named first", "first, held aside")
        + ("false alarms", "most often named instead")
    ]
    for id_, parts in result["causes"].items():
        t = counting.total(_tally(parts[name]) for name in PARTS)
        aside = counting.total(_tally(parts[name]) for name in PARTS[1:])
        instead = next(iter(parts["instead"].items()), None)
        rows.append(
            (id_, *(str(n) for n in (t.harmful, t.first, t.probable, t.note, t.missed)))
            + (share(t.first, t.harmful), f"{aside.first} of {aside.harmful}", f"{t.alarms} of {t.harmless}")
            + (f"{instead[0]}: {instead[1]}" if instead else "",)
        )
    return rows


def others(result: Mapping[str, Any]) -> list[str]:
    """What else was counted, a sentence each."""
    sentences = []
    tries, hits = result["where_a_cause_is_named"]
    if tries:
        sentences.append(
            f"Where a cause is named for a harmful run, the injected one is first in {share(hits, tries)}."
        )
        bounds = [f"{bound:g}" for bound in result["by_skill_lost"]["bounds"]]
        spans = [
            f"less than {bounds[0]}",
            *(f"{a} to {b}" for a, b in itertools.pairwise(bounds)),
            f"{bounds[-1]} or more",
        ]
        parts = [
            f"{span}: {hits} of {tries}, {100 * hits / tries:.0f} %"
            for span, (tries, hits) in zip(spans, result["by_skill_lost"]["numbers"], strict=True)
            if tries
        ]
        sentences.append(f"Named first by the skill that was lost on the validation samples: {'; '.join(parts)}.")
    programs = counting.total(_tally(numbers) for numbers in result["programs"].values())
    if programs.harmless:
        sentences.append(
            f"Healthy on purpose: {programs.harmless} runs of {len(result['programs'])} kinds, "
            f"{programs.alarms} false alarms, {share(programs.alarms, programs.harmless)}."
        )
    tries, hits = (sum(numbers[i] for numbers in result["pairs"].values()) for i in (0, 1))
    if tries:
        sentences.append(
            f"Two faults at once: {len(result['pairs'])} pairs, {tries} harmful runs; both probable or one of the two "
            f"first in {share(hits, tries)}."
        )
    sentences.append(
        "A mechanism called a probable cause although its root was injected: "
        f"{result['mechanisms_named_beside_their_root']}."
    )
    return sentences


def rich_table(rows: Rows, title: str) -> Table:
    """The rows for a terminal."""
    table = Table(*rows[0], title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
        if all(cell[:1].isdigit() or cell == "-" for cell in cells[1:]):
            column.justify = "right"
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _markdown(rows: Rows) -> str:
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [rows[0], ("---",) * len(rows[0]), *(_quoted(row) for row in rows[1:])]
    )


def _quoted(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda match: f"`{match[0]}`", cell) for cell in row)


def block(result: Mapping[str, Any] | None) -> str:
    """The README's block."""
    if result is None:
        return "Not measured yet: `python -m demo.matrix --healthy --pairs`."
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    missing = f" ({result['missing']} more of this plan are still to be made)" if result.get("missing") else ""
    return "\n\n".join(
        [
            f"{result['runs']} runs{missing} on {result['date']} with {versions}: `{result['command']}`. "
            "Shares with their 95 % intervals.",
            _markdown(summary(result)),
            " ".join(others(result)),
            _markdown(by_cause(result)),
        ]
    )


def write_record(result: Mapping[str, Any] | None, path: Path = RECORD) -> None:
    """Writes the record of each cause for the reports; nothing where it was not counted."""
    if result is not None and "records" in result:
        records = {id_: {"named": named, "right": right} for id_, (named, right) in result["records"].items()}
        path.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


def load(path: Path = RESULT) -> dict[str, Any] | None:
    """The stored result, None before there is one."""
    if not path.is_file():
        return None
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def with_block(readme: str, result: Mapping[str, Any] | None) -> str:
    """The README with a fresh block."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md needs {BEGIN} and {END} around the table of results.")
    return f"{before}{begin}\n{block(result)}\n{end}{after}"
