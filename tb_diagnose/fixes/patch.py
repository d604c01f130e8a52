"""The edits of all probable causes -> one unified diff of the user's own files, as `git apply` takes it.

All edits of a finding are made, or none. What cannot be changed safely is said: the place, why, and what
to change.
"""

from __future__ import annotations

import difflib
import os
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from tb_diagnose.causes import Edit, Finding
from tb_diagnose.evidence.source import Place, Source, read
from tb_diagnose.evidence.syntax import BOM, Program, digest
from tb_diagnose.fixes import lines
from tb_diagnose.fixes.changes import Change, RefusedError, changed
from tb_diagnose.fixes.data_insertion import insertion
from tb_diagnose.fixes.front_layer import in_front
from tb_diagnose.fixes.literals import UnwritableError
from tb_diagnose.fixes.program_edits import changes_of, place_of

CONTEXT = 3
"""Unchanged lines around a change, as git has them."""
UNQUOTED = frozenset('"\\\n\t\r')
"""Characters that a name of a file in a diff cannot have as they are."""
LINES_BEFORE = ("data", "in front")
"""Places of edits that are lines before a call, not arguments of it."""
NO_NEWLINE = "\n\\ No newline at end of file\n"


@dataclass(frozen=True)
class ByHand:
    """What the diff leaves out.

    Args:
        cause: Title of the cause.
        place: File and line, such as "train.py:31"; None where they were not noted.
        why: Why the line is not changed, a clause.
        what: What to change, a sentence or lines.
    """

    cause: str
    place: str | None
    why: str
    what: str


@dataclass(frozen=True)
class Patch:
    """What to change in the user's program.

    Args:
        diff: The unified diff, in the encodings of its files; empty where nothing can be changed safely.
        by_hand: What it leaves out.
        remarks: What else is to be done once it is applied.
    """

    diff: bytes
    by_hand: tuple[ByHand, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _File:
    """A file as it is on disk."""

    program: Program
    text: str
    encoding: str


def patch(
    findings: Sequence[tuple[str, Finding, str]],
    facts: Mapping[str, Any],
    open_file: Callable[[str], bytes] | None = None,
) -> Patch:
    """The diff of the edits of some findings, together.

    Args:
        findings: The probable causes of a run: the title of each, the finding, and its fix in words.
        facts: The facts of the run.
        open_file: Reads a file by the name that was noted; by default from the working directory.
    """
    source = read(facts)
    files = _Files(source, open_file or _read)
    taken: list[Edit] = []
    by_hand = []
    for title, finding, fix in findings:
        try:
            if not finding.edits:
                raise RefusedError("there is something to decide first")
            taken += _makeable(taken, finding.edits, source, files, facts)
        except (RefusedError, UnwritableError) as error:
            why = str(error) if isinstance(error, RefusedError) else "how it is written is not known"
            found = [place_of(edit, source) for edit in finding.edits] or [
                *map(source.layer, finding.layers),
                source.fit,
            ]
            place = next((str(known) for known in found if known is not None), None)
            by_hand.append(ByHand(title, place, why, _in_words(finding, fix, facts)))
    made = _made(taken, source, files, facts)
    diff = b"".join(_diff(name, files.file(name), text) for name, text in made.items())
    remarks = (
        ("Change whatever else is given to `evaluate` and `predict` in the same way.",) if _is_of_data(taken) else ()
    )
    return Patch(diff, tuple(by_hand), remarks)


def _makeable(
    taken: Sequence[Edit], edits: Sequence[Edit], source: Source, files: _Files, facts: Mapping[str, Any]
) -> Sequence[Edit]:
    """The edits of a finding that can be made beside those that are.

    More epochs help another change, and are no part of it: where their number is worked out by the program, or changed
    already, the other edits are made.

    Raises:
        RefusedError, UnwritableError: why they cannot be made.
    """
    others = [edit for edit in edits if (edit.where, edit.argument) != ("fit", "epochs")]
    try:
        _made([*taken, *edits], source, files, facts)
    except (RefusedError, UnwritableError):
        if not others or len(others) == len(edits):
            raise
        _made([*taken, *others], source, files, facts)
        return others
    return edits


def _is_of_data(edits: Sequence[Edit]) -> bool:
    return any(edit.where == "data" for edit in edits)


def _in_words(finding: Finding, fix: str, facts: Mapping[str, Any]) -> str:
    """What to change: the lines where they are known, and else what the finding says."""
    changed_lines = lines.lines(finding.edits, facts)
    shown = [f"{line['old'] or 'nothing'} -> {line['new'] or 'nothing'}" for line in changed_lines]
    return "; ".join(shown) if shown else fix


def _made(edits: Sequence[Edit], source: Source, files: _Files, facts: Mapping[str, Any]) -> dict[str, str]:
    """The new text of each file that the edits change."""
    if {"in front", "data"} <= {
        edit.where for edit in edits if "x" in edit.argument.split(", ") or edit.where == "in front"
    }:
        raise RefusedError("another probable cause changes the inputs behind it")
    by_place: dict[tuple[Place, str], list[Edit]] = {}
    for edit in edits:
        place = place_of(edit, source)
        if place is None:
            raise RefusedError("where it stands in the program was not noted")
        by_place.setdefault((place, edit.where if edit.where in LINES_BEFORE else ""), []).append(edit)
    changes: dict[str, list[Change]] = {}
    positional = {}
    for (place, before), together in by_place.items():
        program = files.checked(place)
        if before == "data":
            made = [insertion(together, place, program, facts)]
        elif before == "in front":
            made = [in_front(together, place, source.fit, program)]
        else:
            made = changes_of(together, place, program, facts)
        changes.setdefault(place.file, []).extend(made)
        positional[place.file, place.end_line, place.end_column] = place.positional
    return {
        name: changed(
            files.file(name).program,
            of_file,
            {(line, column): given for (file, line, column), given in positional.items() if file == name and column},
        )
        for name, of_file in changes.items()
    }


class _Files:
    """The files of the program, read once each."""

    def __init__(self, source: Source, open_file: Callable[[str], bytes]) -> None:
        self._source = source
        self._open = open_file
        self._read: dict[str, _File] = {}
        self._digests: dict[str, str] = {}

    def file(self, name: str) -> _File:
        """A file as it is now.

        Raises:
            RefusedError: it is not there, or is no Python.
        """
        if name not in self._read:
            path = _here(name)
            if UNQUOTED & set(path) or path.startswith("../"):
                raise RefusedError(f"a diff cannot name {path!r} from here")
            try:
                raw = self._open(name)
                encoding, _ = tokenize.detect_encoding(BytesIO(raw).readline)
                text = raw.decode("utf-8" if encoding == "utf-8-sig" else encoding)
                self._read[name] = _File(Program(text), text, encoding)
            except OSError:
                raise RefusedError(
                    f"{name} is not here: run this in the folder from which the program was started"
                ) from None
            except (SyntaxError, ValueError):
                raise RefusedError(f"{name} is no Python file any more") from None
            self._digests[name] = digest(raw)
        return self._read[name]

    def checked(self, place: Place) -> Program:
        """The program of a place, which is still as it was.

        Raises:
            RefusedError: it has changed since.
        """
        program = self.file(place.file).program
        same = self._digests[place.file] == self._source.files.get(place.file)
        there = place.text is not None and program.text_of(place.line, place.end_line) == place.text
        if not same and not there:
            raise RefusedError(f"{place.file} has changed since the run")
        return program


def _read(name: str) -> bytes:
    with open(_here(name), "rb") as file:
        return file.read()


def _here(name: str) -> str:
    """A file by the name that a diff of the working directory has for it."""
    return os.path.relpath(name).replace(os.sep, "/") if os.path.isabs(name) else name


def _diff(name: str, file: _File, new: str) -> bytes:
    path = _here(name)
    tab = "\t" if " " in path else ""
    mark = BOM if file.text.startswith(BOM) else ""
    before, after = (_lines(text) for text in (file.text, mark + new))
    hunks = difflib.unified_diff(before, after, f"a/{path}{tab}", f"b/{path}{tab}", n=CONTEXT)
    text = "".join(line if line.endswith("\n") else line + NO_NEWLINE for line in hunks)
    return text.encode("utf-8" if mark else file.encoding)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
