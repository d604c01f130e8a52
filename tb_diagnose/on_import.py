"""Something to do when a module has been imported, without importing it earlier than the program itself does.

What a program sets before its imports (`KERAS_BACKEND`, `CUDA_VISIBLE_DEVICES`, the numbers of threads) must take
effect, so nothing here may import Keras, its backend or numpy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class ImportHook:
    """Calls a function once, when a module has been imported; at once, where it is there already.

    Args:
        name: Name of the module.
        then: Called without arguments. It must not raise: the import of the program would fail.
    """

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self.name = name
        self._then = then
        self._searches = False

    def install(self) -> None:
        """Waits for the import."""
        if self.name in sys.modules:
            self._then()
        else:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Waits no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as it is found without this hook; its loader tells when it is done.

        Many libraries only ask whether there is a Keras, so this may be called again and again before an import.
        """
        if name != self.name or self._searches:
            return None
        self._searches = True
        try:
            spec = find_spec(name)
        finally:
            self._searches = False
        loader: Any = None if spec is None else spec.loader
        if not hasattr(loader, "exec_module"):
            return spec
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            vars(loader).pop(
                "exec_module", None
            )  # where two wait for a module, the first takes away what both put there
            execute(module)  # a program whose import fails may try again
            self.remove()
            self._then()

        loader.exec_module = exec_module
        return spec
