"""Reports as one HTML file that needs nothing else: the tab itself, with the answers of its routes inside."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report import atomic_write, list_row, serialize
from tb_diagnose.report.evidence_index import evidence_index
from tb_diagnose.report.plain import plain
from tb_diagnose.report.schema import SCHEMA

STATIC = Path(__file__).parent.parent / "plugin" / "static"
INPUTS = ("input_min", "input_max", "input_mean", "input_std")
LABELS = ("label_form", "label_counts", "classes", "label_min", "label_max", "label_mean", "label_std")
DRAWN_WITH = {
    "prediction_histogram": ("prediction_edges", *LABELS),
    "predicted_fraction": LABELS,
    **dict.fromkeys(INPUTS, INPUTS),
}
"""Evidence that is drawn in the picture of another one."""
LONGEST = 80
"""Letters of a run's name in the name of its file."""


@dataclass(frozen=True)
class Part:
    """One run, small enough to be handed from process to process.

    Args:
        run: Its name as it is shown.
        status: Its status.
        updated: Wall time of its last event, None when unknown.
        data: What the tab would ask the server for, as JSON.
    """

    run: str
    status: str
    updated: float | None
    data: str


def part(diagnosis: Diagnosis, name: str | None = None) -> Part:
    """One run of a document.

    Args:
        diagnosis: What to show.
        name: Its name, if another than its own.
    """
    diagnosis = dataclasses.replace(diagnosis, run=name or diagnosis.run)
    row, shown, index = list_row.row(diagnosis), serialize.for_tab(diagnosis), evidence_index(diagnosis)
    # Only what is drawn: a file that is sent around is small, and tells nothing of the machine that it came from.
    drawn = _drawn(shown)
    for kind in ("series", "facts"):
        index[kind] = {key: about for key, about in index[kind].items() if key in drawn}
    series = {key: _float32(diagnosis.evidence.series[key]) for key in index["series"]}
    data = {"row": row, "diagnosis": shown, "evidence": index, "series": series}
    return Part(diagnosis.run, diagnosis.status.name, row["updated"], _json(data))


def _drawn(shown: dict[str, Any]) -> set[str]:
    """Names of the series and facts in the pictures of a report."""
    rows = [*shown["probable_causes"], *shown["notes"]]
    rows += [link for row in rows for link in row["consequences"]]
    named = {picture["name"] for row in rows for picture in row["pictures"]}
    return named.union(*(DRAWN_WITH.get(name, ()) for name in named))


def _float32(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def _json(value: Any) -> str:
    """JSON that may stand in a script element: plain ASCII, and nothing in it ends the element or begins another."""
    return json.dumps(plain(value), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def page(parts: Sequence[Part], message: str | None = None) -> str:
    """The whole file.

    Args:
        parts: The runs; of several with the same name the first is shown.
        message: What is said where there are none.
    """
    first_of_name = {part.run: part for part in reversed(parts)}.values()
    newest_first = sorted(first_of_name, key=lambda part: (-(part.updated or 0.0), part.run))
    listed = ",\n".join(part.data for part in newest_first)
    script = _static("index.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(digest)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(_title(newest_first))}</title>
<script type="application/json" id="tb-diagnose">{{"schema":{SCHEMA},"message":{_json(message)},"runs":[
{listed}
]}}</script>
<script type="module">{script}</script>
<script type="text/plain" id="licences">
{_static("LICENSES.txt")}</script>
</head>
<body><noscript>A script in this file draws the report: open it in a browser that runs scripts.</noscript></body>
</html>
"""


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _policy(digest: str) -> str:
    """Nothing is loaded from anywhere, and no script runs but the tab's own."""
    return (
        f"default-src 'none'; img-src blob:; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def _title(parts: Sequence[Part]) -> str:
    if len(parts) != 1:
        return f"Diagnosis of {len(parts):,} runs"
    # Names of folders may be no text, which no file in UTF-8 can hold.
    return f"{parts[0].run}: {parts[0].status}".encode("utf-8", "replace").decode()


def write(path: str, parts: Sequence[Part], message: str | None = None) -> None:
    """Writes a file.

    Args:
        path: The file; its folder must exist.
        parts: The runs.
        message: What is said where there are none.

    Raises:
        OSError: it cannot be written.
    """
    atomic_write.write(path, page(parts, message).encode("utf-8"))


def file_name(run: str) -> str:
    """A file name for a run that every system and every HTTP header can hold."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", run).strip("-.")[:LONGEST]
    return f"diagnosis-{plain or 'run'}.html"
