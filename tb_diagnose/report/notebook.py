"""Reports as a block of HTML, for a notebook: no script, nothing loaded, readable on light and dark ground."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence.number import number
from tb_diagnose.fixes.line import Line
from tb_diagnose.report.advice import advice
from tb_diagnose.report.curve import curve
from tb_diagnose.report.extent import extent
from tb_diagnose.report.sections import AS_KERAS_HAS_IT, counted, labelled, note_kind, other_answers
from tb_diagnose.report.serialize import lines_to_change, patch
from tb_diagnose.report.wording import worded
from tb_diagnose.status.status import GOOD, STATUSES

STATUSES_OF_INTEREST = tuple(status for status in STATUSES if status not in GOOD)

OPEN = 3
"""Runs up to which each is shown unfolded; of more, those that somebody has to look at."""
WIDTH, HEIGHT, MARGIN = 280, 64, 3
"""Size of the curve in pixels, and what is left around it for the width of its line."""
BAR = 4
"""Height of the bar below stalled epochs, in pixels."""
LEAST = 0.1
"""Difference in accuracy, or share of a loss, that the height of the curve stands for at least."""
STYLE = """
.tb-diagnose { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; color: inherit }
.tb-diagnose details { border-left: 3px solid #8888; padding: 0 0 0 .8em; margin: .6em 0 }
.tb-diagnose summary { cursor: pointer; font-weight: 600 }
.tb-diagnose dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1em; margin: .3em 0 .8em }
.tb-diagnose dt { opacity: .75; white-space: nowrap } .tb-diagnose dd { margin: 0 }
.tb-diagnose .quiet { opacity: .75 }
.tb-diagnose pre { overflow-x: auto; margin: .3em 0 .8em; padding: .5em .8em; background: #8882 }
.tb-diagnose svg { display: block; margin: .4em 0 }
"""


def block(diagnoses: Sequence[tuple[str, Diagnosis]], message: str | None = None, problems: Sequence[str] = ()) -> str:
    """Some runs; the first few unfolded.

    Args:
        diagnoses: The diagnoses, each with its name.
        message: What is said where there are none.
        problems: What could not be read, a sentence each.
    """
    few = len(diagnoses) <= OPEN
    parts = [
        _run(name, worded(diagnosis), opened=few or diagnosis.status.name in STATUSES_OF_INTEREST)
        for name, diagnosis in diagnoses
    ]
    parts += [f"<p>{_text(sentence)}</p>" for sentence in ([message] if message else []) + list(problems)]
    return f'<div class="tb-diagnose"><style>{STYLE}</style>{"".join(parts)}</div>'


def _run(name: str, diagnosis: Diagnosis, *, opened: bool) -> str:
    body = [f"<p>{_text(diagnosis.headline)}</p>", _picture(diagnosis)]
    changed = patch(diagnosis)
    body += [_finding(named, "Probable cause", diagnosis, changed) for named in diagnosis.probable_causes]
    body.append(_diff(diagnosis))
    kind = note_kind(diagnosis)
    notes = "".join(_finding(named, kind, diagnosis) for named in diagnosis.notes)
    if notes and kind != "Note":  # of a healthy run nothing is an order
        count = len(diagnosis.notes)
        notes = f"<details><summary>{kind}: {count} note{'' if count == 1 else 's'}</summary>{notes}</details>"
    body.append(notes)
    answers = other_answers(diagnosis)
    if answers:
        listed = (
            f"<p>{title}: {', '.join(html.escape(cause.title) for cause in causes)}.</p>" for title, causes in answers
        )
        body.append(f'<details class="quiet"><summary>{counted(answers)}</summary>{"".join(listed)}</details>')
    closing = advice(diagnosis)
    if closing:
        body.append(f'<p class="quiet">{_text(closing)}</p>')
    come = extent(diagnosis.evidence)
    head = f"{html.escape(name)}: {html.escape(diagnosis.status.name)}{f', {come}' if come else ''}"
    return f"<details{' open' if opened else ''}><summary>{head}</summary>{''.join(body)}</details>"


def _finding(named: Named, kind: str, diagnosis: Diagnosis, code: Sequence[Line] = ()) -> str:
    said = labelled(named, " → ", diagnosis, code)
    listed = "".join(f"<dt>{label}</dt><dd>{_text(value)}</dd>" for label, value in said)
    return f"<p><b>{kind}: {html.escape(named.cause.title)}</b></p><dl>{listed}</dl>"


def _diff(diagnosis: Diagnosis) -> str:
    """The lines to change; empty where no cause tells any."""
    lines = []
    for line in lines_to_change(diagnosis):
        lines += [f"  # {line['place']}"] if line["place"] else []
        inferred = f"  # {AS_KERAS_HAS_IT}" if line["inferred"] else ""
        lines += [f"- {line['old']}{inferred}"] if line["old"] else []
        lines += [f"+ {line['new']}"] if line["new"] else []
    title = "What is proven, as lines of the program" if diagnosis.proven else "As lines of the program"
    code = html.escape("\n".join(lines))
    return f"<p><b>{title}</b></p><pre>{code}</pre>" if lines else ""


def _picture(diagnosis: Diagnosis) -> str:
    """The judged curve, a bar below stalled epochs, and its first and last value; empty where nothing was judged."""
    drawn = curve(diagnosis)
    if drawn is None:
        return ""
    pairs = zip(drawn["epochs"], drawn["values"], strict=True)
    points = [(epoch, value) for epoch, value in pairs if value is not None]
    if len(points) < 2:
        return ""
    begin, end = points[0][0], points[-1][0]
    low, high = min(value for _, value in points), max(value for _, value in points)
    least = LEAST if drawn["higher_is_better"] else LEAST * abs(high)
    width = max(high - low, least) or 1.0  # what hardly moves is to look so

    def x(epoch: float) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * float((epoch - begin) / (end - begin))

    def y(value: float) -> float:
        return HEIGHT - MARGIN - BAR - (HEIGHT - 2 * MARGIN - BAR) * (0.5 + float(value - (low + high) / 2) / width)

    shade = ""
    if drawn["stalled"]:
        since, until = (min(max(epoch, begin), end) for epoch in drawn["stalled"])
        size = f'width="{x(until) - x(since):.1f}" height="{BAR}"'
        shade = f'<rect x="{x(since):.1f}" y="{HEIGHT - BAR}" {size} fill="#e8710a"/>'
    line = " ".join(f"{x(epoch):.1f},{y(value):.1f}" for epoch, value in points)
    unit = diagnosis.evidence.unit
    said = (
        f"{drawn['label']} from {number(points[0][1])} in {unit} {begin:,} to {number(points[-1][1])} in {unit} {end:,}"
    )
    return (
        f'<svg role="img" aria-label="{html.escape(said)}" width="{WIDTH}" height="{HEIGHT}">'
        f"<title>{html.escape(said)}</title>{shade}"
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
        f'<p class="quiet">{html.escape(said)}, between {number(low)} and {number(high)}.</p>'
    )


def _text(text: str) -> str:
    """Text with code between backticks."""
    return re.sub(r"`([^`\n]*)`", r"<code>\1</code>", html.escape(text)).replace("-&gt;", "→")
