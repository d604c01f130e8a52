"""`tb-diagnose LOGDIR --brief`: one run as a text to paste, short enough for any chat and enough to act on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tb_diagnose.assistant.fitting import fitted
from tb_diagnose.assistant.marking import CLOSING, NOTE, OPENING
from tb_diagnose.assistant.summary import UNREADABLE, summary
from tb_diagnose.causes import number
from tb_diagnose.diagnosis.result import Diagnosis

MOST = 6_000
"""Characters of the brief of a run."""


def brief(diagnosis: Diagnosis, name: str, *, from_files: bool = False, class_names: bool = False) -> str:
    """The brief of one run, of at most `MOST` characters.

    Args:
        diagnosis: The run.
        name: Its name as it is shown.
        from_files: Whether the patch is a diff of the program's files in the working directory; see `summary`.
        class_names: Whether names of classes are told.
    """
    whole = summary(diagnosis, name, from_files=from_files, class_names=class_names)
    text = rendered(fitted(whole, lambda made: len(rendered(made)), MOST))
    # A diff alone may be too long; then it is cut, and says so.
    return (
        text if len(text) <= MOST else f"{text[: MOST - 60].rstrip()}\n… cut here: the whole is too long for a brief.\n"
    )


def rendered(made: Mapping[str, Any]) -> str:
    """A summary as text."""
    parts = [part for part in map("\n".join, map(list, _sections(made))) if part]
    text = "\n\n".join(parts) + "\n"
    head, _, rest = text.partition("\n")
    return f"{head}\n{NOTE}\n{rest}" if OPENING in text and CLOSING in text else text


def _sections(made: Mapping[str, Any]) -> Iterator[Iterator[str]]:
    yield _status(made)
    yield _causes(made)
    yield _patch(made["patch"])
    yield _trial(made["trial"])
    yield _notes(made)
    yield _pairs("Data", "data", made)
    yield _curves(made)
    yield _pairs("Settings", "settings", made)
    yield _answers("Checked and fine", "fine", "measured", made)
    yield _answers("Does not apply", "does_not_apply", "why", made)
    yield _could_not_tell(made)
    yield _answers("Could not be checked, its code raised", "failed", "error", made)


def _status(made: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Run {made['run']}: {made['status']}"
    yield made["sentence"]
    if made["progress"]:
        yield f"So far: {made['progress']}."


def _causes(made: Mapping[str, Any]) -> Iterator[str]:
    if made["probable_causes"]:
        yield "## Probable causes (harm and certainty from 0 to 1)"
    elif made["status"] == UNREADABLE:
        yield "Nothing else is known of this run."
    else:
        fine, unknown = _count("fine", made), _count("could_not_tell", made)
        yield f"No probable cause was found: {fine:,} were checked and are fine, {unknown:,} could not be told."
    for place, cause in enumerate(made["probable_causes"], 1):
        sure = f"harm {number(cause['harm'], 2)}, certainty {number(cause['certainty'], 2)}"
        yield f"{place}. {cause['title']} ({cause['id']}); {sure}" + (f"; {cause['record']}" if cause["record"] else "")
        yield f"   measured: {cause['measured']}"
        yield f"   expected: {cause['expected']}"
        yield f"   change: {cause['change']}"
        if cause["where"]:
            yield f"   where: {', '.join(cause['where'])}"
        for link in cause["leads_to"]:
            yield f"   leads to {link['id']}" + (f": {link['measured']}" if link["measured"] else ", as above")
    yield from _more("probable_causes", made)


def _patch(patch: Mapping[str, Any] | None) -> Iterator[str]:
    if patch is None:
        return
    how = "for `git apply`" if patch["applies"] else "as the log has the lines; the program may write them otherwise"
    yield f"## Patch ({how})"
    fence = "`" * (1 + max([2, *(len(run) for run in re.findall("`+", patch["diff"]))]))
    yield f"{fence}diff\n{patch['diff'].rstrip()}\n{fence}"
    yield from (f"By hand: {what}" for what in patch["by_hand"])


def _trial(trial: Mapping[str, Any] | None) -> Iterator[str]:
    if trial is None:
        return
    yield (
        f"## Trial: {trial['measure']} of copies trained {trial['epochs']:,} of {trial['planned_epochs']:,} epochs, on "
        f"{trial['samples']:,} samples kept apart"
    )
    for row in trial["rows"]:
        what = " + ".join(row["causes"]) or "unchanged"
        value = "" if row["value"] is None else f"{row['value']:.3f} over {row['seeds']} seeds, "
        reason = f" ({row['reason']})" if row["reason"] else ""
        yield f"- {what}: {value}{row['verdict'] if row['causes'] else 'the control'}{reason}"


def _notes(made: Mapping[str, Any]) -> Iterator[str]:
    if made["notes"]:
        yield "## Notes: less likely, or worth knowing"
    for note in made["notes"]:
        aside = f" Set aside: {note['set_aside_by']} explains it better." if note["set_aside_by"] else ""
        yield f"- {note['title']} ({note['id']}): {note['measured']}{aside} Change: {note['change']}"
    yield from _more("notes", made)


def _pairs(title: str, part: str, made: Mapping[str, Any]) -> Iterator[str]:
    if made[part]:
        yield f"## {title}"
    yield from (f"- {label}: {text}" for label, text in made[part].items())
    yield from _more(part, made)


def _curves(made: Mapping[str, Any]) -> Iterator[str]:
    curves = made["curves"]
    if curves is None or not curves["series"]:
        return
    missing, told = ("not finite", "") if made["status"] == "diverged" else ("-", " (-: not logged, or not finite)")
    is_told = any(value is None for values in curves["series"].values() for value in values)
    yield f"## Key curves, thinned{told if is_told else ''}"
    yield f"{curves['unit']}: {', '.join(f'{at:,}'.replace(',', '') for at in curves['at'])}"
    for name, values in curves["series"].items():
        yield f"{name}: {', '.join(missing if value is None else number(value).replace(',', '') for value in values)}"


def _answers(title: str, part: str, key: str, made: Mapping[str, Any]) -> Iterator[str]:
    if made[part] or part in made["left_out"]:
        yield f"## {title}"
    yield from (f"- {row['id']}: {row[key]}" for row in made[part])
    yield from _more(part, made)


def _could_not_tell(made: Mapping[str, Any]) -> Iterator[str]:
    if made["could_not_tell"] or "could_not_tell" in made["left_out"]:
        yield "## Not measured, so it could not be told"
    if made["advice"]:
        yield made["advice"]
    for remedy in made["could_not_tell"]:
        if not made["advice"]:  # it says the same of all of them
            yield remedy["log"]
        for group in remedy["groups"]:
            yield f"- {', '.join(group['causes'])}: needs {', '.join(group['missing'])}"
    yield from _more("could_not_tell", made)


def _count(part: str, made: Mapping[str, Any]) -> int:
    """Causes with an answer of this kind, with those that are not shown."""
    groups = [group for row in made[part] for group in row.get("groups", [row])]
    shown = sum(len(group["causes"]) if "causes" in group else 1 for group in groups)
    return shown + len(made["left_out"].get(part, {"ids": ()})["ids"])


def _more(part: str, made: Mapping[str, Any]) -> Iterator[str]:
    left = made["left_out"].get(part)
    if left:
        yield f"- not shown here, {left['count']:,} more" + (f": {', '.join(left['ids'])}" if left["ids"] else "")
