"""Reports as JUnit XML, which every CI shows: one test case a run, failed where its status was asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from tb_diagnose.report import atomic_write
from tb_diagnose.report.visible import UNKNOWN, visible

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may hold, and run names may."""


@dataclass(frozen=True)
class Case:
    """One run.

    Args:
        logdir: Where it was found.
        run: Its name.
        status: Its status.
        headline: One sentence.
        text: The whole report.
    """

    logdir: str
    run: str
    status: str
    headline: str
    text: str


def write(path: str, cases: Sequence[Case], failing: Collection[str]) -> None:
    """Writes a file.

    Args:
        path: The file; its folder must exist.
        cases: The runs.
        failing: Statuses that are failures; "unreadable" is an error.

    Raises:
        OSError: it cannot be written.
    """
    failures = [case for case in cases if case.status in failing and case.status != "unreadable"]
    errors = [case for case in cases if case.status == "unreadable"]
    counts = {"tests": str(len(cases)), "failures": str(len(failures)), "errors": str(len(errors))}
    suite = ElementTree.Element("testsuite", {"name": "tb-diagnose", **counts})
    for case in cases:
        entry = ElementTree.SubElement(suite, "testcase", classname=_plain(case.logdir), name=_plain(case.run))
        if case in errors or case in failures:
            kind = "error" if case in errors else "failure"
            ElementTree.SubElement(entry, kind, type=case.status, message=_plain(case.headline)).text = _plain(
                case.text
            )
        else:
            ElementTree.SubElement(entry, "system-out").text = _plain(case.text)
    atomic_write.write(path, ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _plain(text: str) -> str:
    return NOT_XML.sub(UNKNOWN, visible(text))
