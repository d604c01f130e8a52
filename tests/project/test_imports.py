"""Who may import whom: one line a package. It keeps causes testable on three-line arrays and the tab free of Keras."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter

import pytest
from places import ROOT

PACKAGE = ROOT / "tb_diagnose"
MODULES = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
KERAS = ("keras", "tensorflow", "tf_keras", "torch", "jax")

MAY_IMPORT = {
    "_version": "",
    "on_import": "",
    "storage": "",
    "evidence": "",
    "records": "storage",
    "event_data": "storage records",
    "event_writer": "storage",
    "event_file": "_version storage evidence event_data event_writer",
    "recorder": "_version on_import storage evidence event_file event_writer | api report trials",
    "reader": "_version storage evidence event_data event_file",
    "status": "evidence",
    "causes": "evidence status",
    "diagnosis": "evidence status causes | report",
    "fixes": "evidence causes",
    "trials": "on_import storage evidence event_file reader status causes diagnosis fixes recorder api",
    "report": "storage evidence status causes diagnosis fixes",
    "api": "evidence event_data event_file reader diagnosis | report",
    "assistant": "_version storage evidence reader status causes diagnosis fixes report api",
    "fleet": "_version storage evidence event_data reader status causes diagnosis report api",
    "plugin": "_version storage evidence event_file reader status causes diagnosis report api | fleet",
    "cli": "storage evidence reader status causes diagnosis report api assistant | recorder fleet",
    "__main__": "cli",
    "__init__": "_version on_import | api recorder trials",
}
"""By package or module: what of ours it may import; behind the bar, only inside functions, where a person asks for a
report or a trial: `print(diagnosis)`, the verdict at the end of `fit`; or for a program to be run, whose part is the
recorder."""
LIBRARIES = {
    "storage": "tensorboard",
    "records": "google_crc32c",
    "event_data": "numpy tensorboard google",
    "event_writer": "tensorboard",
    "event_file": "numpy tensorboard",
    "evidence": "numpy",
    "recorder": f"numpy {' '.join(KERAS)} tensorboard IPython",
    "reader": "numpy tensorboard google",
    "status": "numpy",
    "causes": "numpy",
    "diagnosis": "numpy",
    "trials": f"numpy rich {' '.join(KERAS)}",
    "report": "numpy rich",
    "api": "tensorboard",
    "fleet": "numpy pyarrow fsspec distributed",
    "plugin": "numpy tensorboard werkzeug",
    "assistant": "numpy anyio jsonschema mcp",
    "cli": "rich",
}
"""What they may import beside the standard library."""


def imports(name: str) -> Iterator[tuple[str, bool]]:
    """Full names of all that a module imports, and whether it does so only inside a function or for type checkers."""
    package = ["tb_diagnose", *name.split("/")[:-1]]

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((f"{source}.{alias.name}", inside) for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("import_module", "__import__")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value, inside
        deeper = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside or deeper)

    yield from walk(ast.parse(MODULES[name].read_text(encoding="utf-8")), False)


def package_of(name: str) -> str:
    """The package or top-level module that a file belongs to."""
    return name.split("/")[0]


def our_packages(name: str) -> Iterator[tuple[str, bool]]:
    """What a module imports of ours, as entries of `MAY_IMPORT`."""
    for imported, inside in imports(name):
        if imported.split(".")[0] == "tb_diagnose":
            target = imported.split(".")[1] if "." in imported else "__init__"
            yield target if target in MAY_IMPORT else "__init__", inside


def allowed(package: str) -> tuple[set[str], set[str]]:
    """What may be imported anywhere, and what inside functions only."""
    anywhere, _, inside = MAY_IMPORT[package].partition("|")
    return {package, *anywhere.split()}, set(inside.split())


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_its_package_may(name):
    anywhere, inside_only = allowed(package_of(name))
    wrong = [
        target
        for target, inside in our_packages(name)
        if target not in anywhere and not (inside and target in inside_only)
    ]
    assert wrong == [], f"{name} may import: {MAY_IMPORT[package_of(name)]}"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_uses_only_the_libraries_of_its_package(name):
    libraries = {*sys.stdlib_module_names, "tb_diagnose", *LIBRARIES.get(package_of(name), "").split()}
    assert [found for found, _ in imports(name) if found.split(".")[0] not in libraries] == []


def test_no_arrow_runs_in_a_circle():
    TopologicalSorter({package: allowed(package)[0] - {package} for package in MAY_IMPORT}).prepare()


def test_every_package_has_its_line():
    assert {package_of(name) for name in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("name", [name for name in MODULES if package_of(name) in ("recorder", "trials")])
def test_keras_is_imported_when_it_is_used(name):
    """The callback is a Keras class, and each backend has a module; nothing imports these before they are used."""
    at_once = [found for found, inside in imports(name) if not inside and found.split(".")[0] in KERAS]
    of_backend = [f"recorder/_{backend}" for backend in ("tensorflow", "jax", "torch")]
    assert at_once == [] or name in ("recorder/callback", *of_backend)


def test_the_loader_imports_next_to_nothing():
    at_once = {found.split(".")[0] for found, inside in imports("plugin/loader") if not inside}
    assert at_once == {"__future__", "contextlib", "typing", "tensorboard"}


@pytest.mark.parametrize(
    "module",
    [
        "tb_diagnose",
        "tb_diagnose.api",
        "tb_diagnose.plugin.routes",
        "tb_diagnose.cli.main",
        "tb_diagnose.report.serialize",
    ],
)
def test_importing_loads_no_keras(module):
    program = f"import sys, {module}; print([m for m in {KERAS} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
