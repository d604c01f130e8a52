"""Reports as a block of HTML, for a notebook: no script, nothing loaded, readable on light and dark ground."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.report.advice import advice
from tb_diagnose.report.sections import counted, labelled, other_answers
from tb_diagnose.report.wording import worded

OPEN = 3
"""Runs up to which each is shown unfolded."""
STYLE = """
.tb-diagnose { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; color: inherit }
.tb-diagnose details { border-left: 3px solid #8888; padding: 0 0 0 .8em; margin: .6em 0 }
.tb-diagnose summary { cursor: pointer; font-weight: 600 }
.tb-diagnose dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1em; margin: .3em 0 .8em }
.tb-diagnose dt { opacity: .75; white-space: nowrap } .tb-diagnose dd { margin: 0 }
.tb-diagnose .quiet { opacity: .75 }
"""


def block(diagnoses: Sequence[tuple[str, Diagnosis]], message: str | None = None, problems: Sequence[str] = ()) -> str:
    """Some runs; the first few unfolded.

    Args:
        diagnoses: The diagnoses, each with its name.
        message: What is said where there are none.
        problems: What could not be read, a sentence each.
    """
    parts = [_run(name, worded(diagnosis), opened=len(diagnoses) <= OPEN) for name, diagnosis in diagnoses]
    parts += [f"<p>{_text(sentence)}</p>" for sentence in ([message] if message else []) + list(problems)]
    return f'<div class="tb-diagnose"><style>{STYLE}</style>{"".join(parts)}</div>'


def _run(name: str, diagnosis: Diagnosis, *, opened: bool) -> str:
    body = [f"<p>{_text(diagnosis.headline)}</p>"]
    body += [_finding(named, "Probable cause", diagnosis) for named in diagnosis.probable_causes]
    body += [_finding(named, "Note", diagnosis) for named in diagnosis.notes]
    answers = other_answers(diagnosis)
    if answers:
        listed = (
            f"<p>{title}: {', '.join(html.escape(cause.title) for cause in causes)}.</p>" for title, causes in answers
        )
        body.append(f'<details class="quiet"><summary>{counted(answers)}</summary>{"".join(listed)}</details>')
    closing = advice(diagnosis)
    if closing:
        body.append(f'<p class="quiet">{_text(closing)}</p>')
    head = f"{html.escape(name)}: {html.escape(diagnosis.status.name)}"
    return f"<details{' open' if opened else ''}><summary>{head}</summary>{''.join(body)}</details>"


def _finding(named: Named, kind: str, diagnosis: Diagnosis) -> str:
    listed = "".join(f"<dt>{label}</dt><dd>{_text(value)}</dd>" for label, value in labelled(named, " → ", diagnosis))
    return f"<p><b>{kind}: {html.escape(named.cause.title)}</b></p><dl>{listed}</dl>"


def _text(text: str) -> str:
    """Text with code between backticks."""
    return re.sub(r"`([^`\n]*)`", r"<code>\1</code>", html.escape(text)).replace("-&gt;", "→")
