"""Switches logging on in a program under `tb-diagnose run`, then hands over to the `sitecustomize` that it would have.

The program finds `sys.path` as without it. Any Python that the program starts may run this file, another version with
other packages too: whatever fails here is left out in silence.
"""

import importlib
import importlib.util
import os
import sys


def _load() -> None:
    """The package from beside this file, wherever `sys.path` leads."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    spec = importlib.util.spec_from_file_location(
        "tb_diagnose", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    if spec is not None and spec.loader is not None:
        sys.modules["tb_diagnose"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


def _start() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    try:
        _load()
        from tb_diagnose.recorder import program

        program.start()
    except Exception:
        for name in [name for name in sys.modules if name.split(".")[0] == "tb_diagnose"]:
            del sys.modules[name]


def _hand_over() -> None:
    this = sys.modules.pop(__name__)
    try:
        importlib.import_module(__name__)
    finally:
        sys.modules.setdefault(__name__, this)


if __name__ == "sitecustomize":
    _start()
    _hand_over()
