"""A report as Markdown, for an issue or a chat."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes.lines import Line
from tb_diagnose.report import trial_table
from tb_diagnose.report.advice import advice
from tb_diagnose.report.sections import AS_KERAS_HAS_IT, counted, labelled, note_kind, other_answers
from tb_diagnose.report.serialize import lines_to_change, patch
from tb_diagnose.report.visible import visible
from tb_diagnose.report.wording import worded


def page(diagnosis: Diagnosis, name: str | None = None) -> str:
    """One run.

    Args:
        diagnosis: What to write.
        name: Its name, if another than its own.
    """
    diagnosis = worded(diagnosis)
    title = " ".join((name or diagnosis.run).splitlines())  # names of folders may have several lines, headings not
    parts = [f"## {escaped(title)}: {diagnosis.status.name}", escaped(diagnosis.headline)]
    parts += _trial(diagnosis)
    changed = patch(diagnosis)
    parts += [_finding(named, "Probable cause", diagnosis, changed) for named in diagnosis.probable_causes]
    parts += _diff(lines_to_change(diagnosis))
    parts += _notes(diagnosis)
    parts += _others(diagnosis)
    closing = advice(diagnosis)
    if closing:
        parts.append(escaped(closing))
    return visible("\n\n".join(parts) + "\n")


def _notes(diagnosis: Diagnosis) -> list[str]:
    """The notes; of a healthy run folded, since nothing is to be changed there."""
    kind = note_kind(diagnosis)
    notes = [_finding(named, kind, diagnosis) for named in diagnosis.notes]
    if not notes or kind == "Note":
        return notes
    return [
        "\n\n".join(
            [
                f"<details><summary>{kind}: {len(notes)} note{'' if len(notes) == 1 else 's'}</summary>",
                *notes,
                "</details>",
            ]
        )
    ]


def _others(diagnosis: Diagnosis) -> list[str]:
    """The causes that were not found, folded: a reader who wants them opens the list."""
    answers = other_answers(diagnosis)
    if not answers:
        return []
    listed = [f"{title}: {', '.join(f'`{cause.id}`' for cause in causes)}." for title, causes in answers]
    return ["\n\n".join([f"<details><summary>{counted(answers)}</summary>", *listed, "</details>"])]


def _trial(diagnosis: Diagnosis) -> list[str]:
    """What each change brings, as a table; nothing where there was no trial."""
    trial = diagnosis.trial
    if trial is None or not trial.rows:
        return []
    rows = [trial_table.heads(trial), ("---", "---", "---"), *(trial_table.cells(row) for row in trial.rows)]
    lines = [f"| {' | '.join(cell if cell == '---' else escaped(cell) for cell in row)} |" for row in rows]
    return [part for part in (f"### {trial_table.TITLE}", "\n".join(lines), escaped(trial.sentence())) if part]


def _finding(named: Named, kind: str, diagnosis: Diagnosis, code: Sequence[Line] = ()) -> str:
    parts = labelled(named, " → ", diagnosis, code)
    listed = "\n".join(f"- **{label}:** {escaped(value)}" for label, value in parts)
    return f"### {kind}: {escaped(named.cause.title)} (`{named.cause.id}`)\n\n{listed}"


def _diff(changed: list[Line]) -> list[str]:
    """The lines that change as one block; nothing where there are none."""
    signed = [
        f"{sign}{line[side]}{f'  # {AS_KERAS_HAS_IT}' if sign == '-' and line['inferred'] else ''}"
        for line in changed
        for side, sign in (("old", "-"), ("new", "+"))
        if line[side]
    ]
    # Three backticks in a name would end a block of three.
    fence = "`" * (1 + max([2, *(len(run) for run in re.findall("`+", "".join(signed)))]))
    return ["\n".join([f"{fence}diff", *signed, fence])] if signed else []


def escaped(text: str) -> str:
    """Text with what Markdown would read as markup escaped, but for the code between backticks."""
    parts = re.split(r"((?<!`)`[^`\n]+`(?!`))", text)
    return "".join(
        part if i % 2 else re.sub(r"([\\*_<>#\[\]|`])", r"\\\1", part.replace("->", "→"))
        for i, part in enumerate(parts)
    )
