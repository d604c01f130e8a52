"""Everything is documented, and what is generated is fresh.

`python tests/project/test_docs.py` writes the README's table of causes again.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from tensorboard.plugins import base_plugin

import tb_diagnose
from tb_diagnose import causes
from tb_diagnose.evidence import DERIVED, FACTS, SERIES
from tb_diagnose.evidence.derived import WHOLE
from tb_diagnose.plugin.routes import DiagnosisPlugin
from tb_diagnose.report import catalogue
from tb_diagnose.status.status import STATUSES

sys.path.insert(0, str(Path(__file__).parent.parent))  # for `python` on this file
from places import ROOT  # noqa: E402

README = ROOT / "README.md"
API = ROOT / "tb_diagnose" / "plugin" / "API.md"
BEGIN, END = "<!-- causes -->", "<!-- /causes -->"
FAULTS = ROOT / "demo" / "faults"
NOT_OURS = {".hypothesis", ".git", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "logs"}
HOME_PATH = re.compile(r"(?<![\w./~-])/(?:root|home|Users|work|workspace)/[\w.-]")

each_cause = pytest.mark.parametrize("entry", [pytest.param(entry, id=id_) for id_, entry in causes.CATALOGUE.items()])


def with_table(readme: str) -> str:
    """The README with a fresh table of causes."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, f"README.md needs {BEGIN} and {END} around the table of causes."
    return f"{before}{begin}\n{catalogue.catalogue_table()}\n{end}{after}"


def files() -> Iterator[Path]:
    """Every file of the repository that somebody wrote."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith((".egg-info", "_cache"))]
        yield from (Path(folder, name) for name in names if name not in NOT_OURS)  # `.git` is a file in a worktree


def test_the_readme_lists_the_causes():
    readme = README.read_text(encoding="utf-8")
    assert readme == with_table(readme), "Run: python tests/project/test_docs.py"


def test_every_package_is_in_the_readme():
    readme = README.read_text(encoding="utf-8")
    packages = [path.parent.name for path in sorted((ROOT / "tb_diagnose").glob("*/__init__.py"))]
    assert [name for name in packages if f"`tb_diagnose/{name}/`" not in readme] == []


def test_every_public_name_is_in_the_readme():
    readme = README.read_text(encoding="utf-8")
    assert [name for name in tb_diagnose.__all__ if f"{name}(" not in readme] == []


def test_every_route_is_described():
    plugin = DiagnosisPlugin(base_plugin.TBContext(data_provider=None, logdir=""))
    api = API.read_text(encoding="utf-8")
    assert [route for route in plugin.get_plugin_apps() if f"`{route}`" not in api] == []


def test_every_key_of_an_answer_is_described():
    """The schema says what there is, and `API.md` says it to a person."""
    schema = json.loads((ROOT / "tb_diagnose" / "report" / "answers.schema.json").read_text(encoding="utf-8"))
    described = set(re.findall(r"\w+", API.read_text(encoding="utf-8")))
    keys = {key for definition in schema["$defs"].values() for key in definition.get("properties", {})}
    assert keys - described - {"limit_name"} == set()


def test_every_status_is_described():
    api = API.read_text(encoding="utf-8")
    assert [status for status in STATUSES if f"`{status}`" not in api] == []


@each_cause
def test_a_cause_has_a_page(entry):
    summary, blank, *body = entry.doc.splitlines()
    assert summary.endswith(".") and not blank, (
        f"{entry.id}: the docstring begins with one line that says it all, and a blank one."
    )
    assert any(line.startswith("Not this") for line in body), (
        f"{entry.id}: the docstring needs a paragraph that begins 'Not this'."
    )


@each_cause
def test_a_cause_has_a_source(entry):
    assert entry.sources and all(len(source.split()) > 1 or source.startswith("https://") for source in entry.sources)


@each_cause
def test_a_cause_brings_about_mechanisms_and_outcomes(entry):
    assert set(entry.brings_about) <= set(causes.CATALOGUE), f"{entry.id}: `brings_about` names no existing cause."
    faults = [id_ for id_ in entry.brings_about if causes.CATALOGUE[id_].is_fault]
    assert faults == [], f"{entry.id}: a fault is never a consequence; `looks_like` is for faults with the same traces."


def test_nothing_brings_itself_about():
    TopologicalSorter({id_: entry.brings_about for id_, entry in causes.CATALOGUE.items()}).prepare()


@each_cause
def test_a_cause_looks_like_other_faults(entry):
    assert set(entry.looks_like) <= set(causes.CATALOGUE), f"{entry.id}: `looks_like` names no existing cause."
    others = [id_ for id_ in entry.looks_like if not causes.CATALOGUE[id_].is_fault]
    assert others == [], f"{entry.id}: `looks_like` names faults only."
    assert entry.id not in entry.looks_like


@each_cause
def test_a_cause_asks_for_evidence_that_exists(entry):
    assert entry.needs or entry.either, f"{entry.id}: a cause without evidence cannot be judged."
    assert {*entry.needs, *entry.uses, *entry.either} - {*SERIES, *FACTS, *DERIVED, WHOLE, "epochs"} == set()


@each_cause
def test_a_cause_can_be_injected(entry):
    path = FAULTS / f"{entry.id}.py"
    assert path.is_file(), f"{entry.id}: write demo/faults/{entry.id}.py with `inject(setup) -> setup`."
    functions = [
        node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
    ]
    assert "inject" in functions


def test_every_fault_has_its_cause():
    assert {path.stem for path in FAULTS.glob("*.py")} - {"__init__"} == set(causes.CATALOGUE)


def test_no_file_names_a_path_of_one_machine():
    def named(path: Path) -> list[str]:
        text = path.read_text(encoding="utf-8", errors="ignore")
        here = [str(ROOT)] if f"{ROOT}/" in text else []
        return [text[match.start() : match.start() + 40] for match in HOME_PATH.finditer(text)] + here

    by_file = {path.relative_to(ROOT).as_posix(): named(path) for path in files()}
    assert {path: paths for path, paths in by_file.items() if paths} == {}


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
