"""Who may import what. It keeps causes testable on three-line arrays and the tab free of TensorFlow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tb_diagnose"
MODULES = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
KERAS = ("keras", "tensorflow", "tf_keras", "torch", "jax")
JUDGES = (
    "measure",
    "reference",
    "evidence",
    "diagnosis",
    "progress",
    "gap",
    "unfinished",
    "reported",
    "status",
    "stuck",
    "keras_config",
)
"""With the causes, what judges: numpy, the standard library and each other."""


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
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            if isinstance(node.args[0], ast.Constant):
                yield node.args[0].value, inside
        deeper = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside or deeper)

    yield from walk(ast.parse(MODULES[name].read_text(encoding="utf-8")), False)


def of(name: str, *packages: str) -> list[tuple[str, bool]]:
    """The imports of a module that come from these packages."""
    return [(found, inside) for found, inside in imports(name) if found.split(".")[0] in packages]


def judges() -> list[str]:
    return [name for name in MODULES if name in JUDGES or name.startswith("causes/")]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("recorder/")])
def test_keras_stays_in_the_recorder(name):
    assert of(name, *KERAS) == []


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name.startswith("recorder/") and name != "recorder/callback"]
)
def test_the_recorder_imports_keras_when_it_is_used(name):
    assert [found for found, inside in of(name, *KERAS) if not inside] == []


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in MODULES
        if name not in ("events", "foreign", "histograms", "logdir", "trainings", "loader", "plugin")
    ],
)
def test_tensorboard_stays_at_the_edge(name):
    assert of(name, "tensorboard") == []


def test_the_loader_imports_next_to_nothing():
    at_start = [found for found, inside in imports("loader") if not inside]
    assert set(found.split(".")[0] for found in at_start) == {"__future__", "typing", "tensorboard"}


@pytest.mark.parametrize("name", judges())
def test_judging_needs_numpy_alone(name):
    ours = tuple(f"tb_diagnose.{judge}" for judge in (*JUDGES, "causes"))
    libraries = {*sys.stdlib_module_names, "numpy"}
    # str(diagnosis) is a report, asked for by people only.
    rendering = ("tb_diagnose.report", True)
    others = [
        found
        for found, inside in imports(name)
        if found.split(".")[0] not in libraries and not found.startswith(ours) and (found, inside) != rendering
    ]
    assert others == []


@pytest.mark.parametrize(
    "module",
    ["tb_diagnose", "tb_diagnose.trainings", "tb_diagnose.plugin", "tb_diagnose.__main__", "tb_diagnose.report"],
)
def test_importing_loads_no_keras(module):
    program = f"import sys, {module}; print([m for m in {KERAS} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
