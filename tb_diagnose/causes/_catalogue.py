"""The contract of a cause, and the catalogue: one file a cause, found by being here."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tb_diagnose.causes._finding import Finding

FAMILIES = ("configuration", "data", "training", "mechanism", "outcome")
"""In the order of certainty: contradictions first, then data, dynamics, what happens inside, and what comes of it."""


@dataclass(frozen=True)
class Cause:
    """A catalogue entry, made by `@cause` from the function and its module."""

    id: str
    title: str
    family: str
    fix: str
    leads_to: tuple[str, ...]
    sources: tuple[str, ...]
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    doc: str
    judge: Callable[..., Finding]
    either: tuple[str, ...] = ()


def cause(
    *,
    title: str,
    family: str,
    fix: str,
    leads_to: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    asks: Callable[..., Any] | None = None,
    either: tuple[str, ...] = (),
) -> Callable[[Callable[..., Finding]], Cause]:
    """Makes a function a cause.

    Args:
        title: The bad state as a noun phrase.
        family: One of `FAMILIES`.
        fix: The first step in general, for the documentation; a finding may say it with the run's own numbers.
        leads_to: Ids of what it brings about.
        sources: Where the reasoning and the thresholds come from.
        either: Evidence of which one is enough, the best first; each has a default.
        asks: A function of evidence that the status asks, too; the cause takes what it needs as `**evidence` and hands it on.
    """
    if family not in FAMILIES:
        raise ValueError(f"`family` is unknown. Expected: one of {FAMILIES}. Received: {family!r}.")

    def make(function: Callable[..., Finding]) -> Cause:
        named = {} if asks is None else dict(inspect.signature(asks).parameters)
        named |= inspect.signature(function).parameters
        parameters = [p for p in named.values() if p.kind is not p.VAR_KEYWORD]
        return Cause(
            id=function.__name__,
            title=title,
            family=family,
            fix=fix,
            leads_to=leads_to,
            sources=sources,
            needs=tuple(p.name for p in parameters if p.default is p.empty),
            uses=tuple(p.name for p in parameters if p.default is not p.empty),
            doc=inspect.getdoc(inspect.getmodule(function)) or "",
            judge=function,
            either=either,
        )

    return make


def load_catalogue() -> Mapping[str, Cause]:
    """Every cause by id, in the order of the families. Files that begin with an underscore are helpers."""
    package = import_module("tb_diagnose.causes")
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__) if not entry.name.startswith("_"))
    found: dict[str, Cause] = {name: getattr(import_module(f"{package.__name__}.{name}"), name) for name in names}
    order = {id_: (FAMILIES.index(entry.family), id_) for id_, entry in found.items()}
    return {id_: found[id_] for id_ in sorted(found, key=order.__getitem__)}
