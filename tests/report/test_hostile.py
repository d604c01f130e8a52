"""Names and values that somebody else has written: in no report do they act, and in each they can be seen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import LAYERS, epoch_of, facts_of
from test_schema import Routes

import tb_diagnose
from tb_diagnose.event_file import EventFile
from tb_diagnose.report import markdown
from tb_diagnose.report.text import text
from tb_diagnose.report.visible import visible

STYLE = re.compile(r"\x1b\[[0-9;]*m")
SCREEN, TITLE, SHORT, TURNED = "\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\u202etxt\u2066"
WORDS = {
    "terminal": f"a{SCREEN}{TITLE}{SHORT}\r\b\x00\x7f",
    "direction": f"b{TURNED}\u200f",
    "lines": "c\n# d\n\n- e\u2028f\vg",
    "markup": "<img src=x onerror=alert(1)></script><!-- [red] [/red] [x](javascript:1) | ``` ]]> &amp; %s {0}",
    "path": "../../etc/passwd",
    "no text": "h\udce9i",
    "long": "j" * 10_000,
}
"""By what they would do."""


def hostile(folder: Path, word: str) -> None:
    """A run that is stalled, in which everything that has a name is called so."""
    facts = facts_of("relu")
    layers = [row | {"name": f"{word} {at}", "class": word} for at, row in enumerate(facts["layers"])]
    facts |= {
        "layers": layers,
        "output": facts["output"] | {"name": f"{word} {len(LAYERS) - 1}"},
        "optimizer": {"name": word, "config": {"learning_rate": 0.001, word: word}},
        "classes": [word, "1"],
        "compiled_metrics": [word],
        "hparams": {word: word},
        "training_only": [word],
        "score_name": word,
        "environment": {"host": word, "keras": word},
        "error": {"type": word, "message": word},
    }
    file = EventFile(str(folder / "diagnosis"), 0)
    file.write(0, facts={"run_start": 0, **facts})
    for number in range(1, 5):
        series, metrics = epoch_of(number, healthy=False)
        file.write(number, epoch=number, series=series, metrics=metrics | {visible(word): 0.5})
    file.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A logdir with a run for each word, in a folder that is called so as far as a folder can be."""
    root = tmp_path_factory.mktemp("hostile")
    for word in WORDS.values():
        hostile(root / folder(word), word)
    return root


def folder(word: str) -> str:
    return re.sub(r"[/\0]", "_", word)[:200]


@pytest.fixture(scope="module")
def diagnoses(root):
    found = {diagnosis.run: diagnosis for diagnosis in tb_diagnose.diagnose(root)}
    assert set(found) == set(map(folder, WORDS.values()))
    return found


each_word = pytest.mark.parametrize("word", list(WORDS.values()), ids=list(WORDS))


def acting(shown: str) -> set[str]:
    """Characters that do something."""
    return {character for character in shown if visible(character) != character}


@each_word
def test_in_the_terminal(diagnoses, word):
    diagnosis = diagnoses[folder(word)]
    assert diagnosis.status.name != "unreadable" and not diagnosis.failed
    for full in (False, True):
        assert acting(text(diagnosis, full=full)) == set()
        coloured = text(diagnosis, color=True, full=full)
        assert "\x1b[" in coloured and acting(STYLE.sub("", coloured)) == set()
    first_line = re.sub("[\x07\b\v\f\r]", "", folder(word)).split("\n")[0]  # rich leaves these out
    assert text(diagnosis).startswith(visible(first_line))


@each_word
def test_in_markdown(diagnoses, word):
    page = markdown.page(diagnoses[folder(word)])
    assert acting(page) == set()
    assert re.match(rf"## .*: {diagnoses[folder(word)].status.name}\n\n", page), "the name is one line"
    prose = re.sub(r"(`{3,})diff\n.*?\n\1|(?<![\\`])`[^`\n]+`", "", page, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", prose)


def test_on_the_command_line(root, diagnoses):
    for form in ("--json", "--markdown", "--full"):
        command = [sys.executable, "-m", "tb_diagnose", str(root), form, f"--junit={root / 'report.xml'}"]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0 and done.stderr == b"", done.stderr
        shown = done.stdout.decode()
        assert acting(shown) == set()
        if form == "--json":
            assert {report["run"] for report in json.loads(shown)} == set(diagnoses)
    tree = ElementTree.parse(root / "report.xml").getroot()
    assert acting("".join(tree.itertext())) == set()
    assert {case.get("name") for case in tree.iter("testcase")} == set(map(visible, diagnoses))


@pytest.mark.parametrize("word", [word for word in WORDS if word != "no text"])  # an address can hold that in no way
def test_by_the_routes(root, word):
    name, routes = folder(WORDS[word]), Routes(root)
    assert [row["run"] for row in routes.json("rows", name=name)["rows"][name]] == [name]
    assert routes.json("diagnosis", run=name)["run"] == name
    saved = routes.get("export", run=name, form="html").headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="diagnosis-[A-Za-z0-9._-]{1,80}\.html"', saved)
