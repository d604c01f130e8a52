"""A diagnosis as JSON, as text and for the tab; the catalogue as Markdown."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_diagnose import causes, code
from tb_diagnose.causes import Cause, Finding
from tb_diagnose.diagnosis import Diagnosis, Named
from tb_diagnose.evidence import SCHEMA, SERIES, known

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {
    "stalled": "bold red",
    "diverged": "bold red",
    "crashed": "bold red",
    "unreadable": "bold red",
    "not generalizing": "bold red",
    "misreported": "bold red",
    "unfinished": "bold yellow",
    "learning": "bold green",
    "reached": "bold green",
    "too short to tell": "bold yellow",
}
ADD_LINE = 'callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))]'


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """What `tb-diagnose --json` prints for one training."""
    state = diagnosis.status
    return {
        "training": diagnosis.training,
        "status": state.name,
        "since": state.since,
        "until": state.until,
        "unit": diagnosis.evidence.unit,
        "headline": diagnosis.headline,
        "probable_causes": [_named(named, diagnosis) for named in diagnosis.probable_causes],
        "notes": [_named(named, diagnosis) for named in diagnosis.notes],
        "cleared": [{"id": c.id, "title": c.title, "saw": f.saw} for c, f in diagnosis.cleared],
        "untried": [{"id": c.id, "title": c.title, "missing": list(missing)} for c, missing in diagnosis.untried],
        "failed": [{"id": c.id, "title": c.title, "error": error} for c, error in diagnosis.failed],
    }


def _named(named: Named, diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        **_finding(named, diagnosis),
        "consequences": [_finding(consequence, diagnosis) for consequence in named.consequences],
    }


def _finding(named: Named, diagnosis: Diagnosis) -> dict[str, Any]:
    entry, finding = named.cause, named.finding
    return {
        "id": entry.id,
        "title": entry.title,
        "severity": round(float(finding.severity), 3),
        "saw": finding.saw,
        "expected": finding.expected[:1].upper() + finding.expected[1:],
        "fix": finding.fix or entry.fix,
        "since": finding.since,
        "layers": list(finding.layers),
        "code": code.lines(finding.edits, diagnosis.evidence.facts),
    }


def for_tab(diagnosis: Diagnosis) -> dict[str, Any]:
    """What the tab draws: the JSON report with the curve, the pictures and the documentation of each finding."""
    report = as_json(diagnosis)
    named = {n.cause.id: n for n in (*diagnosis.probable_causes, *diagnosis.notes)}
    for row in (*report["probable_causes"], *report["notes"]):
        entry, finding = named[row["id"]].cause, named[row["id"]].finding
        row["why"] = entry.doc
        row["pictures"] = _pictures(entry, finding, diagnosis)
        for link, consequence in zip(row["consequences"], named[row["id"]].consequences):
            link["pictures"] = _pictures(consequence.cause, consequence.finding, diagnosis)
    for row in report["untried"]:
        row["log"] = _how_to_log(row["missing"], diagnosis)
    return {
        "schema": SCHEMA,
        **report,
        "where": diagnosis.status.where,
        "curve": _curve(diagnosis),
        "advice": advice(diagnosis),
    }


def _how_to_log(missing: list[str], diagnosis: Diagnosis) -> str:
    if "environment" not in diagnosis.evidence.facts:
        return f"Add {ADD_LINE} to fit() to log what it needs."
    if any(name.startswith("val_") for name in missing):
        return "Give validation_data to fit() to log what it needs."
    return "This training did not come far enough, or has nothing of the kind to measure."


def advice(diagnosis: Diagnosis) -> str | None:
    """The one line that would let the untried causes be tried; None where little is missing."""
    if "environment" in diagnosis.evidence.facts or not diagnosis.untried:
        return None
    if "layers" not in diagnosis.evidence.facts:
        return (
            f"These logs hold curves alone: {len(diagnosis.untried)} causes could not be tried. For a Keras model, "
            f"add {ADD_LINE} to fit() to log what they need."
        )
    return f"{len(diagnosis.untried)} causes could not be tried: these logs lack what they need. Add {ADD_LINE} to fit() to log it."


def _pictures(entry: Cause, finding: Finding, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    name = finding.picture or (entry.needs[0] if entry.needs else None)
    if name is None or diagnosis.evidence.get(name) is None:
        return []
    kind = "series" if name in SERIES else "fact"
    return [
        {
            "name": name,
            "kind": kind,
            "limit": finding.limit,
            "beyond": None if finding.limit is None else finding.beyond,
            "limit_name": "healthy limit",
            "since": finding.since,
            "layers": list(finding.layers),
        }
    ]


def _curve(diagnosis: Diagnosis) -> dict[str, Any] | None:
    curve, evidence = diagnosis.progress, diagnosis.evidence
    if curve is None:
        return None
    finished = evidence.epochs > 0
    twin = evidence.get(
        {"probe_accuracy": "probe_val_accuracy", "probe_loss": "probe_val_loss"}.get(curve.name, f"val_{curve.name}")
    )
    levels = []
    if curve.baseline is not None:
        levels.append(
            {"name": "majority share" if curve.chance is not None else "best constant answer", "value": curve.baseline}
        )
    if np.isfinite(curve.chance or np.nan) and (curve.baseline is None or abs(curve.chance - curve.baseline) > 0.02):
        levels.append({"name": "chance", "value": curve.chance})
    told = {
        "nearest neighbours": evidence.get("neighbour_accuracy"),
        "ridge regression": evidence.get("ridge_accuracy"),
    }
    known = {name: value for name, value in told.items() if value is not None}
    if known and curve.chance is not None:
        best = max(known, key=known.__getitem__)
        levels.append({"name": best, "value": known[best]})
    state = diagnosis.status
    return {
        "name": curve.name,
        "label": CURVE_LABELS[curve.name],
        "epochs": curve.epochs.tolist(),
        "values": plain(curve.values),
        "validation": None if twin is None else plain(twin[finished]),
        "levels": levels,
        "stalled": [state.since, state.until] if state.since is not None else None,
        "higher_is_better": curve.chance is not None,
    }


CURVE_LABELS = {
    "accuracy": "Training accuracy",
    "val_accuracy": "Validation accuracy",
    "probe_accuracy": "Accuracy on the probe rows",
    "loss": "Training loss",
    "probe_loss": "Loss on the probe rows",
}


def plain(value: Any) -> Any:
    """Numbers that JSON can hold: NaN and infinity become None."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def evidence_index(diagnosis: Diagnosis) -> dict[str, Any]:
    """Every series with its axes, labels and shape, and every fact with its value."""
    evidence = diagnosis.evidence
    series = {
        name: {
            **_about(name),
            "labels": evidence.labels(SERIES[name].axes[-1], array.shape[-1]),
            "shape": list(array.shape),
        }
        for name, array in sorted(evidence.series.items())
    }
    facts = {
        name: {
            **_about(name),
            "labels": evidence.labels("class", len(value)) if known(name).axes == ("class",) else None,
            "value": plain(value),
        }
        for name, value in sorted(evidence.facts.items())
        if name != "model"
    }
    return {
        "training": diagnosis.training,
        "unit": evidence.unit,
        "epochs": evidence.epochs.tolist(),
        "series": series,
        "facts": facts,
    }


def _about(name: str) -> dict[str, Any]:
    quantity = known(name)
    return {"axes": list(quantity.axes), "unit": quantity.unit, "meaning": quantity.meaning}


def text(diagnosis: Diagnosis, width: int = 100, name: str | None = None) -> str:
    """The report in plain words, as the command line prints it into a pipe."""
    import io

    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, no_color=True, highlight=False)
    print_report(diagnosis, console, name)
    return console.file.getvalue().rstrip()  # type: ignore[attr-defined]


def print_report(diagnosis: Diagnosis, console: Console, name: str | None = None) -> None:
    """Prints one training to a terminal or a pipe."""
    from rich.text import Text

    title = Text(name or diagnosis.training, style="bold")
    title.append(f"  {diagnosis.status.name}", style=COLOURS.get(diagnosis.status.name, ""))
    console.print(title, soft_wrap=True)
    _indented(diagnosis.headline, 2, console)
    for named in diagnosis.probable_causes:
        _print_finding(named, console, "Probable cause")
    for named in diagnosis.notes:
        _print_finding(named, console, "Note")
    if diagnosis.cleared:
        _indented(f"Checked and fine: {', '.join(c.id for c, _ in diagnosis.cleared)}", 2, console, style="dim")
    if diagnosis.untried:
        _indented(f"Could not be tried: {', '.join(c.id for c, _ in diagnosis.untried)}", 2, console, style="dim")
    for entry, error in diagnosis.failed:
        _indented(f"Failed: {entry.id} ({error})", 2, console, style="red")
    closing = advice(diagnosis)
    if closing:
        _indented(closing, 2, console)


def _print_finding(named: Named, console: Console, kind: str) -> None:
    from rich.text import Text

    line = Text("  ")
    line.append(f"{kind}: ", style="bold" if kind != "Note" else "")
    line.append(named.cause.title, style="bold yellow" if kind != "Note" else "")
    line.append(f" ({named.cause.id})", style="dim")
    console.print(line, soft_wrap=True)
    for label, value in told(named, " -> "):
        _indented(value, 4, console, label)


def told(named: Named, arrow: str) -> list[tuple[str, str]]:
    """What a report says of a finding, each with its label; what there is nothing to say of is left out.

    Args:
        named: The finding.
        arrow: What stands between the links of the chain.
    """
    rows = [
        ("measured", named.finding.saw),
        ("expected", named.finding.expected),
        ("change", named.finding.fix or named.cause.fix),
        ("leads to", arrow.join(n.cause.title for n in named.consequences)),
    ]
    return [(label, value) for label, value in rows if value]


def _indented(value: str, indent: int, console: Console, label: str = "", style: str = "") -> None:
    """Prints wrapped text behind an indent, its label before the first line; no trailing blanks."""
    from rich.text import Text

    margin = indent + (LABEL_WIDTH if label else 0)
    for number, line in enumerate(Text(value, style=style).wrap(console, max(console.width - margin, 20))):
        line.rstrip()
        head = Text(" " * indent)
        head.append(f"{label if not number else '':<{margin - indent}}", style="dim")
        console.print(head + line, soft_wrap=True)


LABEL_WIDTH = 10


def verdict(diagnosis: Diagnosis, logdir: str) -> str:
    """The few lines that the callback prints at the end of `fit`."""
    lines = [f"tb_diagnose: {diagnosis.headline}"]
    for named in diagnosis.probable_causes[:2]:
        lines += [
            f"  {named.cause.title}: {named.finding.saw}",
            f"  What to change: {named.finding.fix or named.cause.fix}",
        ]
    parent = os.path.dirname(os.path.normpath(logdir)) or "."
    lines.append(f"  The whole report: tensorboard --logdir {parent}, then the Diagnosis tab.")
    return "\n".join(lines)


def explain(entry: Cause) -> str:
    """One cause as a Markdown page."""
    leads = ", ".join(f"`{id_}`" for id_ in entry.leads_to) or "nothing further"
    sources = "\n".join(f"- {source}" for source in entry.sources)
    either = " or ".join(f"`{name}`" for name in entry.either)
    needs = ", ".join([*(f"`{name}`" for name in entry.needs), *([either] if either else [])])
    uses = ", ".join(f"`{name}`" for name in entry.uses if name not in entry.either)
    return (
        f"# {entry.title}\n\n`{entry.id}`, {entry.family}\n\n{entry.doc}\n\n"
        f"**What to change.** {entry.fix}\n\n**Leads to** {leads}.\n\n"
        f"**Evidence needed:** {needs}."
        + (f" **Used when logged:** {uses}." if uses else "")
        + f"\n\n**Sources**\n\n{sources}\n"
    )


def catalogue_table() -> str:
    """The catalogue as a Markdown table, for the README."""
    rows = ["| id | the cause | family | what to change first |", "| --- | --- | --- | --- |"]
    rows += [f"| `{c.id}` | {c.title} | {c.family} | {c.fix} |" for c in causes.CATALOGUE.values()]
    return "\n".join(rows)
