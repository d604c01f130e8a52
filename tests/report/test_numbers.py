"""Numbers as a person reads them, in every sentence about every recording."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import recorded
from places import RECORDINGS

from tb_diagnose import diagnose
from tb_diagnose.diagnosis.engine import judge
from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.evidence.number import fixed, number, times

ODD = {
    "a power of ten that a person counts": r"\de(\+|-0|[1-9](?!\d)|1[0-4])",
    "millions in digits": r"\d,\d{3},\d{3},\d{3}",
    "no number": r"\b(nan|inf|None|no number)\b",
    "nothing with a sign": r"(?<![\w.])-0(\.0+)?(?![\d.])",
    "a share with more digits than anybody reads": r"(?<![\d.])([1-9]\d*\.\d{3,}|\d{2,}\.\d{2,}) ?%",
    "a share that nobody can picture": r"\d{4,} ?%|\d,\d{3} ?%",
    "one of several": r"(?<![\d.,])1 (hidden )?(layers|units|epochs|samples|classes|steps|features|batches|values)\b",
    "one of one": r"(?<![\d.,])1 of 1\b(?!,)",
    "no difference as a factor": r"(?<![\d.,])[01] times as\b",
    "a word twice": r"\b([a-z]+) \1\b",
}
CODE = re.compile(r"`[^`]*`")
RAISED = re.compile(r"(raised \w+ [^:]*): .*?(?= Probable cause|$)", re.DOTALL)
"""Somebody else's error, in its own words."""


def sentences(diagnosis: Diagnosis) -> Iterator[str]:
    def of(named: Named) -> Iterator[str]:
        yield from (named.finding.saw, named.finding.expected, named.finding.fix or named.cause.fix)
        for consequence in named.consequences:
            yield from of(consequence)

    yield RAISED.sub(r"\1.", diagnosis.headline)
    for named in (*diagnosis.probable_causes, *diagnosis.notes):
        yield from of(named)
    yield from (saw for _, saw in (*diagnosis.fine, *diagnosis.does_not_apply))


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Every sentence about the recordings, without its code."""
    jobs = [job for job in (*recorded.shown(), *recorded.twins()) if recorded.path_of(job).exists()]
    diagnoses = [*diagnose(RECORDINGS), *(judge(recorded.load(job).evidence) for job in jobs)]
    return {CODE.sub("", sentence) for diagnosis in diagnoses for sentence in sentences(diagnosis)}


@pytest.mark.parametrize("kind", ODD)
def test_no_sentence_has_an_odd_number(said, kind):
    assert len(said) > 500
    assert sorted(sentence for sentence in said if re.search(ODD[kind], sentence)) == []


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1200.0, 2), "1,200"),
        (number(0.00521), "0.00521"),
        (number(9_996_000.0, 4), "9,996,000"),
        (number(53_400_000.0), "53.4 million"),
        (number(-3e8, 2), "-300 million"),
        (number(1.5e12), "1.5 trillion"),
        (number(7e24), "7e24"),
        (number(1.2e-7), "1.2e-7"),
        (number(-0.0), "0"),
        (number(float("nan")), "no number"),
        (fixed(-0.001), "0.00"),
        (fixed(-0.25), "-0.25"),
        (times(1.02, "often"), "about as often"),
        (times(1.3, "long"), "1.3 times as long"),
    ],
)
def test_how_numbers_are_written(shown, expected):
    assert shown == expected
