"""A report as Markdown, for an issue or a chat."""

from __future__ import annotations

import re

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes import lines
from tb_diagnose.report.advice import advice
from tb_diagnose.report.text import told


def page(diagnosis: Diagnosis, name: str | None = None) -> str:
    """One training.

    Args:
        diagnosis: What to write.
        name: Its name, if another than its own.
    """
    parts = [f"## {escaped(name or diagnosis.training)}: {diagnosis.status.name}", escaped(diagnosis.headline)]
    parts += [
        _finding(named, "Probable cause") + _diff(lines.lines(named.finding.edits, diagnosis.evidence.facts))
        for named in diagnosis.probable_causes
    ]
    parts += [_finding(named, "Note") for named in diagnosis.notes]
    for title, causes in (("Checked and fine", diagnosis.cleared), ("Could not be tried", diagnosis.untried)):
        if causes:
            parts.append(f"{title}: {', '.join(f'`{entry.id}`' for entry, _ in causes)}.")
    closing = advice(diagnosis)
    if closing:
        parts.append(escaped(closing))
    return "\n\n".join(parts) + "\n"


def _finding(named: Named, kind: str) -> str:
    listed = "\n".join(f"- **{label}:** {escaped(value)}" for label, value in told(named, " → "))
    return f"### {kind}: {escaped(named.cause.title)} (`{named.cause.id}`)\n\n{listed}"


def _diff(lines: list[lines.Line]) -> str:
    """The lines that change as a block; nothing where there are none."""
    signed = [f"{sign}{line[side]}" for line in lines for side, sign in (("old", "-"), ("new", "+")) if line[side]]
    # Three backticks in a name would end a block of three.
    fence = "`" * (1 + max([2, *(len(run) for run in re.findall("`+", "".join(signed)))]))
    return "\n\n" + "\n".join([f"{fence}diff", *signed, fence]) if signed else ""


def escaped(text: str) -> str:
    """Text with what Markdown would read as markup escaped, but for the code between backticks."""
    parts = re.split(r"(`[^`\n]*`)", text)
    return "".join(
        part if i % 2 else re.sub(r"([\\*_<>#\[\]|])", r"\\\1", part.replace("->", "→")) for i, part in enumerate(parts)
    )
