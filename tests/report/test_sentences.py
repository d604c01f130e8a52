"""What every cause says, as reviewed sentences. `python tests/report/test_sentences.py` writes them anew for review."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]  # for `python` on this file
import recorded  # noqa: E402
from places import SNAPSHOTS  # noqa: E402

from demo.matrix import judging  # noqa: E402
from tb_diagnose.causes import CATALOGUE  # noqa: E402
from tb_diagnose.diagnosis.result import Diagnosis, Named  # noqa: E402
from tb_diagnose.report import sections, wording  # noqa: E402

SENTENCES = SNAPSHOTS / "sentences.txt"
WIDTH = 110
INDENT = "  "


@cache
def runs() -> dict[str, Diagnosis]:
    """The recorded runs, by name: faults first, then what is healthy."""
    jobs = [*recorded.shown(), *recorded.twins()]
    return {
        f"{job.fault or 'healthy'} {job.setup}": wording.worded(judging.diagnosis_of(recorded.load(job).evidence))
        for job in jobs
    }


def named(diagnosis: Diagnosis) -> dict[str, Named]:
    """What a diagnosis found, links of chains included."""
    chain = {link.cause.id: link for n in diagnosis.probable_causes for link in n.consequences}
    return {**chain, **{n.cause.id: n for n in (*diagnosis.notes, *diagnosis.probable_causes)}}


def where_it_is_found(cause: str) -> tuple[str, Named]:
    """The run that was made for a cause, or else the first one in which it is named, or a link of a chain."""

    def rank(run: str) -> tuple[bool, bool]:
        probable = {n.cause.id for n in runs()[run].probable_causes}
        return (cause not in probable, not run.startswith(f"{cause} "))

    found = {run: named(diagnosis)[cause] for run, diagnosis in runs().items() if cause in named(diagnosis)}
    run = min(found, key=rank)
    return run, found[run]


def lines() -> Iterator[str]:
    for id_, cause in CATALOGUE.items():
        run, found = where_it_is_found(id_)
        yield f"{cause.title} ({id_}), in the run {run}"
        yield from wrapped(runs()[run].headline)
        for label, text in sections.labelled(found, " -> ", runs()[run]):
            yield from wrapped(f"{label}: {text}")
        for other, diagnosis in runs().items():
            cleared = {entry.id: saw for entry, saw in diagnosis.fine}
            if id_ in cleared:
                yield from wrapped(f"fine, in the run {other}: {cleared[id_]}")
                break
        yield ""


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=2 * INDENT, break_on_hyphens=False)


def test_every_cause_says_what_was_reviewed():
    assert "\n".join(lines()) == SENTENCES.read_text(encoding="utf-8")


if __name__ == "__main__":
    SENTENCES.write_text("\n".join(lines()), encoding="utf-8")
    sys.stdout.write(f"wrote {SENTENCES.name}; read it before you commit\n")
