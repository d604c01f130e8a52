"""What each tool answers: plain values, bounded, with what comes from a log marked as data."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.assistant import thinned
from tb_diagnose.assistant.fitting import fitted
from tb_diagnose.assistant.logdirs import Logdirs, Run, Tell, UnknownError
from tb_diagnose.assistant.marking import NOTE, OPENING, Marker, cut, is_foreign, quoted, visible
from tb_diagnose.assistant.summary import sentence, summary
from tb_diagnose.causes import CATALOGUE
from tb_diagnose.diagnosis import sweep as sweeping
from tb_diagnose.diagnosis.comparison import compare as hold_against
from tb_diagnose.diagnosis.kinship import data_of
from tb_diagnose.diagnosis.score import scores, shared
from tb_diagnose.evidence import FACTS, SERIES, Evidence, known
from tb_diagnose.report import catalogue
from tb_diagnose.report.compared import in_words
from tb_diagnose.report.evidence_index import LEFT_OUT
from tb_diagnose.report.plain import plain
from tb_diagnose.status.status import STATUSES

MOST = 6_000
"""Characters of an answer: under 2,000 tokens, of which one has three characters or more in text with many numbers."""
POINTS, PLACES = 24, 12
"""Values along the epochs, and along another axis, of a series that is asked for."""
LOOKED_BACK = 40
"""Runs among which the one before the newest is looked for."""
HELD = ("class", "output")
"""Axes that have names of classes."""
NOTHING = dict.fromkeys(("name", "unit", "meaning", "index", "epochs", "of_epochs", "axis", "values", "value")) | {
    "left_out": 0
}
"""What an answer of `evidence` holds where there is nothing of the kind."""


def size(answer: Any) -> int:
    """Characters of an answer as it is sent."""
    return len(json.dumps(answer, ensure_ascii=False))


def noted(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that says what its marks mean, where there are any."""
    return {**answer, "note": NOTE if OPENING in json.dumps(answer, ensure_ascii=False) else None}


def list_runs(
    logdirs: Logdirs, tell: Tell, status: str | None = None, contains: str = "", limit: int = 20, offset: int = 0
) -> dict[str, Any]:
    """A row for each run, those that were written to last first.

    Without a status only the runs that are shown are judged, so that a long list is quick.
    """
    if status is not None and status not in STATUSES:
        raise UnknownError(f"There is no status {status[:80]!r}. Expected one of: {', '.join(STATUSES)}.")
    counts: dict[str, int] | None = None
    if status is None:
        places = [place for place in logdirs.places() if contains in place.folder.name]
        total = len(places)
        chosen = places[offset : offset + limit]
        runs: list[Run] = []
        for number, place in enumerate(chosen):
            tell(number, len(chosen))
            runs += reversed(logdirs.runs_at(place))
        rows = [_row(run) for run in runs]
        step = len(chosen)
    else:
        every = [
            (run.name, run.diagnosis.status.name, _row(run)) for run in logdirs.all_runs(tell) if contains in run.name
        ]
        counts = dict(Counter(name for _, name, _ in every))
        found = [row for _, name, row in every if name == status]
        total = len(found)
        rows = found[offset : offset + limit]
        step = len(rows)
    answer = {"total": total, "offset": offset, "runs": rows, "counts": counts, "next_offset": None}
    while size(answer) > MOST - 300 and len(rows) > 1:
        rows.pop()
        step = min(step, len(rows))
    if offset + step < total and step:
        answer["next_offset"] = offset + step
    return noted(answer)


def _row(run: Run) -> dict[str, Any]:
    diagnosis = run.diagnosis
    best = next(iter(scores(diagnosis)), None)
    return {
        "run": run.name,
        "status": diagnosis.status.name,
        "since": diagnosis.status.since,
        "until": diagnosis.status.until,
        "unit": diagnosis.evidence.unit,
        "finished": diagnosis.evidence.finished_epochs,
        "score": None if best is None or not np.isfinite(best.value) else float(f"{best.value:.4g}"),
        "score_of": None if best is None else _of_score(best.name),
        "probable_causes": [named.cause.id for named in diagnosis.probable_causes][:4],
    }


def diagnose(run: Run, *, from_files: bool, class_names: bool = False) -> dict[str, Any]:
    """All that is told of one run, as far as it fits."""
    whole = summary(run.diagnosis, run.name, from_files=from_files, class_names=class_names)
    return noted(fitted(whole, lambda made: size(noted(made)), MOST))


def evidence(
    run: Run, name: str | None = None, first: int | None = None, last: int | None = None, class_names: bool = False
) -> dict[str, Any]:
    """A series or a fact, thinned to what fits; without a name, what there is."""
    found = run.diagnosis.evidence
    mark = Marker(found, os.getcwd(), class_names)
    if name is None:
        index = {
            "series": {each: SERIES[each].unit for each in sorted(found.series) if found.get(each) is not None},
            "facts": sorted(each for each in found.facts if each not in LEFT_OUT),
            "epochs": [int(found.epochs[0]), int(found.epochs[-1])] if len(found.epochs) else None,
            "unit_of_epochs": found.unit,
        }
        return noted({**NOTHING, "run": run.name, "kind": "index", "index": index})
    if name not in SERIES and name not in FACTS:
        raise UnknownError(f"There is no series or fact {name[:80]!r}. `evidence` without `name` lists what there is.")
    if name in LEFT_OUT or (name == "classes" and not class_names):
        unless = " unless `class_names` is true" if name == "classes" else ": it is too long"
        raise UnknownError(f"The fact {name!r} is not told{unless}.")
    about = {**NOTHING, "run": run.name, "name": name, "unit": known(name).unit, "meaning": known(name).meaning}
    if name in FACTS:
        if name not in found.facts:
            raise UnknownError(f"The fact {name!r} was not logged for this run.")
        return noted({**about, "kind": "fact", **_value(plain(found.facts[name]), mark)})
    if found.get(name) is None:
        raise UnknownError(f"The series {name!r} was not logged for this run.")
    return noted({**about, "kind": "series", **_series(name, found, mark, first, last, class_names)})


def _series(
    name: str, found: Evidence, mark: Marker, first: int | None, last: int | None, class_names: bool
) -> dict[str, Any]:
    low, high = -np.inf if first is None else first, np.inf if last is None else last
    there = np.flatnonzero((found.epochs >= low) & (found.epochs <= high))
    if not len(there):
        raise UnknownError(f"No epoch is there. Expected: some from {found.epochs[0]} to {found.epochs[-1]}.")
    at = there[thinned.places(found.epochs[there], POINTS)]
    values = np.asarray(found.series[name], float)
    answer: dict[str, Any] = {"epochs": found.epochs[at].tolist(), "of_epochs": len(there)}
    if values.ndim == 1:
        return {**answer, "axis": None, "values": {name: thinned.rounded(values[at])}, "left_out": 0}
    axis = "/".join(SERIES[name].axes[1:])
    flat = values.reshape(len(values), -1)
    labels = found.labels(axis, flat.shape[1]) if values.ndim == 2 else None
    if labels is None or (axis in HELD and not class_names and not found.facts.get("outputs")):
        labels = [str(number) for number in range(flat.shape[1])]
    shown = thinned.places(np.arange(flat.shape[1]), PLACES)
    by_place = {mark.name(labels[place]): thinned.rounded(flat[at, place]) for place in shown}
    answer |= {"axis": axis, "values": by_place, "left_out": flat.shape[1] - len(shown)}
    while size(answer) > MOST - 900 and len(by_place) > 1:
        by_place.popitem()
        answer["left_out"] += 1
    return answer


def _value(value: Any, mark: Marker) -> dict[str, Any]:
    """A fact as it is where it is short; of a long list the first entries, of others as much of the text as fits."""
    told = _marked(value, mark)
    left = 0
    while size(told) > MOST - 900 and isinstance(told, list) and len(told) > 1:
        keep = max(len(told) // 2, 1)
        left += len(told) - keep
        told = told[:keep]
    if size(told) > MOST - 900:
        told = f"{json.dumps(told, ensure_ascii=False)[: MOST - 1500]}…"
    return {"value": told, "left_out": left}


def _marked(value: Any, mark: Marker) -> Any:
    if isinstance(value, str):
        return mark.name(value)
    if isinstance(value, dict):
        return {mark.name(str(key)): _marked(inner, mark) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, mark) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def compare(one: Run, other: Run) -> dict[str, Any]:
    """What differs between two runs: what was set, the data, and from which epoch their series part."""
    pair = (one, other)
    marks = [Marker(run.diagnosis.evidence, os.getcwd()) for run in pair]

    def mark(text: Any) -> str:
        return marks[1](marks[0](str(text)))

    found = hold_against(one.diagnosis.evidence, other.diagnosis.evidence)
    differences = [
        {"what": mark(row["what"]), "kind": row["kind"], "values": [mark(value) for value in row["values"]]}
        for row in in_words(found, [run.diagnosis.evidence for run in pair])
    ]
    partings = [
        {"series": parting.name, "since": parting.since, "values": [float(f"{each:.4g}") for each in parting.values]}
        for parting in found.partings
    ]
    common = shared([scores(run.diagnosis) for run in pair])
    answer: dict[str, Any] = {
        "runs": [
            {
                "run": run.name,
                "status": run.diagnosis.status.name,
                "sentence": sentence(run.diagnosis, marked),
                "probable_causes": [named.cause.id for named in run.diagnosis.probable_causes],
            }
            for run, marked in zip(pair, marks, strict=True)
        ],
        "score": None
        if common is None
        else {"of": _of_score(common.name), "values": [_score(run, common) for run in pair]},
        "differences": differences,
        "partings": plain(partings),
        "unit": found.unit,
        "left_out": 0,
    }
    return noted(_within(answer, (answer["partings"], differences)))


def _within(answer: dict[str, Any], lists: Sequence[list[Any]]) -> dict[str, Any]:
    """An answer with the longest of some lists shortened until it fits."""
    while size(answer) > MOST - 200 and any(lists):
        max(lists, key=len).pop()
        answer["left_out"] += 1
    return answer


def _score(run: Run, common: Any) -> float | None:
    found = next((s.value for s in scores(run.diagnosis) if (s.kind, s.of) == (common.kind, common.of)), None)
    return None if found is None or not np.isfinite(found) else float(f"{found:.4g}")


def since_last_run(logdirs: Logdirs, name: str | None = None) -> dict[str, Any]:
    """The newest run beside the one before it on the same data: what was changed, and whether it has helped."""
    recent = logdirs.newest(LOOKED_BACK)
    run = recent[0] if name is None else logdirs.run(name)
    names = [each.name for each in recent]
    older = (
        recent[names.index(run.name) + 1 :] if run.name in names else [each for each in recent if each.name != run.name]
    )
    if not older:
        raise UnknownError("There is only one run: nothing is there to compare it with.")
    data = data_of(run.diagnosis.evidence)
    before = next((each for each in older if data is not None and data_of(each.diagnosis.evidence) == data), older[0])
    then, now = ([named.cause.id for named in each.diagnosis.probable_causes] for each in (before, run))
    return {
        **compare(before, run),
        "same_data": data is not None and data_of(before.diagnosis.evidence) == data,
        "gone": [id_ for id_ in then if id_ not in now],
        "still_there": [id_ for id_ in now if id_ in then],
        "new": [id_ for id_ in now if id_ not in then],
    }


def sweep(logdirs: Logdirs, tell: Tell) -> dict[str, Any]:
    """All runs by their score, and which settings tell the scores apart."""
    runs = [(run.name, sweeping.sweep_run(run.diagnosis, run.name)) for run in logdirs.all_runs(tell)]
    found = sweeping.sweep([each for _, each in runs])
    settings = [
        {
            "setting": _name(setting.name.removeprefix("hparams.")),
            "explains": None if setting.explains is None else round(setting.explains, 3),
            "separates": setting.separates,
            "together_with": [_name(each) for each in setting.together_with][:3],
            "values": [
                {
                    "value": _plainly(part.value),
                    "to": _plainly(part.to),
                    "runs": part.runs,
                    "best": _short(part.best),
                    "median": _short(part.median),
                }
                for part in setting.parts[:8]
            ],
        }
        for setting in found.settings[:8]
    ]
    ranked = [
        {
            "run": run.run,
            "score": _short(run.score),
            "status": run.status,
            "probable_cause": run.cause["id"] if run.cause else None,
            "settings": [_plainly(value) for value in run.settings[:8]],
        }
        for run in found.runs[:10]
    ]
    answer: dict[str, Any] = {
        "total": len(runs),
        "score": None if found.score is None else _of_score(found.score),
        "higher_is_better": found.higher_is_better,
        "statuses": dict(Counter(run.status for run in found.runs)),
        "settings": settings,
        "best_runs": ranked,
        "left_out": max(len(found.settings) - 8, 0),
    }
    return noted(_within(answer, (settings, ranked)))


def explain(cause: str | None = None) -> dict[str, Any]:
    """The page of one cause, or the list of all."""
    if cause is None:
        return {"causes": {entry.id: entry.title for entry in CATALOGUE.values()}, "page": None}
    if cause not in CATALOGUE:
        raise UnknownError(f"There is no cause {cause[:80]!r}. `explain` without `cause` lists them.")
    page = catalogue.explain(CATALOGUE[cause])
    return {"causes": None, "page": page if len(page) <= MOST - 200 else f"{page[: MOST - 300]}…"}


def headline(run: Run) -> str:
    """The status of a run in a sentence, for the list of resources."""
    told = sentence(run.diagnosis, Marker(run.diagnosis.evidence, os.getcwd()))
    return told if len(told) <= 300 else f"{told[:300]}…"


def _name(text: str) -> str:
    return quoted(cut(text, os.getcwd())) if is_foreign(text) else visible(text)


def _of_score(name: str) -> str:
    """What a score is called: its kind in our words, and behind it what it is of, in those of the log."""
    kind, _, of = name.partition(" (")
    return f"{kind} ({_name(of.removesuffix(')'))})" if of else kind


def _plainly(value: Any) -> Any:
    """A setting as JSON: a text of the log is marked, what is longer than a line is cut."""
    value = plain(value)
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if value is None or isinstance(value, (bool, int)):
        return value
    return _name(str(value))


def _short(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.4g}")
